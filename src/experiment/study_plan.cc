#include "experiment/study_plan.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/run_folder.h"

namespace netdissect {
namespace {

// Options whose values are files that results depend on.
constexpr const char* kFileOptions[] = {"aliases", "taxonomy"};

class Planner {
 public:
  Planner(const Study& study, const StudyFacts& facts) : study_(study), facts_(facts) {}

  std::vector<StudyStep> Plan() {
    PlanTraining();
    const bool annotated = !study_.annotated.empty();
    for (const std::string& command : StudyExperiments()) {
      for (const StudyVariant& variant : VariantsOf(command)) {
        if (command == "semantics" || command == "emergence") {
          PlanTogether(command, variant);
          continue;
        }
        for (const StudyNetwork& network : study_.networks) {
          if (command == "info") PlanInfo(network, variant);
          if (command == "classify") PlanClassify(network, variant);
          if (command == "record") PlanRecord(network, variant);
          if (command == "rf") PlanRf(network, variant);
          if (command == "annotate auto" && annotated) PlanLabels(network, variant);
          if (command == "annotate import") PlanImport(network, variant);
          if (command == "segment") PlanSegment(network, variant);
          if (command == "evaluate" && annotated) PlanEvaluate(network, variant);
          if (command == "localize" && annotated) PlanLocalize(network, variant);
          if (command == "simplify" && annotated) PlanSimplify(network, variant);
          if (command == "probe" && annotated) PlanProbe(network, variant);
        }
      }
    }
    RequireDifferentNames();
    return std::move(steps_);
  }

 private:
  // Names of networks and sets may make two steps one.
  void RequireDifferentNames() const {
    std::set<std::string> names, folders;
    for (const StudyStep& step : steps_) {
      if (names.insert(step.name).second && folders.insert(step.folder.string()).second) continue;
      Fail(
          "{}: expected networks, image sets and variants whose names tell steps apart, found "
          "\"{}\" in {} twice",
          study_.name, step.name, step.folder.string());
    }
  }

  std::vector<StudyVariant> VariantsOf(const std::string& command) const {
    const auto found = study_.experiments.find(command);
    return found == study_.experiments.end() ? std::vector<StudyVariant>{StudyVariant()}
                                             : found->second;
  }

  const Dataset& SetOf(const std::string& source) const { return facts_.sets.at(source); }

  bool Classifies(const StudyNetwork& network, const std::string& set) const {
    if (network.classifies) {
      const std::vector<std::string>& sets = *network.classifies;
      return std::find(sets.begin(), sets.end(), set) != sets.end();
    }
    const auto classes = facts_.classes.find(network.name);
    return classes != facts_.classes.end() && Tells(classes->second, SetOf(set));
  }

  // A step as `command` has it: its folder, options, and the network's part.
  StudyStep Begin(const std::string& command, const StudyVariant& variant, ResultKind kind,
                  const StudyNetwork* network) const {
    StudyStep step;
    step.command = command;
    step.variant = variant.name;
    step.name = command + (variant.name.empty() ? "" : " " + variant.name);
    step.folder = FolderOf(command);
    if (!variant.name.empty()) step.folder /= variant.name;
    Json options = variant.options;
    for (const char* name : kFileOptions) {
      if (!options.contains(name)) continue;
      step.files.emplace_back(name, WordOf(options[name]));
      options.erase(name);
    }
    step.options = OptionWords(options);
    if (network != nullptr) {
      step.name += " " + network->name;
      step.folder /= network->name;
      AddNetwork(step, *network);
    }
    step.folders.emplace_back("out", step.folder);
    step.result = step.folder / FileNameOf(kind);
    return step;
  }

  static Path FolderOf(const std::string& command) {
    if (command == "annotate auto") return "labels";
    if (command == "annotate import") return "people";
    return command;
  }

  void AddNetwork(StudyStep& step, const StudyNetwork& network) const {
    if (network.train.is_null()) {
      step.networks.push_back({network.name, network.descriptor, false});
      return;
    }
    const Path descriptor = Path("train") / network.name / (network.name + ".json");
    step.networks.push_back({network.name, descriptor.string(), true});
    Need(step, "train " + network.name);
  }

