#include "experiment/reproduce.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/explain.h"
#include "base/file_digests.h"
#include "base/text.h"
#include "experiment/experiment.h"
#include "experiment/study_clock.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kReproduce[] = "reproduce";

// What reproduce.json says of a step.
struct Entry {
  Json json;
  std::string state;
  double seconds = 0;
};

using Entries = std::map<std::string, Entry>;

// Of an earlier run in the folder; none where there was none, or its file is of another form.
Entries ReadEntries(const Path& file, Observer& observer) {
  Entries entries;
  if (!Exists(file)) return entries;
  try {
    ReadHeader(file);  // refuses a later format
    const Json json = ReadJson(file);
    for (const Json& step : json.at("experiments")) {
      entries[step.at("name").get<std::string>()] = {step, step.at("state").get<std::string>(),
                                                     step.value("seconds", 0.0)};
      // Whoever reads it further on finds objects.
      step.at("made_of").at("needs").items();
    }
  } catch (const std::exception& error) {
    observer.Warning(fmt::format("{}: cannot be read, hence nothing is reused: {}", file.string(),
                                 Explain(error)));
    entries.clear();
  }
  return entries;
}

// Of what a step has left in its folder: {NAME: digest, ...}. Results bear their own checksum, ""
// here: they have their times, are written again by their command, and may be changed by hand.
// Stored responses check themselves.
Json DigestsOfFiles(const Path& folder) {
  Json digests = Json::object();
  for (const std::string& name : FilesUnder(folder)) {
    const Path file = folder / name;
    if (file.filename() == RunFiles("").Responses(FieldMethod::kOcclusion).filename()) continue;
    digests[name] = file.extension() == ".json" ? "" : DigestOfFile(file);
  }
  return digests;
}

// What is wrong with the first of these files that is not as the step has left it; empty where
// nothing is.
std::string DamageOf(const Path& folder, const Json& digests) {
  for (const auto& [name, digest] : digests.items()) {
    const bool is_unknown = digest.is_string() && digest.get_ref<const std::string&>().empty();
    if (!is_unknown) {
      const std::optional<std::string> changed = FindChangedFile(folder, Json{{name, digest}});
      if (changed) return *changed;
      continue;
    }
    try {
      ReadJson(folder / name);
    } catch (const Error& error) {
      return error.what();
    }
  }
  return "";
}

// Why a step has to be run; empty where what is there is as good.
std::string WhyRun(const StudyStep& step, const Entry* earlier, const Json& made_of,
                   const ReproduceOptions& options) {
  if (options.force) return "--force";
  if (earlier == nullptr) return "not done yet";
  if (earlier->state == NameOf(StepState::kFailed)) return "failed before";
  const std::vector<std::string> changes = ChangesBetween(earlier->json["made_of"], made_of);
  if (!changes.empty()) return Join(changes);
  if (!Exists(options.out / step.result)) return step.result.string() + " is gone";
  return DamageOf(options.out / step.folder, earlier->json.value("files", Json::object()));
}

const Entry* Find(const Entries& entries, const std::string& name) {
  const auto found = entries.find(name);
  return found == entries.end() ? nullptr : &found->second;
}

// One run: its file, and the steps that are behind it.
class Reproduction {
 public:
  Reproduction(const Study& study, const StudyFacts& facts, const StudySources& sources,
               const ReproduceOptions& options, Observer& observer)
      : study_(study),
        options_(options),
        observer_(observer),
        folder_(options.out, kReproduce),
        digests_(sources, options.out, observer),
        all_(PlanStudy(study, facts)),
        steps_(ChosenSteps(all_, options.only)),
        entries_(ReadEntries(folder_.files().Result(ResultKind::kReproduce), observer)) {
    Provenance provenance;
    provenance.command = kReproduce;
    provenance.options = options.asked;
    provenance.seed = options.seed;
    for (const auto& [source, set] : facts.sets) provenance.Add(set, observer);
    header_ = ToJson(provenance);
  }

