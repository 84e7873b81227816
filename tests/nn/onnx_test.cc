#include "netdissect/nn/onnx.h"

#include <ATen/Context.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <gtest/gtest.h>

#include "nn/compare.h"
#include "nn/expect_error.h"
#include "nn/onnx_file.h"
#include "nn/temporary_folder.h"

namespace netdissect {
namespace {

class OnnxTest : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(1); }

  Path File() const { return folder_ / "n.onnx"; }

  Network Read(OnnxFile& file, const std::optional<Shape>& input_size = std::nullopt) {
    file.Write(File());
    return ReadOnnx(File(), input_size);
  }

  const TemporaryFolder folder_;
  const at::Tensor x_ = at::randn({1, 3, 12, 12});
};

// A random graph; the last tensor is "prob".
OnnxFile RandomOnnx(uint64_t seed) {
  Random random(seed, 5);
  at::manual_seed(seed);
  const int64_t side = 13 + static_cast<int64_t>(random.Below(8));
  OnnxFile file({1, 3, side, side + 1}, 12);
  std::string last = "data";
  int64_t units = 3, height = side, width = side + 1;
  int number = 0;
  const auto flip = [&] { return random.Below(2) == 0; };
  const auto name = [&](const char* stem) { return stem + std::to_string(++number); };
  const auto weight = [&](const std::string& of, const at::Tensor& values) {
    file.Weight(of, values, flip());
    return of;
  };
  const auto convolve = [&](const std::string& from, int64_t outputs, int64_t kernel,
                            int64_t stride, int64_t dilation, const std::vector<int64_t>& pads,
                            int64_t group) {
    const std::string out = name("conv");
    std::vector<std::string> inputs = {
        from, weight(out + "_w", at::randn({outputs, units / group, kernel, kernel}) * 0.3)};
    if (flip()) inputs.push_back(weight(out + "_b", at::randn({outputs})));
    onnx::NodeProto* node = file.Node("Conv", inputs, out);
    file.Set(node, "kernel_shape", {kernel, kernel});
    file.Set(node, "strides", {stride, stride});
    file.Set(node, "dilations", {dilation, dilation});
    file.Set(node, "pads", pads);
    file.Set(node, "group", group);
    return out;
  };
  for (int step = 0; step < 9; ++step) {
    switch (random.Below(8)) {
      case 0:
      case 1: {
        const int64_t kernel = flip() ? 1 : 3, stride = flip() ? 1 : 2, dilation = flip() ? 1 : 2;
        std::vector<int64_t> pads = {1, 0, 1, 0};
        if (flip()) pads = {1, 1, 1, 1};
        if (random.Below(3) == 0) pads = {0, 1, 2, 0};  // each side another
        const int64_t extent = dilation * (kernel - 1) + 1;
        const int64_t h = (height + pads[0] + pads[2] - extent) / stride + 1;
        const int64_t w = (width + pads[1] + pads[3] - extent) / stride + 1;
        if (h < 4 || w < 4) break;
        const int64_t group = units % 4 == 0 && flip() ? 2 : 1;
        last = convolve(last, 8, kernel, stride, dilation, pads, group);
        units = 8;
        height = h;
        width = w;
        break;
      }
      case 2: {
        const std::string out = name("relu");
        if (flip()) {
          file.Node("Relu", {last}, out);
        } else {
          file.Set(file.Node("LeakyRelu", {last}, out), "alpha", 0.3f);
        }
        last = out;
        break;
      }
      case 3: {
        if (std::min(height, width) < 6) break;
        const std::string out = name("pool");
        const bool max = flip();
        onnx::NodeProto* node = file.Node(max ? "MaxPool" : "AveragePool", {last}, out);
        const int64_t stride = flip() ? 1 : 2, pad = flip() ? 1 : 0;
        file.Set(node, "kernel_shape", {3, 3});
        file.Set(node, "strides", {stride, stride});
        file.Set(node, "pads", {pad, pad, pad, pad});
        // OpenCV 4.6 does not read it; CeilModeAndCountedPaddingFollowPyTorch covers it.
        if (!max && pad == 0) file.Set(node, "count_include_pad", flip() ? 1 : 0);
        height = (height + 2 * pad - 3) / stride + 1;
        width = (width + 2 * pad - 3) / stride + 1;
        last = out;
        break;
      }
      case 4: {
        const std::string out = name("lrn");
        onnx::NodeProto* node = file.Node("LRN", {last}, out);
        file.Set(node, "size", 3);
        file.Set(node, "alpha", 0.5f);
        file.Set(node, "beta", 0.6f);
        file.Set(node, "bias", 1.5f);
        last = out;
        break;
      }
      case 5: {
        const std::string from = last;
        const std::string a = convolve(from, units, 1, 1, 1, {0, 0, 0, 0}, 1);
        const std::string b = convolve(from, units, 3, 1, 1, {1, 1, 1, 1}, 1);
        last = name("join");
        if (flip()) {
          file.Set(file.Node("Concat", {a, b}, last), "axis", 1);
          units *= 2;
        } else {
          file.Node("Add", {a, b}, last);
        }
        break;
      }
      case 6: {
        const std::string out = name("bn");
        file.Set(file.Node("BatchNormalization",
                           {last, weight(out + "_s", at::rand({units}) + 0.5),
                            weight(out + "_b", at::randn({units})),
                            weight(out + "_m", at::randn({units})),
                            weight(out + "_v", at::rand({units}) + 0.2)},
                           out),
                 "epsilon", 1e-3f);
        last = out;
        break;
      }
      default: {
        const std::string out = name("drop");
        file.Node("Dropout", {last}, out);
        last = out;
      }
    }
  }
  if (flip()) {
    file.Node("GlobalAveragePool", {last}, "global");
    last = "global";
    height = width = 1;
  }
  file.Set(file.Node("Flatten", {last}, "flat"), "axis", 1);
  onnx::NodeProto* gemm =
      file.Node("Gemm",
                {"flat", weight("fc_w", at::randn({5, units * height * width}) * 0.1),
                 weight("fc_b", at::randn({5}))},
                "fc");
  file.Set(gemm, "transB", 1);
  file.Set(file.Node("Softmax", {"fc"}, "prob"), "axis", 1);
  return file;
}

