#pragma once
// A study of two networks on two image sets, for tests that run no network.

#include "base/json.h"
#include "base/scratch.h"
#include "experiment/reproduce.h"

namespace netdissect {

class MadeUpStudy {
 public:
  MadeUpStudy() {
    for (const char* name : {"one", "two"}) Network(name, name);
    scratch_.File("classes.txt", "bedroom\nkitchen\nstreet\n");
    scratch_.File("things.txt", "cup\nknob\n");
    Set("rooms", {"rooms/0.png 0", "rooms/1.png 1", "rooms/2.png 2"}, "classes.txt");
    Set("objects", {"objects/0.png 0", "objects/1.png 1"}, "things.txt");
    for (const char* picture : {"rooms/0", "rooms/1", "rooms/2", "objects/0", "objects/1"}) {
      scratch_.File(std::string(picture) + ".png", picture);
    }
  }

  /// A descriptor whose weights are some bytes.
  void Network(const std::string& name, const std::string& weights) const {
    scratch_.File(name + ".bin", weights);
    scratch_.File(
        name + ".json",
        Json{{"format", "onnx"}, {"weights", name + ".bin"}, {"labels", "classes.txt"}}.dump());
  }

  void Set(const std::string& name, const std::vector<std::string>& lines,
           const std::string& labels) const {
    std::string list;
    for (const std::string& line : lines) list += line + "\n";
    scratch_.File(name + ".txt", list);
    Json set = {{"name", name}, {"list", name + ".txt"}, {"labels", labels}};
    if (name == "rooms") {
      scratch_.File("xml/0.xml", "<annotation/>");
      set["kind"] = "scene";
      set["annotations"] = {{"format", "labelme"}, {"root", "xml"}, {"strip", "rooms/"}};
    }
    scratch_.File(name + ".json", set.dump());
  }

  Json Whole() const {
    return {{"networks", {"one.json", "two.json"}},
            {"images", {"rooms.json", "objects.json"}},
            {"annotated", "rooms.json"},
            {"layers", {"conv1", "pool5"}}};
  }

  Study Read(const Json& study) const {
    return ReadStudy(scratch_.File("study.json", study.dump()), {{"bundled"}, {"world"}});
  }

  StudyFacts FactsOf(const Study& study) const {
    return LearnFacts(
        study, [](const std::string& name) { return name; },
        [](const std::string& name) { return LoadDataset(name); });
  }

  std::vector<StudyStep> Plan(const Json& study) const {
    const Study read = Read(study);
    return PlanStudy(read, FactsOf(read));
  }

  std::string Place(const std::string& name) const { return (scratch_.path() / name).string(); }

  const ScratchFolder scratch_;
};

inline std::vector<std::string> NamesOf(const std::vector<StudyStep>& steps) {
  std::vector<std::string> names;
  for (const StudyStep& step : steps) names.push_back(step.name);
  return names;
}

inline const StudyStep& StepNamed(const std::vector<StudyStep>& steps, const std::string& name) {
  for (const StudyStep& step : steps) {
    if (step.name == name) return step;
  }
  throw Error("no step " + name);
}

}  // namespace netdissect
