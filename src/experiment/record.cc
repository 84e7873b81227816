#include "experiment/record.h"

#include <optional>

#include "experiment/recording.h"
#include "report/record_report.h"

namespace netdissect {

std::vector<RecordRun> RunRecord(const RecordExperiment& options, Observer& observer) {
  const ImageSets images = LoadImageSets(options);
  std::vector<RecordRun> runs;
  ForEachNetwork(options, "record", [&](const NetworkRun& run) {
    const std::vector<std::string> layers =
        options.layers.empty() ? DefaultRecordLayers(run.model.network) : options.layers;
    const Path file = run.folder.files().Result(ResultKind::kRecord);
    std::optional<RecordResult> record;
    if (!options.force) {
      record =
          ReadMatchingRecord(file, ProvenanceOf(options, "record", run.model, images, observer),
                             images, layers, options.k);
    }
    if (record) {
      observer.Note(file.string() + ": of the same network and images, reused");
    } else {
      RecordOptions recording;
      recording.k = options.k;
      recording.pass = options.pass;
      record = MakeRecord(options, recording, run, images, layers, observer);
      SaveOptions(options, run.folder.files());
    }
    runs.push_back({run.model.name, file, PreferenceTable(*record)});
  });
  return runs;
}

}  // namespace netdissect
