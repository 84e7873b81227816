#include <gtest/gtest.h>

#include "base/json.h"
#include "data/annotated_set.h"
#include "data/coco_rle.h"

namespace netdissect {
namespace {

class CocoTest : public testing::Test {
 protected:
  Annotation Read(const std::string& json) {
    scratch_.File("truth/coco.json", json);
    return OnlyAnnotation(set_);
  }
  // As where nothing may be left out.
  void RefuseLeftOut(const std::string& json) {
    Read(json).left_out.Refuse();
    AnnotationReader(set_).strays().Refuse();
  }
  // Annotations of one image of 10 x 12 pixels.
  Annotation ReadObjects(const Json& annotations) {
    return Read(
        Json{{"annotations", annotations},
             {"info", {{"year", 2014}}},
             {"categories", {{{"id", 3}, {"name", "potted plant"}}, {{"id", 90}, {"name", "TV"}}}},
             {"images",
              {{{"id", 42}, {"file_name", "a.png"}, {"height", 10}, {"width", 12}},
               {{"id", 1}, {"file_name", "b.png"}, {"height", 1}, {"width", 1}}}}}
            .dump());
  }
  static Json Object(int category, const Json& segmentation) {
    return {{"id", 5}, {"image_id", 42}, {"category_id", category}, {"segmentation", segmentation}};
  }
  ScratchFolder scratch_;
  Dataset set_ = AnnotatedSet(scratch_, "coco", {"a"});
};

TEST_F(CocoTest, PolygonsAndBothCodingsOfAMaskAreTheSame) {
  // From pixel 2 to 6 across and 1 to 3 down.
  cv::Mat mask(10, 12, CV_8U, cv::Scalar(0));
  mask(cv::Rect(2, 1, 5, 3)) = 255;
  const CocoRle rle = EncodeRle(mask);
  const Annotation annotation =
      ReadObjects({Object(90, Json::array({{2, 1, 7, 1, 7, 4, 2, 4}})), Object(90, ToJson(rle)),
                   Object(90, {{"size", {10, 12}}, {"counts", rle.counts}})});
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].name, "television");
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(2, 1, 5, 3));
  EXPECT_EQ(annotation.objects[0].area, 15);
  EXPECT_TRUE(SameObject(annotation.objects[0], annotation.objects[1]));
  EXPECT_TRUE(SameObject(annotation.objects[0], annotation.objects[2]));
}

TEST_F(CocoTest, SeveralPolygonsAreOneObjectAndTheLargestIsBehind) {
  const Annotation annotation = ReadObjects(
      {Object(90, Json::array({{0, 0, 2, 0, 2, 2, 0, 2}})),
       Object(3, Json::array({{0, 0, 3, 0, 3, 3, 0, 3}, {8, 8, 12, 8, 12, 10, 8, 10}}))});
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].name, "plant");
  EXPECT_EQ(annotation.objects[0].area, 9 + 8);
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(0, 0, 12, 10));
  const cv::Mat visible = VisibleObjects(annotation, 10, 12);
  EXPECT_EQ(visible.at<int>(1, 1), 1);
  EXPECT_EQ(visible.at<int>(2, 2), 0);
  EXPECT_EQ(visible.at<int>(5, 5), -1);
}

TEST_F(CocoTest, AnImageWithoutObjectsIsNotOneWithoutAnnotation) {
  EXPECT_EQ(ReadObjects(Json::array()).objects.size(), 0u);
  set_.images[0].name = "pictures/c.png";
  EXPECT_FALSE(AnnotationReader(set_).Read(0).has_value());
}

