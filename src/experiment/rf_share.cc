#include "experiment/rf_share.h"

#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "base/digest.h"
#include "base/temporary_file.h"
#include "base/tensor.h"
#include "experiment/kept_pass.h"
#include "nn/pass_progress.h"
#include "probe/bounded_responses.h"
#include "probe/stored_engine.h"

namespace netdissect {
namespace {

// Images that a process takes at once: each is minutes of work for many units.
constexpr int64_t kTogether = 1;

Path OwnFile(const RfExperiment& options, const RunFiles& files, const std::string& mark) {
  Path file = files.Responses(options.method);
  if (!mark.empty()) file += "." + mark;
  return file;
}

std::vector<Path> OthersFiles(const RfExperiment& options, const RunFiles& files) {
  const Path own = files.Responses(options.method);
  std::vector<Path> others;
  if (!Exists(own.parent_path())) return others;
  const std::string beginning = own.filename().string() + ".";
  for (const auto& entry : std::filesystem::directory_iterator(own.parent_path())) {
    const std::string name = entry.path().filename().string();
    const bool other = name.compare(0, beginning.size(), beginning) == 0;
    if (other && !ProcessOfTemporary(entry.path())) others.push_back(entry.path());
  }
  std::sort(others.begin(), others.end());
  return others;
}

std::string WorkKey(const std::vector<ImageUnits>& work, const OccluderSet& occluders) {
  Digest digest;
  const at::Tensor patches = occluders.patches().contiguous();
  digest.Add(patches.data_ptr(), static_cast<size_t>(patches.nbytes()));
  const int grid[] = {occluders.rows(), occluders.columns(), occluders.stride()};
  digest.Add(grid, sizeof(grid));
  for (const ImageUnits& item : work) {
    digest.Add(&item.image, sizeof(item.image));
    for (const UnitPosition& unit : item.units) digest.Add(&unit, sizeof(unit));
  }
  return digest.Hex();
}

}  // namespace

std::unique_ptr<OcclusionEngine> StoredResponses(const RfExperiment& options, const NetworkRun& run,
                                                 const OccluderSet& occluders, Observer& observer) {
  const Network& network = run.model.network;
  const RunFiles& files = run.folder.files();
  const Crew& crew = *options.crew;
  return MakeStoredEngine(MakeEngine(options, network, occluders), network, occluders,
                          OwnFile(options, files, crew.mark()), EngineName(options, network),
                          crew.completes() ? OthersFiles(options, files) : std::vector<Path>(),
                          observer);
}

void ForgetResponses(const RfExperiment& options, const NetworkRun& run) {
  const RunFiles& files = run.folder.files();
  std::filesystem::remove(OwnFile(options, files, options.crew->mark()));
  if (!options.crew->completes()) return;
  for (const Path& file : OthersFiles(options, files)) std::filesystem::remove(file);
}

void ShareResponses(const RfExperiment& options, const NetworkRun& run, const RfSetup& setup,
                    const Provenance& provenance, const ImageSource& image, Observer& observer) {
  Crew& crew = *options.crew;
  if (crew.alone()) return;
  const c10::InferenceMode inference;
  const FieldOptions fields = FieldsOf(options);
  const std::vector<ImageUnits> work = UnitsByImage(setup.requests(), fields);
  const auto total = static_cast<int64_t>(work.size());
  const OccluderSet& occluders = setup.occluders();
  KeptPass kept(
      options, run.folder.path(), NameByMethod("rf", options.method), provenance,
      {{"work", WorkKey(work, occluders)}, {"engine", EngineName(options, run.model.network)}},
      observer);
  PassVisitor nothing;  // is gathered beside the responses
  nothing.what = "images with units";
  PassProgress progress(total, nothing, kept.options(), crew, observer);
  // What is left of earlier processes is taken over before others begin.
  std::unique_ptr<OcclusionEngine> engine;
  if (crew.completes()) engine = StoredResponses(options, run, occluders, observer);
  crew.Begin(progress.TakeUp(), total);
  if (!engine) engine = StoredResponses(options, run, occluders, observer);
  for (ItemRange items = crew.Next(kTogether); !items.empty(); items = crew.Next(kTogether)) {
    for (int64_t i = items.begin; i < items.end; ++i) {
      const ImageUnits& item = work[static_cast<size_t>(i)];
      RespondWithin(fields.memory, *engine, occluders, image(item.image), item.units,
                    [](size_t, const OcclusionResponse&) {});  // the engine's file has them
      progress.Add({i, i + 1}, 1, {});
      observer.Progress(nothing.what, progress.done(), total);
      progress.KeepNowAndThen();
      if (observer.StopRequested()) progress.Keep();
      CheckStop(observer, nothing.what, progress.done(), total);
    }
  }
  engine.reset();  // all is in its file
  progress.Finish();
  kept.Finish();
}

}  // namespace netdissect
