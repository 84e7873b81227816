#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/random.h"
#include "data/annotated_set.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

using Corners = std::vector<cv::Point>;

std::string ObjectXml(const std::string& name, const Corners& corners,
                      const std::string& more = "") {
  std::string xml = "<object><name>" + name + "</name>" + more + "<polygon>";
  for (const cv::Point& corner : corners) {
    xml += fmt::format("<pt><x>{}</x><y>{}</y></pt>", corner.x, corner.y);
  }
  return xml + "</polygon></object>";
}

std::string Xml(int height, int width, const std::string& objects) {
  return fmt::format(
      "<annotation><imagesize><nrows>{}</nrows><ncols>\n{}\n</ncols></imagesize>{}</annotation>",
      height, width, objects);
}

Corners Box(int left, int top, int right, int bottom) {
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
}

// On the outline, in integers, or inside by casting a ray just below the pixel's row or just above
// it.
bool Inside(const Corners& corners, const cv::Point& p) {
  bool below = false, above = false;
  for (size_t i = 0; i < corners.size(); ++i) {
    const cv::Point a = corners[i], b = corners[(i + 1) % corners.size()];
    const int64_t cross = int64_t{b.x - a.x} * (p.y - a.y) - int64_t{b.y - a.y} * (p.x - a.x);
    const bool upwards = b.y < a.y;
    if (cross == 0 && std::min(a.x, b.x) <= p.x && p.x <= std::max(a.x, b.x) &&
        std::min(a.y, b.y) <= p.y && p.y <= std::max(a.y, b.y)) {
      return true;
    }
    const bool right = upwards ? cross < 0 : cross > 0;  // of the pixel
    const bool crosses_below = (a.y <= p.y) != (b.y <= p.y);
    const bool crosses_above = (a.y < p.y) != (b.y < p.y);
    if (crosses_below && right) below = !below;
    if (crosses_above && right) above = !above;
  }
  return below || above;
}

class LabelMeTest : public testing::Test {
 protected:
  Annotation Read(const std::string& xml) {
    scratch_.File("truth/a.xml", xml);
    return OnlyAnnotation(set_);
  }
  ScratchFolder scratch_;
  Dataset set_ = AnnotatedSet(scratch_, "labelme", {"a"});
};

TEST_F(LabelMeTest, ABoxHasThePixelsThatItsCornersName) {
  const Annotation annotation = Read(Xml(6, 8, ObjectXml("Walls", Box(0, 0, 7, 5))));
  EXPECT_EQ(annotation.height, 6);
  EXPECT_EQ(annotation.width, 8);
  ASSERT_EQ(annotation.objects.size(), 1u);
  EXPECT_EQ(annotation.objects[0].name, "wall");
  EXPECT_EQ(annotation.objects[0].area, 48);
  EXPECT_EQ(Read(Xml(6, 8, ObjectXml("wall", Box(2, 1, 2, 4)))).objects.size(), 0u)
      << "a line encloses nothing";
  const Annotation small = Read(Xml(6, 8, ObjectXml("wall", Box(2, 1, 3, 4))));
  EXPECT_EQ(small.objects.at(0).box, cv::Rect(2, 1, 2, 4));
  EXPECT_EQ(small.objects.at(0).area, 8);
}

TEST_F(LabelMeTest, APolygonHasThePixelsInsideAndOnItsOutline) {
  constexpr int kHeight = 14, kWidth = 19;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    Corners corners(3 + random.Below(5));  // crossing itself as it likes, and leaving the image
    for (cv::Point& corner : corners) {
      corner = {static_cast<int>(random.Below(30)) - 6, static_cast<int>(random.Below(26)) - 6};
    }
    cv::Mat expected(kHeight, kWidth, CV_8U, cv::Scalar(0));
    cv::Mat outline = expected.clone();
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) expected.at<uchar>(y, x) = Inside(corners, {x, y}) ? 255 : 0;
    }
    const Annotation annotation = Read(Xml(kHeight, kWidth, ObjectXml("thing", corners)));
    const cv::Mat found =
        annotation.objects.empty() ? outline : WholeMask(annotation, annotation.objects[0]);
    const bool is_line = std::all_of(corners.begin(), corners.end(), [&](const cv::Point& corner) {
      return (corners[1] - corners[0]).cross(corner - corners[0]) == 0;
    });
    if (!is_line) {
      EXPECT_EQ(cv::norm(found, expected, cv::NORM_INF), 0) << "seed " << seed;
    }
    if (!annotation.objects.empty()) {
      const AnnotatedObject& object = annotation.objects[0];
      EXPECT_EQ(cv::boundingRect(found), object.box);
      EXPECT_EQ(cv::countNonZero(found), object.area);
    }
  }
}

