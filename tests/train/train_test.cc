#include "train/train.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <functional>
#include <limits>

#include "base/random.h"
#include "base/slowness.h"
#include "nn/expect_error.h"
#include "nn/graph_file.h"
#include "train/checkpoint.h"
#include "train/every_kind.h"
#include "train/training_set.h"

namespace netdissect {
namespace {

// Asks for an end after so many steps.
class StopAfter : public Observer {
 public:
  explicit StopAfter(int steps) : left_(steps) {}
  bool StopRequested() override { return --left_ == 0; }

 private:
  int left_;
};

struct Warnings : Observer {
  void Warning(const std::string& message) override { messages.push_back(message); }
  std::vector<std::string> messages;
};

class TrainTest : public testing::Test {
 protected:
  TrainResult Run(const TrainOptions& options, Observer& observer = Silent()) const {
    return Train(TinyNetwork(), TrainingFormat(), set_, set_, options, observer);
  }

  // The training, stopped after each of `steps` and resumed.
  TrainResult RunWithStops(TrainOptions options, const std::vector<int>& steps) const {
    options.checkpoint = folder_.path() / "checkpoint.safetensors";
    std::filesystem::remove(options.checkpoint);
    for (const int stop_after : steps) {
      StopAfter observer(stop_after);
      const TrainResult part = Run(options, observer);
      EXPECT_FALSE(part.finished);
      options.resume = true;
    }
    return Run(options);
  }

