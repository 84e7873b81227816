#include "netdissect/nn/model.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "base/scratch.h"
#include "nn/input_object.h"

namespace netdissect {
namespace {

class ModelTest : public testing::Test {
 protected:
  // A random AlexNet whose descriptor has `more` beside what it needs, and this input.
  Path Descriptor(const std::string& more, const std::string& input) const {
    return scratch_.File("net.json", R"({"format": "random", "architecture": "alexnet",
                                         "width": 0.1, "fc": 16, "classes": 3, )" +
                                         more + R"("input": )" + input + "}");
  }
  testing::AssertionResult Refuses(const std::string& more, const std::string& input,
                                   const std::vector<std::string>& parts) const {
    const Path path = Descriptor(more, input);
    return HasAll(ErrorOf([&] { LoadModel(path); }), parts);
  }
  const ScratchFolder scratch_;
};

TEST_F(ModelTest, ADescriptorSaysWhatItIs) {
  const Model model = LoadModel(
      Descriptor(R"("name": "small", "training": {"free": {"form": 1}}, )",
                 R"({"size": [227, 227], "order": "RGB", "mean": [1, 2, 3], "scale": 0.5})"));
  EXPECT_EQ(model.name, "small");
  EXPECT_EQ(model.input.height, 227);
  EXPECT_EQ(model.input.order, ChannelOrder::kRgb);
  EXPECT_EQ(model.input.mean, (std::array<float, 3>{1, 2, 3}));
  EXPECT_EQ(model.input.scale, (std::array<float, 3>{0.5f, 0.5f, 0.5f}));
}

TEST_F(ModelTest, HostileSizesAreRefusedBeforeAnythingIsMade) {
  const auto refuses = [&](const std::string& sizes, const std::vector<std::string>& parts) {
    const Path path = scratch_.File(
        "huge.json", R"({"format": "random", "architecture": "alexnet", "width": 0.1, )" + sizes +
                         R"(, "input": {"size": 227}})");
    return HasAll(ErrorOf([&] { LoadModel(path); }), parts);
  };
  EXPECT_TRUE(refuses(R"("classes": 2147483647)", {"huge.json", "1 to 16777216 classes"}));
  EXPECT_TRUE(refuses(R"("fc": 2147483647)", {"huge.json", "0 to 16777216 fc units"}));
  EXPECT_TRUE(Refuses("", R"({"size": [12.9, 12.9]})", {"input.size", "integer", "12.9"}));
  EXPECT_TRUE(Refuses("", R"({"size": [12, 1.3e20]})", {"input.size", "integer", "1.3e+20"}));
}

TEST_F(ModelTest, ADescriptorSaysHowPicturesAreResized) {
  const auto input = [&](const std::string& keys) {
    return LoadModel(Descriptor("", R"({"size": 227)" + keys + "}")).input;
  };
  const InputFormat plain = input("");
  EXPECT_EQ(plain.resize, ResizeMode::kSquash);
  EXPECT_EQ(plain.interpolation, Interpolation::kBilinear);
  EXPECT_FALSE(plain.antialias);
  const InputFormat format = input(
      R"(, "resize": "crop", "side": 256, "interpolation": "bicubic", "antialias": true,
         "mean": 127.5, "fill": [1, 2, 3])");
  EXPECT_EQ(format.resize, ResizeMode::kCrop);
  EXPECT_EQ(format.side, 256);
  EXPECT_EQ(format.interpolation, Interpolation::kBicubic);
  EXPECT_TRUE(format.antialias);
  EXPECT_EQ(format.mean, (std::array<float, 3>{127.5f, 127.5f, 127.5f}));
  EXPECT_EQ(format.fill, (std::array<uint8_t, 3>{1, 2, 3}));
  EXPECT_EQ(input(R"(, "resize": "letterbox", "fill": 114)").fill[2], 114);
  // What is written is what was read.
  const Json json = ToJson(format);
  EXPECT_EQ(json.dump(), R"({"size":227,"order":"BGR","mean":[127.5,127.5,127.5],)"
                         R"("scale":[1.0,1.0,1.0],"resize":"crop","side":256,)"
                         R"("interpolation":"bicubic","antialias":true,"fill":[1,2,3]})");
  EXPECT_EQ(ToJson(LoadModel(Descriptor("", json.dump())).input), json);
}

TEST_F(ModelTest, WhatContradictsItselfIsRefused) {
  EXPECT_TRUE(Refuses("", R"({"size": 227, "resize": "stretch"})",
                      {"\"input.resize\"", "squash", "crop", "letterbox", "stretch"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "resize": "letterbox", "side": 256})",
                      {"\"input.side\"", "letterbox", "256"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "side": 0})", {"\"input.side\"", "1 to 8192", "0"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "antialias": 1})",
                      {"\"input.antialias\"", "true or false", "1"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "interpolation": "area", "antialias": true})",
                      {"\"input.antialias\"", "bilinear or bicubic", "area"}));
  for (const char* fill : {"256", "-1", "0.5", "[1, 2, 300]"}) {
    EXPECT_TRUE(Refuses("", fmt::format(R"({{"size": 227, "fill": {}}})", fill),
                        {"\"input.fill\"", "0 to 255"}))
        << fill;
  }
  EXPECT_TRUE(Refuses("", R"({"size": 227, "mean": [1, 2]})",
                      {"\"input.mean\"", "expected 3 numbers", "found 2"}));
  // AlexNet has three channels.
  EXPECT_TRUE(Refuses("", R"({"size": 227, "order": "gray"})",
                      {"\"input.order\"", "3 x 227 x 227", "1 x 227 x 227"}));
}

