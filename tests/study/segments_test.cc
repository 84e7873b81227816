#include "netdissect/study/segments.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <set>

#include "base/scratch.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

// Soft masks that sum to 1, names that are all different, and fractions that are the masks'.
void ExpectWhole(const Segmentation& segmentation, int height, int width) {
  const auto count = static_cast<int64_t>(segmentation.segments.size());
  ASSERT_EQ(segmentation.masks.sizes(), at::IntArrayRef({count, height, width}));
  EXPECT_LT((segmentation.masks.sum(0) - 1).abs().max().item<float>(), 1e-5);
  EXPECT_GE(segmentation.masks.min().item<float>(), 0);
  std::set<std::string> names;
  for (int64_t s = 0; s < count; ++s) {
    const Segment& segment = segmentation.segments[static_cast<size_t>(s)];
    names.insert(segment.name);
    EXPECT_GT(segment.fraction, 0) << segment.name;
    EXPECT_NEAR(segment.fraction, segmentation.masks[s].mean().item<double>(), 1e-6);
  }
  EXPECT_EQ(names.size(), segmentation.segments.size());
}

std::vector<std::string> NamesOf(const Segmentation& segmentation) {
  std::vector<std::string> names;
  for (const Segment& segment : segmentation.segments) names.push_back(segment.name);
  return names;
}

int CountEdges(const Segmentation& segmentation) {
  int edges = 0;
  for (const Segment& segment : segmentation.segments) edges += segment.name[0] == 'e' ? 1 : 0;
  return edges;
}

// Rectangles of strong colours on grey.
cv::Mat Blocks(int height, int width) {
  cv::Mat image(height, width, CV_8UC3, cv::Scalar(128, 128, 128));
  const cv::Scalar colors[] = {{0, 0, 255}, {0, 80, 0}, {255, 0, 0}, {0, 255, 255}};
  for (int i = 0; i < 4; ++i) {
    const cv::Rect place(width / 8 + (i % 2) * width / 2, height / 8 + (i / 2) * height / 2,
                         width / 4, height / 4);
    cv::rectangle(image, place, colors[i], cv::FILLED);
  }
  return image;
}

TEST(AutomaticSegments, FindsBlocksAndTheirOutlines) {
  AutomaticOptions options;
  options.sigma = 0.1;  // smoothed borders may be regions of their own
  const Segmentation segmentation = AutomaticSegments(Blocks(160, 200), options);
  ExpectWhole(segmentation, 160, 200);
  EXPECT_EQ(CountEdges(segmentation), 4);
  EXPECT_EQ(segmentation.segments.size(), 5u + 4);
  // In a block a region has all of the pixel; on its outline an edge has a part.
  const at::Tensor inside = segmentation.masks.select(2, 200 / 8 + 25).select(1, 160 / 8 + 20);
  EXPECT_EQ(inside.max().item<float>(), 1);
  const at::Tensor outline = segmentation.masks.select(2, 200 / 8 + 25).select(1, 160 / 8);
  EXPECT_FLOAT_EQ(outline.max().item<float>(), 0.5f);
}

TEST(AutomaticSegments, AnEdgesMaskIsAsWideAsAsked) {
  cv::Mat image(64, 64, CV_8UC3, cv::Scalar(0, 0, 0));
  image.colRange(32, 64).setTo(cv::Scalar(255, 255, 255));
  for (int dilation : {1, 3, 7, 11}) {
    AutomaticOptions options;
    options.dilation = dilation;
    options.sigma = 0.1;
    const Segmentation segmentation = AutomaticSegments(image, options);
    ExpectWhole(segmentation, 64, 64);
    ASSERT_EQ(NamesOf(segmentation), (std::vector<std::string>{"region 1", "region 2", "edge 1"}));
    EXPECT_EQ((segmentation.masks[2][30] > 0).sum().item<int64_t>(), dilation);
  }
}

// A cross of lines is taken apart where they meet.
TEST(AutomaticSegments, EdgesEndWhereTheyMeet) {
  cv::Mat image(90, 90, CV_8UC3, cv::Scalar(0, 0, 0));
  image(cv::Rect(0, 0, 45, 45)).setTo(cv::Scalar(255, 255, 255));
  image(cv::Rect(45, 45, 45, 45)).setTo(cv::Scalar(120, 120, 120));
  const Segmentation segmentation = AutomaticSegments(image);
  ExpectWhole(segmentation, 90, 90);
  EXPECT_GE(CountEdges(segmentation), 2);
}

TEST(AutomaticSegments, KeepsTheBounds) {
  cv::Mat noise(96, 128, CV_8UC3);
  cv::RNG(5).fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(noise, noise, {9, 9}, 2);
  cv::normalize(noise, noise, 0, 255, cv::NORM_MINMAX);
  for (const auto regions : {AutomaticOptions::Regions::kGraph, AutomaticOptions::Regions::kSlic}) {
    AutomaticOptions options;
    options.regions = regions;
    options.most_regions = 12;
    options.most_edges = 5;
    const Segmentation segmentation = AutomaticSegments(noise, options);
    ExpectWhole(segmentation, 96, 128);
    EXPECT_EQ(CountEdges(segmentation), 5);
    const auto found = static_cast<int>(segmentation.segments.size()) - 5;
    EXPECT_GE(found, 8);
    // Superpixels are about so many: a grid of 4 x 3, or a few more.
    EXPECT_LE(found, regions == AutomaticOptions::Regions::kGraph ? 12 : 20);
  }
}

