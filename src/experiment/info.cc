#include "experiment/info.h"

#include "nn/summary.h"
#include "report/info_report.h"

namespace netdissect {

std::vector<InfoRun> RunInfo(const ExperimentOptions& options, Observer& observer) {
  std::vector<InfoRun> runs;
  ForEachNetwork(options, "info", observer, [&](const NetworkRun& run) {
    const std::vector<LayerSummary> layers = Summarize(run.model.network);
    const Provenance provenance = ProvenanceOf(options, "info", run.model, {}, observer);
    const Path result = run.folder.files().Result(ResultKind::kInfo);
    Json body = {{"layers", ToJson(layers)}};
    if (!run.model.network.unread().empty()) body["unread"] = ToJson(run.model.network.unread());
    WriteJson(result, WithHeader(provenance, body));
    SaveOptions(options, run.folder.files());
    runs.push_back({run.model.name, result, ToTable(layers)});
  });
  return runs;
}

}  // namespace netdissect
