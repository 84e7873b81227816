// The files and keys that other programs rely on.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "base/npy.h"
#include "cli/program.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
namespace {

class Results : public ProgramTest {};

TEST_F(Results, Info) {
  const Outcome outcome =
      RunWell({"info", "--network", Network(), "--out", Place("out"), "--json"});
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json, ReadResult("out/info.json"));
  EXPECT_TRUE(HasHeader(json, "info"));
  std::map<std::string, Json> layers;
  for (const Json& layer : json["layers"]) {
    EXPECT_TRUE(HasKeys(layer, {"name", "type", "units", "height", "width", "receptive_field",
                                "parameters", "macs"}));
    EXPECT_TRUE(HasKeys(layer["receptive_field"], {"size", "stride", "offset"}));
    layers[layer["name"]] = layer;
  }
  // Table 2, row 1.
  const std::pair<std::string, int> fields[] = {{"conv1", 11},  {"pool1", 19}, {"conv2", 51},
                                                {"pool2", 67},  {"conv3", 99}, {"conv4", 131},
                                                {"conv5", 163}, {"pool5", 195}};
  for (const auto& [name, size] : fields) {
    ASSERT_EQ(layers.count(name), 1u) << name;
    EXPECT_EQ(layers[name]["receptive_field"]["size"], size) << name;
  }
  const int units = layers["conv1"]["units"];
  EXPECT_EQ(layers["conv1"]["height"], 55);
  EXPECT_EQ(layers["conv1"]["parameters"], units * (3 * 11 * 11 + 1));
  EXPECT_EQ(layers["conv1"]["macs"], units * 3 * 11 * 11 * 55 * 55);
}

