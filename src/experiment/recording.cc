#include "experiment/recording.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "experiment/kept_pass.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "report/record_report.h"

namespace netdissect {
namespace {

bool Fires(const RecordedUnit& unit) { return !unit.top.empty() && unit.top.front().value > 0; }

// The first `count` of a shuffle that depends on the seed alone, in order.
std::vector<int> Sample(std::vector<int> units, int count, uint64_t seed) {
  for (size_t i = 0; i + 1 < units.size(); ++i) {
    std::swap(units[i], units[i + Random(seed, i).Below(units.size() - i)]);
  }
  units.resize(std::min(units.size(), static_cast<size_t>(count)));
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace

RecordResult MakeRecord(const ExperimentOptions& options, const RecordOptions& record,
                        const NetworkRun& run, const ImageSets& images,
                        const std::vector<std::string>& layers, Observer& observer) {
  Provenance provenance = ProvenanceOf(options, "record", run.model, images, observer);
  KeptPass kept(options, run.folder.path(), "record", provenance,
                {{"layers", layers},
                 {"k", record.k},
                 {"layer_images", record.layer_images},
                 {"far", record.far},
                 {"sampled", record.sampled},
                 {"seed", record.seed}},
                observer);
  RecordOptions shared = record;
  shared.pass = kept.options();
  const Path file = run.folder.files().Result(ResultKind::kRecord);
  try {
    const RecordResult result = Record(run.model, images, layers, shared, observer);
    ReportSkipped(observer, result.skipped);
    provenance.options["k"] = record.k;
    provenance.options["far"] = record.far;
    provenance.options["layer"] = layers;
    WriteFile(file, [&](std::ostream& out) { WriteRecord(out, provenance, result); });
    kept.Finish();
    observer.Note(fmt::format("{} images in {} ({:.1f}/s), peak memory {}", result.recorded,
                              FormatDuration(result.seconds),
                              static_cast<double>(result.recorded) / result.seconds,
                              FormatBytes(PeakMemory())));
    options.crew->Meet();
    return result;
  } catch (const ShareDone&) {
    if (options.crew->size() == 1) throw;
    options.crew->Meet();  // until the recording is written
  }
  auto result = ReadMatchingRecord(file, provenance, images, layers, record.k, record.far);
  if (!result) Fail("{}: expected the recording of all processes, found none", file.string());
  return *result;
}

RecordResult FindOrMakeRecord(const ExperimentOptions& options, const RecordingOptions& recording,
                              const NetworkRun& run, const ImageSets& images,
                              const std::vector<std::string>& layers, Observer& observer) {
  if (!options.force) {
    const Provenance provenance = ProvenanceOf(options, "record", run.model, images, observer);
    for (const Path& place : {run.folder.path(), Path(recording.folder)}) {
      const auto file = FindResult(place, ResultKind::kRecord, run.descriptor, run.model.digest);
      if (!file) continue;
      const int k = recording.k, far = recording.far;
      auto record = place == run.folder.path()
                        ? ReadOwnRecord(*file, provenance, images, layers, k, far, observer)
                        : ReadMatchingRecord(*file, provenance, images, layers, k, far);
      if (record) {
        observer.Note(file->string() + ": of the same network and images, reused");
        return *record;
      }
    }
  }
  RecordOptions record;
  record.k = std::max(recording.k, record.k);
  record.far = std::max(recording.far, record.far);
  record.seed = options.seed;
  record.pass = options.pass;
  return MakeRecord(options, record, run, images, layers, observer);
}

std::string DigestOf(const RecordResult& record) {
  Digest digest;
  for (const RecordedLayer& layer : record.layers) {
    digest.Add(layer.name);
    for (const RecordedUnit& unit : layer.units) {
      digest.Add(&unit.quantile, sizeof(unit.quantile));
      for (const UnitResponse& top : unit.top) {
        digest.Add(&top.image, sizeof(top.image)).Add(&top.value, sizeof(top.value));
      }
    }
  }
  return digest.Hex();
}

void RequireUnit(const std::string& option, int unit, const std::string& layer,
                 const Shape& shape) {
  if (unit >= 0 && unit < shape.units) return;
  Fail("{}: layer {} has units 0 to {}", option, layer, shape.units - 1);
}

std::vector<int> ChooseUnits(const UnitChoice& choice, const RecordedLayer& layer, uint64_t seed) {
  const auto count = static_cast<int>(layer.units.size());
  if (!choice.units.empty()) {
    std::vector<int> units = ParseUnits(choice.units);
    RequireUnit("--units " + choice.units, units.back(), layer.name, layer.shape);
    return units;
  }
  const auto unit_at = [&](int unit) -> const RecordedUnit& {
    return layer.units[static_cast<size_t>(unit)];
  };
  std::vector<int> units;
  for (int unit = 0; unit < count; ++unit) {
    if ((choice.sample == 0 && choice.best == 0) || Fires(unit_at(unit))) units.push_back(unit);
  }
  if (choice.sample > 0) return Sample(std::move(units), choice.sample, seed);
  if (choice.best > 0) {
    std::stable_sort(units.begin(), units.end(), [&](int a, int b) {
      return unit_at(a).top.front().value > unit_at(b).top.front().value;
    });
    units.resize(std::min(units.size(), static_cast<size_t>(choice.best)));
  }
  return units;
}

}  // namespace netdissect
