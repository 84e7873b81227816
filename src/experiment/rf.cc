#include "experiment/rf.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "base/clock.h"
#include "base/file_digests.h"
#include "base/npy.h"
#include "base/text.h"
#include "experiment/noise_images.h"
#include "experiment/picture_cache.h"
#include "experiment/rf_share.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/probe/gradient.h"
#include "report/field_comparison.h"
#include "report/figure.h"
#include "report/sensitivity_report.h"
#include "report/unfinished.h"

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

// Returns the digest of the map's file.
std::string SaveField(const RfExperiment& options, const LayerFiles& files,
                      const LayerFields& layer, const UnitField& unit, const PixelSource& pixels,
                      ChannelOrder order) {
  const auto file = [&](const char* ending) {
    return files.Field(layer.name, unit.unit, ending, options.method);
  };
  const at::Tensor map = unit.map.contiguous();
  WriteNpy(file(".npy"), map.sizes().vec(), map.data_ptr<float>());
  WritePng(file(".png"), DrawField(layer, unit, FieldsOf(options), pixels, order));
  return DigestOfFile(file(".npy"));
}

// A gradient has no occluders to show.
PipelineView ViewOf(const RfExperiment& options, PipelineView view) {
  if (options.method == FieldMethod::kGradient) view.examples = 0;
  return view;
}

// Of every measured unit, its map read back, the responses being those that are stored.
void DrawPipelines(const RfExperiment& options, const LayerFiles& files, const Model& model,
                   OcclusionEngine& engine, const OccluderSet& occluders,
                   const NetworkFields& network, const ImageSource& image, Observer& observer) {
  const PipelineView small = ViewOf(options, {3, 2, 128});
  for (const LayerFields& layer : network.layers) {
    const int index = model.network.Find(layer.name);
    for (size_t u = 0; u < layer.units.size(); ++u) {
      const auto done = static_cast<int64_t>(u), all = static_cast<int64_t>(layer.units.size());
      CheckStop(observer, "pipelines of " + layer.name, done, all);
      observer.Progress("pipelines of " + layer.name, done, all);
      UnitField unit = layer.units[u];
      NpyArray map = ReadNpy(files.Field(layer.name, unit.unit, ".npy", options.method));
      unit.map = at::from_blob(map.values.data(), map.shape, at::kFloat);
      WriteJpeg(files.Pipeline(layer.name, unit.unit, options.method),
                DrawPipeline(model, engine, occluders, index, layer, unit, FieldsOf(options), image,
                             small));
    }
  }
}

// What was measured of a network, and before or behind it what the folder has by the other method.
struct MeasuredNetwork {
  NetworkFields fields;
  std::vector<NetworkFields> rows;  // of Table 2
};

