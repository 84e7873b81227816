// Sections on pictures: minimal images (Figure 2), scenes and objects (Figure 10).

#include <algorithm>

#include "base/text.h"
#include "report/summary/paper.h"
#include "report/summary/section.h"

namespace netdissect {
namespace {

// Pictures of a folder by name, the first few, those that `wanted` wants.
std::vector<Path> PicturesIn(const Path& folder, size_t most,
                             const std::function<bool(const std::string& stem)>& wanted) {
  std::vector<Path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".png" && wanted(at->path().stem().string())) {
      files.push_back(at->path());
    }
  }
  std::sort(files.begin(), files.end());
  files.resize(std::min(files.size(), most));
  return files;
}

bool EndsWith(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

// What minimal images of a category keep, and how much of the picture is left.
Table KeptTable(const ReadResult& simplify) {
  Table table{{"category", "minimal images", "pixels kept", "kept most often", "paper"}, {}};
  for (const auto& [category, value] : simplify.json.at("categories").items()) {
    std::vector<std::pair<double, std::string>> objects;
    const Json all = value.value("objects", Json::object());
    for (const auto& [object, kept] : all.items()) {
      objects.emplace_back(-kept.value("kept", 0.0), object);
    }
    std::sort(objects.begin(), objects.end());
    std::vector<std::string> most, paper;
    for (const auto& [kept, object] : objects) {
      if (most.size() < 3 && kept < 0) {
        most.push_back(fmt::format("{} {}", object, PercentText(-kept)));
      }
    }
    for (const PaperKept& kept : kPaperKept) {
      if (category == kept.category) {
        paper.push_back(fmt::format("{} {}", kept.object, PercentText(kept.share)));
      }
    }
    table.rows.push_back({category, value.at("images").dump(),
                          PercentText(NumberAt(value, "kept_fraction")), Join(most), Join(paper)});
  }
  return table;
}

}  // namespace

Section MinimalImageSection(const Results& results, PictureStore& pictures) {
  constexpr size_t kShown = 6;
  Section section("minimal", "The least that keeps a picture's class", "Section 3.1, Figure 2");
  std::string says;
  for (const ReadResult* simplify : results.Of(ResultKind::kSimplify)) {
    const bool annotated = simplify->json.value("segments", "") == "annotated";
    section.MadeBy(*simplify);
    const auto kept = MeanKept(*simplify);
    if (!kept) continue;
    if (says.empty()) {
      says = fmt::format(
          "{} pictures were cut down to {} of their pixels on average and {} still "
          "gives them their class.",
          simplify->json["images"].size(), PercentText(kept), simplify->network());
    }
    if (annotated) {
      section.Add(fmt::format("{}: what minimal images of each category keep, annotated objects "
                              "being removed",
                              simplify->network()),
                  KeptTable(*simplify));
    }
    for (const Path& file :
         PicturesIn(simplify->file.parent_path() / "images", kShown,
                    [](const std::string& stem) { return !EndsWith(stem, "_curve"); })) {
      section.Photo(pictures, file,
                    fmt::format("{}: the picture, its segments, and the picture with fewer and "
                                "fewer of them, down to the minimal image",
                                file.stem().string()),
                    1200);
    }
  }
  section.Says(says);
  section.Differs(
      "Shares depend on how completely objects are annotated and on how many segments "
      "a picture has; few pictures give wide intervals (kept_objects.csv has them).");
  if (section.empty()) section.Missing("netdissect simplify --segments annotated");
  return section;
}

Section SceneSection(const Results& results, PictureStore& pictures) {
  constexpr size_t kShown = 6;
  Section section("scenes", "Scene and objects from one forward pass", "Section 4.2, Figure 10");
  size_t images = 0, objects = 0;
  for (const ReadResult* localize : results.Of(ResultKind::kLocalize)) {
    section.MadeBy(*localize);
    for (const Json& image : localize->json.at("images")) {
      ++images;
      objects += image.at("objects").size();
    }
    for (const Path& file : PicturesIn(localize->file.parent_path() / "localize", kShown,
                                       [](const std::string&) { return true; })) {
      section.Photo(pictures, file,
                    fmt::format("{}: scenes, and boxes of what labelled units find, with their "
                                "confidence",
                                localize->network()),
                    900);
    }
  }
  if (images > 0) {
    section.Says(
        fmt::format("In {} pictures {} objects were found by the units that detect them, "
                    "in the same pass that names the scene.",
                    images, objects));
  }
  section.Differs(
      "A confidence is the precision of the unit's label, a lower bound where "
      "annotations are incomplete.");
  if (section.empty()) section.Missing("netdissect localize --layer LAYER --images SET");
  return section;
}

}  // namespace netdissect
