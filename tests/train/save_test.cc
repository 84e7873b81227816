#include "netdissect/train/save.h"

#include <gtest/gtest.h>

#include "netdissect/nn/model.h"
#include "netdissect/study/classify.h"
#include "train/training_set.h"

namespace netdissect {
namespace {

TEST(SavedNetwork, TheDescriptorLoadsTheNetworkThatWasTrained) {
  const ScratchFolder folder;
  const Dataset set = StripedSet(folder, 9, 3);
  AlexNetOptions architecture = TinyArchitecture();
  TrainOptions options = QuickTraining();
  options.half = true;
  const TrainResult result = Train(architecture, TrainingFormat(), set, set, options);
  WriteTrainedNetwork(folder.path() / "net", "striped", architecture, TrainingFormat(), result,
                      {{"top1", result.top1}});
  struct Warnings : Observer {
    void Warning(const std::string& message) override { ADD_FAILURE() << message; }
  } warnings;
  const Model model = LoadModel(folder.path() / "net/striped.json", warnings);
  architecture.classes = 3;
  EXPECT_EQ(model.network.ComputeDigest(),
            LoadAlexNet(architecture, result.weights, "trained").ComputeDigest());
  EXPECT_EQ(model.name, "striped");
  EXPECT_EQ(model.classes, set.labels);
  EXPECT_EQ(model.input.mean, TrainingFormat().mean);
  EXPECT_EQ(model.input.scale, TrainingFormat().scale);
  EXPECT_EQ(Classify(model, set).top1, result.top1);
}

}  // namespace
}  // namespace netdissect
