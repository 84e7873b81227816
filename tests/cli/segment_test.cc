// segment: sheets, masks and messages.

#include "cli/program.h"
#include "data/coco_rle.h"

namespace netdissect {
namespace {

class Segment : public ProgramTest {
 protected:
  Arguments Sheets(const std::string& out, const Arguments& more) const {
    Arguments arguments = {"segment",  "--network", Network(),         "--images",
                           Images(),   "--layer",   "conv5",           "--out",
                           Place(out), "--record",  Place("no-record")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Arguments Picture(const std::string& out, const Arguments& more) const {
    Images();
    Arguments arguments = {
        "segment", "--network", Network(), "--layer", "conv5", "--image", Place("pictures/2.png"),
        "--out",   Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // 13 x 13 with one value in the middle.
  std::string MapFile(int rows = 13) const {
    std::string text;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < 13; ++x) {
        text += (x > 0 ? "," : "") + std::string(y == 6 && x == 6 ? "8" : "0");
      }
      text += "\n";
    }
    return scratch_.File("map.csv", text).string();
  }
};

TEST_F(Segment, TopImagesOfUnits) {
  const Arguments arguments = Sheets("out", {"--units", "0-2", "--k", "3", "--per-sheet", "2"});
  RunWell(arguments);
  const Json json = ReadResult("out/segment.json");
  EXPECT_TRUE(HasHeader(json, "segment"));
  const Json& units = json["layers"]["conv5"]["units"];
  ASSERT_EQ(units.size(), 3u);
  for (const Json& unit : units) {
    ASSERT_TRUE(HasKeys(unit, {"unit", "images", "largest"}));
    ASSERT_EQ(unit["images"].size(), 3u);
    EXPECT_EQ(unit["images"][0]["value"], unit["largest"]);
    for (const Json& image : unit["images"]) {
      ASSERT_TRUE(HasKeys(image, {"image", "threshold", "mask", "area", "boxes"}));
      const cv::Mat mask = DecodeRle(RleFromJson(image["mask"]));
      EXPECT_EQ(mask.size(), cv::Size(64, 48));  // the picture's own
      EXPECT_EQ(image["area"], cv::countNonZero(mask));
      EXPECT_EQ(image["boxes"].empty(), image["area"] == 0);
      EXPECT_NEAR(image["threshold"], 0.4 * unit["largest"].get<double>(), 1e-6);
    }
    EXPECT_GT(unit["images"][0]["area"], 0);  // the picture with the largest activation
  }
  EXPECT_FALSE(cv::imread(Place("out/segment/conv5/sheet_001.png")).empty());
  EXPECT_FALSE(cv::imread(Place("out/segment/conv5/sheet_002.png")).empty());
  EXPECT_FALSE(std::filesystem::exists(Place("out/segment/conv5/sheet_003.png")));
  EXPECT_TRUE(std::filesystem::exists(Place("out/options.toml")));
  EXPECT_FALSE(HasHalfWrittenFiles());

  // Again from the recording that the first run made.
  const Outcome again = RunWell(arguments);
  EXPECT_TRUE(HasAll(again.err, {"record.json", "reused"}));
  EXPECT_EQ(ReadResult("out/segment.json"), json);

  // With other threads and batches a sum may round otherwise, and a pixel at the threshold flip.
  Arguments otherwise = arguments;
  otherwise.insert(otherwise.begin(), {"--threads", "1"});
  otherwise.insert(otherwise.end(), {"--batch", "1"});
  RunWell(otherwise);
  const Json other = ReadResult("out/segment.json")["layers"]["conv5"]["units"];
  for (size_t u = 0; u < 3; ++u) {
    for (size_t i = 0; i < 3; ++i) {
      const Json &a = units[u]["images"][i], &b = other[u]["images"][i];
      EXPECT_EQ(a["image"], b["image"]);
      EXPECT_NEAR(a["value"], b["value"], 1e-4 * a["value"].get<double>());
      EXPECT_NEAR(a["area"], b["area"], 2);
    }
  }
}

TEST_F(Segment, TheBestUnitsAreThoseOfHighestActivation) {
  RunWell(Sheets("out", {"--best", "3", "--k", "1"}));
  const Json record = ReadResult("out/record.json")["layers"]["conv5"]["units"];
  const Json units = ReadResult("out/segment.json")["layers"]["conv5"]["units"];
  ASSERT_EQ(units.size(), 3u);
  std::vector<double> largest;
  for (const Json& unit : record) largest.push_back(unit["top"][0]["value"]);
  std::sort(largest.rbegin(), largest.rend());
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(units[i]["largest"], largest[i]);
}

TEST_F(Segment, TheBestOfLabelledUnitsAreThoseThatFitBest) {
  RunWell(Sheets("out", {"--units", "0", "--k", "1"}));
  Json units = Json::array();
  const std::pair<const char*, double> labels[] = {{"bed", 0.2}, {"", 0.9}, {"lamp", 0.3}};
  for (int unit = 0; unit < 3; ++unit) {
    units.push_back({{"unit", unit},
                     {"label", labels[unit].first},
                     {"precision", nullptr},
                     {"group", "object"},
                     {"iou", labels[unit].second},
                     {"annotators", 0}});
  }
  const Json network = ReadResult("out/segment.json")["netdissect"]["network"];
  WriteJson(scratch_.path() / "labels/annotation.json",
            {{"netdissect", {{"network", network}}}, {"layers", {{"conv5", {{"units", units}}}}}});
  RunWell(Sheets("out", {"--best", "3", "--k", "1", "--labels", Place("labels")}));
  const Json best = ReadResult("out/segment.json")["layers"]["conv5"]["units"];
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0]["unit"], 2);
  EXPECT_EQ(best[1]["unit"], 0);
}

TEST_F(Segment, MeasuredReceptiveFields) {
  const Arguments by_field = Sheets("out", {"--units", "0,1", "--k", "2", "--method",
                                            "receptive-field", "--fields", Place("rf")});
  const Outcome without = Run(by_field);
  EXPECT_EQ(without.status, 1) << without;
  EXPECT_TRUE(HasAll(without.err, {"rf/rf.json"}));
  RunWell({"rf", "--network", Network(), "--images", Images(), "--layer", "conv5", "--units", "0",
           "--k", "1", "--stride", "27", "--out", Place("rf"), "--record", Place("no-record")});
  RunWell(by_field);
  const Json units = ReadResult("out/segment.json")["layers"]["conv5"]["units"];
  ASSERT_EQ(units.size(), 2u);
  for (const Json& unit : units) EXPECT_GT(unit["images"][0]["area"], 0);
}

TEST_F(Segment, OnePictureAtItsOwnSize) {
  const Outcome outcome = RunWell(Picture("out", {"--unit", "1", "--json"}));
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json, ReadResult("out/segment.json"));
  EXPECT_TRUE(HasHeader(json, "segment"));
  const Json& unit = json["layers"]["conv5"]["units"][0];
  EXPECT_EQ(unit["unit"], 1);
  EXPECT_EQ(unit["largest_from"], "this picture");
  EXPECT_EQ(unit["largest"], unit["images"][0]["value"]);
  EXPECT_EQ(cv::imread(Place("out/segment/2.png")).size(), cv::Size(64, 48));