TEST_F(OnnxTest, RandomGraphsAgreeWithOpenCv) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    OnnxFile file = RandomOnnx(seed);
    file.Write(File(), "prob");
    const Network network = ReadOnnx(File());
    cv::dnn::Net reference = cv::dnn::readNetFromONNX(File().string());
    reference.enableFusion(false);
    const std::vector<cv::String> names = reference.getLayerNames();
    const Shape& in = network.input();
    const at::Tensor input = at::randn({1, in.units, in.height, in.width});
    for (const onnx::NodeProto& node : file.model.graph().node()) {
      const std::string layer = "onnx_node!" + node.name();
      if (!network.Has(node.output(0))) {
        ExpectError([&] { network.Find(node.output(0)); }, {node.output(0), "folded"});
        continue;
      }
      EXPECT_EQ(network.Find(node.output(0)), network.Find(node.name()));
      if (std::find(names.begin(), names.end(), layer) == names.end()) continue;
      reference.setInput(BlobFromTensor(input));
      const at::Tensor expected = TensorFromBlob(reference.forward(layer));
      EXPECT_LE(RelativeError(Output(network, input, node.output(0)), expected), 1e-4)
          << "seed " << seed << ": " << node.output(0);
      ++compared;
    }
  }
  EXPECT_GT(compared, 300);
}