TEST_F(CocoTest, MalformedFilesAreRefusedByName) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> corpus = {
      {"truncated", {"not valid JSON", "column"}},
      {"no_images", {"no list \"images\""}},
      {"list", {"no list \"images\""}},
      {"unknown_image", {"annotation 1", "image_id", "found 8"}},
      {"unknown_category", {"annotation 1", "category_id", "found 2"}},
      {"odd_polygon", {"annotation 1", "3 corners", "found 7 numbers"}},
      {"short_polygon", {"annotation 1", "3 corners", "found 4 numbers"}},
      {"nan_polygon", {"not valid JSON", "column"}},
      {"far_polygon", {"wall", "corners within", "e+38"}},
      {"overflow_polygon", {"annotation 1", "1e+300"}},
      {"text_polygon", {"annotation 1", "\"2\""}},
      {"no_segmentation", {"annotation 1", "\"segmentation\""}},
      {"wrong_counts", {"annotation 1", "4 x 5 = 20", "found 7"}},
      {"negative_counts", {"annotation 1", "found -3 as number 1"}},
      {"wrong_text", {"annotation 1", "ends within its number 1"}},
      {"wrong_size", {"annotation 1", "4 x 5", "5 x 4"}},
      {"absurd_size", {"image 1 (a.png)", "1000000 x 1000000"}},
      {"twice", {"image 2", "7 (b.png) twice"}},
      {"no_height", {"image 1", "\"height\""}},
      {"deep", {"nested at most 16 deep"}}};
  const Path folder = Path(NETDISSECT_SOURCE_DIR) / "tests/corpus/annotation/coco";
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, corpus.size());
  for (const auto& [name, words] : corpus) {
    const std::string json = ReadFile(folder / (name + ".json"));
    const std::string error = ErrorOf([&, &text = json] { RefuseLeftOut(text); });
    EXPECT_TRUE(HasAll(error, words)) << name;
    EXPECT_TRUE(HasAll(error, {"truth/coco.json"})) << name;
  }
}

TEST_F(CocoTest, OneBadAnnotationIsLeftOutByItsOwnId) {
  const Json good = Object(90, Json::array({{2, 1, 7, 1, 7, 4, 2, 4}}));
  const auto with = [&](const char* key, const Json& value) {
    Json bad = good;
    bad["id"] = "b-17";
    bad[key] = value;
    return bad;
  };
  Json no_shape = with("bbox", {1, 2, 3, 4});
  no_shape.erase("segmentation");
  const std::vector<std::pair<Json, std::string>> bad = {
      {with("segmentation", Json::array({{1, 2}})), "found 2 numbers"},
      {with("segmentation", Json::array({{1, 2, 3, 4}})), "found 4 numbers"},
      {with("segmentation", Json::array()), "found an empty one"},
      {with("category_id", 4), "category_id"},
      {with("category_id", nullptr), "category_id"},
      {no_shape, "\"segmentation\""},
      {with("segmentation", {{"size", {5, 5}}, {"counts", {25}}}), "10 x 12, found 5 x 5"}};
  for (const auto& [object, word] : bad) {
    const Annotation annotation = ReadObjects({object, good});
    EXPECT_EQ(annotation.objects.size(), 1u) << object;
    EXPECT_EQ(annotation.left_out.count, 1) << object;
    EXPECT_TRUE(HasAll(annotation.left_out.examples.at(0), {"coco.json", "id b-17", word}))
        << annotation.left_out.examples.at(0);
  }
  for (const Json& image : {Json(99), Json("c"), Json(nullptr), Json(42.5)}) {
    EXPECT_EQ(ReadObjects({with("image_id", image), good}).left_out.count, 0);
    const AnnotationReader reader(set_);
    EXPECT_EQ(reader.strays().count, 1) << image;
    EXPECT_TRUE(HasAll(reader.strays().examples.at(0), {"id b-17", "image_id"}));
  }
}

TEST_F(CocoTest, IdsMayBeTextAndSizesMayHaveAPoint) {
  const Annotation annotation = Read(R"({
      "images": [{"id": "42", "file_name": "a.png", "height": 10.0, "width": 12}],
      "categories": [{"id": 3.0, "name": "bed"}],
      "annotations": [{"image_id": 42, "category_id": "3", "segmentation": [[2, 1, 7, 1, 7, 4, 2, 4]]}]})");
  EXPECT_EQ(annotation.width, 12);
  EXPECT_EQ(annotation.objects.size(), 1u);
  EXPECT_EQ(annotation.left_out.count, 0);
}

}  // namespace
}  // namespace netdissect
