#include "experiment/simplify.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/text.h"
#include "data/label_match.h"
#include "experiment/kept_pass.h"
#include "netdissect/base/system.h"
#include "report/simplify_report.h"
#include "report/simplify_store.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

// The images of the classes that are asked for, and of these the first `limit`.
ImageSets LoadChosen(const SimplifyExperiment& options) {
  if (options.classes.empty()) return LoadImageSets(options);
  ExperimentOptions all = options;
  all.limit = 0;
  const ImageSets images = LoadImageSets(all);
  std::vector<Dataset> chosen;
  for (const Dataset& set : images.sets()) {
    chosen.push_back(WithLabels(set, options.classes));
    std::vector<ImageEntry>& entries = chosen.back().images;
    const auto limit = static_cast<size_t>(options.limit);
    if (limit > 0 && entries.size() > limit) entries.resize(limit);
  }
  return chosen;
}

SimplifyOptions EffectiveOptions(const SimplifyExperiment& options, const Dataset& set) {
  const bool labelled = std::any_of(set.images.begin(), set.images.end(),
                                    [](const ImageEntry& image) { return image.label >= 0; });
  SimplifyOptions effective = options.simplify;
  effective.target = options.target.value_or(labelled ? SimplifyOptions::Target::kLabel
                                                      : SimplifyOptions::Target::kPredicted);
  effective.minimal.batch = options.pass.batch;
  effective.pass = options.pass;
  effective.pass.batch = SimplifyOptions().pass.batch;  // the pass decodes, candidates are batched
  return effective;
}

// This process's share of the images: what is found is in the folder, and who completes the job
// finds it there. ShareDone where that is another process.
void ShareImages(const SimplifyExperiment& options, const Model& model, const Dataset& set,
                 const SimplifyOptions& simplify, const Path& folder, SimplifyFolder& store,
                 const Provenance& provenance, Observer& observer) {
  Json key = options.asked;
  for (const char* other : {"out", "force"}) key.erase(other);  // of one part, not of all
  KeptPass kept(options, folder, "simplify", provenance, key, observer);
  SimplifyOptions shared = simplify;
  const PassOptions pass = kept.options();
  shared.pass.crew = pass.crew;
  shared.pass.parts = pass.parts;
  Simplify(
      model, set, shared, store, [](const SimplifiedImage&) {}, observer);
  kept.Finish();
}

SimplifyRun SimplifySet(const SimplifyExperiment& options, const NetworkRun& run,
                        const Dataset& set, const RunFiles& files, Observer& observer) {
  const Model& model = run.model;
  RequireWritableFolder(files.folder());
  const SimplifyOptions simplify = EffectiveOptions(options, set);
  const bool annotated = simplify.segments == SimplifyOptions::Segments::kAnnotated;
  UnfinishedResult unfinished(files, ResultKind::kSimplify,
                              ProvenanceOf(options, "simplify", model, {set}, observer, annotated));
  const auto before_saving = [&] { unfinished.Begin(); };
  bool reuse = !options.force;
  if (!options.crew->alone()) {
    SimplifyFolder store(files, model, set, options.pictures, reuse, before_saving, observer);
    ShareImages(options, model, set, simplify, files.folder(), store, unfinished.provenance(),
                observer);
    reuse = true;
  }
  SimplifyFolder store(files, model, set, options.pictures, reuse, before_saving, observer);
  SimplifyRun done{model.name, set.name, unfinished.file(), {}, {}, {}};
  AtomicFile file(done.result);
  JsonWriter json(file.stream());
  json.BeginObject();
  json.Member("netdissect", ToJson(unfinished.provenance()));
  json.Key("images").BeginArray();
  KeptObjectCounter categories, all;
  const auto sink = [&](const SimplifiedImage& image) {
    json.Value(ToJson(image, model, set));
    categories.Add(image, CategoryOf(image, model, set));
    all.Add(image, "all");
  };
  done.summary = Simplify(model, set, simplify, store, sink, observer);
  ReportSkipped(observer, done.summary.skipped);
  const std::vector<KeptCategory> kept = categories.Categories();
  json.EndArray().Members(ToJson(done.summary, simplify));
  json.Member("categories", ToJson(kept)).EndObject().Finish();
  unfinished.Finish(file);
  done.fractions = KeptFractionTable(kept, all.Categories());
  SaveTable(files, "kept_fraction", done.fractions);
  if (annotated) {
    SaveTable(files, "kept_objects", KeptObjectTable(kept, 1, 0));
    done.categories = kept;
  }
  SaveOptions(options, files);
  const SimplifySummary& s = done.summary;
  observer.Note(
      fmt::format("{}: {} minimal {} in {}; {} not classified correctly, {} without a class, "
                  "{} without annotation, {} unreadable; {} reused; peak memory {}",
                  set.name, s.images, s.images == 1 ? "image" : "images", FormatDuration(s.seconds),
                  s.wrong, s.without_class, s.without_annotation, s.skipped.size(), s.reused,
                  FormatBytes(PeakMemory())));
  return done;
}

}  // namespace

std::vector<SimplifyRun> RunSimplify(const SimplifyExperiment& options, Observer& observer) {
  const ImageSets images = LoadChosen(options);
  std::vector<SimplifyRun> runs;
  ForEachNetwork(options, "simplify", observer, [&](const NetworkRun& run) {
    const std::vector<Path> folders = SetFolders(run.folder.path(), images.sets());
    for (size_t s = 0; s < folders.size(); ++s) {
      runs.push_back(SimplifySet(options, run, images.sets()[s], RunFiles(folders[s]), observer));
    }
  });
  return runs;
}

}  // namespace netdissect
