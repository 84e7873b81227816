#include "netdissect/report/simplify_report.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <set>

#include "base/scratch.h"
#include "netdissect/report/simplify_figure.h"
#include "netdissect/report/simplify_store.h"
#include "probe/small_model.h"

namespace netdissect {
namespace {

class SimplifyReport : public testing::Test {
 protected:
  SimplifyReport() : model_(SmallModel(2)) {
    model_.classes = {"bedroom", "b", "c", "d", "e", "f", "</script>"};
    set_.name = "rooms";
    set_.labels = {"my bedroom", "kitchen"};
    for (int i = 0; i < 3; ++i) {
      set_.images.push_back({"", fmt::format("room {}/picture.jpg", i), i < 2 ? 0 : -1});
    }
    image_.image = 1;
    image_.target = image_.predicted = 6;
    image_.segments = {{"bed", "bed", 0.25},
                       {"wall", "wall", 0.125},
                       {"bed 2", "bed", 0.5},
                       {"remainder", "", 0.125}};
    image_.minimal.target = 6;
    image_.minimal.probability = 1.0 / 3;
    image_.minimal.steps = {{1, 0.25}, {0, 0.7}};
    image_.minimal.kept = {2, 3};
    image_.minimal.refused = Removal{3, 0.1};
    image_.minimal.refused_first = 4;
    image_.minimal.passes = 9;
    image_.seconds = 1.5;
    detail_.values = 255 * at::rand({3, 33, 33});
    detail_.segmentation.segments = image_.segments;
    detail_.segmentation.masks = at::full({4, 33, 33}, 0.25f);
    detail_.bases = at::randn({4, 3, 33, 33});
  }

  ScratchFolder folder_;
  Model model_;
  Dataset set_;
  SimplifiedImage image_;
  SimplifyDetail detail_;
};

TEST_F(SimplifyReport, AnImageReadsBackEqual) {
  const Json json = Json::parse(ToJson(image_, model_, set_).dump());
  EXPECT_EQ(json["image"], "room 1/picture.jpg");
  EXPECT_EQ(json["label"], "my bedroom");
  EXPECT_EQ(json["kept"], Json({"bed 2", "remainder"}));
  EXPECT_EQ(json["kept_fraction"], 0.625);
  EXPECT_EQ(json["steps"][1], Json({{"segment", "bed"}, {"probability", 0.7}}));
  EXPECT_EQ(json["refused"]["class"], "e");
  const SimplifiedImage back = SimplifiedImageFrom(json, 1);
  EXPECT_EQ(ToJson(back, model_, set_), json);
  EXPECT_EQ(back.segments[3].object, "");
  EXPECT_EQ(back.minimal.steps[0].segment, 1);
}

TEST_F(SimplifyReport, CategoriesAreLabelsElseClasses) {
  EXPECT_EQ(CategoryOf(image_, model_, set_), "my bedroom");
  image_.image = 2;
  image_.target = 0;
  EXPECT_EQ(CategoryOf(image_, model_, set_), "bedroom");
}

TEST_F(SimplifyReport, CountsPerCategory) {
  SimplifySummary summary;
  summary.wrong = 5;
  EXPECT_EQ(ToJson(summary, {})["not_correct"], 5);
  KeptObjectCounter counter;
  counter.Add(image_, CategoryOf(image_, model_, set_));
  image_.minimal.kept = {1};
  counter.Add(image_, CategoryOf(image_, model_, set_));
  const Json categories = ToJson(counter.Categories());
  const Json& category = categories["my bedroom"];
  EXPECT_EQ(category["images"], 2);
  const Json& bed = category["objects"]["bed"];
  EXPECT_EQ(bed["present"], 2);
  EXPECT_EQ(bed["kept"], 0.5);
  EXPECT_EQ(bed["kept_if_present"], 0.5);
  EXPECT_NEAR(bed["interval"][0], 0.0945, 5e-5);  // Wilson, 1 of 2
  EXPECT_NEAR(bed["interval"][1], 0.9055, 5e-5);
  // 2 beds among 4 segments: all but C(2, 2) / C(4, 2), then all but C(2, 1) / C(4, 1).
  EXPECT_NEAR(bed["chance_if_present"], (5.0 / 6 + 2.0 / 4) / 2, 1e-12);
}

TEST_F(SimplifyReport, Tables) {
  std::vector<SimplifiedImage> images(12, image_);
  images.push_back(image_);
  images.back().image = 2;
  KeptObjectCounter counter, whole;
  for (const SimplifiedImage& image : images) {
    counter.Add(image, CategoryOf(image, model_, set_));
    whole.Add(image, "all");
  }
  const std::vector<KeptCategory> categories = counter.Categories();
  const Table all = KeptObjectTable(categories, 1, 0);
  EXPECT_EQ(all.rows.size(), 4u);
  EXPECT_EQ(all.rows[0][1], "bed");
  EXPECT_EQ(all.rows[0][5], "100%");
  EXPECT_EQ(all.rows[1][5], "0%");
  EXPECT_EQ(KeptObjectTable(categories, 5, 0).rows.size(), 2u);
  EXPECT_EQ(KeptObjectTable(categories, 1, 1).rows.size(), 2u);
  const Table fractions = KeptFractionTable(categories, whole.Categories());
  ASSERT_EQ(fractions.rows.size(), 3u);
  EXPECT_EQ(fractions.rows[2], (std::vector<std::string>{"all", "13", "4.0", "2.0", "62.5%"}));
}

TEST_F(SimplifyReport, TheFolderKeepsWhatWasSaved) {
  SimplifyFolder folder(RunFiles(folder_.path()), model_, set_, 1, true);
  EXPECT_FALSE(folder.Find(1, "key").has_value());
  folder.Save(image_, "key", &detail_);
  for (const char* ending : {".json", ".png", "_curve.png", "_curve.svg", ".html"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.FileOf(1, ending))) << ending;
  }
  SimplifiedImage wrong;
  wrong.image = 2;
  wrong.target = 1;
  wrong.predicted = 3;
  folder.Save(wrong, "other", nullptr);
  EXPECT_EQ(folder_.CountFiles(), 6u);
  SimplifyFolder again(RunFiles(folder_.path()), model_, set_, 1, true);
  const auto found = again.Find(1, "key");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->minimal.kept, image_.minimal.kept);
  EXPECT_FALSE(again.Find(2, "other")->correct());
  EXPECT_FALSE(again.Find(1, "another key").has_value());
  EXPECT_FALSE(
      SimplifyFolder(RunFiles(folder_.path()), model_, set_, 1, false).Find(1, "key").has_value());
  // Pictures that are wanted and not there are drawn anew; a spoilt file is as good as none.
  for (const char* ending : {"_curve.svg", ".html"}) {
    std::filesystem::remove(folder.FileOf(1, ending));
    SimplifyFolder drawn(RunFiles(folder_.path()), model_, set_, 1, true);
    EXPECT_FALSE(drawn.Find(1, "key").has_value());
    EXPECT_TRUE(
        SimplifyFolder(RunFiles(folder_.path()), model_, set_, 0, true).Find(1, "key").has_value());
    drawn.Save(image_, "key", &detail_);
    EXPECT_TRUE(std::filesystem::exists(folder.FileOf(1, ending)));
  }
  WriteFile(folder.FileOf(1, ".json"), "{\"key\": \"key\", \"result\": {}}");
  EXPECT_FALSE(
      SimplifyFolder(RunFiles(folder_.path()), model_, set_, 0, true).Find(1, "key").has_value());
}

