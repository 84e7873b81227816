// rf --method gradient: files and keys as occlusion has them, beside those.

#include <algorithm>
#include <cmath>

#include "base/npy.h"
#include "cli/program.h"

namespace netdissect {
namespace {

class GradientRuns : public ProgramTest {
 protected:
  Arguments Rf(const std::string& out, const Arguments& more) const {
    Arguments arguments = {"rf",      "--network", Network(), "--layer", "pool1",
                           "--layer", "conv3",     "--units", "0-3",     "--k",
                           "2",       "--out",     Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Outcome ByGradient(const std::string& out, const Arguments& more = {}) {
    Arguments arguments = Rf(out, {"--images", Images(), "--method", "gradient"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunWell(arguments);
  }

  Outcome ByOcclusion(const std::string& out, const Arguments& more = {}) {
    Arguments arguments = Rf(out, {"--images", Images(), "--stride", "9"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunWell(arguments);
  }

  Outcome OnNoise(const std::string& out, const Arguments& first = {}) const {
    Arguments arguments = first;
    for (const std::string& word : Rf(out, {"--method", "gradient", "--inputs", "noise"})) {
      arguments.push_back(word);
    }
    return RunWell(arguments);
  }

  std::vector<float> Map(const std::string& file) const { return ReadNpy(Place(file)).values; }
};

TEST_F(GradientRuns, LeaveWhatOcclusionLeaves) {
  const Outcome outcome = ByGradient("out", {"--pipelines", "--explain", "1"});
  const Json json = ReadResult("out/rf_gradient.json");
  EXPECT_TRUE(HasHeader(json, "rf"));
  EXPECT_EQ(json["method"], "gradient");
  EXPECT_EQ(json["inputs"], "top");
  EXPECT_FALSE(json.contains("compared"));
  ASSERT_TRUE(HasKeys(json["layers"], {"pool1", "conv3"}));
  int measured = 0;
  for (const auto& [name, layer] : json["layers"].items()) {
    ASSERT_TRUE(HasKeys(layer, {"theoretical_size", "mean", "std", "threshold", "stride", "patch",
                                "k", "units", "sensitivity", "discrepancy"}));
    EXPECT_EQ(layer["stride"], 1);
    EXPECT_EQ(layer["patch"], 1);
    EXPECT_EQ(layer["maps"], "rf_gradient/" + name);
    const int64_t side = name == "pool1" ? 19 : 99;
    ASSERT_EQ(layer["units"].size(), 4u);
    for (const Json& unit : layer["units"]) {
      const std::string stem =
          fmt::format("out/rf_gradient/{}/unit_{:04}", name, unit["unit"].get<int>());
      EXPECT_FALSE(cv::imread(Place(stem + ".png")).empty());
      EXPECT_FALSE(cv::imread(Place(stem + "_pipeline.jpg")).empty());
      const NpyArray map = ReadNpy(Place(stem + ".npy"));
      // The theoretical field, which no pixel beside it can add to.
      EXPECT_EQ(map.shape, (std::vector<int64_t>{side, side}));
      if (unit["size"].is_null()) continue;
      const float largest = *std::max_element(map.values.begin(), map.values.end());
      const auto area = std::count_if(map.values.begin(), map.values.end(),
                                      [&](float v) { return v > 0.17f * largest; });
      EXPECT_NEAR(unit["size"], std::sqrt(static_cast<double>(area)), 0.1);
      EXPECT_GT(unit["size"], 1);
      ++measured;
    }
  }
  EXPECT_GT(measured, 4) << "units are silent: the test's pictures do not serve";
  for (const char* file :
       {"out/table2.csv", "out/table2.tex", "out/options.toml", "out/sensitivity_gradient.csv",
        "out/sensitivity_gradient.tex", "out/sensitivity_gradient.svg",
        "out/explain_gradient_pool1_unit_0001.png", "out/rf_gradient/responses"}) {
    EXPECT_GT(ReadFile(Place(file)).size(), 0u) << file;
  }
  EXPECT_TRUE(HasAll(outcome.out, {"theoretical", "tiny, gradient", "pool1", "conv3"}));
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf.json")));
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(GradientRuns, StandBesideOcclusion) {
  ByOcclusion("out");
  const std::string occlusion = ReadFile(Place("out/rf.json"));
  EXPECT_EQ(ReadFile(Place("out/table2.csv")).find("gradient"), std::string::npos);
  const std::string sensitivity = ReadFile(Place("out/sensitivity.csv"));
  const std::string picture = ReadFile(Place("out/rf/pool1/unit_0000.png"));
  const Outcome outcome = ByGradient("out");
  EXPECT_EQ(ReadFile(Place("out/rf.json")), occlusion);
  EXPECT_EQ(ReadFile(Place("out/sensitivity.csv")), sensitivity);
  EXPECT_EQ(ReadFile(Place("out/rf/pool1/unit_0000.png")), picture);
  const std::vector<std::string> rows = {"theoretical", "tiny, occlusion", "tiny, gradient",
                                         "tiny, rank correlation"};
  EXPECT_TRUE(HasAll(outcome.out, rows));
  const std::string table = ReadFile(Place("out/table2.csv"));
  EXPECT_TRUE(HasAll(table, rows));
  EXPECT_LT(table.find("occlusion"), table.find("gradient"));
  const Json json = ReadResult("out/rf_gradient.json");
  EXPECT_EQ(json["compared"]["method"], "occlusion");
  EXPECT_TRUE(HasKeys(json["compared"]["layers"], {"pool1", "conv3"}));
  // On the same top images.
  for (const char* layer : {"pool1", "conv3"}) {
    for (int unit = 0; unit < 4; ++unit) {
      EXPECT_EQ(json["layers"][layer]["units"][unit]["images"],
                ReadResult("out/rf.json")["layers"][layer]["units"][unit]["images"]);
    }
  }
  // Occlusion again, of one layer: the table is of that.
  RunWell({"rf", "--network", Network(), "--images", Images(), "--layer", "pool1", "--units", "0-3",
           "--k", "2", "--stride", "9", "--out", Place("out")});
  EXPECT_EQ(ReadResult("out/rf.json")["compared"]["method"], "gradient");
  const std::string again = ReadFile(Place("out/table2.csv"));
  EXPECT_TRUE(HasAll(again, rows));
  EXPECT_EQ(again.find("conv3"), std::string::npos);
}

TEST_F(GradientRuns, OfAnotherNetworkAreNotPutTogether) {
  ByOcclusion("out");
  const std::string other = Network("tiny", 9);
  const Outcome outcome =
      RunWell({"rf", "--network", other, "--images", Images(), "--layer", "pool1", "--units", "0",
               "--k", "1", "--method", "gradient", "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.err, {"rf.json", "digest", "left out of table2"}));
  EXPECT_EQ(ReadFile(Place("out/table2.csv")).find("occlusion"), std::string::npos);
}

TEST_F(GradientRuns, GoOnFromWhatIsStored) {
  ByGradient("out");
  const Json first = ReadResult("out/rf_gradient.json");
  EXPECT_EQ(first["stored"], 0);
  ByGradient("out", {"--threshold", "0.3"});
  const Json second = ReadResult("out/rf_gradient.json");
  EXPECT_EQ(second["stored"], first["pairs"]);
  EXPECT_LT(second["layers"]["conv3"]["mean"], first["layers"]["conv3"]["mean"]);
}

TEST_F(GradientRuns, OfOnePicture) {
  Images();
  const Outcome outcome =
      RunWell({"rf", "--network", Network(), "--image", Place("pictures/2.png"), "--layer", "conv2",
               "--unit", "1", "--method", "gradient", "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.out, {"conv2 unit 1", "largest gradient", "map_gradient.png"}));
  const Json json = ReadResult("out/rf_gradient.json");
  EXPECT_TRUE(HasKeys(json, {"value", "y", "x", "engine", "seconds", "largest"}));
  EXPECT_EQ(json["method"], "gradient");
  const NpyArray map = ReadNpy(Place("out/map_gradient.npy"));
  EXPECT_EQ(map.shape, (std::vector<int64_t>{227, 227}));
  EXPECT_FLOAT_EQ(*std::max_element(map.values.begin(), map.values.end()),
                  json["largest"].get<float>());
  const auto touched =
      std::count_if(map.values.begin(), map.values.end(), [](float v) { return v != 0; });
  EXPECT_GT(touched, 100);
  EXPECT_LE(touched, 51 * 51);  // what conv2 can see
  EXPECT_FALSE(cv::imread(Place("out/map_gradient.png")).empty());
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf.json")));
}

TEST_F(GradientRuns, OnNoise) {
  const Outcome outcome = OnNoise("out");
  const Json json = ReadResult("out/rf_gradient.json");
  EXPECT_TRUE(HasHeader(json, "rf"));
  EXPECT_EQ(json["inputs"], "noise");
  ASSERT_EQ(json["netdissect"]["images"].size(), 1u);
  EXPECT_EQ(json["netdissect"]["images"][0]["name"], "noise");
  EXPECT_EQ(json["netdissect"]["images"][0]["count"], 2);
  int measured = 0;
  for (const Json& unit : json["layers"]["conv3"]["units"]) {
    for (const Json& image : unit["images"]) {
      EXPECT_EQ(image["image"].get<std::string>().rfind("noise ", 0), 0u);
      EXPECT_GT(image["value"], 0);
      ++measured;
    }
  }
  EXPECT_GT(measured, 2);
  EXPECT_FALSE(std::filesystem::exists(Place("out/record.json")));  // it is of no image set
  EXPECT_TRUE(HasAll(outcome.out, {"tiny, gradient"}));
}

TEST_F(GradientRuns, NoiseIsAFunctionOfTheSeed) {
  OnNoise("one", {"--threads", "1"});
  OnNoise("two", {"--threads", "2"});
  OnNoise("other", {"--seed", "5"});
  const Json first = ReadResult("one/rf_gradient.json"),
             second = ReadResult("two/rf_gradient.json"),
             other = ReadResult("other/rf_gradient.json");
  EXPECT_EQ(first["netdissect"]["images"], second["netdissect"]["images"]);
  EXPECT_NE(first["netdissect"]["images"], other["netdissect"]["images"]);
  for (const char* layer : {"pool1", "conv3"}) {
    for (int unit = 0; unit < 4; ++unit) {
      const Json& a = first["layers"][layer]["units"][unit];
      const Json& b = second["layers"][layer]["units"][unit];
      ASSERT_EQ(a["images"].size(), b["images"].size());
      for (size_t i = 0; i < a["images"].size(); ++i) {
        for (const char* key : {"image", "y", "x"}) {
          EXPECT_EQ(a["images"][i][key], b["images"][i][key]);
        }
      }
      const std::string file = fmt::format("/rf_gradient/{}/unit_{:04}.npy", layer, unit);
      const std::vector<float> x = Map("one" + file), y = Map("two" + file);
      const float scale = *std::max_element(x.begin(), x.end());
      for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1e-4f * scale) << file;
      EXPECT_TRUE(scale == 0 || x != Map("other" + file)) << file;
    }
  }
}

TEST_F(GradientRuns, RunAgainFromTheirOptions) {
  ByGradient("out");
  const Json first = ReadResult("out/rf_gradient.json");
  const std::string options = Place("kept.toml");
  std::filesystem::rename(Place("out/options.toml"), options);
  std::filesystem::remove_all(Place("out"));
  RunWell({"--config", options, "rf"});
  const Json second = ReadResult("out/rf_gradient.json");
  EXPECT_EQ(first["netdissect"], second["netdissect"]);
  EXPECT_EQ(first["layers"], second["layers"]);
}

TEST_F(GradientRuns, SayWhatTheyWouldCompute) {
  const Outcome outcome = ByGradient("out", {"--dry-run"});
  EXPECT_TRUE(HasAll(outcome.out, {"tiny", "pairs", "forward passes", "about", "pool1", "conv3"}));
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf_gradient.json")));
  const Outcome noise =
      RunWell({"rf", "--network", Network(), "--layer", "pool1", "--units", "0-3", "--k", "2",
               "--method", "gradient", "--inputs", "noise", "--dry-run", "--out", Place("noise")});
  EXPECT_TRUE(HasAll(noise.out, {"pairs", "pool1"}));
}

}  // namespace
}  // namespace netdissect
