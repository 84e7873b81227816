#include "nn/caffe.h"

#include <ATen/Context.h>
#include <ATen/ops/full.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/tensordot.h>
#include <ATen/ops/where.h>
#include <gtest/gtest.h>

#include "nn/caffe_files.h"
#include "nn/compare.h"
#include "nn/expect_error.h"
#include "nn/temporary_folder.h"

namespace netdissect {
namespace {

at::Tensor RandomInput(const Network& network, uint64_t seed) {
  at::manual_seed(seed);
  const Shape& in = network.input();
  return at::randn({2, in.units, in.height, in.width});
}

TEST(ReadCaffe, RandomGraphsAgreeWithOpenCvUnderEveryName) {
  const TemporaryFolder folder;
  int compared = 0, folded = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const CaffeFiles files = RandomCaffe(seed, seed % 3 == 0);
    const Path prototxt = folder / "n.prototxt", caffemodel = folder / "n.caffemodel";
    files.Write(prototxt, caffemodel);
    const Network network = ReadCaffe(prototxt, caffemodel);
    const at::Tensor input = RandomInput(network, seed);
    cv::dnn::Net reference = cv::dnn::readNetFromCaffe(prototxt.string(), caffemodel.string());
    reference.enableFusion(false);
    for (const auto& [name, layer] : files.layer_of) {
      if (!network.Has(name)) {
        ExpectError([&, &folded_name = name] { network.Find(folded_name); }, {name, "folded"});
        ++folded;
        continue;
      }
      reference.setInput(BlobFromTensor(input), "data");
      const at::Tensor expected = TensorFromBlob(reference.forward(layer));
      EXPECT_LE(RelativeError(Output(network, input, name), expected), 1e-4)
          << "seed " << seed << ": " << name << " is layer " << layer;
      ++compared;
    }
  }
  EXPECT_GT(compared, 400);
  EXPECT_GT(folded, 0);
}

TEST(ReadCaffe, BothLayerFormatsInAnyCombinationAreTheSameNetwork) {
  const TemporaryFolder folder;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const CaffeFiles files = RandomCaffe(seed, true);
    std::set<std::string> digests;
    std::set<size_t> names;
    for (const bool v1_graph : {false, true}) {
      for (const bool v1_weights : {false, true}) {
        files.Write(folder / "n.prototxt", folder / "n.caffemodel", v1_graph, v1_weights);
        const Network network = ReadCaffe(folder / "n.prototxt", folder / "n.caffemodel");
        digests.insert(network.ComputeDigest());
        names.insert(network.names().size());
        EXPECT_GT(network.size(), 3);
      }
    }
    EXPECT_EQ(digests.size(), 1u);
    EXPECT_EQ(names.size(), 1u);
  }
}

// Networks written as text, with the weights of one or two layers.
class CaffeText : public testing::Test {
 protected:
  Network Read(const std::string& text, const std::optional<Shape>& input_size = std::nullopt) {
    WriteFile(folder_ / "n.prototxt", text);
    WriteFile(folder_ / "n.caffemodel", weights_.SerializeAsString());
    return ReadCaffe(folder_ / "n.prototxt", folder_ / "n.caffemodel", input_size);
  }

  caffe::BlobProto* Blob(const std::string& layer, const std::vector<int64_t>& dims,
                         const std::vector<float>& values) {
    if (weights_.layer_size() == 0 || weights_.layer().rbegin()->name() != layer) {
      weights_.add_layer()->set_name(layer);
    }
    caffe::BlobProto* blob = weights_.mutable_layer()->rbegin()->add_blobs();
    caffe::BlobShape* shape = blob->mutable_shape();
    for (const int64_t dim : dims) shape->add_dim(dim);
    for (const float value : values) blob->add_data(value);
    return blob;
  }

  const TemporaryFolder folder_;
  caffe::NetParameter weights_;
};

const char kInput[] = R"(input: "data" input_shape { dim: 1 dim: 3 dim: 6 dim: 6 } )";

