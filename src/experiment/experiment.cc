#include "experiment/experiment.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

#include "netdissect/base/error.h"
#include "nn/device.h"
#include "report/table.h"

namespace netdissect {
namespace {

FolderHolder HolderOf(const Crew& crew) {
  if (crew.completes()) return {};
  return {crew.mark(), crew.size() > 1};
}

}  // namespace

void ForEachNetwork(const ExperimentOptions& options, const std::string& command,
                    Observer& observer, const std::function<void(const NetworkRun&)>& work) {
  const std::vector<Path> folders = NetworkFolders(options.out, options.networks);
  Crew& crew = *options.crew;
  std::deque<RunFolder> locked;
  const auto lock = [&] {
    // What stands beside the networks' folders is this run's too.
    if (folders.size() > 1) locked.emplace_back(options.out, command, HolderOf(crew));
    for (const Path& folder : folders) locked.emplace_back(folder, command, HolderOf(crew));
  };
  // Who completes the job has the folders, on behalf of all that run at the same time.
  if (crew.completes()) lock();
  crew.Meet();
  if (!crew.completes()) lock();
  const size_t first = locked.size() - folders.size();
  std::optional<ShareDone> share;
  for (size_t i = 0; i < folders.size(); ++i) {
    const Model model = LoadOn(options.device, options.forward, options.networks[i]);
    ReportUnread(observer, model);
    try {
      work({options.networks[i], locked[first + i], model});
    } catch (const ShareDone& done) {
      share = done;
    }
    crew.Meet();
  }
  if (!share) return;
  if (crew.size() == 1) SaveOptions(options, RunFiles(options.out));  // for `merge`
  throw *share;
}

void ReportUnread(Observer& observer, const Model& model) {
  for (const UnreadPart& part : model.network.unread()) {
    const std::vector<std::string>& names = part.names;
    const std::string rest =
        names.size() < 2 ? "" : fmt::format(", and {} tensors that need it", names.size() - 1);
    observer.Warning(fmt::format("{}: not read: {}{}: {}", model.name, part.from, rest, part.why));
  }
  if (!model.network.unread().empty() && !model.network.scores()) {
    observer.Warning(model.name + ": no class scores: they stand on what was not read");
  }
}

Model LoadOn(const std::string& device, ForwardBy forward, const std::string& descriptor) {
  Model model = LoadModel(descriptor);
  model.network.SetForward(forward);
  model.network.To(ParseDevice(device));
  return model;
}

ImageSets LoadImageSets(const ExperimentOptions& options) {
  std::vector<Dataset> sets;
  std::set<std::string> names;
  for (const std::string& source : options.images) {
    sets.push_back(LoadDataset(source, {options.limit, false}));
    if (!names.insert(sets.back().name).second) {
      Fail("{}: expected image sets of different names, found {} twice", source, sets.back().name);
    }
  }
  return sets;
}

Dataset SetOfFiles(const std::vector<std::string>& files) {
  Dataset set;
  set.name = "given images";
  for (const std::string& file : files) set.images.push_back({file, file, -1});
  return set;
}

Provenance ProvenanceOf(const ExperimentOptions& options, const std::string& command,
                        const Model& model, const ImageSets& images, Observer& observer,
                        bool annotated) {
  Provenance provenance;
  provenance.command = command;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  provenance.Add(model);
  for (const Dataset& set : images.sets()) {
    if (annotated) {
      provenance.AddAnnotated(set, observer);
    } else {
      provenance.Add(set, observer);
    }
  }
  return provenance;
}

void SaveOptions(const ExperimentOptions& options, const RunFiles& files) {
  if (!options.toml.empty()) WriteFile(files.Options(), options.toml);
}

Json WithHeader(const Provenance& provenance, const Json& result) {
  Json json = {{"netdissect", ToJson(provenance)}};
  json.update(result);
  return json;
}

void ReportSkipped(Observer& observer, const std::vector<SkippedImage>& skipped) {
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < std::min(kShown, skipped.size()); ++i) {
    observer.Warning("skipped " + skipped[i].reason);
  }
  if (skipped.size() > kShown) {
    observer.Warning(fmt::format("{} images were skipped in all", skipped.size()));
  }
}

std::vector<std::string> LayersOrLast(const ExperimentOptions& options, const Network& network) {
  if (!options.layers.empty()) return options.layers;
  // The last below the class scores, or of all where there are none.
  std::vector<int> layers;
  if (const std::optional<int> scores = network.scores()) {
    layers = network.Needed({*scores});
  } else {
    for (int i = 0; i < network.size(); ++i) layers.push_back(i);
  }
  std::string name = network.layer(layers.back()).name;
  for (int i : layers) {
    const Layer& layer = network.layer(i);
    if (layer.shape.height > 1 || layer.shape.width > 1) name = layer.name;
  }
  return {name};
}

int FindSpatialLayer(const Network& network, const std::string& name) {
  const int layer = network.Find(name);
  const Shape& shape = network.layer(layer).shape;
  if (shape.height == 1 && shape.width == 1) {
    Fail("layer {}: expected units with positions in the image, found {}", name, ToString(shape));
  }
  return layer;
}

void SaveTable(const RunFiles& files, const std::string& name, const Table& table) {
  WriteFile(files.Table(name, ".csv"), table.Csv());
  WriteFile(files.Table(name, ".tex"), table.Latex());
}

}  // namespace netdissect
