// Minimal images of real photographs by a real network.

#include "netdissect/study/simplify.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <iostream>
#include <opencv2/imgproc.hpp>

#include "netdissect/data/decode.h"
#include "real/real_data.h"
#include "study/minimal_image_oracle.h"

namespace netdissect {
namespace {

class RealMinimalImages : public RealData<> {};

// 50 photographs: the sum of the bases and the mean is the picture, and there are 20 to 80
// segments.
TEST_F(RealMinimalImages, BasesRestorePhotographs) {
  const Dataset set = LoadDataset(folder_ / "datasets" / "scenes_hd.json", {50, false});
  ASSERT_EQ(set.images.size(), 50u);
  InputFormat format;
  const PoissonSolver solver(format.height, format.width);
  double largest = 0;
  size_t fewest = 1000, most = 0;
  for (const ImageEntry& entry : set.images) {
    const at::Tensor values = Squash(DecodeImage(entry.path), format);
    cv::Mat bytes;
    cv::resize(DecodeImage(entry.path), bytes, {format.width, format.height});
    const Segmentation segmentation = AutomaticSegments(bytes);
    const at::Tensor bases = solver.Bases(values, segmentation.masks);
    const at::Tensor sum = bases.sum(0) + values.mean({1, 2}, true);
    largest = std::max(largest, (sum - values).abs().max().item<double>() / 255);
    fewest = std::min(fewest, segmentation.segments.size());
    most = std::max(most, segmentation.segments.size());
  }
  std::cout << "largest error " << largest << " of the value range; " << fewest << " to " << most
            << " segments\n";
  EXPECT_LT(largest, 1e-4);
  EXPECT_GE(fewest, 20u);
  EXPECT_LE(most, 80u);
}

// Keeps what the plainest way removes beside what was removed.
class Compared : public SimplifyStore {
 public:
  explicit Compared(const Model& model)
      : model_(model), solver_(model.input.height, model.input.width) {}

  void Save(const SimplifiedImage& image, const std::string& /*key*/,
            const SimplifyDetail* detail) override {
    ASSERT_NE(detail, nullptr);
    const MinimalImage slow =
        SlowMinimalImage(model_, solver_, detail->values, detail->segmentation.masks, image.target);
    EXPECT_EQ(image.minimal.kept, slow.kept);
    ASSERT_EQ(image.minimal.steps.size(), slow.steps.size());
    for (size_t i = 0; i < slow.steps.size(); ++i) {
      EXPECT_EQ(image.minimal.steps[i].segment, slow.steps[i].segment);
      EXPECT_NEAR(image.minimal.steps[i].probability, slow.steps[i].probability, 1e-4);
    }
    steps_ += slow.steps.size();
  }
  size_t steps() const { return steps_; }

 private:
  const Model& model_;
  const PoissonSolver solver_;
  size_t steps_ = 0;
};

TEST_F(RealMinimalImages, RemoveWhatTryingAllOneByOneRemoves) {
  for (const char* name : {"squeezenet11_places365", "alexnet_places100"}) {
    const Model model = LoadModel(folder_ / "networks" / (std::string(name) + ".json"));
    Dataset set = LoadDataset(folder_ / "datasets" / "places.json");
    std::vector<ImageEntry> chosen;
    for (size_t i = 50; i < set.images.size(); i += 700) chosen.push_back(set.images[i]);
    set.images = chosen;
    SimplifyOptions options;
    options.segments = SimplifyOptions::Segments::kAnnotated;
    options.target = SimplifyOptions::Target::kPredicted;
    Compared store(model);
    Simplify(model, set, options, store, [](const SimplifiedImage&) {});
    EXPECT_GT(store.steps(), 10u) << name;
  }
}

}  // namespace
}  // namespace netdissect
