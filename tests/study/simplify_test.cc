#include "netdissect/study/simplify.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <map>

#include "base/scratch.h"
#include "netdissect/study/classify.h"
#include "probe/small_model.h"

namespace netdissect {
namespace {

// Keeps everything in memory.
class MemoryStore : public SimplifyStore {
 public:
  std::optional<SimplifiedImage> Find(int64_t /*image*/, const std::string& key) override {
    const auto found = saved.find(key);
    return found == saved.end() ? std::nullopt : std::optional(found->second);
  }
  void Save(const SimplifiedImage& image, const std::string& key,
            const SimplifyDetail* detail) override {
    EXPECT_EQ(detail != nullptr, image.correct());
    if (detail != nullptr) {
      EXPECT_EQ(detail->bases.size(0), static_cast<int64_t>(image.segments.size()));
    }
    EXPECT_TRUE(saved.emplace(key, image).second) << "two images have one key";
    if (++saves == stop_after) throw std::runtime_error("interrupted");
  }
  std::map<std::string, SimplifiedImage> saved;
  int saves = 0;
  int stop_after = -1;
};

// What is handed out, collected.
struct Collected : SimplifySummary {
  std::vector<SimplifiedImage> images;
};

Collected SimplifyAll(const Model& model, const Dataset& set, const SimplifyOptions& options,
                      SimplifyStore& store) {
  Collected all;
  const SimplifySummary summary =
      Simplify(model, set, options, store,
               [&](const SimplifiedImage& image) { all.images.push_back(image); });
  EXPECT_EQ(summary.images, static_cast<int64_t>(all.images.size()));
  static_cast<SimplifySummary&>(all) = summary;
  return all;
}

class Simplified : public testing::Test {
 protected:
  Simplified() : model_(SmallModel(5)), set_(RandomPictures(folder_, "pictures", 8, 11)) {
    const ClassifyResult classes = Classify(model_, set_);
    for (size_t i = 0; i < set_.images.size(); ++i) {
      predicted_.push_back(classes.predictions[i].ranked[0].index);
    }
    options_.automatic.most_regions = 5;
    options_.automatic.most_edges = 2;
  }

  // LabelMe annotations of two boxes for each image but the last.
  void Annotate() {
    for (size_t i = 0; i + 1 < set_.images.size(); ++i) {
      std::string objects;
      for (const auto& [name, x] : {std::pair{"bed", 2}, {"wall", 12}}) {
        objects += fmt::format(
            "<object><name>{}</name><polygon><pt><x>{}</x><y>3</y></pt><pt><x>{}</x><y>3</y></pt>"
            "<pt><x>{}</x><y>20</y></pt><pt><x>{}</x><y>20</y></pt></polygon></object>",
            name, x, x + 9, x + 9, x);
      }
      folder_.File("annotations/" + Path(set_.images[i].name).replace_extension(".xml").string(),
                   "<annotation><imagesize><nrows>30</nrows><ncols>30</ncols></imagesize>" +
                       objects + "</annotation>");
    }
    set_.annotations.emplace();
    set_.annotations->format = "labelme";
    set_.annotations->root = folder_.path() / "annotations";
    options_.segments = SimplifyOptions::Segments::kAnnotated;
  }

