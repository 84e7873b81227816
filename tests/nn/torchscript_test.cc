// TorchScript modules, compiled here, against LibTorch's own interpreter.

#include "nn/torchscript/torchscript.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "nn/compare.h"
#include "nn/expect_error.h"
#include "nn/temporary_folder.h"

namespace netdissect {
namespace {

class TorchScript : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(3); }

  Path File() const { return folder_ / "m.pt"; }

  static torch::jit::Module Make(const std::string& name, const std::string& source,
                                 const std::map<std::string, at::Tensor>& weights) {
    torch::jit::Module module(name);
    for (const auto& [weight, tensor] : weights) module.register_parameter(weight, tensor, false);
    module.define(source);
    return module;
  }

  Network Saved(const torch::jit::Module& module) {
    module.save(File().string());
    return ReadTorchScript(File(), {4, 6, 8});
  }

  // The network's first output against the module's.
  void Compare(torch::jit::Module module, const std::string& what) {
    const Network network = Saved(module);
    for (const UnreadPart& part : network.unread())
      ADD_FAILURE() << what << ": " << part.from << ": " << part.why;
    ASSERT_FALSE(network.outputs().empty()) << what;
    c10::IValue result = module.forward({x_});
    while (result.isTuple() || result.isList()) {
      result = result.isTuple() ? result.toTupleRef().elements()[0] : result.toListRef()[0];
    }
    const at::Tensor expected = result.toTensor();
    EXPECT_LE(RelativeError(Output(network, x_, network.outputs().front()), expected), 1e-5)
        << what;
  }

  void Compare(const std::string& body) {
    Compare(Make("m", "def forward(self, x):\n" + body, {}), body);
  }

  const TemporaryFolder folder_;
  const at::Tensor x_ = at::randn({2, 4, 6, 8});
};

TEST_F(TorchScript, OperatorsAreLibTorchs) {
  for (const char* expression :
       {"torch.relu(x)",
        "torch.sigmoid(x)",
        "torch.tanh(x)",
        "torch.abs(x)",
        "torch.exp(x)",
        "torch.sqrt(torch.abs(x))",
        "torch.hardswish(x) if False else x + 1",
        "torch.clamp(x, -1, 0.5)",
        "torch.clamp_min(x, 0.1)",
        "torch.erf(x)",
        "torch.pow(x, 2)",
        "torch.rsqrt(x * x + 1)",
        "torch.reciprocal(x * x + 1)",
        "-x",
        "1 - x",
        "x / 3",
        "2 / (x * x + 1)",
        "torch.add(x, x, alpha=0.5)",
        "torch.sub(x, torch.relu(x), alpha=2)",
        "torch.rsub(x, 2)",
        "x * torch.sigmoid(x.mean([2, 3], True))",
        "x * x.mean(1, True)",
        "torch.maximum(x, -x)",
        "torch.minimum(x, x * x)",
        "torch.max(x, 1)[0]",
        "torch.amax(x, [1], True)",
        "torch.amin(x, [2, 3], True)",
        "x.sum([2, 3])",
        "x.sum(1, True)",
        "torch.softmax(x, 1)",
        "torch.log_softmax(x, 1)",
        "torch.flatten(x, 1)",
        "x.view(x.size(0), -1)",
        "x.view(-1, 4 * 6 * 8)",
        "x.reshape(x.size(0), 2, 2, 6, 8).transpose(1, 2).reshape(-1, 4, 6, 8)",
        "x.permute(0, 2, 3, 1).contiguous().view(x.size(0), -1)",
        "x.transpose(2, 3)",
        "torch.cat([x, torch.relu(x)], 1)",
        "torch.chunk(x, 2, 1)[1]",
        "torch.split(x, 1, 1)[2]",
        "torch.split(x, [1, 3], dim=1)[1]",
        "x[:, 1:3]",
        "x[:, ::2, 1:, ::3]",
        "x[:, 2].unsqueeze(1)",
        "x.narrow(1, 1, 2)",
        "x[:, -1:]",
        "torch.pixel_shuffle(x, 2)",
        "torch.pixel_unshuffle(x, 2)",
        "torch.channel_shuffle(x, 2)",
        "torch.max_pool2d(x, [3], [2], [1])",
        "torch.max_pool2d(x, [2, 3], [1, 2], [1, 1], [2, 1], True)",
        "torch.avg_pool2d(x, [3], [2], [1])",
        "torch.avg_pool2d(x, [3], [2], [1], True, False)",
        "torch.adaptive_avg_pool2d(x, [3, 2])",
        "torch.adaptive_avg_pool2d(x, [1, 1])",
        "torch.reflection_pad2d(x, [1, 2, 3, 0])",
        "torch.replication_pad2d(x, [1, 2, 3, 0])",
        "torch.constant_pad_nd(x, [1, 2, 0, 1], 0.5)",
        "torch.constant_pad_nd(x, [-1, 2, -2, 1], 0.)",
        "torch.upsample_nearest2d(x, [9, 16])",
        "torch.upsample_bilinear2d(x, [12, 5], False)",
        "torch.upsample_bilinear2d(x, [12, 5], True)",
        "torch.upsample_bicubic2d(x, [12, 11], False)",
        "torch.native_group_norm"}) {
    if (std::string(expression) == "torch.native_group_norm") continue;
    Compare(std::string("    return ") + expression + "\n");
  }
}