  // The sets with the study's limit, unless the step has its own.
  void AddImages(StudyStep& step, const std::vector<std::string>& sources, bool annotated) const {
    if (step.Option("limit").empty() && study_.limit > 0) {
      step.options.push_back("--limit=" + std::to_string(study_.limit));
    }
    // Of chosen classes the limit counts the images of these.
    const bool all = !step.Option("classes").empty();
    const int64_t limit = all ? 0 : ParseInteger(step.Option("limit", "0"), step.name + ": limit");
    for (const std::string& source : sources) {
      step.images.push_back({source, limit, annotated, false});
    }
  }

  static void AddLayers(StudyStep& step, const std::vector<std::string>& layers) {
    if (!step.Option("layer").empty()) return;
    for (const std::string& layer : layers) step.options.push_back("--layer=" + layer);
  }

  static void AddTopLayer(StudyStep& step, const StudyNetwork& network) {
    AddLayers(step, {network.layers.back()});
  }

  bool Has(const std::string& name) const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [&](const StudyStep& step) { return step.name == name; });
  }

  static void Need(StudyStep& step, const std::string& name) {
    if (std::find(step.needs.begin(), step.needs.end(), name) == step.needs.end()) {
      step.needs.push_back(name);
    }
  }

  // The first step of a command for the network: of several variants, the first.
  const StudyStep* StepOf(const std::string& command, const std::string& network) const {
    const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const StudyStep& step) {
      return step.command == command && step.networks.size() == 1 &&
             step.networks.front().name == network;
    });
    return found == steps_.end() ? nullptr : &*found;
  }

  // The first that measures by occlusion: what other steps read.
  const StudyStep* FieldsOf(const std::string& network) const {
    const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const StudyStep& step) {
      return step.command == "rf" && step.networks.front().name == network &&
             step.Option("method") != "gradient";
    });
    return found == steps_.end() ? nullptr : &*found;
  }

  // People's labels go before those by ground truth.
  const StudyStep* LabelsOf(const std::string& network) const {
    const StudyStep* people = StepOf("annotate import", network);
    return people != nullptr ? people : StepOf("annotate auto", network);
  }

  // `option` says where an earlier step's results are, where there is one.
  static void UseFolder(StudyStep& step, const std::string& option, const StudyStep* earlier) {
    if (earlier == nullptr) return;
    step.folders.emplace_back(option, earlier->folder);
    Need(step, earlier->name);
  }

  // The recording of labels by ground truth is of the annotated set; else that of all sets is read.
  const StudyStep* RecordBesideLabels(const std::string& network) const {
    const StudyStep* labels = StepOf("annotate auto", network);
    return labels != nullptr && !RecordsAnnotatedAlone() ? labels : StepOf("record", network);
  }

  bool RecordsAnnotatedAlone() const {
    return study_.images == std::vector<std::string>{study_.annotated};
  }

  void PlanTraining() {
    for (const StudyNetwork& network : study_.networks) {
      if (network.train.is_null()) continue;
      StudyStep step;
      step.command = "train";
      step.name = "train " + network.name;
      step.folder = Path("train") / network.name;
      step.result = step.folder / FileNameOf(ResultKind::kTraining);
      step.folders.emplace_back("out", step.folder);
      Json options = network.train;
      step.images.push_back({WordOf(options["images"]), 0, false, true});
      options.erase("images");
      if (options.contains("val")) {
        step.images.push_back({WordOf(options["val"]), 0, false, false, "val"});
        options.erase("val");
      }
      if (options.contains("network")) {
        step.networks.push_back({network.name, WordOf(options["network"]), false});
        options.erase("network");
      }
      step.options = OptionWords(options);
      step.options.push_back("--name=" + network.name);
      step.options.emplace_back("--resume");
      steps_.push_back(std::move(step));
    }
  }

  void PlanInfo(const StudyNetwork& network, const StudyVariant& variant) {
    steps_.push_back(Begin("info", variant, ResultKind::kInfo, &network));
  }

  void PlanClassify(const StudyNetwork& network, const StudyVariant& variant) {
    std::vector<std::string> sets;
    for (const auto& [source, set] : facts_.sets) {
      if (Classifies(network, source)) sets.push_back(source);
    }
    // A folder for each set, so that results stay where they are as sets come and go.
    for (const std::string& source : sets) {
      StudyStep step = Begin("classify", variant, ResultKind::kClassify, &network);
      const std::string& set = SetOf(source).name;
      step.name += " " + set;
      step.folder /= FileNameOf(set);
      step.result = step.folder / step.result.filename();
      step.folders.front().second = step.folder;
      AddImages(step, {source}, false);
      steps_.push_back(std::move(step));
    }
  }

  void PlanRecord(const StudyNetwork& network, const StudyVariant& variant) {
    StudyStep step = Begin("record", variant, ResultKind::kRecord, &network);
    AddImages(step, study_.images, false);
    steps_.push_back(std::move(step));
  }

  void PlanRf(const StudyNetwork& network, const StudyVariant& variant) {
    const auto method = variant.options.find("method");
    const bool gradient = method != variant.options.end() && *method == "gradient";
    StudyStep step = Begin("rf", variant,
                           gradient ? ResultKind::kGradientFields : ResultKind::kFields, &network);
    const bool noise = step.Option("inputs") == "noise";  // which needs no images
    if (!noise) AddImages(step, study_.images, false);
    AddLayers(step, network.layers);
    if (!noise) UseFolder(step, "record", StepOf("record", network.name));
    steps_.push_back(std::move(step));
  }

  void PlanLabels(const StudyNetwork& network, const StudyVariant& variant) {
    StudyStep step = Begin("annotate auto", variant, ResultKind::kLabels, &network);
    AddImages(step, {study_.annotated}, true);
    AddLayers(step, network.layers);
    if (RecordsAnnotatedAlone()) UseFolder(step, "record", StepOf("record", network.name));
    steps_.push_back(std::move(step));
  }

  void PlanImport(const StudyNetwork& network, const StudyVariant& variant) {
    for (const StudyLabels& labels : study_.labels) {
      if (labels.network != network.name) continue;
      StudyStep step = Begin("annotate import", variant, ResultKind::kLabels, &network);
      step.files.emplace_back("published", labels.published);
      steps_.push_back(std::move(step));
    }
  }

  void PlanSegment(const StudyNetwork& network, const StudyVariant& variant) {
    StudyStep step = Begin("segment", variant, ResultKind::kSegments, &network);
    AddImages(step, study_.images, false);
    AddTopLayer(step, network);
    UseFolder(step, "record", StepOf("record", network.name));
    UseFolder(step, "labels", LabelsOf(network.name));
    if (step.Option("method") == "receptive-field") {
      UseFolder(step, "fields", FieldsOf(network.name));
    }
    steps_.push_back(std::move(step));
  }

  void PlanEvaluate(const StudyNetwork& network, const StudyVariant& variant) {
    if (LabelsOf(network.name) == nullptr) return;
    StudyStep step = Begin("evaluate", variant, ResultKind::kQuality, &network);
    AddImages(step, {study_.annotated}, true);
    AddTopLayer(step, network);
    UseFolder(step, "labels", LabelsOf(network.name));
    UseFolder(step, "record", RecordBesideLabels(network.name));
    steps_.push_back(std::move(step));
  }

  void PlanLocalize(const StudyNetwork& network, const StudyVariant& variant) {
    const StudyStep* record = RecordBesideLabels(network.name);
    if (LabelsOf(network.name) == nullptr || record == nullptr) return;
    if (!Classifies(network, study_.annotated)) return;  // it says the scene too
    StudyStep step = Begin("localize", variant, ResultKind::kLocalize, &network);
    AddImages(step, {study_.annotated}, false);
    AddTopLayer(step, network);
    UseFolder(step, "labels", LabelsOf(network.name));
    UseFolder(step, "record", record);
    UseFolder(step, "fields", FieldsOf(network.name));
    steps_.push_back(std::move(step));
  }

  void PlanSimplify(const StudyNetwork& network, const StudyVariant& variant) {
    if (!Classifies(network, study_.annotated)) return;
    StudyStep step = Begin("simplify", variant, ResultKind::kSimplify, &network);
    AddImages(step, {study_.annotated}, step.Option("segments") == "annotated");
    steps_.push_back(std::move(step));
  }

  void PlanProbe(const StudyNetwork& network, const StudyVariant& variant) {
    const Dataset& set = SetOf(study_.annotated);
    const bool labelled = std::any_of(set.images.begin(), set.images.end(),
                                      [](const ImageEntry& image) { return image.label >= 0; });
    if (!labelled || set.kind == DatasetKind::kObject) return;
    StudyVariant rest = variant;
    rest.options.erase("test");
    StudyStep step = Begin("probe", rest, ResultKind::kProbe, &network);
    AddImages(step, {study_.annotated}, false);
    step.images.front().train = set.has_train;
    if (variant.options.contains("test")) {
      step.images.push_back(
          {WordOf(variant.options["test"]), step.images.front().limit, false, false, "test"});
    }
    AddTopLayer(step, network);
    steps_.push_back(std::move(step));
  }

  // Semantics and emergence, of all networks that have labels.
  void PlanTogether(const std::string& command, const StudyVariant& variant) {
    const bool emergence = command == "emergence";
    std::vector<const StudyNetwork*> labelled;
    for (const StudyNetwork& network : study_.networks) {
      if (LabelsOf(network.name) != nullptr) labelled.push_back(&network);
    }
    if (labelled.empty() || (emergence && study_.annotated.empty())) return;
    if (emergence && !OneTopLayerEach(labelled)) {
      // One list of layers would not say of each network its own.
      for (const StudyNetwork* network : labelled) {
        AddTogether(Begin(command, variant, ResultKind::kEmergence, network), {network}, true);
      }
      return;
    }
    StudyStep step = Begin(command, variant,
                           emergence ? ResultKind::kEmergence : ResultKind::kSemantics, nullptr);
    if (emergence) {
      // Of several networks the results are in folders of theirs; this is of them all.
      if (labelled.size() > 1) step.result = step.folder / "emergence.csv";
      for (const StudyNetwork* network : labelled) AddNetwork(step, *network);
    }
    AddTogether(std::move(step), labelled, emergence);
  }

  void AddTogether(StudyStep step, const std::vector<const StudyNetwork*>& labelled,
                   bool emergence) {
    std::set<std::string> layers;
    for (const StudyNetwork* network : labelled) {
      UseFolder(step, "labels", LabelsOf(network->name));
      layers.insert(network->layers.back());
    }
    if (emergence) {
      AddImages(step, {study_.annotated}, true);
      AddLayers(step, {layers.begin(), layers.end()});
      UseRecordings(step, labelled);
    }
    steps_.push_back(std::move(step));
  }

  // People's labels have no recording beside them.
  void UseRecordings(StudyStep& step, const std::vector<const StudyNetwork*>& labelled) const {
    const bool people = std::any_of(labelled.begin(), labelled.end(), [&](const auto* network) {
      return StepOf("annotate import", network->name) != nullptr;
    });
    if (!people) return;
    Path folder;
    for (const StudyNetwork* network : labelled) {
      const StudyStep* record = RecordBesideLabels(network->name);
      if (record == nullptr) return;
      Need(step, record->name);
      folder = record->folder.parent_path();  // of all networks; each is found by its digest
    }
    step.folders.emplace_back("record", folder);
  }

  // Whether the top layer of none is a lower layer of another.
  static bool OneTopLayerEach(const std::vector<const StudyNetwork*>& networks) {
    for (const StudyNetwork* one : networks) {
      for (const StudyNetwork* other : networks) {
        const std::vector<std::string>& layers = other->layers;
        const std::string& top = one->layers.back();
        if (top != layers.back() && std::find(layers.begin(), layers.end(), top) != layers.end()) {
          return false;
        }
      }
    }
    return true;
  }

  const Study& study_;
  const StudyFacts& facts_;
  std::vector<StudyStep> steps_;
};

}  // namespace

std::vector<StudyStep> PlanStudy(const Study& study, const StudyFacts& facts) {
  return Planner(study, facts).Plan();
}

}  // namespace netdissect
