#include "rf.h"

#include <spdlog/spdlog.h>

#include <iostream>

#include "netdissect/base/clock.h"
#include "netdissect/base/error.h"
#include "netdissect/base/npy.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/probe/stored_engine.h"
#include "netdissect/report/field_report.h"
#include "netdissect/report/figure.h"

namespace netdissect {
namespace {

void SaveUnit(const Path& folder, const LayerFields& layer, const UnitField& unit,
              const RfOptions& options, const PixelSource& pixels, ChannelOrder order) {
  const Path place = folder / "rf" / FileNameOf(layer.name);
  const std::string name = fmt::format("unit_{:04}", unit.unit);
  const at::Tensor map = unit.map.contiguous();
  WriteNpy(place / (name + ".npy"), map.sizes().vec(), map.data_ptr<float>());
  WritePng(place / (name + ".png"), DrawField(layer, unit, options.field, pixels, order));
}

// The units to measure, with the images they respond to most.
std::vector<FieldRequest> MakeRequests(const RfOptions& options, const Network& network,
                                       const RecordResult& record, uint64_t seed) {
  std::vector<FieldRequest> requests;
  for (const RecordedLayer& layer : record.layers) {
    FieldRequest request{layer.name, network.Find(layer.name), {}};
    std::vector<int> units = ChooseUnits(options.choice, layer, seed);
    if (options.explain >= 0) {
      if (options.explain >= layer.shape.units) {
        Fail("--explain {}: layer {} has units 0 to {}", options.explain, layer.name,
             layer.shape.units - 1);
      }
      if (std::find(units.begin(), units.end(), options.explain) == units.end()) {
        units.insert(std::lower_bound(units.begin(), units.end(), options.explain),
                     options.explain);
      }
    }
    for (int unit : units) {
      request.units.push_back({unit, layer.units[static_cast<size_t>(unit)].top});
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

NetworkFields RunOne(const RfOptions& options, size_t index, const std::vector<Dataset>& sets,
                     const CLI::App& command, Context& context) {
  const Path folder = OutFolder(options.input, index);
  RequireWritableFolder(folder);
  const Model model = LoadOn(context, options.input.networks[index], context.console);
  std::vector<std::string> layers = options.input.layers;
  if (layers.empty()) layers = {LastSpatialLayer(model.network)};
  for (const std::string& layer : layers) model.network.Find(layer);
  const Provenance provenance = ProvenanceOf(command, context, model, sets);
  const OccluderSet occluders(model.input, options.occlusion);
  RecordingOptions recording = options.recording;
  recording.k = options.field.k;
  const RecordResult record =
      FindOrMakeRecord(options.input, recording, options.input.networks[index], folder, model, sets,
                       layers, provenance, context);
  const std::vector<FieldRequest> requests =
      MakeRequests(options, model.network, record, context.seed);
  Pictures pictures(record.images);
  const PixelSource pixels = [&](int64_t i) { return Squash(pictures(i), model.input); };
  const ImageSource image = [&](int64_t i) { return Normalize(pixels(i), model.input); };
  std::unique_ptr<OcclusionEngine> engine = MakeEngine(options, model.network, occluders);
  if (options.dry_run) {
    PrintPlan(options, model, occluders, requests, image, *engine, context.console);
    return {};
  }
  // What is computed is kept, so that a run that was stopped goes on.
  const Path responses = folder / "rf" / "responses";
  if (options.input.force) std::filesystem::remove(responses);
  engine = MakeStoredEngine(std::move(engine), model.network, occluders, responses, options.engine);
  const auto start = Clock::now();
  double drawing = 0;  // seconds of the pictures, which are not measuring
  const auto save = [&](const LayerFields& layer, const UnitField& unit) {
    const auto begin = Clock::now();
    SaveUnit(folder, layer, unit, options, pixels, model.input.order);
    if (unit.unit == options.explain) {
      const std::string name =
          fmt::format("explain_{}_unit_{:04}.png", FileNameOf(layer.name), unit.unit);
      WritePng(folder / name,
               DrawPipeline(model, *engine, occluders, model.network.Find(layer.name), layer, unit,
                            options.field, image));
    }
    drawing += SecondsSince(begin);
  };
  NetworkFields result{model.name, MeasureFields(model.network, *engine, occluders, requests, image,
                                                 save, options.field, context.console)};
  context.console.EndLine();
  const double seconds = SecondsSince(start) - drawing;
  const OcclusionWork work = engine->work();
  spdlog::info("{} unit-image pairs ({} stored before), {} occluders in {}, peak memory {}",
               work.pairs, work.stored, work.occluders, FormatDuration(seconds),
               FormatBytes(PeakMemory()));
  Json json_layers = Json::object();
  for (const LayerFields& layer : result.layers) {
    json_layers[layer.name] = ToJson(layer, options.field, options.occlusion, record.images);
  }
  const Json json = WithHeader(provenance, {{"engine", options.engine},
                                            {"pairs", work.pairs},
                                            {"stored", work.stored},
                                            {"occluders", work.occluders},
                                            {"macs", work.macs},
                                            {"seconds", seconds},
                                            {"peak_memory", PeakMemory()},
                                            {"skipped", ToJson(record.skipped)},
                                            {"layers", std::move(json_layers)}});
  WriteJson(folder / "rf.json", json);
  SaveOptions(folder, command);
  if (options.json) std::cout << json.dump(2) << "\n";
  return result;
}

}  // namespace

void RunRf(const RfOptions& options, const CLI::App& command, Context& context) {
  const std::vector<Dataset> sets = LoadSets(options.input, context);
  RequireWritableFolder(options.input.out);
  std::vector<NetworkFields> networks;
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    networks.push_back(RunOne(options, i, sets, command, context));
  }
  if (options.dry_run) return;
  const Table table = FieldTable(networks);
  WriteFile(Path(options.input.out) / "table2.csv", table.Csv());
  WriteFile(Path(options.input.out) / "table2.tex", table.Latex());
  if (!options.json) std::cout << table.Text();
}

}  // namespace netdissect
