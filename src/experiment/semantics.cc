#include "experiment/semantics.h"

#include <algorithm>

#include "experiment/label_files.h"
#include "netdissect/base/error.h"
#include "report/drawing.h"
#include "report/semantics_report.h"
#include "report/taxonomy_json.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

constexpr char kSemantics[] = "semantics";

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

void SaveSemantics(const SemanticsExperiment& options, const RunFiles& files,
                   const SemanticsRun& run, const std::vector<NamedLabels>& all) {
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
  UnfinishedResult unfinished(files, ResultKind::kSemantics, provenance);
  unfinished.Begin();
  SaveTable(files, "semantics", SemanticsTable(run.networks, run.taxonomy));
  SaveTable(files, "groups", GroupTable(run.networks, run.taxonomy));
  WriteDrawing(files.SemanticPrecision(""), DrawSemanticPrecision(run.networks));
  WriteDrawing(files.SemanticGroups(""), DrawGroups(run.networks, run.taxonomy));
  WriteDrawing(files.SemanticLevelsPlot(""), DrawLevels(run.networks, run.taxonomy));
  Json body = ToJson(run.networks, run.taxonomy, run.agreement);
  body["labels"] = std::move(sources);
  unfinished.Finish(body);
  SaveOptions(options, files);
}

}  // namespace

SemanticsRun RunSemantics(const SemanticsExperiment& options, Observer& observer) {
  const std::vector<NamedLabels> all = ReadAllLabels(options.labels, options.layers);
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
