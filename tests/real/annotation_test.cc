// Annotations of real image sets.
#include "netdissect/data/annotation.h"

#include <gtest/gtest.h>

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/scratch.h"
#include "data/object_names.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

class RealAnnotationTest : public RealData<> {};

TEST_F(RealAnnotationTest, MiniPlacesIsReadWhole) {
  const Dataset set = LoadDataset(folder_ / "datasets/places.json");
  const AnnotationReader reader(set);
  std::set<std::string> names;
  size_t objects = 0, bedrooms = 0, beds = 0;
  for (size_t i = 0; i < set.images.size(); ++i) {
    const std::optional<Annotation> annotation = reader.Read(i);
    ASSERT_TRUE(annotation.has_value()) << set.images[i].name;
    ASSERT_EQ(annotation->height, 128);
    ASSERT_EQ(annotation->width, 128);
    objects += annotation->objects.size();
    bool bed = false;
    const cv::Rect whole(0, 0, 128, 128);
    for (size_t j = 0; j < annotation->objects.size(); ++j) {
      const AnnotatedObject& object = annotation->objects[j];
      ASSERT_EQ(object.box & whole, object.box);
      ASSERT_EQ(object.mask.size(), object.box.size());
      if (j > 0) {
        ASSERT_LE(object.area, annotation->objects[j - 1].area);
      }
      names.insert(object.name);
      bed = bed || object.name == "bed";
    }
    const bool bedroom = set.labels[static_cast<size_t>(set.images[i].label)] == "bedroom";
    bedrooms += bedroom ? 1 : 0;
    beds += bedroom && bed ? 1 : 0;
  }
  // 48,701 polygons of 172 classes, some of which enclose nothing, and some of which are plurals.
  EXPECT_GT(objects, 48000u);
  EXPECT_LE(objects, 48701u);
  EXPECT_GT(names.size(), 130u);
  EXPECT_LT(names.size(), 172u);
  EXPECT_EQ(bedrooms, 300u);
  EXPECT_NEAR(static_cast<double>(beds) / 300, 0.68, 0.01);
}

TEST_F(RealAnnotationTest, Ade20KsMapsComeBackPixelByPixel) {
  const ScratchFolder scratch;
  const Path ade = folder_ / "ade20k";
  const Path descriptor = scratch.File(
      "ade.json", fmt::format(R"({{"root": "{0}", "list": "{1}/list.txt", "annotations":
          {{"format": "label-map", "root": "annotations", "strip": "images/",
            "names": "objectInfo150.txt"}}}})",
                              ade.string(), scratch.path().string()));
  std::string list;
  for (int i = 1; i <= 3; ++i) list += fmt::format("images/ADE_val_{:08}.jpg\n", i);
  scratch.File("list.txt", list);
  const Dataset set = LoadDataset(descriptor);
  std::map<int, std::string> classes;
  const ObjectNames names;
  ForEachLine(ade / "objectInfo150.txt", [&](std::string_view line, int number) {
    if (number > 1) classes[number - 1] = names.Normalize(line.substr(line.rfind('\t') + 1));
  });
  ASSERT_EQ(classes.size(), 150u);
  const AnnotationReader reader(set);
  for (size_t i = 0; i < set.images.size(); ++i) {
    const Annotation annotation = *reader.Read(i);
    const cv::Mat map = cv::imread(
        (ade / fmt::format("annotations/ADE_val_{:08}.png", i + 1)).string(), cv::IMREAD_UNCHANGED);
    const cv::Mat visible = VisibleObjects(annotation, map.rows, map.cols);
    EXPECT_GT(annotation.objects.size(), 5u);
    int64_t differing = 0;
    for (int y = 0; y < map.rows; ++y) {
      for (int x = 0; x < map.cols; ++x) {
        const int object = visible.at<int>(y, x), label = map.at<uchar>(y, x);
        const std::string found =
            object < 0 ? "" : annotation.objects[static_cast<size_t>(object)].name;
        differing += found == (label == 0 ? "" : classes.at(label)) ? 0 : 1;
      }
    }
    EXPECT_EQ(differing, 0) << set.images[i].name;
  }
}

}  // namespace
}  // namespace netdissect