TEST_F(CaffeText, TrainValReadsAsTheNetworkOfTheTestingPhase) {
  Blob("fc", {2, 48}, std::vector<float>(96, 0.5f));
  Blob("fc", {2}, {1, 2});
  const std::string text = R"(
    name: "train_val" force_backward: true
    layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
            transform_param { mirror: true crop_size: 227 mean_file: "m" } data_param { source: "x" backend: LMDB } }
    layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST }
            data_param { source: "y" batch_size: 50 prefetch: 3 } }
    layer { name: "noise" type: "SomethingForTraining" bottom: "data" top: "data" include { phase: TRAIN } }
    layer { name: "only" type: "Dropout" bottom: "data" top: "data" exclude { phase: TEST } }
    layer { name: "slice" type: "Slice" bottom: "label" top: "first" top: "second" slice_param { axis: 1 } }
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" param { lr_mult: 1 }
            inner_product_param { num_output: 2 weight_filler { type: "gaussian" std: 0.01 } engine: MKL } }
    layer { name: "top" type: "ArgMax" bottom: "fc" top: "top" }
    layer { name: "accuracy" type: "Accuracy" bottom: "top" bottom: "first" top: "accuracy" include { phase: TEST } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "second" top: "loss" loss_weight: 0.3 })";
  ExpectError([&] { Read(text); }, {"n.prototxt", "\"data\"", "no size"});
  const Network network = Read(text, Shape{3, 4, 4});
  EXPECT_EQ(network.size(), 2);
  const at::Tensor out = Output(network, at::ones({1, 3, 4, 4}), "fc").reshape({-1});
  EXPECT_EQ(out[0].item<float>(), 25);
  EXPECT_EQ(out[1].item<float>(), 26);
}

// A file for training has everything between the image and its loss, or is refused by name.
TEST_F(CaffeText, NothingBetweenTheImageAndALossIsLeftOutWithoutAWord) {
  Blob("fc", {2, 48}, std::vector<float>(96, 0.5f));
  Blob("fc2", {2, 2}, {1, 0, 0, 1});
  const std::string data =
      R"(layer { name: "data" type: "Data" top: "data" top: "label" data_param { source: "x" } }
         layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 bias_term: false } } )";
  const auto strange = [](const std::string& top) {
    return R"(layer { name: "odd" type: "Oddity" bottom: "fc" top: ")" + top + R"(" } )";
  };
  const std::string fc2 =
      R"(layer { name: "fc2" type: "InnerProduct" bottom: "fc" top: "fc2" inner_product_param { num_output: 2 bias_term: false } } )";
  const std::string loss =
      R"(layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc2" bottom: "label" top: "loss" } )";
  const std::string accuracy =
      R"(layer { name: "accuracy" type: "Accuracy" bottom: "odd" bottom: "label" top: "accuracy" } )";
  const Shape shape{3, 4, 4};
  EXPECT_EQ(Read(data + fc2 + loss, shape).size(), 3);
  // In the middle, in place or not, with an accuracy beside it or not: what is below is read, and
  // there are no scores.
  const auto expect_unread = [&](const std::string& text, const std::string& left_out) {
    const Network network = Read(text, shape);
    EXPECT_EQ(network.size(), 2);
    ASSERT_EQ(network.unread().size(), 1u);
    const UnreadPart& part = network.unread()[0];
    EXPECT_EQ(part.from, "layer \"odd\" (Oddity)");
    EXPECT_NE(part.why.find("unknown layer type"), std::string::npos);
    EXPECT_NE(std::find(part.names.begin(), part.names.end(), left_out), part.names.end());
    EXPECT_FALSE(network.scores());
    ExpectError([&] { ScoreLayer(network); }, {"class scores", "\"odd\"", "Oddity"});
    ExpectError([&] { network.Find(left_out); }, {left_out, "\"odd\"", "Oddity"});
  };
  expect_unread(data + strange("fc") + fc2 + loss, "fc2");
  expect_unread(data + strange("odd") +
                    R"(layer { name: "loss" type: "EuclideanLoss" bottom: "odd" bottom: "label" })",
                "odd");
  expect_unread(data + strange("odd") + accuracy +
                    R"(layer { name: "loss" type: "HingeLoss" bottom: "odd" bottom: "label" })",
                "odd");
  // What an accuracy alone uses is no part of the network.
  EXPECT_EQ(Read(data + strange("odd") + accuracy + fc2 + loss, shape).size(), 3);
  // A name that is no blob's is an error, not an end.
  ExpectError(
      [&] {
        Read(data + R"(layer { name: "relu" type: "ReLU" bottom: "fc1" top: "r" })" +
                 R"(layer { name: "loss" type: "SoftmaxWithLoss" bottom: "r" bottom: "label" })",
             shape);
      },
      {"\"relu\"", "\"fc1\"", "no layer before it"});
}

