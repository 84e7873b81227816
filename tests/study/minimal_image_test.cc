#include "netdissect/study/minimal_image.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/scratch.h"
#include "netdissect/data/decode.h"
#include "netdissect/study/poisson.h"
#include "netdissect/study/segments.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/sum.h"
#include "probe/small_model.h"
#include "study/minimal_image_oracle.h"

namespace netdissect {
namespace {

std::vector<int> RemovedBy(const MinimalImage& minimal) {
  std::vector<int> removed;
  for (const Removal& step : minimal.steps) removed.push_back(step.segment);
  return removed;
}

// A picture of the small network's size, split into soft random segments.
struct Scene {
  Scene(const Model& model, uint64_t seed, int segments)
      : solver(model.input.height, model.input.width) {
    const ScratchFolder folder;
    const Dataset set = RandomPictures(folder, "picture", 1, seed);
    values = Squash(DecodeImage(set.images[0].path), model.input);
    at::manual_seed(seed + 100);
    masks =
        at::softmax(8 * at::upsample_bilinear2d(at::randn({1, segments, 6, 6}),
                                                {model.input.height, model.input.width}, false)[0],
                    0);
    bases = solver.Bases(values, masks);
    const at::Tensor input = Normalize(values, model.input).unsqueeze(0);
    target = Judge(model.network.Forward(input, {LogitLayer(model.network)})[0], 0)[0].first;
  }
  PoissonSolver solver;
  at::Tensor values, masks, bases;
  int target = 0;
};

TEST(MinimalImage, RemovesWhatTryingAllWithFullPassesRemoves) {
  int steps = 0, refusals = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const Model model = SmallModel(seed);
    const Scene scene(model, seed, 9);
    const MinimalImage slow =
        SlowMinimalImage(model, scene.solver, scene.values, scene.masks, scene.target);
    for (const bool share : {true, false}) {
      for (const int batch : {1, 4, 64}) {
        MinimalImageOptions options;
        options.share_first_convolution = share;
        options.batch = batch;
        const MinimalImage fast =
            FindMinimalImage(model, scene.values, scene.bases, scene.target, options);
        EXPECT_EQ(RemovedBy(fast), RemovedBy(slow)) << "seed " << seed << " batch " << batch;
        EXPECT_EQ(fast.kept, slow.kept);
        EXPECT_EQ(fast.passes, slow.passes);
        EXPECT_EQ(fast.refused.has_value(), !fast.kept.empty());
        for (size_t i = 0; i < std::min(fast.steps.size(), slow.steps.size()); ++i) {
          EXPECT_NEAR(fast.steps[i].probability, slow.steps[i].probability, 1e-4);
        }
      }
    }
    steps += static_cast<int>(slow.steps.size());
    refusals += slow.kept.empty() ? 0 : 1;
  }
  EXPECT_GT(steps, 12) << "nothing was removed, nothing was compared";
  EXPECT_GT(refusals, 3) << "no loop ended before everything was removed";
}

TEST(MinimalImage, IsStillOfTheClassAndNoRemovalIs) {
  for (uint64_t seed = 20; seed < 26; ++seed) {
    const Model model = SmallModel(seed);
    const Scene scene(model, seed, 8);
    const MinimalImage minimal = FindMinimalImage(model, scene.values, scene.bases, scene.target);
    const at::Tensor image =
        ImageAfter(scene.values, scene.bases, minimal.steps, minimal.steps.size());
    const auto first = [&](const at::Tensor& values) {
      const at::Tensor input = Normalize(values, model.input).unsqueeze(0);
      return model.network.Forward(input, {model.network.size() - 1})[0].argmax().item<int64_t>();
    };
    EXPECT_EQ(first(image), scene.target);
    for (int segment : minimal.kept) {
      EXPECT_NE(first(image - scene.bases[segment]), scene.target);
    }
    // The image is its mean and the kept bases.
    at::Tensor sum = scene.values.mean({1, 2}, true).repeat({1, 33, 33});
    for (int segment : minimal.kept) sum += scene.bases[segment];
    EXPECT_LT((sum - image).abs().max().item<float>(), 1e-4 * 255);
  }
}

// Where the responses do not fit, or the network does not begin with a convolution.
TEST(MinimalImage, FallsBackToWholePasses) {
  const Model model = SmallModel(1);
  const Scene scene(model, 1, 7);
  const MinimalImage expected = FindMinimalImage(model, scene.values, scene.bases, scene.target);
  MinimalImageOptions options;
  options.memory = 1000;
  EXPECT_EQ(RemovedBy(FindMinimalImage(model, scene.values, scene.bases, scene.target, options)),
            RemovedBy(expected));
  // The input is read twice: the sum of a convolution and a shortcut.
  Model twice = model;
  Network network({3, 33, 33});
  const int a = network.Add("conv", RandomConvolution(3, 3, 3, 1, 1), {0});
  const int b = network.Add("sum", Sum{}, {0, a});
  InnerProduct product;
  product.units = 5;
  product.weight = at::randn({5, 3 * 33 * 33}) / 50;
  network.Add("fc", product, {b});
  network.SetOutputs({"fc"});
  twice.network = network;
  const Scene other(twice, 2, 6);
  const MinimalImage slow =
      SlowMinimalImage(twice, other.solver, other.values, other.masks, other.target);
  const MinimalImage fast = FindMinimalImage(twice, other.values, other.bases, other.target);
  EXPECT_EQ(RemovedBy(fast), RemovedBy(slow));
  EXPECT_EQ(fast.kept, slow.kept);
}

// A certain network's probabilities are all 1 in single precision; its log-odds still differ.
TEST(MinimalImage, TellsCertaintiesApart) {
  at::Tensor scores = at::zeros({2, 3, 1, 1});
  scores[0][1] = 30;
  scores[1][1] = 40;
  const std::vector<Verdict> verdicts = Judge(scores, 1);
  EXPECT_EQ(verdicts[0].first, 1);
  EXPECT_NEAR(verdicts[0].log_odds, 30 - std::log(2), 1e-9);
  EXPECT_NEAR(verdicts[1].log_odds, 40 - std::log(2), 1e-9);
  EXPECT_NEAR(verdicts[0].probability, 1, 1e-12);
  EXPECT_NEAR(Judge(scores, 2)[0].probability, 1 / (std::exp(30) + 2), 1e-18);
  EXPECT_EQ(Judge(at::zeros({1, 3, 1, 1}), 0)[0].first, 0) << "the first of equals";
}

TEST(MinimalImage, OneSegmentOrOneColour) {
  const Model model = SmallModel(3);
  const Scene scene(model, 3, 1);
  const MinimalImage one = FindMinimalImage(model, scene.values, scene.bases, scene.target);
  EXPECT_EQ(one.passes, 1);
  EXPECT_EQ(one.steps.size() + one.kept.size(), 1u);
  // Of one colour all bases are 0: all go, first come first, and nothing changes.
  const at::Tensor flat = at::full({3, 33, 33}, 90.f);
  const at::Tensor bases = scene.solver.Bases(flat, at::full({4, 33, 33}, 0.25f));
  const at::Tensor input = Normalize(flat, model.input).unsqueeze(0);
  const int target =
      Judge(model.network.Forward(input, {LogitLayer(model.network)})[0], 0)[0].first;
  MinimalImageOptions options;
  options.batch = 1;  // within a batch equals may differ by rounding, on some processors
  const MinimalImage minimal = FindMinimalImage(model, flat, bases, target, options);
  EXPECT_TRUE(minimal.kept.empty());
  EXPECT_FALSE(minimal.refused.has_value());
  EXPECT_EQ(RemovedBy(minimal), (std::vector<int>{0, 1, 2, 3}));
  for (const Removal& step : minimal.steps) {
    EXPECT_NEAR(step.probability, minimal.probability, 1e-5);
  }
}

TEST(MinimalImage, RefusesWhatCannotBe) {
  const Model model = SmallModel(4);
  const Scene scene(model, 4, 3);
  const auto error = [&](const at::Tensor& bases, int target, const MinimalImageOptions& options) {
    return ErrorOf([&] { FindMinimalImage(model, scene.values, bases, target, options); });
  };
  EXPECT_TRUE(HasAll(error(scene.bases, (scene.target + 1) % 7, {}), {"first class"}));
  EXPECT_TRUE(HasAll(error(scene.bases, 7, {}), {"0 to 6", "7"}));
  EXPECT_TRUE(HasAll(error(scene.bases[0], scene.target, {}), {"(S, 3, H, W)", "3 x 33 x 33"}));
  MinimalImageOptions options;
  options.batch = 0;
  EXPECT_TRUE(HasAll(error(scene.bases, scene.target, options), {"batch", "0"}));
  EXPECT_TRUE(HasAll(ErrorOf([] {
                       Judge(at::full({1, 3, 1, 1}, std::nanf("")), 0);
                     }),
                     {"numbers", "nan"}));
  Network spatial({3, 33, 33});
  spatial.Add("conv", RandomConvolution(3, 3, 3, 1, 1), {0});
  spatial.SetOutputs({"conv"});
  EXPECT_TRUE(HasAll(ErrorOf([&] { LogitLayer(spatial); }), {"conv", "class scores"}));
}

}  // namespace
}  // namespace netdissect
