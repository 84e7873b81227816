#include <gtest/gtest.h>

#include "data/annotated_set.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

constexpr const char* kNames = "wall\nbuilding, edifice\nsky\n";

class LabelMapTest : public testing::Test {
 protected:
  Annotation Read(const std::string& png, const std::string& names = kNames) {
    scratch_.File("truth/a.png", png);
    scratch_.File("names.txt", names);
    return OnlyAnnotation(set_);
  }
  ScratchFolder scratch_;
  Dataset set_ = AnnotatedSet(scratch_, "label-map", {"a"});
};

TEST_F(LabelMapTest, AValueIsAClassAndZeroNone) {
  const cv::Mat map = (cv::Mat_<uchar>(3, 4) << 3, 3, 3, 3, 2, 2, 0, 1, 2, 255, 0, 1);
  for (const int depth : {CV_8U, CV_16U}) {
    cv::Mat stored;
    map.convertTo(stored, depth);
    if (depth == CV_16U) stored.setTo(65535, map == 255);
    const Annotation annotation = Read(Encoded(stored, ".png"));
    ASSERT_EQ(annotation.objects.size(), 3u);
    EXPECT_EQ(annotation.height, 3);
    EXPECT_EQ(annotation.width, 4);
    EXPECT_EQ(annotation.objects[0].name, "sky");
    EXPECT_EQ(annotation.objects[0].box, cv::Rect(0, 0, 4, 1));
    EXPECT_EQ(annotation.objects[1].name, "building");
    EXPECT_EQ(annotation.objects[1].box, cv::Rect(0, 1, 2, 2));
    EXPECT_EQ(annotation.objects[1].area, 3);
    EXPECT_EQ(annotation.objects[2].name, "wall");
    EXPECT_EQ(annotation.objects[2].box, cv::Rect(3, 1, 1, 2));
    const cv::Mat visible = VisibleObjects(annotation, 3, 4);
    const cv::Mat expected = (cv::Mat_<int>(3, 4) << 0, 0, 0, 0, 1, 1, -1, 2, 1, -1, -1, 2);
    EXPECT_EQ(cv::norm(visible, expected, cv::NORM_INF), 0);
  }
}

TEST_F(LabelMapTest, ATableSaysWhichClassBearsWhichName) {
  const cv::Mat map = (cv::Mat_<ushort>(1, 4) << 0, 7, 300, 300);
  const Annotation annotation =
      Read(Encoded(map, ".png"),
           "Idx\tRatio\tName\n0\t0.5\troad, route\n300 \t0.1\tTrees \n7\t1\tcar\n");
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].name, "tree");
  EXPECT_EQ(annotation.objects[1].name + annotation.objects[2].name, "roadcar")
      << "a class 0 that has a name is one";
}

TEST_F(LabelMapTest, Ade20KsColorsSayClassAndInstance) {
  // class = R / 10 * 256 + G; R's last digit is no part of it. OpenCV's order is B, G, R.
  cv::Mat map(1, 6, CV_8UC3, cv::Scalar(0, 0, 0));
  map.at<cv::Vec3b>(0, 1) = {1, 5, 10};
  map.at<cv::Vec3b>(0, 2) = {2, 5, 10};
  map.at<cv::Vec3b>(0, 3) = {2, 5, 19};
  map.at<cv::Vec3b>(0, 4) = {2, 4, 10};
  const Annotation annotation = Read(Encoded(map, ".png"), "260\tlamp\n261\tchair\n");
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].name, "chair");
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(2, 0, 2, 1));
  EXPECT_EQ(annotation.objects[1].name, "lamp");
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(4, 0, 1, 1));
  EXPECT_EQ(annotation.objects[2].name, "chair");
  EXPECT_EQ(annotation.objects[2].box, cv::Rect(1, 0, 1, 1));
}

TEST_F(LabelMapTest, APalettesIndicesAreTheClasses) {
  // 4 x 1 pixels of indices 2, 1, 0, 2; black is there twice, the second time for no class.
  const std::string png =
      ReadFile(Path(NETDISSECT_SOURCE_DIR) / "tests/corpus/annotation/good/palette.png");
  const Annotation annotation = Read(png);
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].name, "building");
  EXPECT_EQ(annotation.objects[0].area, 2);
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(0, 0, 4, 1));
  EXPECT_EQ(annotation.objects[1].name, "wall");
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(1, 0, 1, 1));
}

