#include "experiment/info.h"

#include "nn/summary.h"
#include "report/info_report.h"

namespace netdissect {

std::vector<InfoRun> RunInfo(const ExperimentOptions& options, Observer& observer) {
  std::vector<InfoRun> runs;
  ForEachNetwork(options, "info", [&](const NetworkRun& run) {
    const std::vector<LayerSummary> layers = Summarize(run.model.network);
    const Provenance provenance = ProvenanceOf(options, "info", run.model, {}, observer);
    const Path result = run.folder.files().Result(ResultKind::kInfo);
    WriteJson(result, WithHeader(provenance, {{"layers", ToJson(layers)}}));
    SaveOptions(options, run.folder.files());
    runs.push_back({run.model.name, result, ToTable(layers)});
  });
  return runs;
}

}  // namespace netdissect