  ReproduceRun Run(const RunStep& run, const StepEstimates& estimate) {
    SayStrangers();
    if (!options_.toml.empty()) WriteFile(folder_.files().Options(), options_.toml);
    StudyClock clock(Expected(estimate));
    for (size_t i = 0; i < steps_.size(); ++i) {
      CheckStop(observer_, "steps", static_cast<int64_t>(i), static_cast<int64_t>(steps_.size()));
      clock.Begin(i);
      const StepOutcome& outcome = done_.emplace_back(Take(i, run, clock));
      clock.End(outcome.state == StepState::kDone);
      if (outcome.state != StepState::kReused) Say(outcome, i, clock);
    }
    Save(true);
    ReproduceRun result;
    result.result = folder_.files().Result(ResultKind::kReproduce);
    result.steps = std::move(done_);
    result.failed = static_cast<int>(failed_.size());
    return result;
  }

 private:
  // Steps of an earlier study, whose results stay in the folder.
  void SayStrangers() {
    std::vector<std::string> strangers;
    for (const auto& [name, entry] : entries_) {
      const bool known =
          std::any_of(all_.begin(), all_.end(),
                      [&stranger = name](const StudyStep& step) { return step.name == stranger; });
      if (!known) strangers.push_back(name);
    }
    if (strangers.empty()) return;
    observer_.Warning(
        fmt::format("{}: also has results of {} steps that are none of this study's: {}",
                    options_.out.string(), strangers.size(), Join(strangers)));
  }

  std::vector<double> Expected(const StepEstimates& estimate) const {
    std::vector<StudyStep> unknown;
    for (const StudyStep& step : steps_) {
      const Entry* earlier = Find(entries_, step.name);
      if (earlier == nullptr || earlier->seconds <= 0) unknown.push_back(step);
    }
    const std::vector<double> guesses = unknown.empty() ? std::vector<double>() : estimate(unknown);
    std::vector<double> expected;
    size_t next = 0;
    for (const StudyStep& step : steps_) {
      const Entry* earlier = Find(entries_, step.name);
      const bool known = earlier != nullptr && earlier->seconds > 0;
      expected.push_back(known ? earlier->seconds : guesses[next++]);
    }
    return expected;
  }

  // "[4/15] rf scene_net: "
  std::string PlaceOf(size_t i) const {
    return fmt::format("[{}/{}] {}: ", i + 1, steps_.size(), steps_[i].name);
  }

  StepOutcome Take(size_t i, const RunStep& run, const StudyClock& clock) {
    const StudyStep& step = steps_[i];
    StepOutcome outcome;
    outcome.step = step;
    for (const std::string& need : step.needs) {
      if (failed_.count(need) != 0) {
        return Failed(outcome, fmt::format("not run: needs {}, which failed", need));
      }
    }
    const std::string place = PlaceOf(i);
    Json made_of;
    try {
      made_of = digests_.MadeOf(step, options_.seed, keys_);
    } catch (const Error& error) {  // a list that cannot be read, say
      return Failed(outcome, error.what());
    }
    keys_[step.name] = KeyOf(made_of);
    const Entry* earlier = Find(entries_, step.name);
    const std::string why = WhyRun(step, earlier, made_of, options_);
    if (why.empty()) {
      outcome.state = StepState::kReused;
      outcome.seconds = earlier->seconds;
      observer_.Note(place + "reused");
      Record(outcome, made_of, earlier->json.value("files", Json::object()));
      return outcome;
    }
    observer_.Note(place + why);
    // What the step leaves in its folder from now on is not what the entry and the page say.
    entries_.erase(step.name);
    Save(false);
    std::filesystem::remove(folder_.files().Report());
    const auto start = Clock::now();
    try {
      run(step, {place, [&clock] { return clock.Text(); }});
    } catch (const Stopped&) {
      throw;
    } catch (const std::exception& error) {
      outcome.seconds = SecondsSince(start);
      return Failed(outcome, Explain(error));
    }
    outcome.seconds = SecondsSince(start);
    if (!Exists(options_.out / step.result)) {
      return Failed(outcome, fmt::format("expected {} afterwards, found no such file",
                                         (options_.out / step.result).string()));
    }
    Record(outcome, made_of, DigestsOfFiles(options_.out / step.folder));
    Save(false);
    return outcome;
  }

  StepOutcome Failed(StepOutcome outcome, const std::string& error) {
    outcome.state = StepState::kFailed;
    outcome.error = error;
    failed_.insert(outcome.step.name);
    Record(outcome, {{"needs", Json::object()}}, Json::object());
    Save(false);
    return outcome;
  }