TEST_F(OnnxTest, ArithmeticWithConstantsIsFoldedOrKept) {
  OnnxFile file;
  const at::Tensor c = at::rand({3, 1, 1}) + 0.5;
  file.Weight("c", c);
  file.Weight("c4", c.unsqueeze(0));
  file.Weight("two", at::full({}, 2.f));
  file.Weight("slope", c);
  const auto op = [&](const char* o, std::vector<std::string> in, const char* out) {
    file.Node(o, in, out);
  };
  op("Add", {"data", "c"}, "add");
  op("Sub", {"data", "c4"}, "sub");
  op("Sub", {"c", "data"}, "minus");
  op("Mul", {"two", "data"}, "mul");
  op("Div", {"data", "c"}, "div");
  op("Sub", {"mul", "add"}, "difference");
  op("Sum", {"mul", "add", "sub"}, "sum");
  op("PRelu", {"data", "slope"}, "prelu");
  op("GlobalMaxPool", {"data"}, "max");
  file.Set(file.Node("ReduceMean", {"data"}, "mean"), "axes", {-1, -2});
  const Network network = Read(file);
  const auto expect = [&](const char* name, const at::Tensor& expected) {
    EXPECT_LE(RelativeError(Output(network, x_, name), expected), 1e-6) << name;
  };
  expect("add", x_ + c);
  expect("sub", x_ - c);
  expect("minus", c - x_);
  expect("mul", 2 * x_);
  expect("div", x_ / c);
  expect("difference", x_ - c);
  expect("sum", 4 * x_);
  expect("prelu", at::prelu(x_, c.reshape({3})));
  expect("max", x_.amax({2, 3}));
  expect("mean", x_.mean({2, 3}));
}

TEST_F(OnnxTest, GemmAndMatMulOfEveryForm) {
  OnnxFile file;
  const at::Tensor w = at::randn({6, 432}), b = at::randn({6});
  file.Weight("w", w);
  file.Weight("wt", w.t().contiguous());
  file.Weight("b", b);
  file.Weight("row", b.unsqueeze(0));
  file.Node("Flatten", {"data"}, "flat");
  onnx::NodeProto* gemm = file.Node("Gemm", {"flat", "w", "row"}, "gemm");
  file.Set(gemm, "transB", 1);
  file.Set(gemm, "alpha", 0.5f);
  file.Set(gemm, "beta", 2.f);
  file.Node("Gemm", {"flat", "wt"}, "plain");
  file.Node("MatMul", {"flat", "wt"}, "product");
  file.Node("Add", {"product", "b"}, "biased");
  const Network network = Read(file);
  const at::Tensor flat = x_.flatten(1);
  const auto expect = [&](const char* name, const at::Tensor& expected) {
    EXPECT_LE(RelativeError(Output(network, x_, name), expected), 1e-5) << name;
  };
  expect("gemm", 0.5 * at::linear(flat, w) + 2 * b);
  expect("plain", at::linear(flat, w));
  expect("biased", at::linear(flat, w, b));
  // The addition is the product's bias.
  EXPECT_TRUE(std::holds_alternative<InnerProduct>(network.layer(network.Find("biased")).kind));
  ExpectError([&] { network.Find("product"); }, {"product", "folded"});
}

TEST_F(OnnxTest, AutomaticPaddingFollowsTheStandard) {
  for (const int64_t side : {11, 12}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const char* mode : {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
        OnnxFile file({1, 3, side, side});
        const at::Tensor w = at::randn({4, 3, 4, 4}), x = at::randn({1, 3, side, side});
        file.Weight("w", w);
        onnx::NodeProto* conv = file.Node("Conv", {"data", "w"}, "conv");
        file.Set(conv, "auto_pad", mode);
        file.Set(conv, "strides", {stride, stride});
        onnx::NodeProto* pool = file.Node("MaxPool", {"data"}, "pool");
        file.Set(pool, "auto_pad", mode);
        file.Set(pool, "strides", {stride, stride});
        file.Set(pool, "kernel_shape", {4, 4});
        const Network network = Read(file);
        int64_t before = 0, after = 0;
        if (mode != std::string("VALID")) {
          const int64_t outputs = (side + stride - 1) / stride;
          const int64_t total = std::max<int64_t>((outputs - 1) * stride + 4 - side, 0);
          before = mode == std::string("SAME_UPPER") ? total / 2 : total - total / 2;
          after = total - before;
          EXPECT_EQ(network.layer(network.Find("conv")).shape.height, outputs);
        }
        const auto padded = [&](double v) {
          return at::constant_pad_nd(x, {before, after, before, after}, v);
        };
        EXPECT_LE(RelativeError(Output(network, x, "conv"), at::conv2d(padded(0), w, {}, stride)),
                  1e-5);
        EXPECT_TRUE(Output(network, x, "pool")
                        .equal(at::max_pool2d(padded(-INFINITY), {4, 4}, {stride, stride})));
      }
    }
  }
}

