#include "experiment/rf.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "base/clock.h"
#include "base/npy.h"
#include "base/text.h"
#include "experiment/picture_cache.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "probe/stored_engine.h"
#include "report/field_report.h"
#include "report/figure.h"
#include "report/sensitivity_report.h"

namespace netdissect {
namespace {

RecordingOptions RecordingOf(const RfExperiment& options) {
  RecordingOptions recording = options.recording;
  recording.k = options.field.k;
  return recording;
}

// The units to measure, with the images they respond to most.
FieldRequest MakeRequest(const RfExperiment& options, const Network& network,
                         const RecordedLayer& layer) {
  FieldRequest request{layer.name, network.Find(layer.name), {}};
  std::vector<int> units = ChooseUnits(options.choice, layer, options.seed);
  if (options.explain >= 0) {
    RequireUnit(fmt::format("--explain {}", options.explain), options.explain, layer.name,
                layer.shape);
    const auto place = std::lower_bound(units.begin(), units.end(), options.explain);
    if (place == units.end() || *place != options.explain) units.insert(place, options.explain);
  }
  for (int unit : units) {
    request.units.push_back({unit, layer.units[static_cast<size_t>(unit)].top});
  }
  return request;
}

void SaveField(const LayerFiles& files, const LayerFields& layer, const UnitField& unit,
               const FieldOptions& options, const PixelSource& pixels, ChannelOrder order) {
  const at::Tensor map = unit.map.contiguous();
  WriteNpy(files.Field(layer.name, unit.unit, ".npy"), map.sizes().vec(), map.data_ptr<float>());
  WritePng(files.Field(layer.name, unit.unit, ".png"),
           DrawField(layer, unit, options, pixels, order));
}

// Of every measured unit, its map read back, the responses being those that are stored.
void DrawPipelines(const LayerFiles& files, const Model& model, OcclusionEngine& engine,
                   const OccluderSet& occluders, const NetworkFields& network,
                   const FieldOptions& options, const ImageSource& image, Observer& observer) {
  const PipelineView small{3, 2, 128};
  for (const LayerFields& layer : network.layers) {
    const int index = model.network.Find(layer.name);
    for (size_t u = 0; u < layer.units.size(); ++u) {
      const auto done = static_cast<int64_t>(u), all = static_cast<int64_t>(layer.units.size());
      CheckStop(observer, "pipelines of " + layer.name, done, all);
      observer.Progress("pipelines of " + layer.name, done, all);
      UnitField unit = layer.units[u];
      NpyArray map = ReadNpy(files.Field(layer.name, unit.unit, ".npy"));
      unit.map = at::from_blob(map.values.data(), map.shape, at::kFloat);
      WriteJpeg(files.Pipeline(layer.name, unit.unit),
                DrawPipeline(model, engine, occluders, index, layer, unit, options, image, small));
    }
  }
}

NetworkFields MeasureNetwork(const RfExperiment& options, const NetworkRun& run,
                             const ImageSets& images, Observer& observer) {
  const Model& model = run.model;
  const RunFiles& files = run.folder.files();
  const RfSetup setup(options, run, images, observer);
  const FieldOptions fields = FieldsOf(options);
  PictureCache pictures(images);
  const PixelSource pixels = [&](int64_t i) { return Squash(pictures(i), model.input); };
  const ImageSource image = [&](int64_t i) { return Normalize(pixels(i), model.input); };
  std::error_code ignored;
  if (options.force) std::filesystem::remove(files.Responses(), ignored);
  const std::unique_ptr<OcclusionEngine> engine =
      MakeStoredEngine(MakeEngine(options, model.network, setup.occluders()), model.network,
                       setup.occluders(), files.Responses(), EngineName(options));
  const LayerFiles layer_files(files.folder(), model.network);
  double drawing = 0;  // seconds, which are not the measurement's
  std::vector<std::pair<LayerFields, UnitField>>
      explained;  // drawn later: it asks the engine again
  const auto save = [&](const LayerFields& layer, const UnitField& unit) {
    const auto begin = Clock::now();
    SaveField(layer_files, layer, unit, fields, pixels, model.input.order);
    if (unit.unit == options.explain) explained.emplace_back(layer, unit);
    drawing += SecondsSince(begin);
  };
  const auto start = Clock::now();
  NetworkFields result{model.name, MeasureFields(model.network, *engine, setup.occluders(),
                                                 setup.requests(), image, save, fields, observer)};
  const double seconds = SecondsSince(start) - drawing;
  const OcclusionWork work = engine->work();
  observer.Note(fmt::format(
      "{} unit-image pairs ({} stored before), {} occluders in {}, peak memory {}", work.pairs,
      work.stored, work.occluders, FormatDuration(seconds), FormatBytes(PeakMemory())));
  for (const auto& [layer, unit] : explained) {
    WritePng(layer_files.Explanation(layer.name, unit.unit),
             DrawPipeline(model, *engine, setup.occluders(), model.network.Find(layer.name), layer,
                          unit, fields, image));
  }
  if (options.pipelines) {
    DrawPipelines(layer_files, model, *engine, setup.occluders(), result, fields, image, observer);
  }
  Json layers = Json::object();
  for (const LayerFields& layer : result.layers) {
    layers[layer.name] = ToJson(layer, fields, OcclusionOf(options), images);
    layers[layer.name]["maps"] = layer_files.FieldFolder(layer.name);
  }
  WriteJson(files.Result(ResultKind::kFields),
            WithHeader(ProvenanceOf(options, "rf", model, images, observer),
                       {{"engine", EngineName(options)},
                        {"pairs", work.pairs},
                        {"stored", work.stored},
                        {"occluders", work.occluders},
                        {"macs", work.macs},
                        {"seconds", seconds},
                        {"peak_memory", PeakMemory()},
                        {"skipped", ToJson(setup.record().skipped)},
                        {"layers", std::move(layers)}}));
  SaveOptions(options, files);
  return result;
}

}  // namespace

void RfExperiment::Validate() const {
  if (memory < (int64_t{64} << 20)) {
    Fail("rf: expected memory of at least 64 MiB, found {} bytes", memory);
  }
  FieldsOf(*this).Validate();
}

// A quarter for responses, half for the engine, the rest for the network and what LibTorch
// keeps.
FieldOptions FieldsOf(const RfExperiment& options) {
  FieldOptions field = options.field;
  field.memory = options.memory / 4;
  field.seed = options.seed;
  return field;
}

IncrementalOptions IncrementalOf(const RfExperiment& options) {
  IncrementalOptions incremental = options.incremental;
  incremental.memory = options.memory / 2;
  return incremental;
}

OcclusionOptions OcclusionOf(const RfExperiment& options) {
  OcclusionOptions occlusion = options.occlusion;
  occlusion.seed = options.seed;
  return occlusion;
}

std::unique_ptr<OcclusionEngine> MakeEngine(const RfExperiment& options, const Network& network,
                                            const OccluderSet& occluders) {
  if (options.full_passes) {
    return MakeReferenceEngine(network, occluders, {options.pass.batch, false});
  }
  return MakeIncrementalEngine(network, occluders, IncrementalOf(options));
}

std::string EngineName(const RfExperiment& options) {
  return options.full_passes ? "full" : "incremental";
}

RfSetup::RfSetup(const RfExperiment& options, const NetworkRun& run, const ImageSets& images,
                 Observer& observer)
    : record_([&] {
        const std::vector<std::string> layers = LayersOrLast(options, run.model.network);
        for (const std::string& layer : layers) run.model.network.Find(layer);
        return FindOrMakeRecord(options, RecordingOf(options), run, images, layers, observer);
      }()),
      occluders_(run.model.input, OcclusionOf(options)) {
  for (const RecordedLayer& layer : record_.layers) {
    requests_.push_back(MakeRequest(options, run.model.network, layer));
  }
}

RfRun RunRf(const RfExperiment& options, Observer& observer) {
  options.Validate();
  const ImageSets images = LoadImageSets(options);
  RfRun done;
  std::vector<NetworkFields> networks;
  ForEachNetwork(options, "rf", observer, [&](const NetworkRun& run) {
    networks.push_back(MeasureNetwork(options, run, images, observer));
    done.results.push_back(run.folder.files().Result(ResultKind::kFields));
  });
  done.sizes = FieldTable(networks);
  const RunFiles files((Path(options.out)));
  WriteFile(files.FieldTable(".csv"), done.sizes.Csv());
  WriteFile(files.FieldTable(".tex"), done.sizes.Latex());
  done.sensitivity = SensitivityTable(networks, options.field.k);
  SaveTable(files, "sensitivity", done.sensitivity);
  WriteDrawing(files.Sensitivity(""), DrawSensitivity(networks, options.field));
  return done;
}

}  // namespace netdissect
