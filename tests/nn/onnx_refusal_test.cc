// What the ONNX importer refuses, and how.

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <functional>

#include "nn/expect_error.h"
#include "nn/onnx/onnx.h"
#include "nn/onnx_case.h"
#include "nn/random_onnx.h"

namespace netdissect {
namespace {

TEST_F(OnnxTest, RefusesWhatItCannotRead) {
  const auto refuse = [&](const std::function<void(OnnxFile&)>& build,
                          std::vector<std::string> words, int64_t opset = 13) {
    OnnxFile file({1, 3, 12, 12}, opset);
    file.Weight("w", at::randn({4, 3, 3, 3}));
    file.Weight("v", at::randn({3}));
    file.Weight("m", at::randn({432, 2}));
    build(file);
    words.push_back("n.onnx");
    SCOPED_TRACE(file.model.graph().ShortDebugString().substr(0, 300));
    ExpectError([&] { Read(file); }, words);
  };
  const auto with = [&](const char* op, std::vector<std::string> inputs, const char* attribute,
                        auto value) {
    return [=](OnnxFile& f) { f.Set(f.Node(op, inputs, "x"), attribute, value); };
  };
  using Ints = std::vector<int64_t>;
  refuse([](OnnxFile& f) { f.Node("NonMaxSuppression", {"data"}, "x"); },
         {"n_x", "NonMaxSuppression", "not supported", "Conv"});
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
  refuse([](OnnxFile& f) { f.Node("Conv", {"w", "w"}, "x"); }, {"Conv", "image", "constants"});
  refuse([](OnnxFile& f) { f.Node("Conv", {"data", "data"}, "x"); }, {"constant"});
  refuse([](OnnxFile& f) { f.Node("MaxPool", {"data"}, "x"); }, {"kernel_shape"});
  refuse(with("Gemm", {"data", "m"}, "transB", 1), {"(N, C)"});
  refuse(
      [](OnnxFile& f) {
        f.Node("Flatten", {"data"}, "flat");
        f.Set(f.Node("Gemm", {"flat", "m"}, "x"), "transB", 1);
      },
      {"n_x", "weight", "432"});
  refuse(with("Flatten", {"data"}, "axis", 7), {"n_x", "axis", "7"});
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
  refuse(with("ReduceMean", {"data"}, "axes", Ints{0, 2}), {"axes", "0, 2"});
  refuse([](OnnxFile& f) { f.Node("Add", {"data", "v"}, "x"); }, {"\"v\"", "N x 3 x 12 x 12"});
  refuse(
      [](OnnxFile& f) {
        f.Weight("map", at::randn({12, 12}));
        f.Node("Add", {"data", "map"}, "x");
      },
      {"n_x", "\"map\"", "positions"});
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
  refuse(with("Pad", {"data"}, "mode", "wrap"), {"mode", "wrap"});
  for (const Ints& shape : {Ints{1, 3, 35, -1}, Ints{2, -1}, Ints{432}, Ints{-1, -1}, Ints{0, 7},
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
      {"\"x\"", "another tensor"});
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
      {"\"s\"", "FLOAT16", "STRING"});
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

// What is no kind of layer is left out with what needs it, and said; the rest is read.
TEST_F(OnnxTest, WhatIsNotSupportedIsLeftOut) {
  OnnxFile file;
  file.Weight("w", at::randn({4, 3, 3, 3}));
  file.Weight("m", at::randn({432, 2}));
  file.Node("Flatten", {"data"}, "flat");
  file.Set(file.Node("Gemm", {"flat", "m"}, "product"), "transA", 1);
  file.Node("Relu", {"product"}, "relu");
  file.Node("Conv", {"data", "w"}, "conv");
  file.Set(file.Node("Relu", {"conv"}, "odd"), "surprise", 1);
  file.Node("NonMaxSuppression", {"conv", "relu"}, "boxes");
  for (const char* output : {"relu", "conv"}) {
    file.AddTensorInfo(file.model.mutable_graph()->add_output(), output, {1, 2});
  }
  const Network network = Read(file);
  EXPECT_EQ(network.size(), 3);  // data, flat, conv
  ASSERT_EQ(network.unread().size(), 2u);
  EXPECT_EQ(network.unread()[0].from, "node \"n_product\" (Gemm)");
  EXPECT_NE(network.unread()[0].why.find("transA"), std::string::npos);
  EXPECT_EQ(network.unread()[0].names, (std::vector<std::string>{"product", "relu", "boxes"}));
  EXPECT_EQ(network.unread()[1].names, (std::vector<std::string>{"odd"}));
  ExpectError([&] { network.Find("relu"); }, {"relu", "n_product", "transA"});
  ExpectError([&] { network.Find("odd"); }, {"odd", "n_odd", "surprise"});
  // The first output stands on what is not there: the second is not taken for it.
  EXPECT_TRUE(network.outputs().empty());
  ExpectError([&] { ScoreLayer(network); }, {"class scores", "n_product"});
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
