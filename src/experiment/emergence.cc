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
#include "report/unfinished.h"

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
    // A network of random weights may well have no label; names that all match nothing are a
    // mistake.
    if (network.labelled == 0 && units > 0) {
      Fail(
          "{}: expected labels among the {} objects of the image sets, such as {}, found none in "
          "{} units",
          network.name, result.objects.size(), result.objects.front().name,
          units + network.unlabelled);
    }
    if (network.labelled == 0) {
      observer.Warning(fmt::format("{}: none of the {} units has a label: nothing correlates",
                                   network.name, network.unlabelled));
    }
  }
}

// The labels that a network is the one of. Error where there are none.
size_t LabelsOf(const Model& model, const std::string& descriptor,
                const std::vector<NamedLabels>& files) {
  std::vector<std::string> known;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].labels.digest == model.digest) return i;
    known.push_back(files[i].labels.network);
  }
  Fail("{}: expected a network that labels are of ({}), found {} with another digest", descriptor,
       Join(known), model.name);
}

// Draws Figure 9a for the labels of a network that was given.
void DrawSheet(const EmergenceExperiment& options, const NetworkRun& run, const ImageSets& images,
               const std::vector<LayerLabels>& labels, const Path& label_folder,
               const EmergenceResult& result, const NetworkEmergence& network, Observer& observer) {
  std::vector<std::string> layers;
  for (const LayerLabels& layer : labels) layers.push_back(layer.name);
  RecordingOptions recording;
  recording.folder = options.record.empty() ? label_folder.string() : options.record;
  const RecordResult record = FindOrMakeRecord(options, recording, run, images, layers, observer);
  const cv::Mat sheet = DrawEmergenceSheet(run.model, record, labels, result, network,
                                           options.sheet, options.pass, observer);
  if (!sheet.empty()) WritePng(run.folder.files().EmergenceSheet(), sheet);
}

}  // namespace

EmergenceRun RunEmergence(const EmergenceExperiment& options, Observer& observer) {
  EmergenceOptions emergence = options.emergence;
  emergence.seed = options.seed;
  emergence.threads = options.pass.threads;
  emergence.Validate();
  const ImageSets images = LoadImageSets(options);
  const std::vector<NamedLabels> files = ReadAllLabels(options.labels, options.layers);
  for (const std::string& descriptor : options.networks) {  // before anything takes long
    LabelsOf(LoadModel(descriptor), descriptor, files);
  }
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

  std::vector<UnfinishedResult> unfinished;
  for (size_t i = 0; i < files.size(); ++i) {
    provenance.network_name = files[i].labels.network;
    provenance.network_digest = files[i].labels.digest;
    unfinished.emplace_back(folders[i].files(), ResultKind::kEmergence, provenance);
    unfinished.back().Begin();
  }
  SaveTable(top, "emergence", EmergenceTable(run.emergence));
  SaveTable(top, "correlations", CorrelationTable(run.emergence));
  SaveTable(top, "categories", CategoryTable(run.emergence));
  SaveTable(top, "presence", PresenceTable(run.presence));
  WriteDrawing(top.EmergenceSeries(""), DrawEmergence(run.emergence));
  WriteDrawing(top.EmergenceScatter(""), DrawCorrelations(run.emergence));
  for (size_t i = 0; options.sheet > 0 && i < options.networks.size(); ++i) {
    const Model model = LoadOn(options.device, options.forward, options.networks[i]);
    const size_t at = LabelsOf(model, options.networks[i], files);
    DrawSheet(options, {options.networks[i], folders[at], model}, images,
              NormalLabels(files[at], names, options.layers), files[at].file.parent_path(),
              run.emergence, run.emergence.networks[at], observer);
  }
  for (size_t i = 0; i < files.size(); ++i) {
    Json body = {{"labels", files[i].file.string()},
                 {"annotated", census.size()},
                 {"unannotated", census.unannotated},
                 {"skipped", ToJson(census.skipped)},
                 {"presence", ToJson(run.presence)}};
    body.update(ToJson(run.emergence, run.emergence.networks[i], emergence));
    unfinished[i].Finish(body);
    run.results.push_back(unfinished[i].file());
  }
  SaveOptions(options, top);
  return run;
}

}  // namespace netdissect