  void Say(const StepOutcome& outcome, size_t i, const StudyClock& clock) {
    const std::string place = PlaceOf(i);
    if (outcome.state == StepState::kFailed) {
      observer_.Warning(place + outcome.error);
    } else {
      observer_.Note(fmt::format("{}{}; {}", place, FormatDuration(outcome.seconds), clock.Text()));
    }
  }

  void Record(const StepOutcome& outcome, const Json& made_of, const Json& files) {
    entries_[outcome.step.name] = {{{"name", outcome.step.name},
                                    {"command", CommandLine(outcome.step)},
                                    {"state", NameOf(outcome.state)},
                                    {"seconds", outcome.seconds},
                                    {"error", outcome.error.empty() ? Json() : Json(outcome.error)},
                                    {"result", outcome.step.result.generic_string()},
                                    {"key", KeyOf(made_of)},
                                    {"made_of", made_of},
                                    {"files", files}},
                                   NameOf(outcome.state),
                                   outcome.seconds};
  }

  // As it runs alone.
  std::string CommandLine(const StudyStep& step) const {
    std::string line = "netdissect";
    for (const std::string& word : step.Words(options_.out)) line += " " + ShellWord(word);
    return line;
  }

  // In the order of the study; of steps that are not of this run, what an earlier one says.
  void Save(bool finished) {
    Json experiments = Json::array(), networks = Json::array();
    for (const StudyNetwork& network : study_.networks) networks.push_back(network.name);
    for (const StudyStep& step : all_) {
      if (const Entry* entry = Find(entries_, step.name)) experiments.push_back(entry->json);
    }
    WriteJson(folder_.files().Result(ResultKind::kReproduce),
              {{"netdissect", header_},
               {"study",
                {{"name", study_.name},
                 {"title", study_.title},
                 {"about", study_.about},
                 {"networks", std::move(networks)}}},
               {"finished", finished},
               {"experiments", std::move(experiments)}});
  }

  const Study& study_;
  const ReproduceOptions& options_;
  Observer& observer_;
  const RunFolder folder_;
  StudyDigests digests_;
  const std::vector<StudyStep> all_, steps_;
  Entries entries_;
  Json header_;
  std::map<std::string, std::string> keys_;
  std::set<std::string> failed_;
  std::vector<StepOutcome> done_;
};

}  // namespace

std::string NameOf(StepState state) {
  switch (state) {
    case StepState::kDone:
      return "done";
    case StepState::kReused:
      return "reused";
    case StepState::kFailed:
      return "failed";
  }
  return "";
}

ReproduceRun RunReproduce(const Study& study, const StudyFacts& facts, const StudySources& sources,
                          const ReproduceOptions& options, const RunStep& run,
                          const StepEstimates& estimate, Observer& observer) {
  return Reproduction(study, facts, sources, options, observer).Run(run, estimate);
}

std::vector<StepForecast> ForecastReproduce(const Study& study, const StudyFacts& facts,
                                            const StudySources& sources,
                                            const ReproduceOptions& options, Observer& observer) {
  const Entries entries =
      ReadEntries(RunFiles(options.out).Result(ResultKind::kReproduce), observer);
  StudyDigests digests(sources, options.out, observer);
  std::map<std::string, std::string> keys;
  std::vector<StepForecast> forecasts;
  for (const StudyStep& step : ChosenSteps(PlanStudy(study, facts), options.only)) {
    StepForecast forecast;
    forecast.step = step;
    const Json made_of = digests.MadeOf(step, options.seed, keys);
    keys[step.name] = KeyOf(made_of);
    const Entry* earlier = Find(entries, step.name);
    forecast.why = WhyRun(step, earlier, made_of, options);
    forecast.reused = forecast.why.empty();
    if (earlier != nullptr && ChangesBetween(earlier->json["made_of"], made_of).empty()) {
      forecast.seconds = earlier->seconds;
    }
    forecasts.push_back(std::move(forecast));
  }
  return forecasts;
}

Table OutcomeTable(const ReproduceRun& run) {
  Table table;
  table.header = {"experiment", "state", "time", "results"};
  for (const StepOutcome& outcome : run.steps) {
    const bool failed = outcome.state == StepState::kFailed;
    table.rows.push_back({outcome.step.name, NameOf(outcome.state),
                          outcome.seconds > 0 ? FormatDuration(outcome.seconds) : "-",
                          failed ? "-" : outcome.step.folder.generic_string()});
  }
  return table;
}

}  // namespace netdissect
