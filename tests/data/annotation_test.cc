#include "netdissect/data/annotation.h"

#include <gtest/gtest.h>

#include "data/annotated_set.h"

namespace netdissect {
namespace {

Annotation TwoObjects() {
  Annotation annotation{6, 10, {}};
  annotation.objects.push_back({"wall", {0, 0, 10, 4}, cv::Mat(4, 10, CV_8U, cv::Scalar(255)), 40});
  cv::Mat diagonal = cv::Mat::eye(3, 3, CV_8U) * 255;
  annotation.objects.push_back({"lamp", {6, 2, 3, 3}, diagonal, 3});
  return annotation;
}

TEST(AnnotationTest, EveryPixelShowsTheNearestObjectAtItsCentre) {
  const Annotation annotation = TwoObjects();
  for (const auto& [height, width] :
       std::vector<std::pair<int, int>>{{6, 10}, {12, 20}, {3, 5}, {7, 31}, {1, 1}, {5, 4}}) {
    const cv::Mat visible = VisibleObjects(annotation, height, width);
    ASSERT_EQ(visible.type(), CV_32S);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        // In the annotation's pixels, of which pixel i covers [i, i + 1).
        const auto row = static_cast<int>((y + 0.5) * annotation.height / height);
        const auto column = static_cast<int>((x + 0.5) * annotation.width / width);
        int expected = -1;
        for (int i = 0; i < 2; ++i) {
          const auto& object = annotation.objects[static_cast<size_t>(i)];
          if (WholeMask(annotation, object).at<uchar>(row, column) != 0) expected = i;
        }
        EXPECT_EQ(visible.at<int>(y, x), expected)
            << height << " x " << width << ", " << y << " " << x;
      }
    }
  }
}

TEST(AnnotationTest, ASetWithoutAnnotationsIsRefused) {
  Dataset set;
  set.name = "plain";
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { AnnotationReader reader(set); }), {"plain", "\"annotations\"", "none"}));
  set.annotations = AnnotationSource{"labelme", "/nowhere/at/all", {}, {}, {}, {}};
  EXPECT_TRUE(HasAll(ErrorOf([&] { AnnotationReader reader(set); }), {"/nowhere/at/all"}));
}

// Which files are there in place of those that were looked for.
TEST(ReportUnread, CountsFilesOfNoImage) {
  class Warnings : public Observer {
   public:
    void Warning(const std::string& text) override { all += text + "\n"; }
    std::string all;
  };
  const ScratchFolder scratch;
  Dataset set = AnnotatedSet(scratch, "labelme", {"a", "b", "c"});
  for (const char* name : {"a.xml", "b.json", "old.xml", "c.txt", "d/e", ".hidden"}) {
    scratch.File(std::string("truth/") + name, "");
  }
  Warnings warnings;
  ReportUnread(set, 0, warnings);
  EXPECT_EQ(warnings.all, "") << "every image has its own";
  ReportUnread(set, 1, warnings);
  EXPECT_TRUE(HasAll(warnings.all, {"annotated: 1 images have no annotation", "truth",
                                    "3 (1 without extension, 1 .txt, 1 .xml)"}));
  // Annotations beside the images, which are known.
  warnings.all.clear();
  set.annotations->root = scratch.path() / "pictures";
  for (const char* name : {"a.png", "b.png", "c.png"}) {
    scratch.File(std::string("pictures/") + name, "");
  }
  ReportUnread(set, 3, warnings);
  EXPECT_EQ(warnings.all, "");
}

}  // namespace
}  // namespace netdissect