TEST_F(OnnxTest, CeilModeAndCountedPaddingFollowPyTorch) {
  for (const bool ceil : {false, true}) {
    for (const bool count : {false, true}) {
      for (const int64_t kernel : {2, 3}) {
        OnnxFile file({1, 3, 12, 12}, 11);
        for (const char* op : {"MaxPool", "AveragePool"}) {
          onnx::NodeProto* pool = file.Node(op, {"data"}, op);
          file.Set(pool, "kernel_shape", {kernel, kernel});
          file.Set(pool, "strides", {2, 2});
          file.Set(pool, "pads", {1, 1, 1, 1});
          file.Set(pool, "ceil_mode", ceil ? 1 : 0);
          if (op == std::string("AveragePool")) file.Set(pool, "count_include_pad", count ? 1 : 0);
        }
        const Network network = Read(file);
        EXPECT_TRUE(
            Output(network, x_, "MaxPool").equal(at::max_pool2d(x_, kernel, 2, 1, 1, ceil)));
        EXPECT_LE(RelativeError(Output(network, x_, "AveragePool"),
                                at::avg_pool2d(x_, kernel, 2, 1, ceil, count)),
                  1e-6);
      }
    }
  }
}

TEST_F(OnnxTest, APadIsTakenUpWhereThatIsExact) {
  OnnxFile file;
  const at::Tensor w = at::randn({4, 3, 3, 3});
  file.Weight("w", w);
  file.Integers("pads", {0, 0, 1, 2, 0, 0, 2, 1});
  file.Node("Relu", {"data"}, "relu");
  file.Node("Pad", {"data", "pads"}, "padded");
  file.Node("Pad", {"relu", "pads"}, "padded_relu");
  file.Set(file.Node("Conv", {"padded", "w"}, "conv"), "pads", {1, 1, 1, 1});
  file.Set(file.Node("MaxPool", {"padded_relu"}, "max"), "kernel_shape", {3, 3});
  file.Set(file.Node("AveragePool", {"padded"}, "average"), "kernel_shape", {3, 3});
  const Network network = Read(file);
  const auto padded = [](const at::Tensor& t) { return at::constant_pad_nd(t, {2, 1, 1, 2}, 0); };
  EXPECT_LE(RelativeError(Output(network, x_, "conv"), at::conv2d(padded(x_), w, {}, 1, 1)), 1e-5);
  EXPECT_TRUE(Output(network, x_, "max").equal(at::max_pool2d(padded(at::relu(x_)), 3, 1)));
  EXPECT_LE(RelativeError(Output(network, x_, "average"), at::avg_pool2d(padded(x_), 3, 1)), 1e-6);
  ExpectError([&] { network.Find("padded"); }, {"padded", "folded"});

  // Where values may be negative, a zero of the padding may be a maximum.
  OnnxFile inexact;
  inexact.Integers("pads", {0, 0, 1, 1, 0, 0, 1, 1});
  inexact.Node("Pad", {"data", "pads"}, "padded");
  inexact.Set(inexact.Node("MaxPool", {"padded"}, "max"), "kernel_shape", {3, 3});
  ExpectError([&] { Read(inexact); }, {"n_max", "MaxPool", "Pad"});
}

// x.view(x.size(0), -1) and its like, as PyTorch writes them.
TEST_F(OnnxTest, ChainsOfShapesAreRecognisedAsFlattening) {
  for (const int64_t batch : {0, 1}) {
    OnnxFile file({batch, 3, 12, 12});
    file.Integers("zero", {0}, true);
    file.Integers("begin", {0});
    file.Integers("one", {1});
    file.Integers("rest", {-1});
    file.Integers("axes0", {0});
    file.Integers("plain", {-1, 432});
    file.Integers("keep", {0, -1});
    file.Integers("fixed", {1, -1});
    file.Node("Shape", {"data"}, "shape");
    file.Set(file.Node("Gather", {"shape", "zero"}, "n"), "axis", 0);
    file.Node("Unsqueeze", {"n", "axes0"}, "n1");
    file.Set(file.Node("Concat", {"n1", "rest"}, "view"), "axis", 0);
    file.Node("Slice", {"shape", "begin", "one"}, "sliced");
    file.Set(file.Node("Concat", {"sliced", "rest"}, "view2"), "axis", 0);
    std::vector<std::string> shapes = {"view", "view2", "plain", "keep"};
    if (batch == 1) shapes.push_back("fixed");
    for (const std::string& shape : shapes) file.Node("Reshape", {"data", shape}, "by_" + shape);
    const Network network = Read(file);
    for (const std::string& shape : shapes) {
      const Layer& layer = network.layer(network.Find("by_" + shape));
      EXPECT_EQ(layer.shape, (Shape{432, 1, 1})) << shape;
      EXPECT_TRUE(Output(network, x_, layer.name).flatten().equal(x_.flatten())) << shape;
    }
  }
}