TEST_F(CaffeText, NamesMeanTheLatestStateOfABlob) {
  Blob("conv", {1, 3, 1, 1}, {1, 0, 0});
  Blob("conv", {1}, {0});
  const Network network = Read(std::string(kInput) + R"(
    layer { name: "conv" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 1 kernel_size: 1 } }
    layer { name: "side" type: "ReLU" bottom: "c" top: "side" relu_param { negative_slope: 2 } }
    layer { name: "relu" type: "ReLU" bottom: "c" top: "c" }
    layer { name: "split" type: "Split" bottom: "c" top: "one" top: "two" })");
  const at::Tensor input = at::randn({1, 3, 6, 6}), x = input.narrow(1, 0, 1);
  for (const char* name : {"c", "relu", "one", "two", "split"}) {
    EXPECT_TRUE(Output(network, input, name).equal(at::relu(x))) << name;
  }
  EXPECT_TRUE(Output(network, input, "conv").equal(x));
  EXPECT_TRUE(Output(network, input, "side").equal(at::leaky_relu(x, 2)));
}

TEST_F(CaffeText, ReadsWhatOpenCvDoesNot) {
  Blob("fc", {108, 2}, std::vector<float>(216, 0));
  (*weights_.mutable_layer(0)->mutable_blobs(0)->mutable_data())[5] = 3;  // input 2 to output 1
  Blob("bias", {3}, {1, 2, 3});
  Blob("prelu", {}, {0.5f});
  const Network network = Read(std::string(kInput) + R"(
    state { stage: "deploy" }
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
            inner_product_param { num_output: 2 bias_term: false transpose: true } }
    layer { name: "bias" type: "Bias" bottom: "data" top: "bias" include { stage: "deploy" } }
    layer { name: "not" type: "Bias" bottom: "data" top: "bias" include { not_stage: "deploy" } }
    layer { name: "prelu" type: "PReLU" bottom: "data" top: "prelu" prelu_param { channel_shared: true } }
    layer { name: "floor" type: "Pooling" bottom: "data" top: "floor"
            pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR } }
    layer { name: "ceil" type: "Pooling" bottom: "data" top: "ceil" pooling_param { kernel_size: 3 stride: 2 } }
    layer { name: "norm" type: "LRN" bottom: "data" top: "norm" lrn_param { local_size: 3 alpha: 2 beta: 0.5 k: 4 } }
    layer { name: "same" type: "Reshape" bottom: "data" top: "same" reshape_param { shape { dim: 0 dim: 3 dim: 0 dim: -1 } } }
    layer { name: "view" type: "Reshape" bottom: "data" top: "view" reshape_param { shape { dim: 0 dim: -1 } } })");
  const at::Tensor x = at::randn({2, 3, 6, 6});
  EXPECT_TRUE(Output(network, x, "fc")
                  .reshape({2, 2})
                  .select(1, 1)
                  .allclose(3 * x.reshape({2, 108}).select(1, 2)));
  EXPECT_TRUE(Output(network, x, "bias").allclose(x + at::tensor({1, 2, 3}).view({1, 3, 1, 1})));
  EXPECT_TRUE(Output(network, x, "prelu").equal(at::leaky_relu(x, 0.5)));
  EXPECT_EQ(network.layer(network.Find("floor")).shape, (Shape{3, 2, 2}));
  EXPECT_EQ(network.layer(network.Find("ceil")).shape, (Shape{3, 3, 3}));
  const at::Tensor squares = x.narrow(1, 0, 2).square().sum(1) * (2.0 / 3) + 4;
  EXPECT_TRUE(
      Output(network, x, "norm").select(1, 0).allclose(x.select(1, 0) / squares.sqrt(), 1e-5));
  EXPECT_EQ(network.Find("same"), 0);
  EXPECT_EQ(network.layer(network.Find("view")).shape, (Shape{108, 1, 1}));
}

