// `describe`, networks of which a part is read, and TorchScript files, through the program.

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "cli/program.h"
#include "nn/onnx_file.h"

namespace netdissect {
namespace {

class DescribeTest : public ProgramTest {
 protected:
  // A backbone of two convolutions, under a head that no kind of layer computes.
  std::string Detector() const {
    OnnxFile file({1, 3, 32, 32});
    file.Weight("w1", at::randn({4, 3, 3, 3}));
    file.Weight("w2", at::randn({6, 4, 3, 3}));
    file.Node("Conv", {"data", "w1"}, "conv1");
    file.Node("Relu", {"conv1"}, "relu1");
    file.Node("Conv", {"relu1", "w2"}, "conv2");
    file.Node("NonMaxSuppression", {"conv2", "conv2"}, "boxes");
    file.Node("Relu", {"boxes"}, "best");
    file.Write(Place("detector.onnx"), "best");
    return scratch_
        .File("detector.json", R"({"format": "onnx", "weights": "detector.onnx",
                                   "input": {"size": 32, "scale": 0.01}})")
        .string();
  }
};

TEST_F(DescribeTest, APartOfAGraphIsUsedAndSaid) {
  const std::string network = Detector();
  const Outcome info = RunWell({"info", "--network", network, "--out", Place("info")});
  EXPECT_TRUE(HasAll(info.out, {"conv1", "relu1", "conv2"})) << info;
  EXPECT_TRUE(HasAll(info.err, {"detector", "not read", "n_boxes", "NonMaxSuppression", "1 tensors",
                                "no class scores"}))
      << info;
  const Json unread = ReadResult("info/info.json")["unread"];
  ASSERT_EQ(unread.size(), 1u);
  EXPECT_EQ(unread[0]["names"], Json({"boxes", "best"}));
  // What needs a layer that is there works; what needs another says why it does not.
  const std::string images = Images("pictures", 2), picture = Place("pictures/0.png");
  const Outcome record = RunWell({"record", "--network", network, "--images", images, "--layer",
                                  "conv2", "--out", Place("record")});
  EXPECT_TRUE(HasAll(record.err, {"not read", "n_boxes"})) << record;
  EXPECT_EQ(ReadResult("record/record.json")["layers"]["conv2"]["units"].size(), 6u);
  RunWell({"rf", "--network", network, "--images", images, "--layer", "conv2", "--k", "1",
           "--stride", "8", "--out", Place("rf")});
  const Outcome layer = Run({"record", "--network", network, "--images", images, "--layer", "best",
                             "--out", Place("none")});
  EXPECT_EQ(layer.status, 1) << layer;
  EXPECT_TRUE(HasAll(layer.err, {"layer best", "n_boxes", "NonMaxSuppression"})) << layer;
  const Outcome classify = Run({"classify", picture, "--network", network, "--out", Place("none")});
  EXPECT_EQ(classify.status, 1) << classify;
  EXPECT_TRUE(HasAll(classify.err, {"class scores", "n_boxes", "NonMaxSuppression"})) << classify;
}

TEST_F(DescribeTest, ADescriptorToStartFromIsOne) {
  Detector();
  const Outcome described = RunWell({"describe", Place("detector.onnx")});
  EXPECT_TRUE(HasAll(described.err, {"an ONNX model", "3 channels of 32 x 32", "3 layers", "conv2",
                                     "n_boxes", "to fill in", "input.mean"}))
      << described;
  const std::string file = scratch_.File("described.json", described.out).string();
  RunWell({"info", "--network", file, "--out", Place("info")});

  torch::jit::Module module("m");
  module.register_parameter("w", at::randn({5, 3, 3, 3}), false);
  module.define(R"(
def forward(self, x):
    return torch.softmax(torch.conv2d(x, self.w, None).mean([2, 3]), 1)
)");
  module.save(Place("net.pt"));
  const Outcome torchscript = RunWell({"describe", Place("net.pt"), "--size", "40"});
  EXPECT_TRUE(HasAll(torchscript.err, {"a PyTorch file", "does not say its size", "40 x 40",
                                       "class scores: softmax, 5 classes"}))
      << torchscript;
  Images("pictures", 1);
  const std::string net = scratch_.File("net.json", torchscript.out).string();
  const Outcome classify =
      RunWell({"classify", Place("pictures/0.png"), "--network", net, "--out", Place("classify")});
  EXPECT_TRUE(HasAll(classify.out, {"%"})) << classify;

  const Outcome other = Run({"describe", scratch_.File("notes.txt", "nothing").string()});
  EXPECT_EQ(other.status, 1) << other;
  EXPECT_TRUE(HasAll(other.err, {"notes.txt", "ONNX", "TorchScript", "another"})) << other;
  EXPECT_EQ(Run({"describe"}).status, 2);
}

}  // namespace
}  // namespace netdissect