// Stored results are found by it: it changes with the preprocessing, and with nothing else.
TEST_F(ModelTest, TheDigestIsOfThePreprocessingToo) {
  const auto digest = [&](const std::string& keys) {
    return LoadModel(Descriptor("", R"({"size": 227)" + keys + "}")).digest;
  };
  const std::string plain = digest("");
  EXPECT_EQ(digest(R"(, "resize": "squash", "interpolation": "bilinear", "antialias": false)"),
            plain);
  EXPECT_EQ(digest(R"(, "fill": 114)"), plain);  // nothing to fill
  std::set<std::string> digests = {plain};
  for (const char* keys :
       {R"(, "resize": "crop")", R"(, "resize": "crop", "side": 256)", R"(, "side": 256)",
        R"(, "resize": "letterbox")", R"(, "resize": "letterbox", "fill": 114)",
        R"(, "antialias": true)", R"(, "interpolation": "bicubic")",
        R"(, "interpolation": "bicubic", "antialias": true)", R"(, "interpolation": "area")"}) {
    EXPECT_TRUE(digests.insert(digest(keys)).second) << keys;
  }
}

TEST_F(ModelTest, MisspeltKeysAreErrorsThatNameTheClosest) {
  EXPECT_TRUE(Refuses(R"("lables": "x.txt", )", R"({"size": 227})",
                      {"net.json", "\"lables\"", "did you mean \"labels\"?"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "means": [1, 2, 3]})",
                      {"net.json", "\"input.means\"", "did you mean \"mean\"?"}));
  EXPECT_TRUE(Refuses("", R"({"sice": 227})", {"\"input.size\"", "nothing", "\"sice\""}));
  EXPECT_TRUE(
      Refuses(R"("graph": "x.prototxt", )", R"({"size": 227})", {"\"graph\"", "not a known key"}));
}

TEST_F(ModelTest, SizesAreIntegersInRange) {
  for (const char* size : {"[1e12, 227]", "[227.9, 227]", "[227, -1e300]", "1e12", "227.5"}) {
    EXPECT_TRUE(Refuses("", fmt::format(R"({{"size": {}}})", size), {"\"input.size\"", "integer"}))
        << size;
  }
  for (const char* size : {"[0, 227]", "[227, 8193]", "-227"}) {
    EXPECT_TRUE(
        Refuses("", fmt::format(R"({{"size": {}}})", size), {"\"input.size\"", "1 to 8192 pixels"}))
        << size;
  }
  EXPECT_TRUE(Refuses("", R"({"size": [227]})", {"\"input.size\"", "[height, width]"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "mean": [1e300, 0, 0]})", {"\"input.mean\"", "1e+300"}));
  EXPECT_TRUE(Refuses("", R"({"size": 227, "scale": 1e300})", {"\"input.scale\"", "1e+300"}));
  EXPECT_TRUE(Refuses(R"("seed": -1, )", R"({"size": 227})", {"\"seed\"", "-1"}));
}

// A network's own file instead of a descriptor: the message has one to start from.
TEST_F(ModelTest, ANetworksFileNeedsADescriptor) {
  const struct {
    const char* file;
    std::string bytes;
    std::vector<std::string> words;
  } files[] = {
      {"m.onnx", "\x08\x07", {"an ONNX model", "\"format\": \"onnx\"", "\"weights\": \"m.onnx\""}},
      {"m.ONNX", "", {"an ONNX model"}},
      {"m.prototxt", "name: 'x'", {"a Caffe graph", "\"graph\": \"m.prototxt\"", "m.caffemodel"}},
      {"m.caffemodel", "", {"Caffe weights", "\"graph\": \"m.prototxt\"", "m.caffemodel"}},
      {"m.safetensors", "", {"safetensors", "\"architecture\": \"alexnet\""}},
      {"weights", std::string("\x10\0\0\0\0\0\0\0{", 9), {"safetensors"}},
      {"m.pt", "PK\x03\x04", {"a PyTorch file", "torchscript", "\"weights\": \"m.pt\""}},
      {"checkpoint", "PK\x03\x04", {"a PyTorch file"}}};
  for (const auto& file : files) {
    const Path path = scratch_.File(file.file, file.bytes);
    const std::string message = ErrorOf([&] { LoadModel(path); });
    EXPECT_TRUE(HasAll(message, file.words)) << file.file;
    EXPECT_TRUE(HasAll(message, {path.string(), "expected a network descriptor"}));
    // What is printed is a descriptor as it stands.
    const Json example = Json::parse(message.substr(message.find("\n{") + 1));
    EXPECT_TRUE(example.contains("format") && example.at("input").contains("size"));
  }
  scratch_.File("m.graph.json", "{}");
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadModel(scratch_.path() / "m.safetensors"); }),
                     {"\"graph\": \"m.graph.json\""}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadModel(scratch_.path() / "no.onnx"); }), {"no such file"}));
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { LoadModel(scratch_.File("x.json", "{")); }), {"not valid JSON"}));
}

}  // namespace
}  // namespace netdissect