// Against their formulas in Caffe's documentation.
TEST_F(CaffeText, FunctionsAndMoves) {
  at::manual_seed(3);
  const at::Tensor w = at::randn({3, 2, 3, 3}), b = at::randn({2}), x = at::randn({2, 3, 6, 6});
  const at::Tensor flat = w.reshape({-1});
  Blob("up", {3, 2, 3, 3},
       std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()));
  Blob("up", {2}, {b[0].item<float>(), b[1].item<float>()});
  const auto layer = [](const char* name, const char* type, const char* parameters = "",
                        const char* bottom = "data") {
    return fmt::format("layer {{ name: \"{}\" type: \"{}\" bottom: \"{}\" top: \"{}\" {} }}\n",
                       name, type, bottom, name, parameters);
  };
  const Network network = Read(
      kInput + layer("abs", "AbsVal") + layer("sigmoid", "Sigmoid") + layer("tanh", "TanH") +
      layer("elu", "ELU", "elu_param { alpha: 0.3 }") + layer("exp", "Exp") +
      layer("log", "Log", "", "abs") + layer("swish", "Swish") +
      layer("clip", "Clip", "clip_param { min: -0.5 max: 0.25 }") +
      layer("line", "Power", "power_param { scale: 2 shift: 3 }") +
      layer("square", "Power", "power_param { power: 2 }") +
      layer("up", "Deconvolution",
            "convolution_param { num_output: 2 kernel_size: 3 stride: 2 pad: 1 }") +
      R"(layer { name: "product" type: "Eltwise" bottom: "data" bottom: "sigmoid" top: "product"
                 eltwise_param { operation: PROD } }
         layer { name: "largest" type: "Eltwise" bottom: "data" bottom: "line" bottom: "abs" top: "largest"
                 eltwise_param { operation: MAX } }
         layer { name: "slice" type: "Slice" bottom: "data" top: "first" top: "rest"
                 slice_param { slice_point: 1 } }
         layer { name: "thirds" type: "Slice" bottom: "line" top: "a" top: "b" top: "c" })");
  EXPECT_TRUE(network.unread().empty());
  const auto compare = [&](const char* name, const at::Tensor& expected) {
    EXPECT_LE(RelativeError(Output(network, x, name), expected), 1e-5) << name;
  };
  const at::Tensor sigmoid = 1 / (1 + (-x).exp());
  compare("abs", x.abs());
  compare("sigmoid", sigmoid);
  compare("tanh", (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()));
  compare("elu", at::where(x > 0, x, 0.3 * (x.exp() - 1)));
  compare("exp", x.exp());
  compare("log", x.abs().log());
  compare("swish", x * sigmoid);
  compare("clip", x.clamp(-0.5, 0.25));
  compare("line", 2 * x + 3);
  compare("square", x * x);
  compare("product", x * sigmoid);
  compare("largest", at::maximum(at::maximum(x, 2 * x + 3), x.abs()));
  compare("first", x.narrow(1, 0, 1));
  compare("rest", x.narrow(1, 1, 2));
  compare("b", (2 * x + 3).narrow(1, 1, 1));
  // Each position adds its window of weights.
  at::Tensor up = b.view({1, 2, 1, 1}).expand({2, 2, 13, 13}).clone();
  for (int y = 0; y < 6; ++y) {
    for (int c = 0; c < 6; ++c) {
      up.narrow(2, 2 * y, 3).narrow(3, 2 * c, 3) +=
          at::tensordot(x.select(3, c).select(2, y), w, {1}, {0});
    }
  }
  compare("up", up.narrow(2, 1, 11).narrow(3, 1, 11));
}