TEST_F(OnnxTest, WeightsOfEveryTypeAndPlace) {
  const at::Tensor w = at::randn({4, 3, 1, 1}).to(at::kHalf);
  const at::Tensor expected = at::conv2d(x_, w.to(at::kFloat));
  for (const at::ScalarType type : {at::kFloat, at::kHalf, at::kDouble}) {
    for (const bool raw : {false, true}) {
      OnnxFile file;
      file.Weight("w", w.to(type), raw);
      file.Node("Conv", {"data", "w"}, "conv");
      const Network network = Read(file);
      EXPECT_LE(RelativeError(Output(network, x_, "conv"), expected), 1e-6) << type << raw;
    }
  }
  const auto external = [&](const std::string& location, const std::string& offset) {
    OnnxFile file;
    onnx::TensorProto* tensor = file.Weight("w", w.to(at::kFloat));
    tensor->clear_raw_data();
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : std::map<std::string, std::string>{
             {"location", location}, {"offset", offset}, {"length", "48"}}) {
      onnx::StringStringEntryProto* entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    file.Node("Conv", {"data", "w"}, "conv");
    return Read(file);
  };
  const at::Tensor bytes = w.to(at::kFloat).contiguous();
  WriteFile(folder_ / "weights.bin",
            "12345678" + std::string(static_cast<const char*>(bytes.data_ptr()), 48));
  EXPECT_LE(RelativeError(Output(external("weights.bin", "8"), x_, "conv"), expected), 1e-6);
  ExpectError([&] { external("weights.bin", "9"); }, {"n.onnx", "\"w\"", "offset 9"});
  ExpectError([&] { external("weights.bin", "-1"); }, {"n.onnx", "\"w\"", "offset -1"});
  ExpectError([&] { external("weights.bin", "x"); }, {"\"w\"", "integer", "x"});
  ExpectError([&] { external("missing.bin", "0"); }, {"\"w\"", "missing.bin"});
  ExpectError([&] { external("../weights.bin", "0"); }, {"\"w\"", "../weights.bin"});
  ExpectError([&] { external("/etc/passwd", "0"); }, {"\"w\"", "/etc/passwd"});
}

TEST_F(OnnxTest, FreeInputSizesNeedOneToBeGiven) {
  OnnxFile file({0, 3, 0, 0});
  file.Node("Relu", {"data"}, "relu");
  ExpectError([&] { Read(file); }, {"n.onnx", "\"data\"", "size"});
  EXPECT_EQ(Read(file, Shape{3, 20, 30}).input(), (Shape{3, 20, 30}));
  ExpectError([&] { Read(file, Shape{1, 20, 30}); }, {"channels", "3"});
}

TEST_F(OnnxTest, ANodesNameMeansItsOutputUnlessATensorBearsIt) {
  OnnxFile file;
  file.Node("Relu", {"data"}, "a")->set_name("b");
  file.Node("Dropout", {"a"}, "b")->set_name("c");
  file.Node("Identity", {"b"}, "d");
  const Network network = Read(file);
  EXPECT_EQ(network.Find("b"), 2);
  EXPECT_EQ(network.Find("c"), 2);
  EXPECT_EQ(network.Find("d"), 2);
  EXPECT_EQ(network.Find("n_d"), 2);
}

