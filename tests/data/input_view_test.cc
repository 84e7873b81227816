#include "netdissect/data/input_view.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/scratch.h"
#include "netdissect/data/annotation.h"

namespace netdissect {
namespace {

InputFormat FormatOfSize(int height, int width, ResizeMode resize, int side = 0) {
  InputFormat format;
  format.height = height;
  format.width = width;
  format.resize = resize;
  format.side = side;
  return format;
}

TEST(InputView, WhereTorchvisionResizesAndCrops) {
  const InputFormat format = FormatOfSize(224, 224, ResizeMode::kCrop, 256);
  // Resize(256) makes 341 x 256 of 500 x 375, and CenterCrop(224) begins at round(58.5) and 16.
  const InputView view = ViewOf(format, {500, 375});
  EXPECT_EQ(view.x.resized, 341);
  EXPECT_EQ(view.y.resized, 256);
  EXPECT_EQ(view.x.start, 58);
  EXPECT_EQ(view.y.start, 16);
  EXPECT_TRUE(view.CropsPicture());
  EXPECT_EQ(view.Shown(), cv::Rect(0, 0, 224, 224));
  // Halves are rounded to even: 227 - 224 is 3, whose half is 2.
  EXPECT_EQ(ViewOf(FormatOfSize(224, 224, ResizeMode::kCrop, 227), {100, 100}).x.start, 2);
  EXPECT_EQ(ViewOf(FormatOfSize(224, 224, ResizeMode::kCrop, 225), {100, 100}).x.start, 0);
  // Without a side, the largest square in the middle.
  EXPECT_EQ(ViewOf(FormatOfSize(100, 100, ResizeMode::kCrop), {400, 200}).Seen(),
            cv::Rect(100, 0, 200, 200));
  // Caffe's examples: squashed to 256 x 256, of which 227 from 14 on.
  const InputView caffe = ViewOf(FormatOfSize(227, 227, ResizeMode::kSquash, 256), {512, 256});
  EXPECT_EQ(caffe.x.start, 14);
  EXPECT_EQ(caffe.Seen(), cv::Rect(28, 14, 454, 227));
}

TEST(InputView, LettersLieInTheMiddle) {
  const InputView wide = ViewOf(FormatOfSize(100, 100, ResizeMode::kLetterbox), {400, 200});
  EXPECT_EQ(wide.Shown(), cv::Rect(0, 25, 100, 50));
  EXPECT_EQ(wide.Seen(), cv::Rect(0, 0, 400, 200));
  EXPECT_FALSE(wide.CropsPicture());
  EXPECT_EQ(ViewOf(FormatOfSize(60, 100, ResizeMode::kLetterbox), {50, 100}).Shown(),
            cv::Rect(35, 0, 30, 60));
  // Never thinner than a pixel.
  EXPECT_EQ(ViewOf(FormatOfSize(10, 10, ResizeMode::kLetterbox), {1, 5000}).Shown(),
            cv::Rect(4, 0, 1, 10));
  // A crop of fewer pixels than the input has is padded, as torchvision does.
  EXPECT_EQ(ViewOf(FormatOfSize(100, 100, ResizeMode::kCrop, 50), {50, 50}).Shown(),
            cv::Rect(25, 25, 50, 50));
}

// What is seen and shown, by its definition, one pixel after the other.
TEST(InputView, SeenAndShownAreTheirDefinition) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    const auto between = [&](int low, int high) {
      return low + static_cast<int>(random.Below(static_cast<uint64_t>(high - low + 1)));
    };
    const auto resize = static_cast<ResizeMode>(seed % 3);
    const int side = resize == ResizeMode::kLetterbox ? 0 : between(0, 70);
    const InputFormat format = FormatOfSize(between(1, 40), between(1, 40), resize, side);
    const cv::Size picture(between(1, 90), between(1, 90));
    const InputView view = ViewOf(format, picture);
    for (const ViewAxis& axis : {view.y, view.x}) {
      int seen = 0, shown = 0;
      for (int i = 0; i < axis.picture; ++i) {
        const double p = axis.InputFromPicture(i);
        ASSERT_NEAR(axis.PictureFromInput(p), i, 1e-9);
        ASSERT_NEAR(axis.PictureEdge(p + 0.5), i + 0.5, 1e-9);
        if (std::abs(p + 0.5) < 1e-9 || std::abs(p + 0.5 - axis.input) < 1e-9) continue;
        const bool inside = p + 0.5 > 0 && p + 0.5 < axis.input;
        const cv::Range range = axis.Seen();
        ASSERT_TRUE(!inside || (i >= range.start && i < range.end)) << seed;
        seen += inside ? 1 : 0;
      }
      for (int p = 0; p < axis.input; ++p) {
        const double edge = axis.PictureEdge(p + 0.5);
        const bool inside = edge > 0 && edge < axis.picture;
        const cv::Range range = axis.Shown();
        ASSERT_EQ(inside, p >= range.start && p < range.end) << seed;
        shown += inside ? 1 : 0;
      }
      ASSERT_GE(axis.Seen().size(), 1);
      ASSERT_LE(axis.Seen().size() - seen, 1) << "but for a centre on the edge";
      ASSERT_GE(shown, 1);
    }
  }
}