TEST_F(CaffeText, DoublePrecisionAndSurplusLayersAreFine) {
  caffe::BlobProto* blob = Blob("conv", {1, 3, 1, 1}, {});
  for (const double value : {0.25, 0.5, 1.0}) blob->add_double_data(value);
  Blob("fc8", {2, 2}, {1, 2, 3, 4});
  const Network network = Read(std::string(kInput) +
                               R"(layer { name: "conv" type: "Convolution" bottom: "data" top: "c"
        convolution_param { num_output: 1 kernel_size: 1 bias_term: false } })");
  const at::Tensor out = Output(network, at::ones({1, 3, 6, 6}), "conv");
  EXPECT_TRUE(out.equal(at::full({1, 1, 6, 6}, 1.75)));
}

TEST_F(CaffeText, RefusesWhatItCannotRead) {
  Blob("c", {4, 3, 3, 3}, std::vector<float>(108, 0.1f));
  Blob("c", {4}, {0, 0, 0, 0});
  Blob("nan", {4, 3, 1, 1}, std::vector<float>(12, NAN));
  Blob("nan", {4}, {0, 0, 0, 0});
  Blob("short", {4, 3, 1, 1}, {1, 2, 3});
  Blob("short", {4}, {0, 0, 0, 0});
  Blob("bn", {3}, {0, 0, 0});
  Blob("bn", {3}, {-1, -1, -1});
  Blob("bn", {1}, {1});
  const std::string conv =
      R"(layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param )";
  const auto pool = [](const std::string& p) {
    return R"(layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { )" + p +
           " } }";
  };
  const auto layer = [](const std::string& type, const std::string& rest) {
    return R"(layer { name: "x" bottom: "data" top: "x" type: ")" + type + "\" " + rest + " }";
  };
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {layer("PriorBox", ""), {"\"x\"", "PriorBox", "unknown layer type", "Convolution, "}},
      {"layers { name: \"x\" type: IM2COL bottom: \"data\" top: \"x\" }", {"\"x\"", "Im2col"}},
      {"layers { name: \"x\" type: NOSUCH }", {"n.prototxt:1:", "NOSUCH", "\"x\""}},
      {"layers { layer { name: \"v0\" type: \"conv\" num_output: 3 } bottom: \"data\" }",
       {"v0", "V0"}},
      {"layer { name: \"x\" ", {"n.prototxt:1:"}},
      {"layer { name: \"x\" type: \"ReLU\" bottom: \"nowhere\" top: \"x\" }",
       {"\"x\"", "\"nowhere\""}},
      {conv + "{ num_output: 4 } }", {"\"c\"", "kernel_size"}},
      {conv + "{ num_output: 4 kernel_size: 5 } }",
       {"\"c\"", "4 x 3 x 5 x 5", "4 x 3 x 3 x 3", "n.caffemodel"}},
      {conv + "{ num_output: 4 kernel_size: 3 bias_term: false } }",
       {"\"c\"", "expected 1", "found 2"}},
      {conv + "{ num_output: 4 kernel_size: 3 group: 2 } }", {"\"c\"", "group", "2"}},
      {conv + "{ num_output: 4 kernel_size: 3 axis: 2 } }", {"\"c\"", "axis"}},
      {conv + "{ num_output: 4 kernel_size: 3 fuse_type: RELU } }",
       {"\"c\"", "Convolution", "fuse_type"}},
      {conv + "{ num_output: 4 kernel_size: 3 kernel_h: 3 } }", {"\"c\"", "kernel_size", "both"}},
      {conv + "{ num_output: 4 kernel_size: 3 stride: 0 } }", {"\"c\"", "stride", "found 0"}},
      {conv + "{ num_output: 4000000000 kernel_size: 3 } }", {"\"c\"", "num_output"}},
      {conv + "{ num_output: 4 kernel_size: 3 pad: 4000000000 } }", {"\"c\"", "pad"}},
      {conv + "{ num_output: 4 kernel_size: 3 dilation: 9 } }",
       {"n.prototxt", "layer c", "window"}},
      {conv + "{ num_output: 4 kernel_size: 3 } new_field { a: 1 } }", {"\"c\"", "new_field"}},
      {layer("ReLU", "relu_param { ceiling: 6 }"), {"\"x\"", "ReLU", "ceiling", "line 1"}},
      {"layers { name: \"x\" type: RELU bottom: \"data\" top: \"x\" relu_param { ceiling: 6 } }",
       {"\"x\"", "ceiling"}},
      {pool("pool: STOCHASTIC kernel_size: 2"), {"\"p\"", "pool", "STOCHASTIC"}},
      {pool("kernel_size: 2 dilation: 2"), {"\"p\"", "dilation"}},
      {pool("global_pooling: true kernel_size: 2"), {"\"p\"", "global_pooling"}},
      {pool("kernel_size: 2 pad: 2"), {"n.prototxt", "layer p", "padding"}},
      {layer("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }"),
       {"\"x\"", "norm_region", "WITHIN_CHANNEL"}},
      {layer("LRN", "lrn_param { local_size: 4 }"), {"\"x\"", "local_size", "4"}},
      {layer("LRN", "lrn_param { alpha: nan }"), {"\"x\"", "alpha"}},
      {layer("Power", "power_param { power: 2 shift: 1 }"), {"\"x\"", "power", "shift"}},
      {layer("Clip", "clip_param { min: 1 }"), {"\"x\"", "Clip", "max"}},
      {layer("Slice", "slice_param { slice_point: 1 }"), {"\"x\"", "slice_point", "1 tops"}},
      {layer("Eltwise", "eltwise_param { coeff: 1 coeff: 2 }"), {"\"x\"", "coeff"}},
      {layer("Concat", "concat_param { axis: 2 }"), {"\"x\"", "axis", "2"}},
      {layer("Concat", "concat_param { concat_dim: 0 }"), {"\"x\"", "concat_dim", "0"}},
      {layer("Softmax", "softmax_param { axis: 3 }"), {"\"x\"", "axis", "3"}},
      {layer("Flatten", "flatten_param { end_axis: 2 }"), {"\"x\"", "end_axis"}},
      {layer("Reshape", "reshape_param { shape { dim: 0 dim: 6 dim: 3 dim: 6 } }"),
       {"\"x\"", "shape"}},
      {layer("InnerProduct", "inner_product_param { num_output: 2 axis: 2 }"), {"\"x\"", "axis"}},
      {layer("InnerProduct", "inner_product_param { num_output: 2 }"),
       {"n.caffemodel", "\"x\"", "weights"}},
      {layer("Scale", "scale_param { axis: 2 }"), {"\"x\"", "axis"}},
      {layer("Scale", "scale_param { num_axes: 3 }"), {"\"x\"", "num_axes"}},
      {layer("BatchNorm", "batch_norm_param { use_global_stats: false }"),
       {"\"x\"", "use_global_stats"}},
      {layer("Crop", ""), {"\"x\"", "Crop"}},
      {"layer { name: \"bn\" type: \"BatchNorm\" bottom: \"data\" top: \"bn\" }",
       {"\"bn\"", "variance"}},
      {"layer { name: \"nan\" type: \"Convolution\" bottom: \"data\" top: \"nan\" "
       "convolution_param { num_output: 4 "
       "kernel_size: 1 } }",
       {"n.caffemodel", "\"nan\"", "finite"}},
      {"layer { name: \"short\" type: \"Convolution\" bottom: \"data\" top: \"n\" "
       "convolution_param { num_output: 4 "
       "kernel_size: 1 } }",
       {"n.caffemodel", "\"short\"", "12", "3"}},
      {layer("ReLU", "") + layer("ReLU", ""), {"\"x\"", "top"}},
      {layer("ReLU", "include { phase: TEST } exclude { phase: TRAIN }"), {"\"x\"", "include"}},
      {layer("ReLU", "bottom: \"data\""), {"\"x\"", "one bottom", "2"}},
      {"input: \"label\"", {"input_shape", "2"}},
      {"surprise: 3", {"surprise", "field"}},
      {"layer { name: \"l\" type: \"Input\" top: \"two\" } layer { name: \"x\" type: \"Eltwise\" "
       "bottom: \"data\" "
       "bottom: \"two\" top: \"x\" }",
       {"\"x\"", "\"two\"", "second input"}},
  };
  for (const auto& [text, words] : cases) {
    SCOPED_TRACE(text);
    ExpectError([&, t = text] { Read(kInput + t); }, words);
  }
}

