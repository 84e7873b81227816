#include "experiment/semantics.h"

#include <algorithm>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/drawing.h"
#include "report/label_report.h"
#include "report/semantics_report.h"
#include "report/taxonomy_json.h"

namespace netdissect {
namespace {

constexpr char kSemantics[] = "semantics";

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

struct NamedLabels {
  Path file;
  LabelFile labels;
};

std::vector<NamedLabels> ReadAllLabels(const SemanticsExperiment& options) {
  std::vector<NamedLabels> all;
  for (const std::string& place : options.labels) {
    for (const Path& file : LabelFilesIn(place)) {
      ReadHeader(file);  // refuses a later format
      all.push_back({file, ReadLabelFile(file)});
    }
  }
  return all;
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

Taxonomy TaxonomyOf(const SemanticsExperiment& options, const std::vector<NamedLabels>& all) {
  if (!options.taxonomy.empty()) return ReadTaxonomy(options.taxonomy);
  const NamedLabels* first = nullptr;
  for (const NamedLabels& each : all) {
    if (!each.labels.taxonomy) continue;
    if (first == nullptr) first = &each;
    if (ToJson(*first->labels.taxonomy) == ToJson(*each.labels.taxonomy)) continue;
    Fail("{}: expected the taxonomy of {} ({}), found {}; give --taxonomy", each.file.string(),
         first->file.string(), first->labels.taxonomy->name, each.labels.taxonomy->name);
  }
  return first == nullptr ? ReadTaxonomy(options.otherwise) : *first->labels.taxonomy;
}

// Of the layers asked for, those that the network has; of none asked for, all.
std::vector<LayerLabels> ChosenLayers(const std::vector<LayerLabels>& layers,
                                      const std::vector<std::string>& names) {
  if (names.empty()) return layers;
  std::vector<LayerLabels> chosen;
  for (const std::string& name : names) {
    std::copy_if(layers.begin(), layers.end(), std::back_inserter(chosen),
                 [&](const LayerLabels& layer) { return layer.name == name; });
  }
  return chosen;
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

void SaveSemantics(const SemanticsExperiment& options, const RunFiles& files,
                   const SemanticsRun& run, const std::vector<NamedLabels>& all) {
  SaveTable(files, "semantics", SemanticsTable(run.networks, run.taxonomy));
  SaveTable(files, "groups", GroupTable(run.networks, run.taxonomy));
  WriteDrawing(files.SemanticPrecision(""), DrawSemanticPrecision(run.networks));
  WriteDrawing(files.SemanticGroups(""), DrawGroups(run.networks, run.taxonomy));
  WriteDrawing(files.SemanticLevelsPlot(""), DrawLevels(run.networks, run.taxonomy));
  Provenance provenance;
  provenance.command = kSemantics;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  Json sources = Json::array();
  for (const NamedLabels& each : all) sources.push_back(each.file.string());
  if (all.size() == 1) {  // of several, each says its own
    provenance.network_name = all.front().labels.network;
    provenance.network_digest = all.front().labels.digest;
  }
  Json body = ToJson(run.networks, run.taxonomy, run.agreement);
  body["labels"] = std::move(sources);
  WriteJson(run.result, WithHeader(provenance, body));
  SaveOptions(options, files);
}

}  // namespace

SemanticsRun RunSemantics(const SemanticsExperiment& options, Observer& observer) {
  std::vector<NamedLabels> all = ReadAllLabels(options);
  RequireLayers(all, options.layers);
  NameApart(all);
  const RunFolder folder(options.out, kSemantics);
  SemanticsRun run;
  run.result = folder.files().Result(ResultKind::kSemantics);
  run.taxonomy = TaxonomyOf(options, all);
  std::vector<LayerLabels> together;
  for (const NamedLabels& each : all) {
    NetworkSemantics network{each.labels.network, each.labels.digest, {}, {}};
    const std::vector<LayerLabels> layers = ChosenLayers(each.labels.layers, options.layers);
    for (const LayerLabels& layer : layers) {
      network.layers.push_back(SemanticsOf(layer, run.taxonomy, each.file.string()));
      together.push_back(layer);
    }
    network.agreement = AgreementOf(layers);
    observer.Note(
        fmt::format("{}: {} layers of {}", each.file.string(), layers.size(), each.labels.network));
    run.networks.push_back(std::move(network));
  }
  run.agreement = AgreementOf(together);
  SaveSemantics(options, folder.files(), run, all);
  return run;
}

}  // namespace netdissect
