// labelme's JSON: shapes as masks.

#include <gtest/gtest.h>

#include <cmath>

#include "base/base64.h"
#include "data/annotated_set.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

class LabelMeJson : public testing::Test {
 protected:
  Annotation Read(const std::string& json) {
    scratch_.File("truth/a.json", json);
    return OnlyAnnotation(set_);
  }
  Annotation ReadShapes(const std::string& shapes) {
    return Read(R"({"version": "5.4.1", "flags": {}, "imagePath": "a.png", "imageHeight": 40,
                    "imageWidth": 60, "shapes": [)" +
                shapes + "]}");
  }
  std::string ErrorOfShapes(const std::string& shapes) {
    return ErrorOf([&] { ReadShapes(shapes); });
  }
  static std::string Shape(const std::string& label, const std::string& kind,
                           const std::string& points, const std::string& more = "") {
    return fmt::format(R"({{"label": "{}", "shape_type": "{}", "points": {}, "flags": {{}}{}}})",
                       label, kind, points, more);
  }
  ScratchFolder scratch_;
  Dataset set_ = AnnotatedSet(scratch_, "labelme", {"a"});
};

TEST_F(LabelMeJson, ShapesAreObjects) {
  const Annotation annotation =
      ReadShapes(Shape("Beds", "polygon", "[[10, 5], [19, 5], [19, 24], [10, 24]]") + "," +
                 Shape("lamp", "rectangle", "[[30.0, 30], [21, 11]]") + "," +
                 R"({"label": "door", "points": [[50, 0], [50, 9], [59, 9], [59, 0]]})");
  EXPECT_EQ(annotation.height, 40);
  EXPECT_EQ(annotation.width, 60);
  ASSERT_EQ(annotation.objects.size(), 3u);  // the largest first, and of equals the first
  EXPECT_EQ(annotation.objects[0].name, "bed");
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(10, 5, 10, 20));
  EXPECT_EQ(annotation.objects[0].area, 200);
  EXPECT_EQ(annotation.objects[1].name, "lamp");
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(21, 11, 10, 20));
  EXPECT_EQ(annotation.objects[1].area, 200);
  EXPECT_EQ(annotation.objects[2].box, cv::Rect(50, 0, 10, 10));
  EXPECT_EQ(annotation.left_out.count, 0);
}

// Pixels whose centres lie in the circle, but for those that the polygon's last bit decides.
TEST_F(LabelMeJson, CirclesAreRound) {
  const Annotation annotation = ReadShapes(Shape("ball", "circle", "[[20, 20], [32.3, 20]]"));
  ASSERT_EQ(annotation.objects.size(), 1u);
  const cv::Mat mask = WholeMask(annotation, annotation.objects[0]);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 60; ++x) {
      const double distance = std::hypot(x - 20, y - 20);
      if (std::abs(distance - 12.3) < 0.1) continue;
      ASSERT_EQ(mask.at<uchar>(y, x) != 0, distance < 12.3) << y << " " << x;
    }
  }
}

TEST_F(LabelMeJson, MasksLieAtTheirCorner) {
  cv::Mat mask(8, 6, CV_8U, cv::Scalar(0));
  mask(cv::Rect(1, 2, 4, 5)) = 255;
  const std::string png = R"(, "mask": ")" + Base64(Encoded(mask, ".png")) + '"';
  const Annotation annotation = ReadShapes(Shape("cat", "mask", "[[30, 10], [35, 17]]", png) + "," +
                                           Shape("dog", "mask", "[[57, -4], [62, 3]]", png) + "," +
                                           Shape("cow", "mask", "[[900, 900], [1, 1]]", png));
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].name, "cat");
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(31, 12, 4, 5));
  EXPECT_EQ(annotation.objects[1].name, "dog");  // cut off at two borders
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(58, 0, 2, 3));
}

