#include "experiment/annotate_import.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/text.h"
#include "experiment/labels.h"
#include "netdissect/base/error.h"
#include "report/answer_file.h"
#include "report/consensus_report.h"
#include "report/label_report.h"
#include "report/published_labels.h"
#include "report/task_report.h"
#include "report/taxonomy_json.h"
#include "study/consensus.h"
#include "study/semantics.h"

namespace netdissect {
namespace {

constexpr char kImport[] = "annotate import";

// Names the first few things that are left out, and counts the rest.
class LeftOut {
 public:
  LeftOut(bool strict, Observer& observer) : strict_(strict), observer_(observer) {}

  void operator()(const std::string& error) {
    constexpr int64_t kShown = 10;
    if (strict_) throw Error(error);
    if (++count_ <= kShown) observer_.Warning("left out: " + error);
  }

  int64_t count() const { return count_; }

  /// "12 rows of 4128"
  void Say(const std::string& what, int64_t all) const {
    if (count_ == 0) return;
    observer_.Warning(
        fmt::format("{} of {} {} left out, since something is wrong with them", count_, all, what));
  }

 private:
  const bool strict_;
  Observer& observer_;
  int64_t count_ = 0;
};

// Labels by ground truth of the same network, to stand beside people's.
struct Beside {
  Path file;  // empty where there are none
  std::vector<LayerLabels> layers;
};

Beside ReadBeside(const ImportExperiment& options, const Provenance& provenance,
                  const Taxonomy& taxonomy) {
  if (options.with.empty()) return {};
  if (provenance.network_digest.empty()) {
    Fail("--with: expected the digest of {}, found none: give its descriptor by --network",
         provenance.network_name);
  }
  Beside beside;
  beside.file = RequireResult(options.with, ResultKind::kLabels, "", provenance.network_digest);
  beside.layers = ReadUnitLabels(beside.file, provenance.network_digest);
  // In the groups of one taxonomy, or what reads both together would refuse them.
  for (const LayerLabels& layer : beside.layers) {
    SemanticsOf(layer, taxonomy, "--with: " + beside.file.string());
  }
  return beside;
}

void RequireNoLabelsLost(const ImportExperiment& options, const Path& file, const Beside& beside) {
  std::error_code error;
  const bool is_kept =
      !beside.file.empty() && std::filesystem::equivalent(file, beside.file, error);
  RequireNoOthersLabels(file, kImport, options.force || is_kept);
}

// Units without a single answer that counts.
int64_t CountUnanswered(const std::vector<LayerLabels>& layers) {
  int64_t count = 0;
  for (const LayerLabels& layer : layers) {
    count += std::count_if(layer.units.begin(), layer.units.end(),
                           [](const UnitLabel& unit) { return unit.answers.empty(); });
  }
  return count;
}

// Of what was read from answers or tables; `body` says what became of them.
ImportRun SaveLabels(const ImportExperiment& options, const RunFiles& files,
                     const Provenance& provenance, const Taxonomy& taxonomy,
                     std::vector<LayerLabels> layers, Json body, Observer& observer) {
  const Path file = files.Result(ResultKind::kLabels);
  const Beside beside = ReadBeside(options, provenance, taxonomy);
  RequireNoLabelsLost(options, file, beside);
  const LabelAgreement agreement = AgreementOf(layers);
  const int64_t unanswered = CountUnanswered(layers);
  if (unanswered > 0) {
    observer.Warning(
        fmt::format("{}: {} units have no answer that counts, and hence no label by "
                    "people",
                    provenance.network_name, unanswered));
  }
  AddGroundTruth(beside.layers, layers);
  body.update({{"unanswered", unanswered},
               {"second_look", CountDoubts(layers)},
               {"agreement", ToJson(agreement)},
               {"taxonomy", ToJson(taxonomy)},
               {"layers", ToJson(layers)}});
  if (!beside.file.empty()) body["with"] = beside.file.string();
  WriteFile(files.SecondLook(), SecondLookTable(layers, 0).Csv());
  WriteJson(file, WithHeader(provenance, body));
  SaveOptions(options, files);
  return {provenance.network_name, file, std::move(layers), agreement};
}

void SayCounts(const std::string& network, const AnswerCounts& counts, Observer& observer) {
  std::vector<std::string> words = {
      fmt::format("{} of {} answers count", counts.taken, counts.given)};
  const auto add = [&](int64_t count, const char* what) {
    if (count > 0) words.push_back(fmt::format("{} {}", count, what));
  };
  add(counts.replaced, "replaced by a later one of the annotator to the unit");
  add(counts.skipped, "skipped");
  add(counts.repeated, "sent twice");
  observer.Note(network + ": " + Join(words));
  if (counts.uncrossed > 0) {
    observer.Warning(
        fmt::format("{}: {} answers refused, since they leave a planted negative uncrossed",
                    network, counts.uncrossed));
  }
}

// The model that a table's network is, by name or by being the only one of both.
const Model* ModelOf(const std::vector<Model>& models, const PublishedNetwork& network,
                     size_t networks) {
  const auto found = std::find_if(models.begin(), models.end(), [&](const Model& model) {
    return model.name == network.name || (models.size() == 1 && networks == 1);
  });
  return found == models.end() ? nullptr : &*found;
}

void RequireUnitsOf(const Model& model, const std::vector<LayerLabels>& layers) {
  for (const LayerLabels& layer : layers) {
    const int units = model.network.layer(model.network.Find(layer.name)).shape.units;
    if (layer.units.back().unit < units) continue;
    Fail("layer {} of {}: expected units 1 to {} in the table, found {}", layer.name, model.name,
         units, layer.units.back().unit + 1);
  }
}

std::vector<Model> LoadModels(const std::vector<std::string>& descriptors,
                              const std::vector<PublishedNetwork>& networks) {
  std::vector<std::string> names;
  for (const PublishedNetwork& network : networks) names.push_back(network.name);
  std::vector<Model> models;
  for (const std::string& descriptor : descriptors) {
    models.push_back(LoadModel(descriptor));
    const bool is_known = std::find(names.begin(), names.end(), models.back().name) != names.end();
    if (is_known || (descriptors.size() == 1 && networks.size() == 1)) continue;
    Fail("{}: expected one of the tables' networks ({}), found {}", descriptor, Join(names),
         models.back().name);
  }
  return models;
}

// A folder for each network, named after it.
std::vector<Path> FoldersOf(const std::vector<PublishedNetwork>& networks, const Path& out) {
  if (networks.size() == 1) return {out};
  std::vector<std::string> names;
  for (const PublishedNetwork& network : networks) names.push_back(network.name);
  const UniqueNames files(std::move(names));
  std::vector<Path> folders;
  for (size_t i = 0; i < files.size(); ++i) folders.push_back(out / files[i]);
  return folders;
}

Path TaskFile(const Path& place) {
  const Path file =
      place.extension() == ".json" ? place : RunFiles(place).Result(ResultKind::kTask);
  if (Exists(file)) return file;
  Fail("{}: expected what `{}` writes for a network, found no such file", file.string(),
       CommandOf(ResultKind::kTask));
}

ImportRun ImportTable(const ImportExperiment& options, const PublishedNetwork& network,
                      const Model* model, const RunFiles& files, const Taxonomy& taxonomy,
                      Json rows, Observer& observer) {
  Provenance provenance;
  provenance.command = kImport;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  provenance.network_name = network.name;
  std::vector<LayerLabels> layers = network.answers.Labels(LabelSource::kPublished);
  if (model == nullptr) {
    observer.Note(
        fmt::format("{}: tables do not say a network's digest; commands that need the network take "
                    "these labels where --network names it here",
                    network.name));
  } else {
    RequireUnitsOf(*model, layers);
    provenance.Add(*model);
  }
  if (network.answers.replaced() > 0) {
    observer.Warning(fmt::format("{}: {} rows replaced by a later one of the annotator to the unit",
                                 network.name, network.answers.replaced()));
  }
  rows["taken"] = network.answers.taken();
  rows["replaced"] = network.answers.replaced();
  Json body = {
      {"tables", options.published}, {"published_name", network.name}, {"rows", std::move(rows)}};
  return SaveLabels(options, files, provenance, taxonomy, std::move(layers), std::move(body),
                    observer);
}

}  // namespace

ImportRun ImportAnswers(const ImportExperiment& options, Observer& observer) {
  const Path task_file = TaskFile(options.task);
  const AnnotationTask task = ReadTask(task_file);
  Provenance provenance = ReadHeader(task_file).provenance;
  provenance.command = kImport;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  const RunFolder folder(options.out, kImport);
  std::vector<std::string> answer_files = options.answers;
  if (answer_files.empty()) {
    answer_files = {RunFiles(task_file.parent_path()).Answers().string()};
  }
  TaskAnswers answers(task);
  LeftOut left_out(options.strict, observer);
  int64_t lines = 0;
  for (const std::string& file : answer_files) {
    const AnswerFileEnd end = ReadAnswers(
        file,
        [&](const Answer& answer, const std::string& where) {
          try {
            answers.Add(answer, where);
          } catch (const Error& error) {
            left_out(error.what());
          }
        },
        [&](const std::string& error) { left_out(error); });
    lines += end.lines;
    if (!end.is_cut) continue;
    const std::string cut = fmt::format("{}: the last line is cut off", file);
    if (options.strict) throw Error(cut);
    observer.Warning(cut + ": left out");
  }
  left_out.Say("answers", lines);
  const AnswerCounts counts = answers.counts();
  SayCounts(provenance.network_name, counts, observer);
  Json body = {{"task", task.id}, {"answers", ToJson(counts)}};
  body["answers"]["left_out"] = left_out.count();
  return SaveLabels(options, folder.files(), provenance, task.taxonomy, answers.Labels(),
                    std::move(body), observer);
}

std::vector<ImportRun> ImportPublished(const ImportExperiment& options, Observer& observer) {
  const Taxonomy taxonomy = ReadTaxonomy(options.taxonomy);
  LeftOut left_out(options.strict, observer);
  const PublishedLabels tables = ReadPublished(options.published, taxonomy, options.shown,
                                               [&](const std::string& error) { left_out(error); });
  left_out.Say("rows", tables.rows);
  if (tables.networks.empty()) {
    Fail("{}: expected rows that can be read, found none", Join(options.published));
  }
  if (tables.uncounted > 0 && options.shown > 0) {
    observer.Warning(fmt::format(
        "{} of {} precisions are no share of {} images: their units have no interval; --shown says "
        "how many images it was",
        tables.uncounted, tables.rows, options.shown));
  }
  const std::vector<PublishedNetwork>& networks = tables.networks;
  const std::vector<Model> models = LoadModels(options.networks, networks);
  const std::vector<Path> folders = FoldersOf(networks, options.out);
  std::deque<RunFolder> locked;
  for (const Path& folder : folders) locked.emplace_back(folder, kImport);
  const Json rows = {{"in_tables", tables.rows}, {"left_out", tables.bad}};
  std::vector<ImportRun> runs;
  for (size_t i = 0; i < networks.size(); ++i) {
    runs.push_back(ImportTable(options, networks[i], ModelOf(models, networks[i], networks.size()),
                               locked[i].files(), taxonomy, rows, observer));
  }
  return runs;
}

}  // namespace netdissect
