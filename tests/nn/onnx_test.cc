#include "nn/onnx/onnx.h"

#include <ATen/Context.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <gtest/gtest.h>

#include "nn/compare.h"
#include "nn/expect_error.h"
#include "nn/kinds/inner_product.h"
#include "nn/onnx_case.h"
#include "nn/random_onnx.h"

namespace netdissect {
namespace {

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
  EXPECT_TRUE(network.layer(network.Find("biased")).kind.Is<InnerProduct>());
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

  // Where values may be negative, a zero of the padding may be a maximum: it is a layer.
  OnnxFile inexact;
  inexact.Integers("pads", {0, 0, 1, 1, 0, 0, 1, 1});
  inexact.Node("Pad", {"data", "pads"}, "padded");
  inexact.Set(inexact.Node("MaxPool", {"padded"}, "max"), "kernel_shape", {3, 3});
  const Network with_layer = Read(inexact);
  const at::Tensor around = at::constant_pad_nd(x_, {1, 1, 1, 1}, 0);
  EXPECT_TRUE(Output(with_layer, x_, "padded").equal(around));
  EXPECT_TRUE(Output(with_layer, x_, "max").equal(at::max_pool2d(around, 3, 1)));
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

// As torch.onnx.dynamo writes its own operators, some by others.
TEST_F(OnnxTest, FunctionsOfTheFileAreReadAsWhatTheyAreMadeOf) {
  OnnxFile file;
  const at::Tensor w = at::randn({4, 3, 3, 3});
  file.Weight("w", w);
  const auto function = [&](const char* name, std::vector<std::string> inputs) {
    onnx::FunctionProto* made = file.model.add_functions();
    made->set_domain("pkg.own");
    made->set_name(name);
    for (const std::string& input : inputs) made->add_input(input);
    made->add_output("result");
    return made;
  };
  const auto add = [](onnx::FunctionProto* to, const char* op, std::vector<std::string> inputs,
                      const char* output) {
    onnx::NodeProto* node = to->add_node();
    node->set_op_type(op);
    for (const std::string& input : inputs) node->add_input(input);
    node->add_output(output);
    return node;
  };
  onnx::FunctionProto* leaky = function("leaky", {"x"});
  leaky->add_attribute("slope");
  onnx::AttributeProto* alpha = add(leaky, "LeakyRelu", {"x"}, "result")->add_attribute();
  alpha->set_name("alpha");
  alpha->set_type(onnx::AttributeProto::FLOAT);
  alpha->set_ref_attr_name("slope");
  onnx::FunctionProto* block = function("block", {"x", "weight"});
  add(block, "Conv", {"x", "weight"}, "y");
  onnx::NodeProto* call = add(block, "leaky", {"y"}, "z");
  call->set_domain("pkg.own");
  file.Set(call, "slope", 0.25f);
  add(block, "Add", {"z", "y"}, "result");
  file.Node("block", {"data", "w"}, "out")->set_domain("pkg.own");
  const Network network = Read(file);
  const at::Tensor y = at::conv2d(x_, w);
  EXPECT_LE(RelativeError(Output(network, x_, "out"), at::leaky_relu(y, 0.25) + y), 1e-5);
  EXPECT_LE(RelativeError(Output(network, x_, "n_out/y"), y), 1e-5);

  add(leaky, "leaky", {"x"}, "again")->set_domain("pkg.own");
  ExpectError([&] { Read(file); }, {"n.onnx", "leaky", "too deep"});
}

}  // namespace
}  // namespace netdissect
