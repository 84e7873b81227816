#include "experiment/probe.h"

#include <algorithm>

#include "experiment/probe_features.h"
#include "experiment/probe_split.h"
#include "netdissect/base/error.h"
#include "netdissect/probe/record.h"
#include "report/unfinished.h"
#include "study/feature_file.h"

namespace netdissect {
namespace {

constexpr char kProbe[] = "probe";

std::vector<std::string> LayersToProbe(const ProbeExperiment& options, const Network& network) {
  if (options.layers == std::vector<std::string>{"all"}) return DefaultRecordLayers(network);
  return LayersOrLast(options, network);
}

// The split's images that were read, a row each.
ProbeRows RowsOf(const ProbeSplit& split, const std::vector<int64_t>& items,
                 const std::string& network) {
  ProbeRows rows;
  rows.items = items;
  rows.classes = static_cast<int>(split.classes.size());
  std::vector<int64_t> learnt(split.classes.size());
  for (int64_t item : items) {
    const auto i = static_cast<size_t>(item);
    rows.labels.push_back(split.labels[i]);
    rows.test.push_back(split.test[i]);
    if (split.labels[i] >= 0 && !split.test[i]) ++learnt[static_cast<size_t>(split.labels[i])];
  }
  for (size_t c = 0; c < learnt.size(); ++c) {
    if (learnt[c] >= 2) continue;
    Fail("{}: {}: expected at least 2 images to learn from that can be read, found {}", network,
         split.classes[c], learnt[c]);
  }
  return rows;
}

void SayOfLayer(const std::string& network, const ProbedLayer& layer, Observer& observer) {
  const ProbeResult& result = layer.result;
  const std::string what = network + ", " + layer.name;
  if (result.constant > 0) {
    observer.Note(fmt::format("{}: {} of {} features are constant and count as 0", what,
                              result.constant, result.features));
  }
  if (result.choice.at_end) {
    observer.Note(fmt::format("{}: the cost {:g} is at an end of the grid; another may do better",
                              what, result.choice.cost));
  }
  if (result.unfinished > 0) {
    observer.Warning(fmt::format("{}: {} classifiers had not converged at the last iteration", what,
                                 result.unfinished));
  }
}

ProbedLayer ProbeLayer(const ProbeExperiment& options, const LayerFeatures& features,
                       const ProbeRows& rows, Observer& observer) {
  ProbedLayer layer;
  layer.name = features.layer;
  layer.units = features.shape.units;
  layer.height = features.shape.height;
  layer.width = features.shape.width;
  layer.reused = features.reused;
  const FeatureFile file(features.file);
  ProbeRows of_layer = rows;
  of_layer.features = &file;
  try {
    layer.result = Probe(of_layer, options.probe, observer);
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    Fail("{}: layer {}: {}", features.file.string(), features.layer, error.what());
  }
  return layer;
}

Json SplitJson(const ProbeExperiment& options, const ProbeSplit& split,
               const ProbeFeatures& features) {
  return {{"split", split.how},
          {"test_share", split.how == "share" ? Json(options.test_share) : Json(nullptr)},
          {"left_out", split.left_out},
          {"without_class", split.without_class},
          {"in_both", split.in_both},
          {"skipped", features.skipped},
          {"pool", NameOf(options.pooling)}};
}

void SaveNetwork(const ProbeExperiment& options, const NetworkRun& run, const ProbeSplit& split,
                 const ProbeFeatures& features, const ProbedNetwork& network, Observer& observer) {
  const RunFiles& files = run.folder.files();
  const LayerFiles layer_files(files.folder(), run.model.network);
  UnfinishedResult unfinished(files, ResultKind::kProbe,
                              ProvenanceOf(options, kProbe, run.model, split.images, observer));
  unfinished.Begin();
  for (const ProbedLayer& layer : network.layers) {
    WriteFile(layer_files.Confusion(layer.name, ".csv"),
              ConfusionTable(layer.result, split.classes).Csv());
    WriteDrawing(layer_files.Confusion(layer.name, ""),
                 DrawConfusion(network.name + ", " + layer.name, layer.result, split.classes));
  }
  if (options.probe.cross_validation.costs.size() > 1) {
    WriteDrawing(files.ProbeCosts(""), DrawProbeCosts(network));
  }
  Json body = ToJson(network, split.classes);
  body.update(SplitJson(options, split, features));
  unfinished.Finish(body);
  SaveOptions(options, files);
}

}  // namespace

ProbeRun RunProbe(const ProbeExperiment& options, Observer& observer) {
  options.probe.Validate();
  const ProbeSplit split =
      SplitForProbe(options, options.test, options.test_share, options.draw, observer);
  ProbeRun done;
  ForEachNetwork(options, kProbe, observer, [&](const NetworkRun& run) {
    const ProbeFeatures features =
        FindOrMakeFeatures(options, run, split.images, LayersToProbe(options, run.model.network),
                           options.pooling, observer);
    const ProbeRows rows = RowsOf(split, features.items, run.model.name);
    ProbedNetwork network{run.model.name, {}};
    for (const LayerFeatures& layer : features.layers) {
      network.layers.push_back(ProbeLayer(options, layer, rows, observer));
      SayOfLayer(network.name, network.layers.back(), observer);
    }
    SaveNetwork(options, run, split, features, network, observer);
    done.results.push_back(run.folder.files().Result(ResultKind::kProbe));
    done.networks.push_back(std::move(network));
  });
  const RunFiles files(options.out);
  SaveTable(files, "accuracy", ProbeTable(done.networks));
  WriteDrawing(files.ProbeAccuracy(""), DrawProbeAccuracy(done.networks));
  return done;
}

}  // namespace netdissect