TEST_F(LabelMeTest, DeletedNamelessAndEmptyObjectsAreLeftOut) {
  const Annotation annotation =
      Read(Xml(9, 9,
               ObjectXml("bed", Box(0, 0, 3, 3), "<deleted>1</deleted>") +
                   ObjectXml("\n lamp \n", Box(1, 1, 2, 2), "<deleted>\n0\n</deleted>") +
                   ObjectXml("  ", Box(0, 0, 3, 3)) + ObjectXml("door", Box(20, 20, 30, 30)) +
                   ObjectXml("sofa", Box(-9, -9, -1, -1)) + ObjectXml("line", {{1, 1}, {5, 5}}) +
                   ObjectXml("point", {{1, 1}}) + ObjectXml("none", {}) +
                   "<object><name>chair</name></object><object/>"));
  ASSERT_EQ(annotation.objects.size(), 1u);
  EXPECT_EQ(annotation.objects[0].name, "lamp");
}

TEST_F(LabelMeTest, ObjectsAreCutOffAtTheImagesBorders) {
  const Annotation annotation = Read(Xml(
      5, 7, ObjectXml("sky", Box(-100000, -5, 3000000, 2)) + ObjectXml("road", Box(5, 3, 100, 4))));
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].box, cv::Rect(0, 0, 7, 3));
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(5, 3, 2, 2));
}

TEST_F(LabelMeTest, TheLargestIsPaintedFirstSoThatPartsAreInFront) {
  const Annotation annotation =
      Read(Xml(10, 10,
               ObjectXml("wheel", Box(2, 2, 3, 3), "<parts><ispartof>1</ispartof></parts>") +
                   ObjectXml("car", Box(1, 1, 6, 6), "<parts><hasparts>0</hasparts></parts>") +
                   ObjectXml("road", Box(0, 0, 9, 9))));
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].name, "road");
  EXPECT_EQ(annotation.objects[1].name, "car");
  EXPECT_EQ(annotation.objects[2].name, "wheel");
  const cv::Mat visible = VisibleObjects(annotation, 10, 10);
  EXPECT_EQ(visible.at<int>(0, 0), 0);
  EXPECT_EQ(visible.at<int>(1, 1), 1);
  EXPECT_EQ(visible.at<int>(3, 2), 2);
  EXPECT_EQ(cv::countNonZero(visible == 1), 32);
}

TEST_F(LabelMeTest, AMissingSizeIsTheImagesOwn) {
  scratch_.File("pictures/a.png", Encoded(Gradient(11, 13), ".png"));
  const Annotation annotation =
      Read("<annotation>" + ObjectXml("wall", Box(0, 0, 100, 100)) + "</annotation>");
  EXPECT_EQ(annotation.height, 11);
  EXPECT_EQ(annotation.width, 13);
  EXPECT_EQ(annotation.objects.at(0).area, 11 * 13);
  scratch_.File("pictures/a.png", "no picture");
  EXPECT_TRUE(HasAll(ErrorOf([&] { OnlyAnnotation(set_); }), {"a.xml", "imagesize", "a.png"}));
}

TEST_F(LabelMeTest, AnImageWithoutFileHasNoAnnotation) {
  EXPECT_FALSE(AnnotationReader(set_).Read(0).has_value());
  EXPECT_TRUE(HasAll(ErrorOf([&] { AnnotationReader(set_).Read(1); }), {"below 1", "found 1"}));
}