  // With a recording the unit's largest activation is that over its images.
  RunWell({"record", "--network", Network(), "--images", Images(), "--layer", "conv5", "--out",
           Place("record")});
  RunWell(Picture("out", {"--unit", "1", "--record", Place("record")}));
  const Json recorded = ReadResult("out/segment.json")["layers"]["conv5"]["units"][0];
  EXPECT_EQ(recorded["largest_from"], Place("record/record.json"));
  EXPECT_EQ(recorded["largest"],
            ReadResult("record/record.json")["layers"]["conv5"]["units"][1]["top"][0]["value"]);
  // Single pictures and batches are rounded differently.
  EXPECT_GE(recorded["largest"].get<double>(), unit["largest"].get<double>() * (1 - 1e-5));

  const Outcome given = RunWell(Picture("out", {"--unit", "1", "--largest", "1e9"}));
  EXPECT_EQ(ReadResult("out/segment.json")["layers"]["conv5"]["units"][0]["images"][0]["area"], 0);
}

TEST_F(Segment, AMapOfAnotherProgram) {
  RunWell(Picture("out", {"--map", MapFile()}));
  const Json unit = ReadResult("out/segment.json")["layers"]["conv5"]["units"][0];
  EXPECT_TRUE(unit["unit"].is_null());
  EXPECT_EQ(unit["largest"], 8);
  // Position 6 of conv5 is at pixel 9 + 16 * 6 + 8 = 113 of 227, the middle: of 64 x 48 pixels too.
  const Json& boxes = unit["images"][0]["boxes"];
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0][0].get<int>() * 2 + boxes[0][2].get<int>(), 64);
  EXPECT_EQ(boxes[0][1].get<int>() * 2 + boxes[0][3].get<int>(), 48);
}

TEST_F(Segment, WrongInputsAreNamed) {
  const auto error_of = [&](const Arguments& arguments, int status) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, status) << outcome;
    return outcome.err;
  };
  EXPECT_TRUE(HasAll(error_of(Sheets("out", {"--units", "3,900"}), 1), {"3,900", "conv5", "0 to"}));
  EXPECT_TRUE(
      HasAll(error_of(Sheets("out", {"--layer", "fc7"}), 1), {"fc7", "positions in the image"}));
  EXPECT_TRUE(HasAll(error_of(Picture("out", {"--unit", "900"}), 1), {"--unit 900", "conv5"}));
  EXPECT_TRUE(HasAll(error_of(Picture("out", {"--map", MapFile(12)}), 1),
                     {"map.csv", "13 rows", "found 12"}));
  EXPECT_TRUE(HasAll(error_of(Picture("out", {"--unit", "0", "--record", Place("gone")}), 1),
                     {"gone/record.json"}));
  EXPECT_TRUE(HasAll(error_of(Sheets("out", {"--unit", "3"}), 2), {"--unit", "--image"}));
  EXPECT_TRUE(HasAll(error_of(Picture("out", {}), 2), {"--unit", "--map"}));
  EXPECT_TRUE(
      HasAll(error_of(Picture("out", {"--map", MapFile(), "--map", MapFile()}), 2), {"found 2"}));
  EXPECT_TRUE(HasAll(error_of(Sheets("out", {"--threshold", "1.2"}), 2), {"--threshold", "1.2"}));
}

}  // namespace
}  // namespace netdissect
