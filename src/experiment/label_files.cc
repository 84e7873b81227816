#include "experiment/label_files.h"

#include <algorithm>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::vector<Path> LabelFilesIn(const Path& place) {
  if (place.extension() == ".json") return {place};
  const Path file = RunFiles(place).Result(ResultKind::kLabels);
  if (Exists(file)) return {file};
  std::vector<Path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(place, error)) {
    const Path inner = RunFiles(entry.path()).Result(ResultKind::kLabels);
    if (entry.is_directory(error) && Exists(inner)) files.push_back(inner);
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    Fail("{}: expected what `{}` writes, found no such file", file.string(),
         CommandOf(ResultKind::kLabels));
  }
  return files;
}

// Networks of one name are told apart by their files.
void NameApart(std::vector<NamedLabels>& all) {
  std::vector<std::string> names;
  for (const NamedLabels& each : all) names.push_back(each.labels.network);
  for (size_t i = 0; i < all.size(); ++i) {
    if (std::count(names.begin(), names.end(), names[i]) > 1) {
      all[i].labels.network += " (" + all[i].file.string() + ")";
    }
  }
}

void RequireLayers(const std::vector<NamedLabels>& all, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    std::vector<std::string> known;
    for (const NamedLabels& each : all) {
      for (const LayerLabels& layer : each.labels.layers) known.push_back(layer.name);
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    Fail("--layer: expected one that has labels ({}), found {}", Join(known), name);
  }
}

}  // namespace

std::vector<NamedLabels> ReadAllLabels(const std::vector<std::string>& places,
                                       const std::vector<std::string>& layers) {
  std::vector<NamedLabels> all;
  for (const std::string& place : places) {
    for (const Path& file : LabelFilesIn(place)) {
      ResultHeader header = ReadHeader(file);  // refuses a later format
      all.push_back({file, ReadLabelFile(file), std::move(header.provenance)});
    }
  }
  RequireLayers(all, layers);
  NameApart(all);
  return all;
}

std::vector<LayerLabels> ChosenLayers(const std::vector<LayerLabels>& labels,
                                      const std::vector<std::string>& layers) {
  if (layers.empty()) return labels;
  std::vector<LayerLabels> chosen;
  for (const std::string& name : layers) {
    std::copy_if(labels.begin(), labels.end(), std::back_inserter(chosen),
                 [&](const LayerLabels& layer) { return layer.name == name; });
  }
  return chosen;
}

std::vector<LayerLabels> LabelsOfLayers(const std::vector<LayerLabels>& labels,
                                        const std::vector<std::string>& layers, const Path& file) {
  for (const std::string& name : layers) {
    std::vector<std::string> names;
    for (const LayerLabels& layer : labels) names.push_back(layer.name);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    Fail("{}: expected labels of layer {}, found those of {}", file.string(), name, Join(names));
  }
  return ChosenLayers(labels, layers);
}

}  // namespace netdissect