  ScratchFolder folder_;
  Model model_;
  Dataset set_;
  std::vector<int> predicted_;
  SimplifyOptions options_;
};

TEST_F(Simplified, LabelsLeaveOutWhatIsTakenForAnotherClass) {
  for (size_t i = 0; i < 8; ++i) set_.images[i].label = predicted_[i];
  set_.images[2].label = (predicted_[2] + 1) % 7;
  set_.images[4].label = -1;
  set_.images[5].label = 70;
  MemoryStore store;
  const Collected result = SimplifyAll(model_, set_, options_, store);
  EXPECT_EQ(result.wrong, 1);
  EXPECT_EQ(result.without_class, 2);
  std::vector<int64_t> indices;
  for (const SimplifiedImage& image : result.images) {
    indices.push_back(image.image);
    EXPECT_EQ(image.target, predicted_[static_cast<size_t>(image.image)]);
    EXPECT_EQ(image.minimal.kept.size() + image.minimal.steps.size(), image.segments.size());
    EXPECT_GE(image.kept_fraction(), 0);
    EXPECT_LE(image.kept_fraction(), 1 + 1e-6);
  }
  EXPECT_EQ(indices, (std::vector<int64_t>{0, 1, 3, 6, 7}));
}

TEST_F(Simplified, PredictedNeedsNoLabel) {
  options_.target = SimplifyOptions::Target::kPredicted;
  MemoryStore store;
  const Collected result = SimplifyAll(model_, set_, options_, store);
  ASSERT_EQ(result.images.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(result.images[i].target, predicted_[i]);
  options_.target = SimplifyOptions::Target::kLabel;
  EXPECT_TRUE(HasAll(ErrorOf([&] { SimplifyAll(model_, set_, options_, store); }),
                     {"pictures", "small", "predicted"}));
}

TEST_F(Simplified, GoesOnWhereItWasInterrupted) {
  options_.target = SimplifyOptions::Target::kPredicted;
  MemoryStore whole;
  const Collected expected = SimplifyAll(model_, set_, options_, whole);
  MemoryStore store;
  store.stop_after = 3;
  EXPECT_THROW(SimplifyAll(model_, set_, options_, store), std::runtime_error);
  store.stop_after = -1;
  const Collected result = SimplifyAll(model_, set_, options_, store);
  EXPECT_EQ(result.reused, 3);
  EXPECT_EQ(store.saves, 8);
  ASSERT_EQ(result.images.size(), expected.images.size());
  for (size_t i = 0; i < expected.images.size(); ++i) {
    EXPECT_EQ(result.images[i].minimal.kept, expected.images[i].minimal.kept);
  }
  // Another network, option or target is another key.
  const auto reused = [&](const Model& model, const SimplifyOptions& options) {
    MemoryStore copy;
    copy.saved = store.saved;
    return SimplifyAll(model, set_, options, copy).reused;
  };
  EXPECT_EQ(reused(model_, options_), 8);
  EXPECT_EQ(reused(SmallModel(6), options_), 0);
  SimplifyOptions other = options_;
  other.automatic.canny_low = 99;
  EXPECT_EQ(reused(model_, other), 0);
  other = options_;
  other.pass.batch = 3;
  other.minimal.batch = 5;
  EXPECT_EQ(reused(model_, other), 8);
}

TEST_F(Simplified, AnnotatedObjectsAreTheSegments) {
  Annotate();
  options_.target = SimplifyOptions::Target::kPredicted;
  MemoryStore store;
  const Collected result = SimplifyAll(model_, set_, options_, store);
  EXPECT_EQ(result.without_annotation, 1);
  ASSERT_EQ(result.images.size(), 7u);
  for (const SimplifiedImage& image : result.images) {
    ASSERT_EQ(image.segments.size(), 3u);
    EXPECT_EQ(image.segments[0].object, "bed");
    EXPECT_EQ(image.segments[2].name, "remainder");
  }
  // One that is malformed is skipped by name, or an error.
  folder_.File("annotations/pictures_1.xml", "<annotation><object>");
  const Collected skipping = SimplifyAll(model_, set_, options_, store);
  EXPECT_EQ(skipping.images.size(), 6u);
  ASSERT_EQ(skipping.skipped.size(), 1u);
  EXPECT_TRUE(HasAll(skipping.skipped[0].reason, {"pictures_1.xml"}));
  options_.pass.strict = true;
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { SimplifyAll(model_, set_, options_, store); }), {"pictures_1.xml"}));
  set_.annotations.reset();
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { SimplifyAll(model_, set_, options_, store); }), {"annotations"}));
}

TEST_F(Simplified, UnreadableImagesAreSkipped) {
  options_.target = SimplifyOptions::Target::kPredicted;
  folder_.File(set_.images[3].name, "no picture");
  MemoryStore store;
  const Collected result = SimplifyAll(model_, set_, options_, store);
  EXPECT_EQ(result.images.size(), 7u);
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].image, set_.images[3].name);
}

}  // namespace
}  // namespace netdissect