TEST_F(TorchScript, ProductsAndNormalisationsAreLibTorchs) {
  const std::map<std::string, at::Tensor> weights = {
      {"w", at::randn({6, 2, 3, 3})}, {"b", at::randn({6})},      {"t", at::randn({4, 3, 3, 3})},
      {"s", at::rand({4}) + 0.5},     {"h", at::randn({4})},      {"m", at::randn({4})},
      {"v", at::rand({4}) + 0.5},     {"f", at::randn({5, 192})}, {"g", at::randn({5})},
      {"c", at::randn({7, 4})},       {"a", at::rand({4})}};
  for (const char* expression :
       {"torch.conv2d(x, self.w, self.b, [2, 1], [1, 2], [1, 1], 2)",
        "torch.conv2d(x, self.w, None, [1, 1], [2, 2], [2, 2], 2)",
        "torch.conv_transpose2d(x, self.t, None, [2, 2], [1, 1], [1, 1], 1, [1, 1])",
        "torch.batch_norm(x, self.s, self.h, self.m, self.v, False, 0.1, 1e-3, True)",
        "torch.batch_norm(torch.conv2d(x, self.t.transpose(0, 1)[:, :4] if False else "
        "self.c.view(7, 4, 1, 1), None)[:, :4], self.s, self.h, self.m, self.v, False, 0.1, 1e-3, "
        "True)",
        "torch.group_norm(x, 2, self.s, self.h, 1e-4)",
        "torch.instance_norm(x, self.s, self.h, None, None, True, 0.1, 1e-4, True)",
        "torch.layer_norm(x.permute(0, 2, 3, 1), [4], self.s, self.h, 1e-5).permute(0, 3, 1, 2)",
        "torch.matmul(torch.flatten(x, 1), self.f.t())",
        "torch.addmm(self.g, torch.flatten(x, 1), self.f.t())",
        "torch.matmul(x.permute(0, 2, 3, 1), self.c.t()).permute(0, 3, 1, 2)",
        "torch.prelu(x, self.a)"}) {
    Compare(
        Make("m", std::string("def forward(self, x):\n    return ") + expression + "\n", weights),
        expression);
  }
}

// Lists, loops, branches and helpers of a scripted module are followed.
TEST_F(TorchScript, ControlFlowIsFollowed) {
  Compare(R"(
    features = [x]
    for i in range(3):
        features.append(torch.relu(torch.cat(features, 1)[:, :4]) + i)
    if x.dim() == 4 and x.size(1) == 4:
        y = torch.cat(features, 1)
    else:
        y = x
    n: Optional[int] = None
    if n is None:
        y = y * 2
    return y
)");
  Compare(R"(
    y = torch.relu_(x.clone())
    z = y
    y.add_(1)
    y *= 2
    return y + z
)");
  Compare("    return (torch.relu(x), x)\n");
}

// Layers bear the paths of their modules.
TEST_F(TorchScript, LayersBearTheirModulesPaths) {
  torch::jit::Module conv = Make("conv", R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [1, 1], [1, 1])
)",
                                 {{"weight", at::randn({4, 4, 3, 3})}});
  torch::jit::Module relu = Make("relu", "def forward(self, x):\n    return torch.relu_(x)\n", {});
  torch::jit::Module block("block");
  block.register_module("conv1", conv);
  block.register_module("relu", relu);
  block.define(R"(
def forward(self, x):
    y = self.relu.forward(self.conv1.forward(x))
    y = y + x
    return self.relu.forward(y)
)");
  torch::jit::Module root("root");
  root.register_module("layer1", block);
  root.define(R"(
def forward(self, x):
    return torch.flatten(self.layer1.forward(x).mean([2, 3], True), 1)
)");
  Compare(root, "blocks");
  const Network network = ReadTorchScript(File(), {4, 6, 8});
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) names.push_back(layer.name);
  EXPECT_EQ(names, (std::vector<std::string>{"input", "layer1.conv1", "layer1.relu", "layer1.add",
                                             "layer1.relu:2", "mean"}));
  EXPECT_EQ(network.Find("layer1"), 4);
  ASSERT_TRUE(network.scores());
  EXPECT_EQ(*network.scores(), 5);
}

TEST_F(TorchScript, WhatIsNoKindOfLayerIsLeftOut) {
  const Network network = Saved(Make("m", R"(
def forward(self, x):
    y = torch.relu(x)
    z = torch.cumsum(y, 1)
    return z * 2, y
)",
                                     {}));
  ASSERT_EQ(network.unread().size(), 1u);
  EXPECT_NE(network.unread()[0].from.find("aten::cumsum"), std::string::npos);
  EXPECT_TRUE(network.Has("relu"));
  EXPECT_TRUE(network.outputs().empty());
  ExpectError([&] { network.Find("cumsum"); }, {"cumsum", "not read"});
  ExpectError(
      [&] { Saved(Make("m", "def forward(self, x):\n    return torch.cumsum(x, 1)\n", {})); },
      {"m.pt", "aten::cumsum"});
}

TEST_F(TorchScript, OtherFilesAreErrors) {
  WriteFile(File(), "no module");
  ExpectError([&] { ReadTorchScript(File(), {4, 6, 8}); }, {"m.pt", "TorchScript"});
  const torch::jit::Module two =
      Make("m", "def forward(self, x, y):\n    return torch.add(x, y)\n", {});
  ExpectError([&] { Saved(two); }, {"m.pt", "one input"});
  const torch::jit::Module wrong =
      Make("m", "def forward(self, x):\n    return torch.conv2d(x, self.w, None)\n",
           {{"w", at::randn({3, 5, 1, 1})}});
  ExpectError([&] { Saved(wrong); }, {"m.pt", "conv2d", "3 x 4 x 1 x 1", "3 x 5 x 1 x 1"});
}

}  // namespace
}  // namespace netdissect