TEST_F(CaffeText, RefusesBadInputs) {
  const std::string relu = "layer { name: \"x\" type: \"ReLU\" bottom: \"data\" top: \"x\" }";
  ExpectError([&] { Read(relu); }, {"n.prototxt", "input", "none"});
  ExpectError([&] { Read(""); }, {"n.prototxt", "input", "none"});
  ExpectError([&] { Read("input: \"data\" input_dim: 3 " + relu); }, {"input_dim", "1"});
  ExpectError([&] { Read("input: \"data\" input_shape { dim: 3 dim: 4 } " + relu); },
              {"4 dimensions"});
  ExpectError(
      [&] {
        Read("input: \"data\" input_shape { dim: 1 dim: 3 dim: 4000000000000 dim: 1 } " + relu);
      },
      {"4000000000000"});
  ExpectError([&] { Read(kInput + relu, Shape{1, 6, 6}); }, {"channels", "3"});
  ExpectError([&] { Read(std::string(100000, '{')); }, {"n.prototxt"});
  std::string deep = kInput + std::string("layer { x { ");
  for (int i = 0; i < 200000; ++i) deep += "x { ";
  ExpectError([&] { Read(deep); }, {"n.prototxt"});
  EXPECT_EQ(Read(kInput + relu, Shape{3, 9, 9}).input(), (Shape{3, 9, 9}));
}