TEST_F(OnnxTest, RefusesWhatItCannotRead) {
  const auto refuse = [&](const std::function<void(OnnxFile&)>& build,
                          std::vector<std::string> words, int64_t opset = 13) {
    OnnxFile file({1, 3, 12, 12}, opset);
    file.Weight("w", at::randn({4, 3, 3, 3}));
    file.Weight("v", at::randn({3}));
    file.Weight("m", at::randn({432, 2}));
    build(file);
    words.push_back("n.onnx");
    ExpectError([&] { Read(file); }, words);
  };
  const auto with = [&](const char* op, std::vector<std::string> inputs, const char* attribute,
                        auto value) {
    return [=](OnnxFile& f) { f.Set(f.Node(op, inputs, "x"), attribute, value); };
  };
  using Ints = std::vector<int64_t>;
  refuse([](OnnxFile& f) { f.Node("Erf", {"data"}, "x"); },
         {"n_x", "Erf", "not supported", "Conv"});
  refuse([](OnnxFile& f) { f.Node("Relu", {"data"}, "x")->set_domain("com.other"); },
         {"com.other"});
  refuse(with("Relu", {"data"}, "shape", 3), {"n_x", "Relu", "attribute shape"});
  refuse(with("Conv", {"data", "w"}, "group", 3), {"n_x", "Conv", "group"});
  refuse(with("Conv", {"data", "w"}, "group", 0), {"group"});
  refuse(with("Conv", {"data", "w"}, "kernel_shape", Ints{5, 5}),
         {"\"w\"", "4 x 3 x 5 x 5", "4 x 3 x 3 x 3"});
  refuse(with("Conv", {"data", "w"}, "kernel_shape", Ints{3}), {"kernel_shape", "two numbers"});
  refuse(with("Conv", {"data", "w"}, "pads", Ints{0, 0, -1, 0}), {"pads", "-1"});
  refuse(with("Conv", {"data", "w"}, "pads", Ints{1, 1}), {"pads", "four"});
  refuse(with("Conv", {"data", "w"}, "strides", Ints{0, 1}), {"strides", "0"});
  refuse(with("Conv", {"data", "w"}, "dilations", Ints{9, 9}), {"window"});
  refuse(with("Conv", {"data", "w"}, "strides", 2), {"strides", "INTS", "INT"});
  refuse(with("Conv", {"data", "w"}, "auto_pad", "SAME"), {"auto_pad", "SAME"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"data", "nowhere"}, "x"); }, {"n_x", "nowhere"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"data", "v"}, "x"); }, {"\"v\"", "4 dimensions"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"data"}, "x"); }, {"n_x", "input 1"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"w", "w"}, "x"); }, {"\"w\"", "image"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"data", "data"}, "x"); }, {"constant"});
  refuse([](OnnxFile& f) { f.Node("MaxPool", {"data"}, "x"); }, {"kernel_shape"});
  refuse(with("Gemm", {"data", "m"}, "transB", 1), {"(N, C)"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Flatten", {"data"}, "flat");
        f.Set(f.Node("Gemm", {"flat", "m"}, "x"), "transA", 1);
      },
      {"transA"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Flatten", {"data"}, "flat");
        f.Set(f.Node("Gemm", {"flat", "m"}, "x"), "transB", 1);
      },
      {"n_x", "weight", "432"});
  refuse(with("Flatten", {"data"}, "axis", 2), {"n_x", "axis", "2"});
  refuse(with("Concat", {"data", "data"}, "axis", 2), {"axis", "2"});
  refuse(with("Softmax", {"data"}, "axis", 3), {"axis", "3"});
  refuse(with("Softmax", {"data"}, "axis", 1), {"axis"}, 11);
  refuse([](OnnxFile& f) { f.Node("Softmax", {"data"}, "x"); }, {"axis", "-1"});
  refuse(with("LRN", {"data"}, "size", 4), {"size", "4"});
  refuse(
      [](OnnxFile& f) {
        onnx::NodeProto* norm = f.Node("LRN", {"data"}, "x");
        f.Set(norm, "size", 3);
        f.Set(norm, "alpha", NAN);
      },
      {"alpha", "finite"});
  refuse(with("ReduceMean", {"data"}, "axes", Ints{1, 2}), {"axes", "1, 2"});
  refuse([](OnnxFile& f) { f.Node("Add", {"data", "v"}, "x"); }, {"\"v\"", "3 x 1 x 1"});
  refuse([](OnnxFile& f) { f.Node("Mul", {"data", "data"}, "x"); }, {"n_x", "Mul", "constant"});
  refuse([](OnnxFile& f) { f.Node("Div", {"v", "data"}, "x"); }, {"n_x", "Div"});
  refuse(with("BatchNormalization", {"data", "v", "v", "v", "v"}, "training_mode", 1),
         {"training_mode"});
  refuse(
      [](OnnxFile& f) {
        f.Node("BatchNormalization", {"data", "v", "v", "v", "m"}, "x");
      },
      {"\"m\"", "432 x 2"});
  refuse(
      [](OnnxFile& f) {
        f.Weight("negative", at::full({3}, -1.f));
        f.Node("BatchNormalization", {"data", "v", "v", "v", "negative"}, "x");
      },
      {"variance"});
  refuse(with("Pad", {"data"}, "pads", Ints{0, 1, 0, 0, 0, 0, 0, 0}), {"pads"});
  refuse(with("Pad", {"data"}, "mode", "reflect"), {"mode", "reflect"});
  refuse(
      [](OnnxFile& f) {
        f.Integers("p", {0, 0, 1, 1, 0, 0, 1, 1});
        f.Node("Pad", {"data", "p"}, "padded");
        f.Node("Relu", {"padded"}, "x");
      },
      {"n_x", "\"padded\"", "Pad"});
  for (const Ints& shape : {Ints{1, 3, 72, 2}, Ints{2, -1}, Ints{432}, Ints{-1, -1}, Ints{0, 7},
                            Ints{}, Ints{0, 0}, Ints{0, int64_t{1} << 62, 4}}) {
    refuse(
        [&](OnnxFile& f) {
          f.Integers("s", shape);
          f.Node("Reshape", {"data", "s"}, "x");
        },
        {"n_x", "shape", "N x 3 x 12 x 12"});
  }
  refuse(
      [](OnnxFile& f) {
        f.Integers("s", {9}, true);
        f.Node("Shape", {"data"}, "shape");
        f.Node("Gather", {"shape", "s"}, "x");
      },
      {"n_x", "index", "9"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Relu", {"data"}, "x");
        f.Node("Relu", {"data"}, "x");
      },
      {"x", "another layer"});
  refuse(
      [](OnnxFile& f) {
        f.Weight("nan", at::full({4, 3, 1, 1}, NAN));
        f.Node("Conv", {"data", "nan"}, "x");
      },
      {"\"nan\"", "finite"});
  refuse(
      [](OnnxFile& f) {
        f.Weight("s", at::randn({4, 3, 1, 1}))->set_dims(0, int64_t{1} << 62);
        f.Node("Conv", {"data", "s"}, "x");
      },
      {"\"s\"", "48 bytes"});
  refuse(
      [](OnnxFile& f) {
        f.Weight("s", at::randn({4, 3, 1, 1}))->set_data_type(onnx::TensorProto::STRING);
        f.Node("Conv", {"data", "s"}, "x");
      },
      {"\"s\"", "type"});
  refuse([](OnnxFile&) {}, {"operators", "none"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Relu", {"data"}, "x");
        f.model.clear_opset_import();
      },
      {"opset_import"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Relu", {"data"}, "x");
        f.AddTensorInfo(f.model.mutable_graph()->add_input(), "second", {1, 3, 4, 4});
      },
      {"one input", "data, second"});
}

TEST_F(OnnxTest, MutatedFilesEndInErrorsOnly) {
  for (const uint64_t seed : {3, 8, 11}) {
    OnnxFile file = RandomOnnx(seed);
    file.Write(File(), "prob");
    const std::string bytes = ReadFile(File());
    const int refused = CountRefusedMutations(bytes, 1500, [&](const std::string& mutated) {
      WriteQuickly(folder_ / "m.onnx", mutated);
      ReadOnnx(folder_ / "m.onnx");
    });
    EXPECT_GT(refused, 300);
    for (const size_t size : {size_t{0}, size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
      WriteFile(File(), bytes.substr(0, size));
      ExpectError([&] { ReadOnnx(File()); }, {"n.onnx"});
    }
  }
}

}  // namespace
}  // namespace netdissect
