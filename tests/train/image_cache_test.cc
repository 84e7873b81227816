#include "train/image_cache.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "base/scratch.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

class ImageCacheTest : public testing::Test {
 protected:
  ImageCacheTest() {
    for (int i = 0; i < 5; ++i) {
      const std::string name = std::to_string(i) + ".png";
      pictures_.push_back(Gradient(20, 30, 50 * i));
      images_.push_back({folder_.File(name, Encoded(pictures_.back(), ".png")), name, i});
    }
  }

  static CacheOptions Options(int64_t bytes) {
    CacheOptions options;
    options.bytes = bytes;
    options.ahead = 3;
    return options;
  }

  const ScratchFolder folder_;
  std::vector<cv::Mat> pictures_;
  std::vector<ImageEntry> images_;
};

constexpr int64_t kPicture = 20 * 30 * 3;

TEST_F(ImageCacheTest, GivesTheImagesAskedForWhateverItKeeps) {
  const std::vector<int64_t> order = {3, 0, 4, 1, 2, 2, 2, 0, 1, 4, 3, 0};
  for (const int64_t bytes : {int64_t{0}, 2 * kPicture, 100 * kPicture}) {
    ImageCache cache(images_, Options(bytes));
    cache.Expect({order.begin(), order.begin() + 7});
    for (int64_t position = 0; position < 5; ++position) {
      EXPECT_EQ(Difference(cache.Take(position),
                           pictures_[static_cast<size_t>(order[static_cast<size_t>(position)])]),
                0);
    }
    cache.Expect({order.begin() + 7, order.end()});
    for (int64_t position = 5; position < 12; ++position) {
      EXPECT_EQ(Difference(cache.Take(position),
                           pictures_[static_cast<size_t>(order[static_cast<size_t>(position)])]),
                0);
    }
  }
}

TEST_F(ImageCacheTest, DecodesAgainOnlyWhatItCannotKeep) {
  for (const bool keeps : {true, false}) {
    ImageCache cache(images_, Options(keeps ? 100 * kPicture : 0));
    cache.Expect({0, 1, 2, 3, 4});
    for (int64_t position = 0; position < 5; ++position) cache.Take(position);
    // What is on the disk has changed meanwhile.
    WriteFile(images_[2].path, Encoded(Gradient(20, 30, 99), ".png"));
    cache.Expect({2});
    EXPECT_EQ(Difference(cache.Take(5), keeps ? pictures_[2] : Gradient(20, 30, 99)), 0);
    WriteFile(images_[2].path, Encoded(pictures_[2], ".png"));
  }
}

TEST_F(ImageCacheTest, SquashesWhatIsLargerThanNeeded) {
  CacheOptions options = Options(kPicture);
  options.largest = 24;
  ImageCache cache(images_, options);
  cache.Expect({1});
  cv::Mat expected;
  cv::resize(pictures_[1], expected, {24, 20}, 0, 0, cv::INTER_LINEAR);
  EXPECT_EQ(Difference(cache.Take(0), expected), 0);
}

TEST_F(ImageCacheTest, NamesWhatCannotBeRead) {
  WriteFile(images_[3].path, "no picture");
  ImageCache cache(images_, Options(100 * kPicture));
  cache.Expect({4, 3, 2, 3});
  EXPECT_FALSE(cache.Take(0).empty());
  EXPECT_TRUE(cache.Take(1).empty());
  EXPECT_FALSE(cache.Take(2).empty());
  EXPECT_TRUE(cache.Take(3).empty());
  const std::vector<SkippedImage> skipped = cache.NewlySkipped();
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(skipped[0].image, "3.png");
  EXPECT_TRUE(HasAll(skipped[0].reason, {"3.png", "expected an image"}));

  CacheOptions strict = Options(100 * kPicture);
  strict.strict = true;
  ImageCache strict_cache(images_, strict);
  strict_cache.Expect({3});
  EXPECT_TRUE(HasAll(ErrorOf([&] { strict_cache.Take(0); }), {"3.png"}));
}

// However many there are, who asks again and again is told of each once.
TEST_F(ImageCacheTest, NamesWhatCannotBeReadOnce) {
  for (const size_t i : {4u, 1u}) WriteFile(images_[i].path, "no picture");
  ImageCache cache(images_, Options(0));
  cache.Expect({0, 4, 1});
  for (int64_t position = 0; position < 3; ++position) cache.Take(position);
  const std::vector<SkippedImage> skipped = cache.NewlySkipped();
  ASSERT_EQ(skipped.size(), 2u);
  EXPECT_EQ(skipped[0].image, "1.png");  // in the order of the list
  EXPECT_EQ(skipped[1].image, "4.png");
  EXPECT_TRUE(cache.NewlySkipped().empty());
  WriteFile(images_[2].path, "no picture");
  cache.Expect({4, 2});
  for (int64_t position = 3; position < 5; ++position) cache.Take(position);
  ASSERT_EQ(cache.NewlySkipped().size(), 1u);
  EXPECT_TRUE(cache.NewlySkipped().empty());
}

TEST_F(ImageCacheTest, RefusesWhatIsNotExpected) {
  ImageCache cache(images_, Options(0));
  cache.Expect({0});
  EXPECT_TRUE(HasAll(ErrorOf([&] { cache.Take(1); }), {"position", "0 to 0", "1"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { cache.Expect({5}); }), {"image", "0 to 4", "5"}));
}

}  // namespace
}  // namespace netdissect