// The devkit's own table of colours: aeroplane, bicycle, ..., tv monitor, and void.
TEST_F(LabelMapTest, VocsColorsAreItsClasses) {
  const std::vector<uint32_t> colors = {0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080,
                                        0x008080, 0x808080, 0x400000, 0xc00000, 0x408000, 0xc08000,
                                        0x400080, 0xc00080, 0x408080, 0xc08080, 0x004000, 0x804000,
                                        0x00c000, 0x80c000, 0x004080, 0xe0e0c0};
  cv::Mat map(1, static_cast<int>(colors.size()), CV_8UC3);
  for (int i = 0; i < map.cols; ++i) {
    const uint32_t color = colors[static_cast<size_t>(i)];
    map.at<cv::Vec3b>(0, i) = cv::Vec3b(static_cast<uchar>(color), static_cast<uchar>(color >> 8),
                                        static_cast<uchar>(color >> 16));
  }
  set_.annotations->palette = "voc";
  std::string names;
  const auto name_of = [](int i) { return fmt::format("kind{}x", static_cast<char>('a' + i)); };
  for (int i = 0; i < 20; ++i) names += name_of(i) + "\n";
  Annotation annotation = Read(Encoded(map, ".png"), names);
  ASSERT_EQ(annotation.objects.size(), 20u);  // neither background nor void
  for (int i = 0; i < 20; ++i) {
    const AnnotatedObject& object = annotation.objects[static_cast<size_t>(i)];
    EXPECT_EQ(object.name, name_of(i));
    EXPECT_EQ(object.box, cv::Rect(i + 1, 0, 1, 1));
  }
  set_.annotations->names.clear();  // PASCAL VOC's own
  annotation = OnlyAnnotation(set_);
  ASSERT_EQ(annotation.objects.size(), 20u);
  EXPECT_EQ(annotation.objects[7].name, "cat");
  EXPECT_EQ(annotation.objects[14].name, "person");
  // A map of one channel has the classes themselves.
  const cv::Mat classes = (cv::Mat_<uchar>(1, 4) << 8, 0, 255, 15);
  scratch_.File("truth/a.png", Encoded(classes, ".png"));
  annotation = OnlyAnnotation(set_);
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].name + annotation.objects[1].name, "catperson");
  scratch_.File("truth/a.png", Encoded(cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3)), ".png"));
  EXPECT_TRUE(HasAll(ErrorOf([&] { OnlyAnnotation(set_); }), {"a.png", "palette", "y 0, x 0"}));
}

// Without the word they would be ADE20K's: what that makes of them is said, and what to do.
TEST_F(LabelMapTest, VocsColorsAreRecognisedWhereTheyAreNotExpected) {
  const std::string png = Encoded(cv::Mat(2, 2, CV_8UC3, cv::Scalar(128, 0, 192)), ".png");
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(png); }),
                     {"a.png", "3 classes", "class 13", "\"palette\": \"voc\""}));
}

TEST_F(LabelMapTest, MalformedFilesAreRefusedByName) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> corpus = {
      {"truncated", {"truncated"}},
      {"no_pixels", {"truncated"}},
      {"damaged", {"damaged"}},
      {"unknown_class", {"3 classes", "names.txt", "found 9", "y 1, x 1"}},
      {"few_bits", {"8 or 16 bits", "found 2 bits"}},
      {"alpha", {"color type 6"}},
      {"deep_color", {"found 16 bits", "color type 2"}},
      {"absurd_size", {"100000000", "2147483647 x 2147483647"}},
      {"ambiguous_palette", {"palette", "800000", "1 and 2"}},
      {"empty", {"empty file"}},
      {"jpeg", {"PNG", "JPEG"}}};
  const Path folder = Path(NETDISSECT_SOURCE_DIR) / "tests/corpus/annotation/label_map";
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, corpus.size());
  for (const auto& [name, words] : corpus) {
    const std::string png = ReadFile(folder / (name + ".png"));
    const std::string error = ErrorOf([&, &bytes = png] { Read(bytes); });
    EXPECT_TRUE(HasAll(error, words)) << name;
    EXPECT_TRUE(HasAll(error, {"truth/a.png"})) << name;
  }
}

TEST_F(LabelMapTest, NamesAreNeededAndChecked) {
  const std::string png = Encoded(cv::Mat(2, 2, CV_8U, cv::Scalar(1)), ".png");
  const auto refuses = [&](const std::string& names, const std::vector<std::string>& words) {
    return HasAll(ErrorOf([&] { Read(png, names); }), words);
  };
  EXPECT_TRUE(refuses("", {"names.txt", "none"}));
  EXPECT_TRUE(refuses("1\twall\n1\tdoor\n", {"names.txt:2", "1 twice"}));
  EXPECT_TRUE(refuses("1\twall\nx\tdoor\n", {"names.txt:2", "\"x\""}));
  EXPECT_TRUE(refuses("70000\twall\n", {"names.txt:1", "65535", "70000"}));
  EXPECT_TRUE(refuses("1\t,\n", {"names.txt:1", "class 1"}));
  set_.annotations->names.clear();
  EXPECT_TRUE(HasAll(ErrorOf([&] { AnnotationReader reader(set_); }), {"annotations.names"}));
}

}  // namespace
}  // namespace netdissect
