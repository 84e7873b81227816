#include "experiment/emergence.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "data/object_names.h"
#include "experiment/emergence_sheet.h"
#include "experiment/label_files.h"
#include "experiment/recording.h"
#include "netdissect/base/error.h"
#include "report/drawing.h"
#include "report/emergence_report.h"
#include "report/figure.h"

namespace netdissect {
namespace {

constexpr char kEmergence[] = "emergence";

// People's words and the sets' names are brought to one form by the same table.
ObjectNames NamesOf(const EmergenceExperiment& options, const ImageSets& images) {
  if (!options.aliases.empty()) return ObjectNames(options.aliases);
  for (const Dataset& set : images.sets()) {
    if (set.annotations && !set.annotations->aliases.empty()) {
      return ObjectNames(set.annotations->aliases);
    }
  }
  return ObjectNames();
}

// Labels of the layers asked for, in normal form.
std::vector<LayerLabels> NormalLabels(const NamedLabels& file, const ObjectNames& names,
                                      const std::vector<std::string>& layers) {
  std::vector<LayerLabels> labels = ChosenLayers(file.labels.layers, layers);
  for (LayerLabels& layer : labels) {
    for (UnitLabel& unit : layer.units) unit.label = names.Normalize(unit.label);
  }
  return labels;
}

LabelledNetwork Flattened(const NamedLabels& file, const std::vector<LayerLabels>& layers) {
  LabelledNetwork network;
  network.name = file.labels.network;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) network.labels.push_back(unit.label);
  }
  if (network.labels.empty())
    Fail("{}: expected units with or without label, found none", file.file.string());
  return network;
}

// Says where labels were made on other images than these.
void CheckImages(const NamedLabels& file, const Provenance& here, Observer& observer) {
  const Provenance& made = file.provenance;
  if (made.images.empty()) return;  // a published table says nothing of them
  std::vector<std::string> there_names, here_names;
  bool same = made.images.size() == here.images.size();
  for (const Provenance::Images& set : made.images) there_names.push_back(set.name);
  for (const Provenance::Images& set : here.images) here_names.push_back(set.name);
  for (size_t i = 0; same && i < here.images.size(); ++i) {
    same = made.images[i].digest == here.images[i].digest;
  }
  if (same) return;
  observer.Warning(
      fmt::format("{}: labels were made on other images ({}) than frequency and "
                  "informativeness are taken from ({})",
                  file.file.string(), Join(there_names), Join(here_names)));
}

void SayWhatIsLeftOut(const EmergenceResult& result, Observer& observer) {
  if (result.rare_objects > 0) {
    observer.Note(fmt::format("{} objects are on too few images and left out; {} are taken",
                              result.rare_objects, result.objects.size()));
  }
  if (!result.left_out_categories.empty()) {
    observer.Note(fmt::format("categories with too few annotated images, left out: {}",
                              Join(result.left_out_categories)));
  }
  for (const NetworkEmergence& network : result.networks) {
    std::vector<std::string> unmatched;
    int units = 0;
    for (const UnmatchedLabel& label : network.unmatched) {
      unmatched.push_back(fmt::format("{} ({})", label.label, label.units));
      units += label.units;
    }
    if (!unmatched.empty()) {
      observer.Warning(fmt::format("{}: labels of {} units name no object that is taken: {}",
                                   network.name, units, Join(unmatched)));
    }
    if (network.labelled == 0) {
      Fail(
          "{}: expected labels among the {} objects of the image sets, such as {}, found none in "
          "{} units",
          network.name, result.objects.size(), result.objects.front().name,
          units + network.unlabelled);
    }
  }
}

