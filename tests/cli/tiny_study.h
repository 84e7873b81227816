#pragma once
// A study that takes seconds: networks of random weights on a few pictures of the synthetic world,
// ten of two categories of rooms and six others.

#include <set>

#include "cli/program.h"

namespace netdissect {

class TinyStudyTest : public ProgramTest {
 protected:
  void SetUp() override {
    RunWell({"synth", "--kind", "scenes", "--train", "0", "--val", "80", "--size", "64", "--out",
             Place("world")});
    std::string rooms, others;
    ForEachLine(Path(Place("world/scenes/val.txt")), [&](std::string_view line, int number) {
      const int label = (number - 1) % 16;
      if (label < 2) rooms += std::string(line) + "\n";
      if (label > 8 && number < 16) others += std::string(line) + "\n";
    });
    scratch_.File("world/scenes/rooms.txt", rooms);
    scratch_.File("world/scenes/others.txt", others);
    Json set = ReadJson(Place("world/scenes.json"));
    set["list"] = "rooms.txt";
    set["name"] = "rooms";
    scratch_.File("world/rooms.json", set.dump());
    set["list"] = "others.txt";
    set["name"] = "others";
    set["kind"] = "object";
    set.erase("annotations");
    scratch_.File("world/others.json", set.dump());
  }

  std::string SceneNetwork(const std::string& name, int seed) const {
    return scratch_
        .File(name + ".json", Json{{"name", name},
                                   {"format", "random"},
                                   {"architecture", "alexnet"},
                                   {"width", 0.05},
                                   {"classes", 16},
                                   {"seed", seed},
                                   {"labels", "world/scenes/labels.txt"},
                                   {"input", {{"size", 227}, {"mean", {104, 117, 123}}}}}
                                  .dump())
        .string();
  }

  Json TinyStudy(const std::vector<std::string>& networks) const {
    for (size_t i = 0; i < networks.size(); ++i) SceneNetwork(networks[i], static_cast<int>(i) + 1);
    Json files = Json::array();
    for (const std::string& name : networks) files.push_back(name + ".json");
    return {{"networks", files},
            {"images", {"world/rooms.json", "world/others.json"}},
            {"annotated", "world/rooms.json"},
            {"layers", {"pool1", "pool5"}},
            {"experiments",
             {{"rf", {{"sample", 2}, {"k", 2}, {"stride", 9}}},
              {"annotate auto", {{"min-iou", 0}, {"min-images", 2}, {"sheet", 1}}},
              {"segment", {{"best", 2}, {"k", 2}}},
              {"evaluate", {{"examples", 1}}},
              {"localize", {{"limit", 2}, {"min-iou", 0}}},
              {"simplify",
               {{"limit", 2}, {"segments", "annotated"}, {"target", "predicted"}, {"pictures", 1}}},
              {"emergence", {{"min-images", 2}, {"resamples", 20}, {"permutations", 19}}},
              {"probe", {{"cost", 1e-4}, {"test-share", 0.5}}}}}};
  }

  Arguments Reproduce(const Json& study, const Arguments& more = {}) const {
    Arguments arguments = {"reproduce", scratch_.File("study.json", study.dump()).string(), "--out",
                           Place("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// Names of the steps in a state.
  std::set<std::string> StepsIn(const std::string& state) const {
    std::set<std::string> names;
    const Json result = ReadResult("out/reproduce.json");
    for (const Json& step : result["experiments"]) {
      if (step["state"] == state) names.insert(step["name"]);
    }
    return names;
  }
};

}  // namespace netdissect