TEST_F(SimplifyReport, NoTwoImagesShareAFile) {
  set_.images = {{"", "a/b.png", 0},
                 {"", "a_b.png", 0},
                 {"", "a:b.jpg", 0},
                 {"", std::string(400, 'x') + "1.png", 0},
                 {"", std::string(400, 'x') + "2.png", 0},
                 {"", "../up.png", 0}};
  const SimplifyFolder folder(RunFiles(folder_.path()), model_, set_, 1, true);
  std::set<Path> files;
  for (int i = 0; i < 6; ++i) {
    const Path file = folder.FileOf(i, ".json");
    EXPECT_EQ(file.parent_path(), folder_.path() / "images");
    EXPECT_LT(file.filename().string().size(), 200u);
    files.insert(file);
  }
  EXPECT_EQ(files.size(), 6u);
}

TEST_F(SimplifyReport, ThePageHasEveryStepAndNothingEndsItsScript) {
  const std::string page = SimplifyPage(image_, detail_, model_, "room <b>");
  size_t pictures = 0;
  for (size_t at = page.find("data:image/jpeg;base64,"); at != std::string::npos;
       at = page.find("data:image/jpeg;base64,", at + 1)) {
    ++pictures;
  }
  EXPECT_EQ(pictures, 3u);  // the whole, and after each of two removals
  size_t ends = 0;          // of the data and of the script
  for (size_t at = page.find("</script"); at != std::string::npos;
       at = page.find("</script", at + 1)) {
    ++ends;
  }
  EXPECT_EQ(ends, 2u);
  EXPECT_EQ(page.find("room <b>"), std::string::npos);
  EXPECT_TRUE(HasAll(page, {"room \\u003cb>", "2 of 4 segments kept, 62.5% of the pixels",
                            "keeps: bed 2, remainder", "data:image/png;base64,"}));
}

TEST_F(SimplifyReport, Figures) {
  const cv::Mat strip = DrawStrip(image_, detail_, model_);
  EXPECT_GT(strip.cols, 3 * 200);
  // Nothing removed: whole image, segments, and the same again as the minimal one.
  SimplifiedImage whole = image_;
  whole.minimal.steps.clear();
  EXPECT_LT(DrawStrip(whole, detail_, model_).cols, strip.cols);
  EXPECT_FALSE(Raster(DrawProbabilities(image_, model_)).empty());
  EXPECT_FALSE(Raster(DrawProbabilities(whole, model_)).empty());
  EXPECT_EQ(DrawSegments(detail_, model_.input.order).size(), cv::Size(33, 33));
}

}  // namespace
}  // namespace netdissect
