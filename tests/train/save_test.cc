#include "train/save.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "netdissect/nn/model.h"
#include "netdissect/study/classify.h"
#include "nn/expect_error.h"
#include "nn/graph_file.h"
#include "train/every_kind.h"
#include "train/training_set.h"

namespace netdissect {
namespace {

TEST(SavedNetwork, TheDescriptorLoadsTheNetworkThatWasTrained) {
  const ScratchFolder folder;
  const Dataset set = StripedSet(folder, 9, 3);
  AlexNetOptions architecture = TinyArchitecture();
  TrainOptions options = QuickTraining();
  options.half = true;
  const TrainResult result = Train(BuildAlexNet(architecture), TrainingFormat(), set, set, options);
  WriteTrainedNetwork(folder.path() / "net", "striped", TrainingFormat(), result,
                      {{"top1", result.top1}});
  const Model model = LoadModel(folder.path() / "net/striped.json");
  architecture.classes = 3;
  EXPECT_EQ(model.network.ComputeDigest(),
            LoadAlexNet(architecture, result.weights, "trained").ComputeDigest());
  EXPECT_EQ(model.name, "striped");
  EXPECT_EQ(model.classes, set.labels);
  EXPECT_EQ(model.input.mean, TrainingFormat().mean);
  EXPECT_EQ(model.input.scale, TrainingFormat().scale);
  EXPECT_EQ(Classify(model, set).top1, result.top1);
}

TEST(SavedNetwork, ItsGraphIsBesideItsWeights) {
  const ScratchFolder folder;
  const Dataset set = StripedSet(folder, 9, 3);
  InputFormat format = TrainingFormat();
  format.height = 20;
  format.width = 24;
  Network network({3, 20, 24});
  network.Add("fc", BlankProduct(3 * 20 * 24, 10), {0});
  network.SetOutputs({"fc"});
  const TrainResult result = Train(network, format, set, set, QuickTraining());
  WriteTrainedNetwork(folder.path(), "plain", format, result, Json());
  const Model model = LoadModel(folder.path() / "plain.json");
  EXPECT_EQ(model.network.input(), (Shape{3, 20, 24}));
  EXPECT_EQ(model.network.ComputeDigest(),
            NetworkFrom(result.graph, result.weights, "trained").ComputeDigest());
  EXPECT_EQ(Classify(model, set).top1, result.top1);

  // What is wrong with the graph is said of its file.
  Json graph = result.graph;
  graph["layers"][0]["units"] = 4;
  WriteJson(folder.path() / "plain.graph.json", graph);
  ExpectError([&] { LoadModel(folder.path() / "plain.json"); },
              {"plain.graph.json", "layer fc", "4 x 1440"});
}

TEST(SavedNetwork, AMeanImageIsRefused) {
  InputFormat format = TrainingFormat();
  format.mean_image = at::zeros({3, 227, 227});
  ExpectError([&] { RequireStorable(format, "net.json"); }, {"net.json", "mean image"});
}

TEST(SavedNetwork, ItsNameIsThatOfAFile) {
  for (const char* name : {"a", "alexnet_tints", "a b", "a.b", "caf\xc3\xa9"}) {
    EXPECT_NO_THROW(RequireNetworkName(name)) << name;
  }
  const std::string names[] = {"a/b",
                               "../x",
                               "/x",
                               "",
                               ".",
                               "..",
                               ".x",
                               "a\\b",
                               "a:b",
                               std::string(1, '\0'),
                               "train",
                               "\xff",
                               "checkpoint",
                               std::string(201, 'a'),
                               "checkpoint.previous"};
  for (const std::string& name : names) {
    EXPECT_THROW(RequireNetworkName(name), Error) << name;
  }
}

}  // namespace
}  // namespace netdissect