// As where the process may not enter it.
TEST_F(LabelMeTest, AFolderThatCannotBeReadIsNamed) {
  set_.images[0].name = "pictures/loop/a.png";
  std::filesystem::create_symlink("loop", scratch_.path() / "truth/loop");
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { OnlyAnnotation(set_); }), {"truth/loop/a.xml", "cannot be read"}));
  set_.annotations->root = scratch_.path() / "truth/loop";
  EXPECT_TRUE(HasAll(ErrorOf([&] { OnlyAnnotation(set_); }), {"truth/loop", "cannot be read"}));
  set_.annotations->root = scratch_.path() / "none";
  EXPECT_TRUE(HasAll(ErrorOf([&] { OnlyAnnotation(set_); }), {"none", "expected a folder"}));
}

// Coordinates are clipped, not converted: the farthest that are allowed cover the picture.
TEST_F(LabelMeTest, FarCornersStayWithinTheMask) {
  const int far = 1'000'000'000;
  const Annotation annotation =
      Read(Xml(9, 11,
               ObjectXml("sky", {{-far, -far}, {far, -far}, {far, far}, {-far, far}}) +
                   ObjectXml("wall", {{-far, 3}, {far, 4}, {far, far}, {2, far}})));
  ASSERT_EQ(annotation.objects.size(), 2u);
  EXPECT_EQ(annotation.objects[0].area, 99);
  EXPECT_LE(annotation.objects[1].area, 99);
}

TEST_F(LabelMeTest, MalformedFilesAreRefusedByName) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> corpus = {
      {"bomb", {"DOCTYPE", "lolz", "entities"}},
      {"external_entity", {"DOCTYPE", "password", "entities"}},
      {"nan", {"object 1 (wall), point 2, x", "number", "\"nan\""}},
      {"infinite", {"object 1 (wall), point 2, y", "\"inf\""}},
      {"overflow", {"object 1 (wall), point 1, x", "1e999"}},
      {"far", {"wall", "corners within", "1.7e+308"}},
      {"word", {"object 2 (wall), point 1, y", "\"1px\""}},
      {"missing_y", {"object 1 (wall), point 1, y", "\"\""}},
      {"absurd_size", {"100000000", "100000 x 100000"}},
      {"huge_size", {"imagesize, nrows", "99999999999999999999"}},
      {"negative_size", {"imagesize, nrows", "-4"}},
      {"zero_size", {"imagesize, nrows", "found 0"}},
      {"truncated", {"error at byte"}},
      {"empty", {"LabelMe"}},
      {"other_root", {"<annotation>", "<html>"}},
      {"binary", {"LabelMe"}}};
  size_t files = 0;
  const Path folder = Path(NETDISSECT_SOURCE_DIR) / "tests/corpus/annotation/labelme";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, corpus.size());
  for (const auto& [name, words] : corpus) {
    const std::string xml = ReadFile(folder / (name + ".xml"));
    EXPECT_TRUE(HasAll(ErrorOf([&, &text = xml] { Read(text); }), words)) << name;
    EXPECT_TRUE(HasAll(ErrorOf([&, &text = xml] { Read(text); }), {"truth/a.xml"})) << name;
  }
}

TEST_F(LabelMeTest, BoxesOfPascalVocAreObjects) {
  const auto box = [](int left, int top, int right, int bottom) {
    return fmt::format(
        "<object><name>lamp</name><difficult>0</difficult><bndbox><xmin>{}</xmin><ymin>{}</ymin>"
        "<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>",
        left, top, right, bottom);
  };
  const Annotation annotation =
      Read("<annotation><size><width>30</width><height>20</height><depth>3</depth></size>" +
           box(1, 1, 30, 20) + box(5, 6, 9, 6) + box(28, -3, 99, 2) + box(31, 1, 40, 9) +
           "</annotation>");
  EXPECT_EQ(annotation.width, 30);
  EXPECT_EQ(annotation.height, 20);
  ASSERT_EQ(annotation.objects.size(), 3u);
  EXPECT_EQ(annotation.objects[0].area, 600);                   // 1-based, the last pixel included
  EXPECT_EQ(annotation.objects[1].box, cv::Rect(27, 0, 3, 2));  // cut off at the borders
  EXPECT_EQ(annotation.objects[2].box, cv::Rect(4, 5, 5, 1));
  EXPECT_EQ(annotation.left_out.count, 1);
  EXPECT_TRUE(HasAll(annotation.left_out.examples.at(0), {"a.xml", "object 4 (lamp)", "none"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       Read(
                           "<annotation><size><width>3</width><height>2</height></size><object>"
                           "<name>a</name><bndbox><xmin>x</xmin></bndbox></object></annotation>");
                     }),
                     {"a.xml", "object 1 (a)", "xmin", "\"x\""}));
}