MeasuredNetwork MeasureNetwork(const RfExperiment& options, const NetworkRun& run,
                               const ImageSets& images, Observer& observer) {
  const Model& model = run.model;
  const RunFiles& files = run.folder.files();
  const RfSetup setup(options, run, images, observer);
  const FieldOptions fields = FieldsOf(options);
  const PixelSource pixels = FieldPixels(options, images, model.input);
  const ImageSource image = [&](int64_t i) { return Normalize(pixels(i), model.input); };
  if (options.force) ForgetResponses(options, run);
  const Provenance provenance = FieldProvenance(options, model, images, observer);
  NoteEngine(options, model, observer);
  ShareResponses(options, run, setup, provenance, image, observer);
  const std::unique_ptr<OcclusionEngine> engine =
      StoredResponses(options, run, setup.occluders(), observer);
  const LayerFiles layer_files(files.folder(), model.network);
  UnfinishedResult unfinished(files, FieldsBy(options.method), provenance);
  std::map<std::string, std::map<int, std::string>> digests;  // of maps, by layer and unit
  double drawing = 0;  // seconds, which are not the measurement's
  std::vector<std::pair<LayerFields, UnitField>>
      explained;  // drawn later: it asks the engine again
  const auto save = [&](const LayerFields& layer, const UnitField& unit) {
    const auto begin = Clock::now();
    unfinished.Begin();
    digests[layer.name][unit.unit] =
        SaveField(options, layer_files, layer, unit, pixels, model.input.order);
    if (unit.unit == options.explain) explained.emplace_back(layer, unit);
    drawing += SecondsSince(begin);
  };
  const auto start = Clock::now();
  MeasuredNetwork result;
  result.fields = {model.name,
                   MeasureFields(model.network, *engine, setup.occluders(), setup.requests(), image,
                                 save, fields, observer),
                   options.method};
  const double seconds = SecondsSince(start) - drawing;
  const OcclusionWork work = engine->work();
  observer.Note(fmt::format(
      "{} unit-image pairs ({} stored before){} in {}, peak memory {}", work.pairs, work.stored,
      options.method == FieldMethod::kGradient ? " by gradient"
                                               : fmt::format(", {} occluders", work.occluders),
      FormatDuration(seconds), FormatBytes(PeakMemory())));
  for (const auto& [layer, unit] : explained) {
    WritePng(layer_files.Explanation(layer.name, unit.unit, options.method),
             DrawPipeline(model, *engine, setup.occluders(), model.network.Find(layer.name), layer,
                          unit, fields, image, ViewOf(options, {})));
  }
  if (options.pipelines) {
    DrawPipelines(options, layer_files, model, *engine, setup.occluders(), result.fields, image,
                  observer);
  }
  Json layers = Json::object();
  for (const LayerFields& layer : result.fields.layers) {
    layers[layer.name] = ToJson(layer, fields, OcclusionOf(options), images, options.method);
    layers[layer.name]["maps"] = layer_files.FieldFolder(layer.name, options.method);
    for (Json& unit : layers[layer.name]["units"]) {
      const auto& of_layer = digests[layer.name];
      const auto digest = of_layer.find(unit["unit"].get<int>());
      if (digest != of_layer.end()) unit["digest"] = digest->second;
    }
  }
  Json json = {{"method", MethodName(options.method)},
               {"inputs", InputsName(options)},
               {"engine", EngineName(options, model.network)},
               {"pairs", work.pairs},
               {"stored", work.stored},
               {"occluders", work.occluders},
               {"macs", work.macs},
               {"seconds", seconds},
               {"peak_memory", PeakMemory()},
               {"skipped", ToJson(setup.record().skipped)},
               {"layers", std::move(layers)}};
  result.rows = {result.fields};
  if (auto other =
          ReadOtherFields(files, result.fields, model.digest, fields.threshold, observer)) {
    json["compared"] = ComparisonJson(result.fields, *other);
    // Occlusion comes first, whichever was measured first.
    const bool before = other->method == FieldMethod::kOcclusion;
    result.rows.insert(before ? result.rows.begin() : result.rows.end(), std::move(*other));
  }
  unfinished.Finish(json);
  SaveOptions(options, files);
  return result;
}

}  // namespace