  const ScratchFolder folder_;
  const Dataset set_ = StripedSet(folder_, 14, 3);
};

TEST_F(TrainTest, LearnsASmallSetByHeart) {
  TrainOptions options;
  options.epochs = 25;
  options.batch = 7;
  options.shard = 7;
  options.rate = 0.05;
  options.dropout = 0;
  options.augment = {1, false, 0};
  const TrainResult result = Run(options);
  EXPECT_TRUE(result.finished);
  EXPECT_LT(result.epochs.back().loss, 0.05);
  EXPECT_EQ(result.epochs.back().train_top1, 1);
  EXPECT_EQ(result.top1, 1);
  EXPECT_EQ(result.counted, 14);
  EXPECT_EQ(result.classes, set_.labels);
  EXPECT_EQ(result.images, 25 * 14);
  EXPECT_EQ(result.steps, 25 * 2);
  ASSERT_EQ(result.epochs.size(), 25u);
  // Guessing, at first.
  EXPECT_NEAR(result.epochs.front().loss, std::log(3.0), 0.5);
}

TEST_F(TrainTest, LearnsWithLocalResponseNormalisation) {
  TrainOptions options;
  options.epochs = 12;
  options.batch = 7;
  options.rate = 0.02;
  options.dropout = 0;
  options.batch_norm = false;
  options.augment = {1, false, 0};
  AlexNetOptions architecture = TinyArchitecture();
  architecture.norm = true;
  const TrainResult result =
      Train(BuildAlexNet(architecture), TrainingFormat(), set_, set_, options);
  EXPECT_LT(result.epochs.back().loss, 0.7 * result.epochs.front().loss);
  architecture.classes = 3;
  EXPECT_TRUE(LoadAlexNet(architecture, result.weights, "trained").Has("norm1"));
}

TEST_F(TrainTest, LearnsWithAnyNetworkAtAnySize) {
  TrainOptions options;
  options.epochs = 25;
  options.batch = 7;
  options.shard = 7;
  options.rate = 0.05;
  options.dropout = 0;
  options.augment = {1, false, 0};
  InputFormat format = TrainingFormat();
  format.height = format.width = 24;
  const TrainResult result = Train(NetworkOfEveryKind(24), format, set_, set_, options);
  EXPECT_LT(result.epochs.back().loss, 0.3);
  EXPECT_EQ(result.top1, 1);
  const Network network = NetworkFrom(result.graph, result.weights, "trained");
  EXPECT_EQ(network.layers().back().name, "prob");
  EXPECT_EQ(network.layers().back().shape.units, 3);

  AlexNetOptions architecture = TinyArchitecture();
  format.height = format.width = architecture.size = 115;
  const TrainResult small = Train(BuildAlexNet(architecture), format, set_, set_, QuickTraining());
  EXPECT_EQ(NetworkFrom(small.graph, small.weights, "trained").input(), (Shape{3, 115, 115}));
}

TEST_F(TrainTest, RefusesAFormatThatIsNotTheNetworksBeforeItStarts) {
  InputFormat format = TrainingFormat();
  format.height = 128;
  format.width = 96;
  Dataset unreadable = set_;
  for (ImageEntry& image : unreadable.images) image.path = "gone.png";
  ExpectError([&] { Train(TinyNetwork(), format, unreadable, {}, QuickTraining()); },
              {"layer data", "3 x 227 x 227", "3 x 128 x 96"});
}

TEST_F(TrainTest, DoesNotDependOnThreadsAndCache) {
  TrainOptions options = QuickTraining();
  options.threads = 1;
  const TrainResult one = Run(options);
  options.threads = 3;
  options.cache = 0;
  const TrainResult three = Run(options);
  EXPECT_TRUE(SameWeights(one.weights, three.weights));
  options.seed = 6;
  EXPECT_FALSE(SameWeights(one.weights, Run(options).weights));
}

TEST_F(TrainTest, GoesOnAsIfItHadNeverStopped) {
  const TrainOptions options = QuickTraining();  // 3 epochs of 2 steps, 2 images left over
  const TrainResult whole = Run(options);
  // In the middle of an epoch, at its end, and after the very first step.
  for (const std::vector<int>& stops :
       {std::vector<int>{3}, std::vector<int>{2}, std::vector<int>{1, 1, 2}}) {
    const TrainResult resumed = RunWithStops(options, stops);
    EXPECT_TRUE(resumed.finished);
    EXPECT_TRUE(SameWeights(whole.weights, resumed.weights));
    EXPECT_EQ(resumed.steps, whole.steps);
    EXPECT_EQ(resumed.images, whole.images);
    ASSERT_EQ(resumed.epochs.size(), whole.epochs.size());
    for (size_t i = 0; i < whole.epochs.size(); ++i) {
      EXPECT_EQ(resumed.epochs[i].loss, whole.epochs[i].loss);
      EXPECT_EQ(resumed.epochs[i].train_top1, whole.epochs[i].train_top1);
      EXPECT_EQ(resumed.epochs[i].top1, whole.epochs[i].top1);
    }
  }
}

TEST_F(TrainTest, NamesBothTrainingsWhereTheCheckpointIsOfAnother) {
  TrainOptions options = QuickTraining();
  RunWithStops(options, {1});
  options.checkpoint = folder_.path() / "checkpoint.safetensors";
  options.resume = true;
  AlexNetOptions other = TinyArchitecture();
  other.width = 0.08;
  ExpectError([&] { Train(BuildAlexNet(other), TrainingFormat(), set_, set_, options); },
              {"checkpoint.safetensors", "network: conv1: units", "expected 8", "found 4"});
  TrainOptions faster = options;
  faster.rate = 0.03;
  ExpectError([&] { Run(faster); }, {"checkpoint.safetensors", "rate", "0.03", "0.02"});
  const ScratchFolder elsewhere;
  const Dataset fewer = StripedSet(elsewhere, 13, 3);
  ExpectError([&] { Train(TinyNetwork(), TrainingFormat(), fewer, set_, options); },
              {"checkpoint.safetensors", "images", "13", "14"});
}

TEST_F(TrainTest, StartsAgainWhereTheNumbersOfTheCheckpointCannotBe) {
  TrainOptions options = QuickTraining();  // 3 epochs of 2 steps of 6 images
  const SafeTensors whole = Run(options).weights;
  options.checkpoint = folder_.path() / "checkpoint.safetensors";
  StopAfter three(3);
  Run(options, three);
  options.resume = true;
  const SafeTensors stored = ReadSafeTensors(options.checkpoint);
  const auto run_with = [&](const Json& patch) {
    SafeTensors changed = stored;
    Json state = Json::parse(stored.metadata.at("state"));
    changed.metadata["state"] = state.patch(patch).dump();
    WriteSafeTensors(options.checkpoint, changed);
    std::filesystem::remove(PreviousCheckpoint(options.checkpoint));
    Warnings warnings;
    EXPECT_TRUE(SameWeights(whole, Run(options, warnings).weights));
    return warnings.messages;
  };
  EXPECT_TRUE(run_with(Json::array()).empty());  // as it is
  const auto refuse = [&](const std::string& place, const Json& value,
                          const std::string& expected) {
    SCOPED_TRACE(place + " " + value.dump());
    const std::string key = place.substr(0, place.find('/'));
    const std::vector<std::string> warnings =
        run_with({{{"op", "replace"}, {"path", "/" + place}, {"value", value}}});
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_TRUE(HasAll(warnings[0], {"checkpoint.safetensors", key == "epochs" ? "" : key, expected,
                                     "training starts again"}));
  };
  for (const Json& step : {Json(-1), Json(7), Json(INT64_MIN), Json(UINT64_MAX), Json(2.5),
                           Json(1e300), Json("3"), Json()}) {
    refuse("step", step, "a whole number of 0 to 6");
  }
  refuse("images", -1, "0 to 18");
  refuse("images", 19, "0 to 18");
  refuse("epoch_images", 7, "0 to 6");
  refuse("epoch_right", -1, "0 to 6");
  refuse("high_steps", int64_t{1} << 60, "0 to 3");
  for (const char* key : {"seconds", "step_seconds", "epoch_loss"}) {
    for (const Json& value : {Json(-1), Json(1e300), Json(), Json("1")}) {
      refuse(key, value, "a number of 0 to");
    }
  }
  refuse("recent_loss", -2, "a number of -1 to");
  refuse("recent_loss", 1e300, "a number of -1 to");
  refuse("epochs", Json::array(), "1 epochs");
  refuse("epochs", 3, "1 epochs");
  refuse("epochs/0/0", 2, "epoch 1");
  refuse("epochs/0/1", -6, "0 to 12");
  refuse("epochs/0/2", Json(), "a number of 0 to");
  refuse("epochs/0/3", 1.5, "a number of 0 to 1");
  refuse("epochs/0/4", -0.5, "a number of 0 to 1");
  refuse("epochs/0/5", "all", "a number of 0 to 1");
  refuse("epochs/0/6", -1e300, "a number of 0 to");
  refuse("epochs/0/7", 1e300, "a number of 0 to");
  refuse("epochs/0", Json::array(), "checkpoint of train");
  refuse("skipped", 3, "an object");
  refuse("skipped", {{"a.png", 3}}, "text for each image");
}

// Whatever byte is damaged: what comes out is the weights of a training that was never interrupted.
TEST_F(TrainTest, NoDamagedCheckpointIsBelieved) {
  TrainOptions options = QuickTraining();
  const SafeTensors expected = Run(options).weights;
  options.checkpoint = folder_.path() / "checkpoint.safetensors";
  StopAfter three(3);
  Run(options, three);
  options.resume = true;
  const Path previous = PreviousCheckpoint(options.checkpoint);
  const std::string good = ReadFile(options.checkpoint);
  const size_t tensors = 8 + static_cast<unsigned char>(good[0]) +
                         256 * static_cast<size_t>(static_cast<unsigned char>(good[1]));
  std::vector<size_t> places = {0, 9, tensors, good.size() - 1};
  Random random(3, 1, 4);
  for (int i = 0; i < 8; ++i) places.push_back(8 + random.Below(tensors - 8));
  for (int i = 0; i < 4; ++i) places.push_back(tensors + random.Below(good.size() - tensors));
  for (const size_t place : places) {
    SCOPED_TRACE(place);
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ (1 << random.Below(8)));
    WriteFile(options.checkpoint, bad);
    std::filesystem::remove(previous);
    Warnings warnings;
    EXPECT_TRUE(SameWeights(expected, Run(options, warnings).weights));
    for (const std::string& warning : warnings.messages) {
      EXPECT_TRUE(HasAll(warning, {"checkpoint.safetensors", "starts again"}));
    }
  }
  // Cut, of no training, with a number that is none.
  SafeTensors stored;
  {
    WriteFile(options.checkpoint, good);
    stored = ReadSafeTensors(options.checkpoint);
    stored.tensors.begin()->second.view({-1})[0] = std::numeric_limits<float>::quiet_NaN();
  }
  const std::function<void()> damages[] = {
      [&] { WriteFile(options.checkpoint, ""); },
      [&] { WriteFile(options.checkpoint, good.substr(0, good.size() / 2)); },
      [&] {
        WriteSafeTensors(options.checkpoint, {{{"a", at::zeros({2})}}, {}});
      },
      [&] { WriteSafeTensors(options.checkpoint, stored); }};
  for (const auto& damage : damages) {
    damage();
    std::filesystem::remove(previous);
    Warnings warnings;
    EXPECT_TRUE(SameWeights(expected, Run(options, warnings).weights));
    ASSERT_EQ(warnings.messages.size(), 1u);
    EXPECT_TRUE(HasAll(warnings.messages[0], {"checkpoint.safetensors", "starts again"}));
  }
}

TEST_F(TrainTest, GoesOnFromTheCheckpointBeforeADamagedOne) {
  TrainOptions options = QuickTraining();
  const SafeTensors expected = Run(options).weights;
  options.checkpoint = folder_.path() / "checkpoint.safetensors";
  options.checkpoint_minutes = 1e-9;  // after every step
  StopAfter three(3);
  Run(options, three);
  options.resume = true;
  const Path previous = PreviousCheckpoint(options.checkpoint);
  WriteFile(options.checkpoint, "spoilt");
  int64_t steps = 0;
  options.on_epoch = [&](const EpochRecord&) { ++steps; };
  Warnings warnings;
  EXPECT_TRUE(SameWeights(expected, Run(options, warnings).weights));
  EXPECT_EQ(steps, 2);  // the first epoch was done
  ASSERT_EQ(warnings.messages.size(), 1u);
  EXPECT_TRUE(
      HasAll(warnings.messages[0], {"checkpoint.safetensors", "from the checkpoint before"}));
  // Both: from the start.
  WriteFile(options.checkpoint, "spoilt");
  WriteFile(previous, "");
  steps = 0;
  Warnings both;
  EXPECT_TRUE(SameWeights(expected, Run(options, both).weights));
  EXPECT_EQ(steps, 3);
  ASSERT_EQ(both.messages.size(), 2u);
  EXPECT_TRUE(HasAll(both.messages[1], {"checkpoint.previous.safetensors", "starts again"}));
}

TEST_F(TrainTest, EndsWhenTheLossIsNoNumber) {
  TrainOptions options = QuickTraining();
  options.rate = 1e30;
  options.warmup = 0;
  ExpectError([&] { Run(options); }, {"step ", "finite loss", "diverged", "lower rate"});
}

TEST_F(TrainTest, TrainsForAGivenTime) {
  TrainOptions options = QuickTraining();
  options.minutes = 1.0 / 60;
  const TrainResult result = Run(options);
  EXPECT_TRUE(result.finished);
  EXPECT_GE(result.seconds, 1);
  EXPECT_LT(result.seconds, 20 * kSlowness);
  EXPECT_LT(result.epochs.back().rate, 0.5 * options.rate);
}

TEST_F(TrainTest, WeightsCanBeHalves) {
  TrainOptions options = QuickTraining();
  const TrainResult whole = Run(options);
  options.half = true;
  const TrainResult half = Run(options);
  for (const auto& [name, tensor] : half.weights.tensors) {
    EXPECT_EQ(tensor.scalar_type(), at::kHalf);
    EXPECT_TRUE(tensor.equal(whole.weights.tensors.at(name).to(at::kHalf))) << name;
  }
}

TEST_F(TrainTest, LeavesOutAndNamesWhatCannotBeRead) {
  Dataset set = set_;
  WriteFile(set.images[4].path, "no picture");
  set.images.push_back({folder_.path() / "gone.png", "gone.png", 1});
  set.images.push_back({set.images[0].path, "unlabelled", -1});
  TrainOptions options = QuickTraining();
  options.batch = 15;
  Warnings warnings;
  const TrainResult result = Train(TinyNetwork(), TrainingFormat(), set, {}, options, warnings);
  ASSERT_EQ(result.skipped.size(), 2u);
  EXPECT_EQ(result.skipped[0].image, "gone.png");
  EXPECT_EQ(result.skipped[1].image, set.images[4].name);
  EXPECT_EQ(warnings.messages.size(), 2u);
  EXPECT_EQ(result.images, 3 * 13);
  EXPECT_EQ(result.left_out, 1);
  EXPECT_TRUE(std::isnan(result.top1));
  options.strict = true;
  ExpectError([&] { Train(TinyNetwork(), TrainingFormat(), set, {}, options); }, {".png"});
  for (ImageEntry& image : set.images) image.path = folder_.path() / "gone.png";
  options.strict = false;
  ExpectError([&] { Train(TinyNetwork(), TrainingFormat(), set, {}, options); },
              {"none that can be read", "gone.png"});
}

TEST_F(TrainTest, RefusesListsThatCannotBeLearnt) {
  const auto refuse = [&](const Dataset& train, const Dataset& held_out,
                          const std::vector<std::string>& words) {
    ExpectError([&] { Train(TinyNetwork(), TrainingFormat(), train, held_out); }, words);
  };
  Dataset set = set_;
  for (ImageEntry& image : set.images) image.label = image.label == 1 ? 2 : image.label;
  refuse(set, {}, {"stripes", "class 1", "class_1", "found none"});
  set = set_;
  set.images[3].label = 3;
  refuse(set, {}, {"stripes3.png", "0 to 2", "found 3"});
  refuse(set_, set, {"stripes3.png", "0 to 2", "found 3"});
  set = set_;
  for (ImageEntry& image : set.images) image.label = -1;
  refuse(set, {}, {"stripes", "labels", "14"});
  refuse(set_, set, {"stripes", "held-out", "3 classes"});
  set = set_;
  set.labels.clear();
  for (ImageEntry& image : set.images) image.label = 0;
  refuse(set, {}, {"stripes", "2 classes", "found 1"});
}

TEST_F(TrainTest, NoSpaceLeftIsAWarningWhileItTrainsAndAnErrorAtTheEnd) {
  TrainOptions options = QuickTraining();
  options.checkpoint = folder_.path() / "checkpoint.safetensors";
  options.checkpoint_minutes = 1e-9;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit little = before;
  little.rlim_cur = 1000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  Warnings warnings;
  const std::string message = ErrorOf([&] { Run(options, warnings); });
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(HasAll(message, {"checkpoint.safetensors", "cannot be written whole"}));
  ASSERT_EQ(warnings.messages.size(), 6u);  // one after every step
  EXPECT_TRUE(HasAll(warnings.messages[0], {"no checkpoint", "checkpoint.safetensors"}));
  EXPECT_EQ(folder_.CountFiles(), set_.images.size());  // no half-written ones
}

TEST(TrainOptions, RatesFollowTheirSchedules) {
  TrainOptions options;
  options.rate = 0.2;
  options.warmup = 2;
  EXPECT_DOUBLE_EQ(RateAt(options, 1, 0), 0.1);  // half warm
  EXPECT_DOUBLE_EQ(RateAt(options, 2, 0), 0.2);
  EXPECT_NEAR(RateAt(options, 30, 0.5), 0.1, 1e-12);
  EXPECT_NEAR(RateAt(options, 30, 1.0 / 3), 0.15, 1e-12);
  EXPECT_NEAR(RateAt(options, 60, 1), 0, 1e-12);
  options.schedule = Schedule::kStep;
  EXPECT_DOUBLE_EQ(RateAt(options, 10, 0.3), 0.2);
  EXPECT_DOUBLE_EQ(RateAt(options, 10, 0.4), 0.02);
  EXPECT_DOUBLE_EQ(RateAt(options, 10, 0.7), 0.002);
  EXPECT_DOUBLE_EQ(RateAt(options, 10, 1), 0.002);
  options.warmup = 0;
  EXPECT_DOUBLE_EQ(RateAt(options, 0, 0), 0.2);
}

TEST(TrainOptions, NameWhatIsOutOfRange) {
  const auto refuse = [](const std::function<void(TrainOptions&)>& change,
                         const std::vector<std::string>& words) {
    TrainOptions options;
    change(options);
    ExpectError([&] { options.Validate(); }, words);
  };
  refuse([](TrainOptions& o) { o.epochs = 0; }, {"epochs", "0"});
  refuse([](TrainOptions& o) { o.rate = -1; }, {"rate", "-1"});
  refuse([](TrainOptions& o) { o.momentum = 1; }, {"momentum", "[0, 1)", "1"});
  refuse([](TrainOptions& o) { o.dropout = 1; }, {"dropout", "[0, 1)"});
  refuse([](TrainOptions& o) { o.shard = 0; }, {"shard", "0"});
  refuse([](TrainOptions& o) { o.augment.crop = 2; }, {"crop", "2"});
  refuse([](TrainOptions& o) { o.minutes = NAN; }, {"minutes", "nan"});
}

}  // namespace
}  // namespace netdissect