TEST(InputView, AtAnotherSizeItIsTheSamePart) {
  const InputView view = ViewOf(FormatOfSize(224, 224, ResizeMode::kCrop, 256), {1000, 750});
  const InputView half = view.At({500, 375});
  EXPECT_EQ(half.x.start, view.x.start);
  for (const double p : {0.0, 17.25, 223.0}) {
    EXPECT_NEAR(half.x.PictureEdge(p) * 2, view.x.PictureEdge(p), 1e-9);
  }
  EXPECT_THROW(view.At({0, 3}), Error);
}

TEST(InputView, WhatIsNoPictureOrMuchTooLongIsRefused) {
  const InputFormat format = FormatOfSize(224, 224, ResizeMode::kCrop, 256);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ViewOf(format, {0, 5}); }), {"at least 1 pixel", "0 x 5"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       ViewOf(format, {1 << 20, 3});
                     }),
                     {"1048576 x 3", "once resized", "x 256"}));
}

// Objects of the picture in a network's input, by their places.
TEST(VisibleObjects, FollowTheView) {
  Annotation annotation{20, 40, {}};
  const auto add = [&](const cv::Rect& box) {
    annotation.objects.push_back(
        {"x", box, cv::Mat(box.size(), CV_8U, cv::Scalar(255)), box.area()});
  };
  add({0, 0, 40, 20});  // 0: everywhere
  add({0, 0, 8, 20});   // 1: at the left edge, cropped away
  add({12, 6, 16, 8});  // 2: in the middle
  const InputView crop = ViewOf(FormatOfSize(10, 10, ResizeMode::kCrop), {40, 20});
  const cv::Mat cropped = VisibleObjects(annotation, crop);
  // 40 x 20 became 20 x 10, columns 5 to 15: the middle one is columns 6 to 14 of that.
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      const bool middle = x >= 1 && x < 9 && y >= 3 && y < 7;
      ASSERT_EQ(cropped.at<int>(y, x), middle ? 2 : 0) << y << " " << x;
    }
  }
  const cv::Mat whole = VisibleObjects(annotation, 20, 40);
  EXPECT_EQ(CountOutOfView(whole, crop), 1);
  const InputView boxed = ViewOf(FormatOfSize(20, 20, ResizeMode::kLetterbox), {80, 40});
  EXPECT_EQ(CountOutOfView(whole, boxed), 0);
  // Of the picture at half its size, annotated; bars of 5 rows belong to nothing.
  const cv::Mat letters = VisibleObjects(annotation, boxed);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) {
      const bool bar = y < 5 || y >= 15;
      const bool middle = x >= 6 && x < 14 && y >= 8 && y < 12;
      ASSERT_EQ(letters.at<int>(y, x), bar ? -1 : x < 4 ? 1 : middle ? 2 : 0) << y << " " << x;
    }
  }
}

}  // namespace
}  // namespace netdissect
