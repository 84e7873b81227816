#include "experiment/localize.h"

#include <algorithm>

#include "base/json_writer.h"
#include "experiment/classify.h"
#include "netdissect/base/error.h"
#include "report/figure.h"
#include "report/localize_report.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

Path LocalizeSet(const LocalizeExperiment& options, const NetworkRun& run,
                 const std::vector<DetectorLayer>& detectors, const Dataset& set, bool given,
                 const RunFiles& files, Observer& observer) {
  const Model& model = run.model;
  RequireWritableFolder(files.folder());
  const ImageFiles pictures = LocalizedPictures(files.folder(), set);
  LocalizeOptions localize = options.localize;
  localize.pass = options.pass;
  if (given) localize.pass.strict = true;
  if (options.pictures) localize.keep = ForDrawing;
  UnfinishedResult unfinished(files, ResultKind::kLocalize,
                              ProvenanceOf(options, "localize", model, {set}, observer));
  AtomicFile file(unfinished.file());
  JsonWriter json(file.stream());
  json.BeginObject();
  json.Member("netdissect", ToJson(unfinished.provenance()));
  json.Key("images").BeginArray();
  const auto found = [&](const LocatedImage& located) {
    const std::string& name = set.images[static_cast<size_t>(located.image)].name;
    json.Value(LocatedJson(located, model, detectors, name, located.size));
    if (options.pictures) {
      unfinished.Begin();
      WritePng(pictures.File(located.image, ".png"),
               DrawLocated(located, model, located.picture, options.boxes));
    }
    if (options.found) options.found(located, model, name);
  };
  const LocalizeSummary summary = Localize(model, detectors, {set}, found, localize, observer);
  ReportSkipped(observer, summary.skipped);
  const double count = std::max(1.0, static_cast<double>(summary.images));
  const double each = summary.seconds / count, bare = summary.bare_seconds / count;
  json.EndArray().Member("seconds_per_image", each);
  json.Member("bare_seconds_per_image", localize.time ? Json(bare) : Json());
  json.Member("skipped", ToJson(summary.skipped)).EndObject().Finish();
  unfinished.Finish(file);
  SaveOptions(options, files);
  observer.Note(fmt::format(
      "{}: {} pictures, {:.1f} ms each{}", set.name, summary.images, 1000 * each,
      localize.time
          ? fmt::format(", bare forward pass {:.1f} ms: {:.2f} times", 1000 * bare, each / bare)
          : ""));
  return unfinished.file();
}

}  // namespace

std::vector<Path> RunLocalize(const LocalizeExperiment& options, Observer& observer) {
  const ImageSets images = FilesAndSets(options, options.files);
  std::vector<Path> results;
  ForEachNetwork(options, "localize", observer, [&](const NetworkRun& run) {
    const std::vector<DetectorLayer> detectors =
        MakeDetectors(options.detectors, options.layers, run, observer);
    const std::vector<Path> folders = SetFolders(run.folder.path(), images.sets());
    for (size_t s = 0; s < folders.size(); ++s) {
      const bool given = s == 0 && !options.files.empty();
      results.push_back(LocalizeSet(options, run, detectors, images.sets()[s], given,
                                    RunFiles(folders[s]), observer));
    }
  });
  return results;
}

}  // namespace netdissect