TEST_F(Results, InfoForPeopleIsATable) {
  const Outcome outcome = RunWell({"info", "--network", Network(), "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.out, {"tiny", "conv1", "pool5", "195"}));
}

TEST_F(Results, ClassifyASet) {
  const Outcome outcome = RunWell(
      {"classify", "--network", Network(), "--images", Images(), "--out", Place("out"), "--json"});
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json, ReadResult("out/classify.json"));
  EXPECT_TRUE(HasHeader(json, "classify"));
  EXPECT_TRUE(HasKeys(json, {"top1", "top5", "images"}));
  EXPECT_EQ(json["netdissect"]["images"][0]["count"], 6);
  ASSERT_EQ(json["predictions"].size(), 6u);
  int hits = 0, near_hits = 0;
  for (size_t i = 0; i < 6; ++i) {
    const Json& prediction = json["predictions"][i];
    EXPECT_EQ(prediction["image"], "pictures/" + std::to_string(i) + ".png");
    double sum = 0, last = 1;
    for (size_t rank = 0; rank < prediction["classes"].size(); ++rank) {
      const Json& ranked = prediction["classes"][rank];
      EXPECT_LE(ranked["score"], last);
      last = ranked["score"];
      sum += last;
      if (ranked["class"] == static_cast<int>(i)) {
        near_hits += rank < 5 ? 1 : 0;
        hits += rank < 1 ? 1 : 0;
      }
    }
    EXPECT_LE(sum, 1 + 1e-5);
  }
  // Labels were given as class numbers, without names to match.
  if (json["images"] == 6) {
    EXPECT_NEAR(json["top1"], hits / 6.0, 1e-9);
    EXPECT_NEAR(json["top5"], near_hits / 6.0, 1e-9);
  }
  std::istringstream csv(ReadFile(Place("out/predictions.csv")));
  int lines = 0;
  for (std::string line; std::getline(csv, line);) ++lines;
  EXPECT_EQ(lines, 1 + 6);
  EXPECT_TRUE(std::filesystem::exists(Place("out/options.toml")));
}

TEST_F(Results, ClassifyGivenFiles) {
  Images();
  const Outcome outcome = RunWell({"classify", "--network", Network(), "--top", "2", "--out",
                                   Place("out"), Place("pictures/1.png"), Place("pictures/4.png")});
  EXPECT_TRUE(HasAll(outcome.out, {"pictures/1.png", "pictures/4.png", "%"}));
}

TEST_F(Results, Record) {
  RunWell({"record", "--network", Network(), "--images", Images("one", 5), "--images",
           Images("two", 4), "--layer", "pool2", "--layer", "conv5", "--k", "3", "--out",
           Place("out")});
  const Json json = ReadResult("out/record.json");
  EXPECT_TRUE(HasHeader(json, "record"));
  EXPECT_EQ(json["netdissect"]["images"].size(), 2u);
  ASSERT_TRUE(HasKeys(json["layers"], {"pool2", "conv5"}));
  for (const auto& [name, layer] : json["layers"].items()) {
    ASSERT_TRUE(HasKeys(layer, {"top_images", "set_share", "units"})) << name;
    ASSERT_TRUE(HasKeys(layer["set_share"], {"one", "two"})) << name;
    // Fewer than 100 images: all of them are the top.
    EXPECT_NEAR(layer["set_share"]["one"], 5.0 / 9, 1e-9);
    EXPECT_EQ(layer["top_images"].size(), 9u);
    for (const Json& top : layer["top_images"]) {
      EXPECT_TRUE(HasKeys(top, {"image", "set", "sum"}));
    }
    for (size_t u = 0; u < layer["units"].size(); ++u) {
      const Json& unit = layer["units"][u];
      ASSERT_TRUE(HasKeys(unit, {"unit", "top", "quantile_0.995"}));
      EXPECT_EQ(unit["unit"], u);
      ASSERT_EQ(unit["top"].size(), 3u);
      double last = unit["top"][0]["value"];
      EXPECT_LE(unit["quantile_0.995"], last);
      for (const Json& top : unit["top"]) {
        EXPECT_TRUE(HasKeys(top, {"image", "set", "value", "y", "x"}));
        EXPECT_LE(top["value"], last);
        last = top["value"];
      }
    }
  }
  EXPECT_TRUE(std::filesystem::exists(Place("out/options.toml")));
}

TEST_F(Results, ReceptiveFields) {
  const Outcome outcome =
      RunWell({"rf", "--network", Network(), "--images", Images(), "--layer", "pool1", "--layer",
               "conv3", "--units", "0,2-3", "--k", "2", "--stride", "9", "--out", Place("out")});
  const Json json = ReadResult("out/rf.json");
  EXPECT_TRUE(HasHeader(json, "rf"));
  ASSERT_TRUE(HasKeys(json["layers"], {"pool1", "conv3"}));
  for (const auto& [name, layer] : json["layers"].items()) {
    ASSERT_TRUE(HasKeys(
        layer, {"theoretical_size", "mean", "std", "threshold", "stride", "patch", "k", "units"}));
    EXPECT_EQ(layer["theoretical_size"], name == "pool1" ? 19 : 99);
    EXPECT_EQ(layer["stride"], 9);
    EXPECT_EQ(layer["patch"], 11);
    EXPECT_EQ(layer["k"], 2);
    EXPECT_NEAR(layer["threshold"], 0.17, 1e-12);
    ASSERT_EQ(layer["units"].size(), 3u);
    const int numbers[] = {0, 2, 3};
    double sum = 0;
    int measured = 0;
    for (size_t i = 0; i < 3; ++i) {
      const Json& unit = layer["units"][i];
      ASSERT_TRUE(HasKeys(unit, {"unit", "size", "images"}));
      EXPECT_EQ(unit["unit"], numbers[i]);
      EXPECT_LE(unit["images"].size(), 2u);
      const std::string stem = Place("out/rf/" + name + "/unit_000" + std::to_string(numbers[i]));
      EXPECT_FALSE(cv::imread(stem + ".png").empty());
      const NpyArray map = ReadNpy(stem + ".npy");
      ASSERT_EQ(map.shape.size(), 2u);
      if (unit["size"].is_null()) continue;
      // The size is the root of the area above the threshold, counted once more here.
      const float largest = *std::max_element(map.values.begin(), map.values.end());
      const auto area = std::count_if(map.values.begin(), map.values.end(),
                                      [&](float v) { return v > 0.17f * largest; });
      EXPECT_NEAR(unit["size"], std::sqrt(static_cast<double>(area)), 1.0);
      sum += unit["size"].get<double>();
      ++measured;
    }
    ASSERT_GT(measured, 0) << "all units are silent: the test's pictures do not serve";
    EXPECT_NEAR(layer["mean"], sum / measured, 1e-9);
  }
  for (const char* file : {"out/table2.csv", "out/table2.tex", "out/options.toml"}) {
    EXPECT_GT(ReadFile(Place(file)).size(), 0u) << file;
  }
  EXPECT_TRUE(HasAll(outcome.out, {"theoretical", "pool1", "conv3", "19", "99", "tiny"}));
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(Results, ReceptiveFieldsThatWouldBeMeasured) {
  const auto rows_of = [&](const Arguments& layers) {
    Arguments words = {"rf",      "--network", Network(),    "--images", Images(),
                       "--units", "0-2",       "--k",        "2",        "--stride",
                       "9",       "--out",     Place("out"), "--dry-run"};
    words.insert(words.end(), layers.begin(), layers.end());
    std::map<std::string, std::vector<double>> rows;  // pairs, occluders, recomputed by layer
    std::istringstream lines(RunWell(words).out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream cells(line);
      std::string name;
      std::vector<double> numbers(3);
      if (cells >> name >> numbers[0] >> numbers[1] >> numbers[2]) rows[name] = numbers;
    }
    return rows;
  };
  const auto rows = rows_of({"--layer", "pool1", "--layer", "conv3"});
  ASSERT_EQ(rows.size(), 3u);
  const std::vector<double>&first = rows.at("pool1"), &second = rows.at("conv3"),
        &together = rows.at("together");
  EXPECT_GT(first[0], 0);
  EXPECT_LE(first[0], 6);
  EXPECT_EQ(together[0], first[0] + second[0]);
  EXPECT_EQ(together[1], first[1] + second[1]);
  // What several units can share is computed once.
  EXPECT_LE(together[2], first[2] + second[2]);
  EXPECT_GE(together[2], std::max(first[2], second[2]));
  EXPECT_EQ(rows_of({"--layer", "pool1"}).size(), 1u);
  EXPECT_FALSE(Exists(Place("out/rf.json")));
}

TEST_F(Results, ReceptiveFieldsAsJson) {
  const Outcome outcome =
      RunWell({"rf", "--network", Network(), "--images", Images(), "--layer", "pool1", "--sample",
               "2", "--k", "1", "--stride", "9", "--out", Place("out"), "--json"});
  EXPECT_EQ(Json::parse(outcome.out), ReadResult("out/rf.json"));
  EXPECT_EQ(ReadResult("out/rf.json")["layers"]["pool1"]["units"].size(), 2u);
}

TEST_F(Results, OnePicture) {
  Images();
  RunWell({"rf", "--network", Network(), "--image", Place("pictures/2.png"), "--layer", "conv2",
           "--unit", "1", "--stride", "9", "--out", Place("out")});
  const Json json = ReadResult("out/rf.json");
  EXPECT_TRUE(HasHeader(json, "rf"));
  EXPECT_TRUE(HasKeys(json, {"value", "y", "x", "engine", "seconds"}));
  const NpyArray discrepancy = ReadNpy(Place("out/discrepancy.npy"));
  const int64_t grid = (227 - 11) / 9 + 1;
  EXPECT_EQ(discrepancy.shape, (std::vector<int64_t>{grid, grid}));
  EXPECT_EQ(ReadNpy(Place("out/map.npy")).shape, (std::vector<int64_t>{227, 227}));
  EXPECT_FALSE(cv::imread(Place("out/map.png")).empty());
  // Occluders that do not meet the 51 pixels that the unit can see change nothing.
  const auto changing = std::count_if(discrepancy.values.begin(), discrepancy.values.end(),
                                      [](float v) { return v != 0; });
  const int64_t most = (51 + 2 * 10) / 9 + 1;
  EXPECT_LE(changing, most * most);
}

// NETDISSECT_KERNELS for the programs that are run while it lives.
class ChosenKernels {
 public:
  explicit ChosenKernels(const std::string& name) { setenv("NETDISSECT_KERNELS", name.c_str(), 1); }
  ~ChosenKernels() { unsetenv("NETDISSECT_KERNELS"); }
  ChosenKernels(const ChosenKernels&) = delete;
  ChosenKernels& operator=(const ChosenKernels&) = delete;
};

TEST_F(Results, OnePictureByEachSetOfKernels) {
  Images();
  const auto run = [&](const std::string& out) {
    RunWell({"rf", "--network", Network(), "--image", Place("pictures/2.png"), "--class", "3",
             "--stride", "36", "--out", Place(out)});
    return ReadNpy(Place(out + "/discrepancy.npy")).values;
  };
  const std::vector<float> expected = run("fastest");
  const float scale = *std::max_element(expected.begin(), expected.end());
  ASSERT_GT(scale, 0);
  for (const RowKernels* kernels : SupportedKernels()) {
    const ChosenKernels chosen(kernels->name);
    const std::vector<float> found = run(kernels->name);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], 1e-4f * scale) << kernels->name;
    }
  }
  const ChosenKernels wrong("sse9");
  const Outcome outcome = Run({"rf", "--network", Network(), "--image", Place("pictures/2.png"),
                               "--class", "3", "--stride", "36", "--out", Place("wrong")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(HasAll(outcome.err, {"NETDISSECT_KERNELS=sse9", "avx512, avx2 or portable"}));
}

TEST_F(Results, OnePictureByEachEngine) {
  Images();
  std::vector<float> expected;
  for (const std::string engine : {"full", "incremental", "operators"}) {
    const Outcome outcome =
        RunWell({"rf", "--network", Network(), "--image", Place("pictures/2.png"), "--layer",
                 "conv3", "--unit", "1", "--stride", "20", "--engine", engine, "--device", "cpu",
                 "--out", Place(engine)});
    EXPECT_TRUE(HasAll(outcome.err, {"passes on cpu", "\"" + engine + "\" on cpu"}));
    EXPECT_EQ(ReadResult(engine + "/rf.json")["engine"], engine);
    const std::vector<float> found = ReadNpy(Place(engine + "/discrepancy.npy")).values;
    if (expected.empty()) expected = found;
    ASSERT_EQ(found.size(), expected.size());
    const float largest = *std::max_element(expected.begin(), expected.end());
    ASSERT_GT(largest, 0);
    for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4 * largest);
  }
}