TEST(AutomaticSegments, OneColourIsOneSegment) {
  const cv::Mat image(50, 60, CV_8UC3, cv::Scalar(10, 200, 90));
  const Segmentation segmentation = AutomaticSegments(image);
  ExpectWhole(segmentation, 50, 60);
  EXPECT_EQ(NamesOf(segmentation), std::vector<std::string>{"region 1"});
  for (int side : {1, 2, 8}) {  // smaller than any window
    const cv::Mat tiny = Gradient(side, side);
    ExpectWhole(AutomaticSegments(tiny), side, side);
    AutomaticOptions options;
    options.regions = AutomaticOptions::Regions::kSlic;
    ExpectWhole(AutomaticSegments(tiny, options), side, side);
  }
}

TEST(AutomaticSegments, RefusesBadOptions) {
  const auto error = [](void (*spoil)(AutomaticOptions&)) {
    AutomaticOptions options;
    spoil(options);
    return ErrorOf([&] { AutomaticSegments(Blocks(20, 20), options); });
  };
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.most_regions = 0; }), {"region", "0"}));
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.dilation = 4; }), {"odd", "4"}));
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.smallest = 1; }), {"smallest", "1"}));
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.sigma = -1; }), {"smoothing", "-1"}));
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.canny_low = 300; }), {"300", "200"}));
  EXPECT_TRUE(HasAll(error([](AutomaticOptions& o) { o.most_edges = -1; }), {"edges", "-1"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { AutomaticSegments(cv::Mat()); }), {"3 channels"}));
}

AnnotatedObject ObjectAt(const std::string& name, const cv::Rect& box) {
  return {name, box, cv::Mat(box.height, box.width, CV_8U, cv::Scalar(255)), box.area()};
}

// A bed before a wall, a lamp before both, a second bed that the lamp hides.
Annotation Bedroom() {
  Annotation annotation;
  annotation.height = 20;
  annotation.width = 30;
  annotation.objects = {ObjectAt("wall", {0, 0, 30, 12}), ObjectAt("bed", {0, 8, 15, 8}),
                        ObjectAt("bed", {18, 2, 3, 3}), ObjectAt("bed", {22, 10, 4, 4}),
                        ObjectAt("lamp", {18, 2, 3, 3})};
  return annotation;
}

TEST(AnnotatedSegments, AreTheObjectsAsTheyAreSeen) {
  const Segmentation segmentation = AnnotatedSegments(Bedroom(), 20, 30);
  ExpectWhole(segmentation, 20, 30);
  EXPECT_EQ(NamesOf(segmentation),
            (std::vector<std::string>{"wall", "bed", "bed 2", "lamp", "remainder"}));
  EXPECT_EQ(segmentation.segments[2].object, "bed");
  EXPECT_EQ(segmentation.segments[4].object, "");
  EXPECT_EQ(segmentation.masks[1].sum().item<float>(), 15 * 8);
  EXPECT_EQ(segmentation.masks[0].sum().item<float>(), 30 * 12 - 15 * 4 - 9 - 4 * 2);
}

TEST(AnnotatedSegments, OneForAClass) {
  AnnotatedOptions options;
  options.by_class = true;
  const Segmentation segmentation = AnnotatedSegments(Bedroom(), 20, 30, options);
  ExpectWhole(segmentation, 20, 30);
  EXPECT_EQ(NamesOf(segmentation), (std::vector<std::string>{"wall", "bed", "lamp", "remainder"}));
  EXPECT_EQ(segmentation.masks[1].sum().item<float>(), 15 * 8 + 4 * 4);
}

TEST(AnnotatedSegments, AtTheNetworksSize) {
  const Segmentation segmentation = AnnotatedSegments(Bedroom(), 40, 60);
  ExpectWhole(segmentation, 40, 60);
  EXPECT_EQ(segmentation.masks[1].sum().item<float>(), 30 * 16);
}

TEST(AnnotatedSegments, CoveringNothingOrAllOrBearingAnyName) {
  Annotation annotation;
  annotation.height = 10;
  annotation.width = 10;
  EXPECT_EQ(NamesOf(AnnotatedSegments(annotation, 10, 10)), std::vector<std::string>{"remainder"});
  annotation.objects = {ObjectAt("sky", {0, 0, 10, 10})};
  EXPECT_EQ(NamesOf(AnnotatedSegments(annotation, 10, 10)), std::vector<std::string>{"sky"});
  annotation.objects = {ObjectAt("remainder", {0, 0, 3, 3}), ObjectAt("bed 2", {5, 0, 1, 1}),
                        ObjectAt("bed", {6, 0, 1, 1}), ObjectAt("bed", {7, 0, 1, 1})};
  const Segmentation segmentation = AnnotatedSegments(annotation, 10, 10);
  ExpectWhole(segmentation, 10, 10);
  EXPECT_EQ(segmentation.segments[0].object, "remainder");
}

}  // namespace
}  // namespace netdissect