TEST_F(LabelMeTest, TextIsReadAsDeclared) {
  const std::string xml = Xml(20, 30, ObjectXml("caf\xe9", Box(1, 2, 5, 6)));
  for (const char* encoding : {"ISO-8859-1", "windows-1252", "latin1"}) {
    const std::string declared =
        fmt::format("<?xml version=\"1.0\" encoding=\"{}\"?>", encoding) + xml;
    EXPECT_EQ(Read(declared).objects.at(0).name, "caf\xc3\xa9") << encoding;
  }
  EXPECT_EQ(Read(Xml(20, 30, ObjectXml("caf\xc3\xa9", Box(1, 2, 5, 6)))).objects.at(0).name,
            "caf\xc3\xa9");
  for (const std::string& undeclared :
       {xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml, "<?xml version=\"1.0\"?>" + xml}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { Read(undeclared); }), {"a.xml", "UTF-8", "0xe9"}));
  }
}

TEST_F(LabelMeTest, ObjectsWithoutOutlineAreCounted) {
  const Annotation annotation =
      Read(Xml(20, 30,
               ObjectXml("bed", Box(1, 2, 5, 6)) + "<object><name>lamp</name></object>" +
                   "<object><name>door</name><segm><mask>m.png</mask></segm></object>" +
                   "<object><name>old</name><deleted>1</deleted></object>"));
  EXPECT_EQ(annotation.objects.size(), 1u);
  EXPECT_EQ(annotation.left_out.count, 2);
  EXPECT_TRUE(
      HasAll(annotation.left_out.examples.at(0), {"a.xml", "object 2 (lamp)", "found none"}));
  EXPECT_TRUE(HasAll(annotation.left_out.examples.at(1), {"object 3 (door)", "mask"}));
}

// Where the annotation has no size it is that of the picture as it is shown.
TEST_F(LabelMeTest, ThePicturesSizeIsThatAfterItsExifOrientation) {
  std::vector<uchar> jpeg;
  ASSERT_TRUE(cv::imencode(".jpg", cv::Mat(20, 30, CV_8UC3, cv::Scalar(1, 2, 3)), jpeg));
  for (const bool big : {false, true}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      // APP1 with one entry of its directory, the orientation.
      const auto number = [&](int value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i) {
          text += static_cast<char>(value >> (8 * (big ? bytes - 1 - i : i)) & 0xff);
        }
        return text;
      };
      const std::string tiff = (big ? std::string("MM") : std::string("II")) + number(42, 2) +
                               number(8, 4) + number(1, 2) + number(0x112, 2) + number(3, 2) +
                               number(1, 4) + number(orientation, 2) + number(0, 2) + number(0, 4);
      std::string segment = std::string("\xff\xe1\x00", 3) +
                            static_cast<char>(8 + static_cast<int>(tiff.size())) +
                            std::string("Exif\0\0", 6) + tiff;
      std::string file(jpeg.begin(), jpeg.end());
      file.insert(2, segment);
      scratch_.File("pictures/a.png", file);
      const Annotation annotation =
          Read("<annotation>" + ObjectXml("bed", Box(1, 2, 5, 6)) + "</annotation>");
      EXPECT_EQ(annotation.width, orientation >= 5 ? 20 : 30) << orientation;
      EXPECT_EQ(annotation.height, orientation >= 5 ? 30 : 20) << orientation;
    }
  }
}

}  // namespace
}  // namespace netdissect