void RfExperiment::Validate() const {
  if (memory < (int64_t{64} << 20)) {
    Fail("rf: expected memory of at least 64 MiB, found {} bytes", memory);
  }
  if (noise && method != FieldMethod::kGradient) {
    Fail("rf: expected top images for occlusion, found noise");
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
  if (options.method == FieldMethod::kGradient) return EachPixel();
  OcclusionOptions occlusion = options.occlusion;
  occlusion.seed = options.seed;
  return occlusion;
}

OperatorOptions OperatorsOf(const RfExperiment& options) {
  OperatorOptions operators;
  operators.memory = options.memory / 2;
  return operators;
}

OcclusionBy EngineOn(const RfExperiment& options, const Network& network) {
  const bool has_kernels = network.device().is_cpu();
  return options.engine == OcclusionBy::kIncremental && !has_kernels ? OcclusionBy::kOperators
                                                                     : options.engine;
}

std::unique_ptr<OcclusionEngine> MakeEngine(const RfExperiment& options, const Network& network,
                                            const OccluderSet& occluders) {
  if (options.method == FieldMethod::kGradient) return MakeGradientEngine(network, occluders);
  switch (EngineOn(options, network)) {
    case OcclusionBy::kFull:
      return MakeReferenceEngine(network, occluders, {options.pass.batch, false});
    case OcclusionBy::kOperators:
      return MakeOperatorEngine(network, occluders, OperatorsOf(options));
    case OcclusionBy::kIncremental:
      break;
  }
  return MakeIncrementalEngine(network, occluders, IncrementalOf(options));
}

std::string EngineName(const RfExperiment& options, const Network& network) {
  const std::string rounded = !network.device().is_cpu() && options.tf32 ? " in TF32" : "";
  if (options.method == FieldMethod::kGradient) return "gradient" + rounded;
  switch (EngineOn(options, network)) {
    case OcclusionBy::kFull:
      return "full" + rounded;
    case OcclusionBy::kOperators:
      return "operators" + rounded;
    case OcclusionBy::kIncremental:
      break;
  }
  return "incremental";
}

void NoteEngine(const RfExperiment& options, const Model& model, Observer& observer) {
  const std::string device = model.network.device().str();
  observer.Note(fmt::format("{}: passes on {}; responses by engine \"{}\" on {}", model.name,
                            device, EngineName(options, model.network), device));
}

std::string InputsName(const RfExperiment& options) { return options.noise ? "noise" : "top"; }

ImageSets FieldImages(const RfExperiment& options) {
  return options.noise ? NoiseImages(options.field.k) : LoadImageSets(options);
}

PixelSource FieldPixels(const RfExperiment& options, const ImageSets& images,
                        const InputFormat& format) {
  if (options.noise) {
    return [seed = options.seed, format](int64_t i) { return NoisePixels(format, seed, i); };
  }
  return [pictures = std::make_shared<PictureCache>(images), format](int64_t i) {
    return Squash((*pictures)(i), format);
  };
}

Provenance FieldProvenance(const RfExperiment& options, const Model& model, const ImageSets& images,
                           Observer& observer) {
  if (!options.noise) return ProvenanceOf(options, "rf", model, images, observer);
  Provenance provenance = ProvenanceOf(options, "rf", model, {}, observer);
  provenance.images.push_back(
      {images.sets().front().name, NoiseDigest(options.seed, images.size()), images.size(), ""});
  return provenance;
}

RfSetup::RfSetup(const RfExperiment& options, const NetworkRun& run, const ImageSets& images,
                 Observer& observer)
    : record_([&] {
        const std::vector<std::string> layers = LayersOrLast(options, run.model.network);
        for (const std::string& layer : layers) run.model.network.Find(layer);
        if (options.noise) {
          return RecordNoise(run.model, images, layers, options.seed, observer);
        }
        return FindOrMakeRecord(options, RecordingOf(options), run, images, layers, observer);
      }()),
      occluders_(run.model.input, OcclusionOf(options)) {
  for (const RecordedLayer& layer : record_.layers) {
    requests_.push_back(MakeRequest(options, run.model.network, layer));
  }
}

RfRun RunRf(const RfExperiment& options, Observer& observer) {
  options.Validate();
  const ImageSets images = FieldImages(options);
  RfRun done;
  std::vector<NetworkFields> networks, rows;
  ForEachNetwork(options, "rf", observer, [&](const NetworkRun& run) {
    MeasuredNetwork measured = MeasureNetwork(options, run, images, observer);
    networks.push_back(std::move(measured.fields));
    std::move(measured.rows.begin(), measured.rows.end(), std::back_inserter(rows));
    done.results.push_back(run.folder.files().Result(FieldsBy(options.method)));
  });
  done.sizes = FieldTable(rows);
  const RunFiles files((Path(options.out)));
  SaveTable(files, "table2", done.sizes);
  done.sensitivity = SensitivityTable(networks, options.field.k);
  const Path sensitivity = files.Sensitivity("", options.method);
  SaveTable(files, sensitivity.filename().string(), done.sensitivity);
  WriteDrawing(sensitivity, DrawSensitivity(networks, options.field));
  return done;
}

}  // namespace netdissect