TEST(ReadCaffeFiles, AMissingOrCutOffCaffemodelIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  const CaffeFiles files = RandomCaffe(3, false);
  files.Write(folder / "n.prototxt", folder / "n.caffemodel");
  const std::string bytes = ReadFile(folder / "n.caffemodel");
  ExpectError([&] { ReadCaffe(folder / "n.prototxt", folder / "no.caffemodel"); },
              {"no.caffemodel"});
  for (const size_t size :
       {size_t{0}, size_t{1}, bytes.size() / 3, bytes.size() / 2, bytes.size() - 1}) {
    WriteFile(folder / "n.caffemodel", bytes.substr(0, size));
    ExpectError([&] { ReadCaffe(folder / "n.prototxt", folder / "n.caffemodel"); },
                {"n.caffemodel"});
  }
}

TEST(ReadCaffeFiles, ReadsMoreThan64Megabytes) {
  const TemporaryFolder folder;
  CaffeFiles files;
  files.graph.add_input("data");
  for (const int dim : {1, 3, 4, 4}) files.graph.add_input_dim(dim);
  files.Add("InnerProduct", "fc", {"data"}, "fc")
      ->mutable_inner_product_param()
      ->set_num_output(360000);
  files.normal = [] { return 0.5; };
  files.AddBlob({360000, 48}, false);
  files.AddBlob({360000}, false);
  files.Write(folder / "n.prototxt", folder / "n.caffemodel");
  ASSERT_GT(std::filesystem::file_size(folder / "n.caffemodel"), 64u << 20);
  EXPECT_EQ(ReadCaffe(folder / "n.prototxt", folder / "n.caffemodel").layers().back().shape.units,
            360000);
}

TEST(ReadCaffeFiles, MutatedFilesEndInErrorsOnly) {
  const TemporaryFolder folder;
  for (const bool v1 : {false, true}) {
    const CaffeFiles files = RandomCaffe(v1 ? 5 : 7, v1);
    const Path prototxt = folder / "n.prototxt", caffemodel = folder / "n.caffemodel";
    files.Write(prototxt, caffemodel, v1, v1);
    const std::string text = ReadFile(prototxt), bytes = ReadFile(caffemodel);
    const int refused_text = CountRefusedMutations(text, 1500, [&](const std::string& mutated) {
      WriteQuickly(folder / "m.prototxt", mutated);
      ReadCaffe(folder / "m.prototxt", caffemodel);
    });
    EXPECT_GT(refused_text, 500);
    const int refused_bytes = CountRefusedMutations(bytes, 1500, [&](const std::string& mutated) {
      WriteQuickly(folder / "m.caffemodel", mutated);
      ReadCaffe(prototxt, folder / "m.caffemodel");
    });
    EXPECT_GT(refused_bytes, 300);
  }
}

}  // namespace
}  // namespace netdissect
