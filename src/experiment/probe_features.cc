#include "experiment/probe_features.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "base/npy_rows.h"
#include "experiment/kept_pass.h"
#include "netdissect/base/error.h"
#include "nn/planar.h"

namespace netdissect {
namespace {

// features.json: what the files beside it are of.
struct FeatureIndex {
  std::string pool;
  std::vector<int64_t> items;
  std::vector<std::string> skipped;
  Json layers = Json::object();  // by name: {file, units, height, width, digest}
};

Json ToJson(const FeatureIndex& index) {
  return {{"pool", index.pool},
          {"layers", index.layers},
          {"skipped", index.skipped},
          {"images", index.items}};
}

Json LayerJsonOf(const Path& file, const Shape& shape, const std::string& digest) {
  return {{"file", file.filename().string()},
          {"units", shape.units},
          {"height", shape.height},
          {"width", shape.width},
          {"digest", digest}};
}

void SayComputedAnew(const Error& damage, Observer& observer) {
  observer.Warning(fmt::format("{}: features are computed anew", damage.what()));
}

int64_t FeaturesOf(const Shape& shape) { return int64_t{shape.units} * shape.height * shape.width; }

// What is there of the same network, images and pooling; an empty index where nothing is.
FeatureIndex ReadIndex(const Path& path, const Provenance& provenance, const std::string& pool,
                       Observer& observer) {
  FeatureIndex index;
  index.pool = pool;
  if (!Exists(path)) return index;
  try {
    const Json json = ReadJson(path);
    if (!SameInputs(json.at("netdissect"), provenance) || json.at("pool") != pool) return index;
    FeatureIndex found;
    found.pool = pool;
    found.items = json.at("images").get<std::vector<int64_t>>();
    found.skipped = json.at("skipped").get<std::vector<std::string>>();
    found.layers = json.at("layers");
    return found;
  } catch (const Json::exception&) {
    observer.Warning(
        fmt::format("{}: expected what `probe` writes, found something else: features "
                    "are computed anew",
                    path.string()));
  } catch (const Error& error) {
    SayComputedAnew(error, observer);
  }
  return index;
}

// `known` is the layer's in the index, from a file.
bool IsWhole(const LayerFeatures& layer, const Json& known, size_t images, Observer& observer) {
  const std::string file = layer.file.string();
  try {
    NpyRowReader reader(layer.file);
    const int64_t features = FeaturesOf(layer.shape);
    if (reader.rows() != static_cast<int64_t>(images) || reader.columns() != features) {
      Fail("{}: expected {} x {} values, found {} x {}", file, images, features, reader.rows(),
           reader.columns());
    }
    const Json expected = known.contains("digest") ? known["digest"] : Json();
    const std::string found = reader.DigestOfRows();
    if (expected != found) {
      Fail("{}: expected rows of the digest {}, found {}", file, Shown(expected), found);
    }
    return true;
  } catch (const Error& error) {
    SayComputedAnew(error, observer);
    return false;
  }
}

// Writes the features of the layers `missing`; the images that were read and those that were not.
// DamagedRows where what was kept of an earlier run is not as it was.
void MakeFeatures(const ExperimentOptions& options, const NetworkRun& run, const ImageSets& images,
                  const std::vector<LayerFeatures*>& missing, const FeaturePooling& pooling,
                  const Provenance& provenance, FeatureIndex& index, Observer& observer) {
  std::vector<int> wanted;
  std::vector<std::unique_ptr<NpyRowWriter>> writers;
  for (const LayerFeatures* layer : missing) {
    wanted.push_back(run.model.network.Find(layer->layer));
    writers.push_back(std::make_unique<NpyRowWriter>(layer->file, FeaturesOf(layer->shape)));
  }
  std::vector<int64_t> items;
  PassVisitor visitor;
  visitor.output = [&](const ImageBatch& batch, size_t which, const at::Tensor& output) {
    const at::Tensor rows = PoolFeatures(Planar(output), pooling, missing[which]->shape)
                                .to(at::kCPU, at::kFloat)
                                .contiguous();
    writers[which]->Add(rows.data_ptr<float>(), static_cast<int64_t>(batch.indices.size()));
  };
  visitor.end = [&](const ImageBatch& batch) {
    items.insert(items.end(), batch.indices.begin(), batch.indices.end());
  };
  visitor.save = [&](ByteWriter& out) {
    for (const auto& writer : writers) {
      out.Put(writer->Flush());
      out.Put(writer->DigestOfRows());
    }
    out.Put(items);
  };
  visitor.add = [&](ByteReader& in) {
    for (const auto& writer : writers) {
      const auto rows = in.Get<int64_t>();
      writer->Continue(rows, in.Get<std::string>());
    }
    in.Get(items);
  };
  std::vector<std::string> names;
  for (const LayerFeatures* layer : missing) names.push_back(layer->layer);
  KeptPass kept(options, run.folder.path(), "features", provenance,
                {{"layers", names}, {"pool", NameOf(pooling)}}, observer);
  const PassSummary summary = RunPass(run.model, images, wanted, visitor, kept.options(), observer);
  ReportSkipped(observer, summary.skipped);
  if (!index.layers.empty() && index.items != items) {
    Fail("{}: expected features of {} images, found {}; --force computes them anew",
         run.folder.files().Result(ResultKind::kFeatures).string(), index.items.size(),
         items.size());
  }
  index.items = std::move(items);
  index.skipped.clear();
  for (const SkippedImage& skipped : summary.skipped) index.skipped.push_back(skipped.image);
  for (size_t i = 0; i < missing.size(); ++i) {
    writers[i]->Commit();
    index.layers[missing[i]->layer] =
        LayerJsonOf(missing[i]->file, missing[i]->shape, writers[i]->DigestOfRows());
  }
  kept.Finish();
}

}  // namespace

ProbeFeatures FindOrMakeFeatures(const ExperimentOptions& options, const NetworkRun& run,
                                 const ImageSets& images, const std::vector<std::string>& layers,
                                 const FeaturePooling& pooling, Observer& observer) {
  const Network& network = run.model.network;
  const LayerFiles files(run.folder.path(), network);
  ProbeFeatures features;
  for (const std::string& layer : layers) {
    const Shape& shape = network.layer(network.Find(layer)).shape;
    features.layers.push_back(
        {layer, files.Features(layer), PooledShape(shape, pooling, layer), false});
  }
  const Provenance provenance = ProvenanceOf(options, "probe", run.model, images, observer);
  const Path place = run.folder.files().Result(ResultKind::kFeatures);
  FeatureIndex index;
  index.pool = NameOf(pooling);
  if (!options.force) index = ReadIndex(place, provenance, NameOf(pooling), observer);
  std::vector<LayerFeatures*> missing;
  for (LayerFeatures& layer : features.layers) {
    const auto known = index.layers.find(layer.layer);
    layer.reused =
        known != index.layers.end() && IsWhole(layer, known.value(), index.items.size(), observer);
    if (layer.reused) continue;
    if (known != index.layers.end()) index.layers.erase(known);
    missing.push_back(&layer);
  }
  if (!missing.empty()) {
    // Before files of other images are in its place: it must not stand for them.
    if (index.layers.empty()) std::filesystem::remove(place);
    try {
      MakeFeatures(options, run, images, missing, pooling, provenance, index, observer);
    } catch (const DamagedRows& damage) {
      SayComputedAnew(damage, observer);
      ExperimentOptions anew = options;
      anew.force = true;
      MakeFeatures(anew, run, images, missing, pooling, provenance, index, observer);
    }
    WriteJson(place, WithHeader(provenance, ToJson(index)));
  }
  if (missing.size() < features.layers.size()) {
    observer.Note(fmt::format("{}: features of {} of {} layers are used again",
                              run.folder.path().string(), features.layers.size() - missing.size(),
                              features.layers.size()));
  }
  features.items = index.items;
  features.skipped = index.skipped;
  return features;
}

}  // namespace netdissect
