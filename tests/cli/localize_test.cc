// localize: boxes, scenes and messages.

#include "cli/program.h"

namespace netdissect {
namespace {

class LocalizeProgram : public ProgramTest {
 protected:
  // A recording of conv5, and labels of its first units.
  void Prepare() const {
    RunWell({"record", "--network", Network(), "--images", Images(), "--layer", "conv5", "--out",
             Place("record")});
    // A quantile is an activation on these very pictures: moved off it, so that no position is
    // above the threshold or not by the last bit.
    Json record = ReadResult("record/record.json");
    for (Json& unit : record["layers"]["conv5"]["units"]) {
      unit["quantile_0.995"] = 0.99 * unit["quantile_0.995"].get<double>();
    }
    WriteJson(Place("record/record.json"), record);
    const Json& network = record["netdissect"]["network"];
    Json units = Json::array();
    const char* labels[] = {"lamp", "bed", "lamp", "", "sky", "rug"};
    for (int unit = 0; unit < 6; ++unit) {
      units.push_back({{"unit", unit},
                       {"label", labels[unit]},
                       {"precision", unit == 4 ? 0.1 : 0.9},  // the sky is left out
                       {"group", "object"},
                       {"iou", unit == 5 ? 0.01 : 0.1},  // the rug too
                       {"annotators", 0}});
    }
    WriteJson(
        scratch_.path() / "labels/annotation.json",
        {{"netdissect", {{"network", network}}}, {"layers", {{"conv5", {{"units", units}}}}}});
  }

  Arguments Localize(const Arguments& more) const {
    Arguments arguments = {
        "localize", "--network",       Network(),  "--record",  Place("record"),
        "--labels", Place("labels"),   "--fields", Place("rf"), "--min-confidence",
        "0",        "--min-precision", "0.5",      "--out",     Place("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(LocalizeProgram, ScenesAndObjectsOfASet) {
  Prepare();
  const Outcome outcome = RunWell(Localize({"--images", Images(), "--time", "--json"}));
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json, ReadResult("out/localize.json"));
  EXPECT_TRUE(HasHeader(json, "localize"));
  EXPECT_GT(json["bare_seconds_per_image"], 0);
  EXPECT_GT(json["seconds_per_image"], 0);
  ASSERT_EQ(json["images"].size(), 6u);
  size_t objects = 0;
  for (const Json& image : json["images"]) {
    ASSERT_TRUE(HasKeys(image, {"image", "classes", "objects"}));
    EXPECT_EQ(image["classes"].size(), 5u);
    double last = 1;
    for (const Json& object : image["objects"]) {
      ASSERT_TRUE(HasKeys(object, {"label", "layer", "unit", "confidence", "box"}));
      EXPECT_EQ(object["layer"], "conv5");
      EXPECT_EQ(object["label"], object["unit"] == 1 ? "bed" : "lamp");
      EXPECT_LE(object["confidence"], last);
      last = object["confidence"];
      const Json& box = object["box"];
      EXPECT_GE(box[0], 0);
      EXPECT_GE(box[1], 0);
      EXPECT_LE(box[0].get<int>() + box[2].get<int>(), 64);
      EXPECT_LE(box[1].get<int>() + box[3].get<int>(), 48);
      EXPECT_LE(last, 0.9);
      ++objects;
    }
    const std::string file = FileNameOf(image["image"].get<std::string>());
    EXPECT_FALSE(cv::imread(Place("out/localize/" + file + ".png")).empty());
  }
  EXPECT_GT(objects, 0u);
  EXPECT_TRUE(std::filesystem::exists(Place("out/options.toml")));

  // The same whatever the threads and batches.
  Arguments again = Localize({"--images", Images(), "--batch", "1", "--no-pictures"});
  again.insert(again.begin(), {"--threads", "1"});
  RunWell(again);
  Json one = ReadResult("out/localize.json");
  ASSERT_EQ(one["images"].size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    const Json &a = json["images"][i]["objects"], &b = one["images"][i]["objects"];
    ASSERT_EQ(a.size(), b.size());
    for (size_t k = 0; k < a.size(); ++k) EXPECT_EQ(a[k]["box"], b[k]["box"]) << a[k] << b[k];
  }
}

TEST_F(LocalizeProgram, GivenPicturesForPeople) {
  Prepare();
  const Outcome outcome =
      RunWell(Localize({Place("pictures/1.png"), Place("pictures/4.png"), "--no-pictures"}));
  EXPECT_TRUE(HasAll(outcome.out, {"pictures/1.png", "pictures/4.png", "%", "objects:"}));
  EXPECT_TRUE(HasAll(outcome.err, {"conv5: 3 of", "rf.json", "not there"}));
  EXPECT_FALSE(std::filesystem::exists(Place("out/localize")));
}

TEST_F(LocalizeProgram, WhatIsMissingIsNamed) {
  const auto error_of = [&](const Arguments& arguments) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 1) << outcome;
    return outcome.err;
  };
  const std::string images = Images();
  EXPECT_TRUE(HasAll(error_of(Localize({"--images", images})), {"labels", "no such file"}));
  Prepare();
  std::filesystem::remove(Place("record/record.json"));
  EXPECT_TRUE(HasAll(error_of(Localize({"--images", images})), {"record.json", "no such file"}));
  Prepare();
  EXPECT_TRUE(HasAll(error_of(Localize({"--images", images, "--layer", "conv4"})),
                     {"annotation.json", "layer conv4", "those of conv5"}));
  Json labels = ReadResult("labels/annotation.json");
  labels["layers"]["conv5"]["units"][0]["unit"] = 700;
  WriteJson(Place("labels/annotation.json"), labels);
  EXPECT_TRUE(HasAll(error_of(Localize({"--images", images})), {"annotation.json", "700"}));
  labels["netdissect"]["network"]["digest"] = "other";
  WriteJson(Place("labels/annotation.json"), labels);
  EXPECT_TRUE(HasAll(error_of(Localize({"--images", images})), {"annotation.json", "other"}));
}

}  // namespace
}  // namespace netdissect
