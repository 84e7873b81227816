#include "experiment/record.h"

#include <optional>

#include "experiment/recording.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "report/figure.h"
#include "report/preference_figure.h"
#include "report/record_report.h"

namespace netdissect {
namespace {

// The column of a network in Figure 1. An image that cannot be read any more is a blank.
PreferenceColumn ColumnOf(const RecordExperiment& options, const std::string& network,
                          const RecordResult& record, Observer& observer) {
  int64_t unreadable = 0;
  const auto picture_of = [&](int64_t image) -> cv::Mat {
    try {
      return DecodeImage(record.images[image].path);
    } catch (const Error&) {
      ++unreadable;
      return {};
    }
  };
  PreferenceColumn column =
      PreferenceOf(network, record, static_cast<size_t>(options.figure), picture_of);
  if (unreadable > 0) {
    observer.Warning(fmt::format("{} images of the figure cannot be read any more", unreadable));
  }
  return column;
}

}  // namespace

std::vector<RecordRun> RunRecord(const RecordExperiment& options, Observer& observer) {
  const ImageSets images = LoadImageSets(options);
  std::vector<RecordRun> runs;
  std::vector<PreferenceColumn> columns;
  ForEachNetwork(options, "record", observer, [&](const NetworkRun& run) {
    const std::vector<std::string> layers =
        options.layers.empty() ? DefaultRecordLayers(run.model.network) : options.layers;
    const Path file = run.folder.files().Result(ResultKind::kRecord);
    std::optional<RecordResult> record;
    if (!options.force) {
      record = ReadOwnRecord(file, ProvenanceOf(options, "record", run.model, images, observer),
                             images, layers, options.k, 0, observer);
    }
    if (record) {
      observer.Note(file.string() + ": of the same network and images, reused");
    } else {
      RecordOptions recording;
      recording.k = options.k;
      recording.seed = options.seed;
      recording.pass = options.pass;
      record = MakeRecord(options, recording, run, images, layers, observer);
    }
    if (!options.crew->completes()) throw ShareDone("the recording is there");
    SaveOptions(options, run.folder.files());
    runs.push_back({run.model.name, file, PreferenceTable(*record)});
    if (options.figure > 0) columns.push_back(ColumnOf(options, run.model.name, *record, observer));
  });
  if (!columns.empty()) {
    std::vector<std::string> sets;
    for (const Dataset& set : images.sets()) sets.push_back(set.name);
    const Path figure = RunFiles(options.out).Preference();
    WritePng(figure, DrawPreference(columns, sets));
    observer.Note("top images of every layer in " + figure.string());
  }
  return runs;
}

}  // namespace netdissect