// Draws Figure 9a for the labels of a network that was given.
void DrawSheets(const EmergenceExperiment& options, const ImageSets& images,
                const std::vector<NamedLabels>& files, const ObjectNames& names,
                const std::deque<RunFolder>& folders, const EmergenceResult& result,
                Observer& observer) {
  for (const std::string& descriptor : options.networks) {
    const Model model = LoadOn(options.device, descriptor);
    const auto of_network = [&](const NamedLabels& file) {
      return file.labels.digest == model.digest;
    };
    const auto found = std::find_if(files.begin(), files.end(), of_network);
    if (found == files.end()) {
      std::vector<std::string> known;
      for (const NamedLabels& file : files) known.push_back(file.labels.network);
      Fail("{}: expected a network that labels are of ({}), found {} with another digest",
           descriptor, Join(known), model.name);
    }
    const auto index = static_cast<size_t>(found - files.begin());
    const std::vector<LayerLabels> labels = NormalLabels(*found, names, options.layers);
    std::vector<std::string> layers;
    for (const LayerLabels& layer : labels) layers.push_back(layer.name);
    RecordingOptions recording;
    recording.folder = options.record.empty() ? found->file.parent_path().string() : options.record;
    const RecordResult record = FindOrMakeRecord(
        options, recording, {descriptor, folders[index], model}, images, layers, observer);
    const cv::Mat sheet = DrawEmergenceSheet(model, record, labels, result, result.networks[index],
                                             options.sheet, options.pass, observer);
    if (!sheet.empty()) WritePng(folders[index].files().EmergenceSheet(), sheet);
  }
}

}  // namespace

EmergenceRun RunEmergence(const EmergenceExperiment& options, Observer& observer) {
  EmergenceOptions emergence = options.emergence;
  emergence.seed = options.seed;
  emergence.threads = options.pass.threads;
  emergence.Validate();
  const ImageSets images = LoadImageSets(options);
  const std::vector<NamedLabels> files = ReadAllLabels(options.labels, options.layers);
  const ObjectNames names = NamesOf(options, images);
  std::vector<LabelledNetwork> networks;
  std::vector<std::string> network_names;
  for (const NamedLabels& file : files) {
    networks.push_back(Flattened(file, NormalLabels(file, names, options.layers)));
    network_names.push_back(file.labels.network);
  }
  std::deque<RunFolder> folders;
  if (files.size() > 1) folders.emplace_back(options.out, kEmergence);
  for (const Path& folder : NamedFolders(options.out, network_names)) {
    folders.emplace_back(folder, kEmergence);
  }
  const RunFiles top(folders.front().files());
  if (files.size() > 1) folders.pop_front();

  Provenance provenance;
  provenance.command = kEmergence;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  for (const Dataset& set : images.sets()) provenance.AddAnnotated(set, observer);
  for (const NamedLabels& file : files) CheckImages(file, provenance, observer);

  const ObjectCensus census =
      TakeCensus(images, {options.pass.threads, options.pass.strict}, observer);
  ReportSkipped(observer, census.skipped);
  observer.Note(fmt::format("{} annotated images, {} without annotation, {} without category",
                            census.size(), census.unannotated, census.unlabelled));
  EmergenceRun run;
  run.emergence = MeasureEmergence(census, networks, emergence, observer);
  SayWhatIsLeftOut(run.emergence, observer);
  std::vector<bool> taken(census.objects.size());
  for (const EmergenceObject& object : run.emergence.objects) {
    const auto place = std::lower_bound(census.objects.begin(), census.objects.end(), object.name);
    taken[static_cast<size_t>(place - census.objects.begin())] = true;
  }
  PresenceOptions presence = options.presence;
  presence.seed = options.seed;
  presence.min_category = emergence.informativeness.min_category;
  run.presence = MeasurePresence(census, taken, presence, observer);

  SaveTable(top, "emergence", EmergenceTable(run.emergence));
  SaveTable(top, "correlations", CorrelationTable(run.emergence));
  SaveTable(top, "categories", CategoryTable(run.emergence));
  SaveTable(top, "presence", PresenceTable(run.presence));
  WriteDrawing(top.EmergenceSeries(""), DrawEmergence(run.emergence));
  WriteDrawing(top.EmergenceScatter(""), DrawCorrelations(run.emergence));
  if (options.sheet > 0) {
    DrawSheets(options, images, files, names, folders, run.emergence, observer);
  }
  for (size_t i = 0; i < files.size(); ++i) {
    provenance.network_name = files[i].labels.network;
    provenance.network_digest = files[i].labels.digest;
    Json body = {{"labels", files[i].file.string()},
                 {"annotated", census.size()},
                 {"unannotated", census.unannotated},
                 {"skipped", ToJson(census.skipped)},
                 {"presence", ToJson(run.presence)}};
    body.update(ToJson(run.emergence, run.emergence.networks[i], emergence));
    run.results.push_back(folders[i].files().Result(ResultKind::kEmergence));
    WriteJson(run.results.back(), WithHeader(provenance, body));
  }
  SaveOptions(options, top);
  return run;
}

}  // namespace netdissect
