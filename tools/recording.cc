#include "recording.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "netdissect/base/random.h"
#include "netdissect/base/text.h"
#include "netdissect/data/decode.h"
#include "netdissect/report/record_report.h"

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

void AddRecordOption(CLI::App& command, RecordingOptions& options) {
  command
      .add_option("--record", options.folder,
                  "Folder of an earlier recording; reused where network and images are the same")
      ->type_name("DIR")
      ->capture_default_str();
}

Path ResultFolder(const Path& folder, const std::string& descriptor, const std::string& file) {
  const Path own = folder / Path(descriptor).stem();
  return std::filesystem::exists(own / file) ? own : folder;
}

Path ResultFile(const Path& place, const std::string& descriptor, const std::string& file,
                const std::string& command) {
  const Path found =
      place.extension() == ".json" ? place : ResultFolder(place, descriptor, file) / file;
  if (std::filesystem::exists(found)) return found;
  Fail("{}: expected what `{}` writes, found no such file", found.string(), command);
}

RecordResult FindOrMakeRecord(const InputOptions& input, const RecordingOptions& options,
                              const std::string& descriptor, const Path& folder, const Model& model,
                              const std::vector<Dataset>& sets,
                              const std::vector<std::string>& layers, Provenance provenance,
                              Context& context) {
  if (!input.force) {
    for (const Path& place : {folder, ResultFolder(options.folder, descriptor, "record.json")}) {
      const Path file = place / "record.json";
      if (auto record = ReadMatchingRecord(file, provenance, sets, layers, options.k)) {
        spdlog::info("{}: of the same network and images, reused", file.string());
        return *record;
      }
    }
  }
  RecordOptions recording;
  recording.k = std::max(options.k, recording.k);
  recording.pass = PassOf(input, context);
  RecordResult record = Record(model, sets, layers, recording, context.console);
  context.console.EndLine();
  ReportSkipped(context.console, record.skipped);
  provenance.command = "record";
  provenance.options = {{"k", recording.k}, {"layer", layers}};
  WriteFile(folder / "record.json",
            [&](std::ostream& out) { WriteRecord(out, provenance, record); });
  return record;
}

void AddUnitOptions(CLI::App& command, UnitChoice& choice) {
  command.add_option("--units", choice.units, "Units such as 3,17,40-59; all where not given")
      ->check(Parsed([](const std::string& text) { ParseUnits(text); }))
      ->type_name("LIST");
  command.add_option("--sample", choice.sample, "N random units of each layer instead; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
}

void CheckUnitChoice(const UnitChoice& choice) {
  // Saved options have `sample = 0` beside the units, hence no excludes().
  if (choice.sample > 0 && !choice.units.empty()) {
    throw CLI::ValidationError("--sample", "excludes --units");
  }
  if (choice.best > 0 && (choice.sample > 0 || !choice.units.empty())) {
    throw CLI::ValidationError("--best", "excludes --units and --sample");
  }
}

std::vector<int> ChooseUnits(const UnitChoice& choice, const RecordedLayer& layer, uint64_t seed) {
  const auto count = static_cast<int>(layer.units.size());
  if (!choice.units.empty()) {
    std::vector<int> units = ParseUnits(choice.units);
    if (units.back() >= count) {
      Fail("--units {}: layer {} has units 0 to {}", choice.units, layer.name, count - 1);
    }
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

std::string LastSpatialLayer(const Network& network) {
  std::string name = network.layers().back().name;
  for (const Layer& layer : network.layers()) {
    if (layer.shape.height > 1 || layer.shape.width > 1) name = layer.name;
  }
  return name;
}

cv::Mat Pictures::operator()(int64_t index) {
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->first == index) {
      kept_.splice(kept_.begin(), kept_, it);
      return kept_.front().second;
    }
  }
  const cv::Mat picture = DecodeImage(images_[index].path);
  kept_.emplace_front(index, picture);
  bytes_ += picture.total() * picture.elemSize();
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    bytes_ -= kept_.back().second.total() * kept_.back().second.elemSize();
    kept_.pop_back();
  }
  return picture;
}

}  // namespace netdissect