TEST_F(Results, OnePictureAndAClass) {
  Images();
  RunWell({"rf", "--network", Network(), "--image", Place("pictures/2.png"), "--class", "3",
           "--stride", "36", "--out", Place("out")});
  const Json json = ReadResult("out/rf.json");
  EXPECT_EQ(json["layer"], "prob");
  EXPECT_EQ(json["unit"], 3);
}

TEST_F(Results, AFolderForEachOfSeveralNetworks) {
  const std::string first = Network("first", 1), second = Network("second", 2);
  RunWell({"rf", "--network", first, "--network", second, "--images", Images(), "--layer", "pool1",
           "--units", "0", "--k", "1", "--stride", "18", "--out", Place("out")});
  EXPECT_NE(ReadResult("out/first/rf.json")["netdissect"]["network"]["digest"],
            ReadResult("out/second/rf.json")["netdissect"]["network"]["digest"]);
  EXPECT_TRUE(HasAll(ReadFile(Place("out/table2.csv")), {"first", "second"}));
}

TEST_F(Results, LogsStayOffStandardOutput) {
  const Outcome outcome =
      RunWell({"--log-level", "debug", "record", "--network", Network(), "--images", Images(),
               "--layer", "pool1", "--json", "--out", Place("out")});
  EXPECT_EQ(Json::parse(outcome.out), ReadResult("out/record.json"));
  EXPECT_NE(outcome.err, "");
}

}  // namespace
}  // namespace netdissect