TEST_F(LabelMeJson, AGroupIsOneObject) {
  const std::string left = "[[0, 0], [9, 0], [9, 9], [0, 9]]";
  const std::string right = "[[20, 0], [29, 0], [29, 9], [20, 9]]";
  const Annotation annotation =
      ReadShapes(Shape("cat", "polygon", left, R"(, "group_id": 3)") + "," +
                 Shape("cat", "polygon", right, R"(, "group_id": 3)") + "," +
                 Shape("dog", "polygon", right, R"(, "group_id": 3)") + "," +
                 Shape("cat", "polygon", left, R"(, "group_id": null)"));
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].area, 200);
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(0, 0, 30, 10));
}

TEST_F(LabelMeJson, WhatHasNoAreaIsLeftOutAndCounted) {
  const Annotation annotation =
      ReadShapes(Shape("a", "line", "[[0, 0], [9, 9]]") + "," +
                 Shape("b", "linestrip", "[[0, 0], [9, 9], [9, 0]]") + "," +
                 Shape("c", "point", "[[3, 3]]") + "," + Shape("d", "polygon", "[[1, 1], [2, 2]]") +
                 "," + Shape(" ", "rectangle", "[[1, 1], [2, 2]]") + "," +
                 Shape("__ignore__", "rectangle", "[[1, 1], [2, 2]]") + "," +
                 Shape("e", "rectangle", "[[1, 1], [2, 2]]"));
  ASSERT_EQ(annotation.objects.size(), 1u);
  EXPECT_EQ(annotation.left_out.count, 5);
  EXPECT_TRUE(HasAll(annotation.left_out.examples[1],
                     {"a.json", "shape 2 (b)", "expected a label and an area", "linestrip"}));
  EXPECT_THROW(annotation.left_out.Refuse(), Error);
}

// Megabytes of it are passed over.
TEST_F(LabelMeJson, ThePictureInItIsNotRead) {
  const std::string image(1 << 20, '*');  // no base64
  EXPECT_EQ(
      Read(R"({"imageData": ")" + image + R"(", "imageHeight": 4, "imageWidth": 5, "shapes": []})")
          .width,
      5);
}

TEST_F(LabelMeJson, WithoutASizeItIsThePictures) {
  scratch_.File("pictures/a.png", Encoded(Gradient(12, 34), ".png"));
  const Annotation annotation = Read(R"({"imageHeight": null, "imageWidth": null, "shapes": []})");
  EXPECT_EQ(annotation.height, 12);
  EXPECT_EQ(annotation.width, 34);
}

// Both kinds in one folder: each image has its own.
TEST_F(LabelMeJson, TheXmlGoesFirst) {
  scratch_.File("truth/a.xml",
                "<annotation><imagesize><nrows>7</nrows><ncols>8</ncols>"
                "</imagesize></annotation>");
  EXPECT_EQ(ReadShapes("").height, 7);
}

TEST_F(LabelMeJson, MalformedFilesSayWhatIsWrong) {
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read("[]"); }), {"a.json", "an object", "[]"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(R"({"shapes": )"); }), {"a.json", "not valid JSON"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(R"({"imageHeight": 1, "imageWidth": 1})"); }),
                     {"\"shapes\"", "a list of objects", "nothing"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(R"({"imageHeight": 0, "imageWidth": 1, "shapes": []})"); }),
                     {"a.json", "0 x 1"}));
  EXPECT_TRUE(HasAll(ErrorOfShapes("3"), {"\"shapes[0]\"", "an object", "3"}));
  EXPECT_TRUE(HasAll(ErrorOfShapes(R"({"label": 7, "points": []})"),
                     {"\"shapes[0].label\"", "a string", "7"}));
  EXPECT_TRUE(HasAll(ErrorOfShapes(Shape("a", "polygon", "[[1, 2], [3]]")),
                     {"\"shapes[0].points\"", "pairs of numbers", "[3]"}));
  EXPECT_TRUE(HasAll(ErrorOfShapes(Shape("a", "polygon", "[[1, 2], [3, 1e300], [4, 4]]")),
                     {"a.json", "1e+300"}));
  EXPECT_TRUE(HasAll(ErrorOfShapes(Shape("a", "mask", "[[1, 2]]", R"(, "mask": "????")")),
                     {"\"shapes[0].mask\"", "PNG in base64"}));
}

}  // namespace
}  // namespace netdissect
