#include "experiment/reproduce.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "application.h"
#include "base/text.h"
#include "bundled.h"
#include "experiment/report.h"
#include "experiment/study_cost.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

struct ReproduceArguments {
  std::string study = "demo";
  std::string out = "runs/reproduce";
  std::vector<std::string> only;
  int limit = 0;
  bool limited = false;
  bool force = false;
  bool dry_run = false;
  bool json = false;
};

// What commands print for people, while it lives.
class CapturedOutput {
 public:
  CapturedOutput() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~CapturedOutput() { std::cout.rdbuf(before_); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string Text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

std::vector<std::string> SplitWords(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Bad usage, naming experiment and option, where a command does not take the options.
void CheckOptions(const std::string& command, const Json& options, const std::string& where) {
  Context context;
  const auto app = MakeApplication(context);
  std::vector<std::string> words = SplitWords(command);
  const CLI::App* chosen = app.get();
  for (const std::string& word : words) chosen = chosen->get_subcommand(word);
  for (const auto& [name, value] : options.items()) {
    if (chosen->get_option_no_throw("--" + name) != nullptr) continue;
    std::vector<std::string> known;
    for (const CLI::Option* option : chosen->get_options()) {
      known.push_back(option->get_single_name());
    }
    const std::string meant = Closest(name, known);
    throw CLI::ValidationError(
        where, fmt::format("expected an option of `{}`, found \"{}\"{}", command, name,
                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  for (const std::string& word : OptionWords(options)) words.push_back(word);
  try {
    ParseWords(*app, words);
  } catch (const CLI::ParseError& error) {
    throw CLI::ValidationError(where, error.what());
  }
}

void CheckOptions(const Study& study, const std::string& file) {
  for (const StudyNetwork& network : study.networks) {
    if (network.train.is_null()) continue;
    CheckOptions("train", network.train, fmt::format("{}: train of {}", file, network.name));
  }
  for (const auto& [command, variants] : study.experiments) {
    for (const StudyVariant& variant : variants) {
      CheckOptions(command, variant.options, fmt::format("{}: experiments.{}", file, command));
    }
  }
}

// Has a share in the steps that another process tells of, up to the last.
void Follow(const Context& outer) {
  for (std::string told = outer.crew->Tell(""); !told.empty(); told = outer.crew->Tell("")) {
    Context context;
    context.console.Quieten(outer.crew->mark());
    const auto app = MakeApplication(context);
    ParseWords(*app, Json::parse(told).get<std::vector<std::string>>());
    context.crew = outer.crew;
    context.machine_place = outer.machine_place;
    try {
      context.run();
    } catch (const ShareDone&) {
      continue;
    }
  }
}

// Runs a step as if its words had been typed; what it prints goes to output.txt among its results.
void RunWords(const StudyStep& step, const StepFrame& frame, const ReproduceOptions& options,
              const Context& outer) {
  Context context;
  context.console.Frame(frame.before, frame.after);
  const auto app = MakeApplication(context);
  std::vector<std::string> words = {"--threads",   std::to_string(outer.threads),
                                    "--seed",      std::to_string(outer.seed),
                                    "--device",    outer.device,
                                    "--forward",   outer.forward,
                                    "--log-level", outer.log_level};
  if (outer.tf32) words.emplace_back("--tf32");
  for (const std::string& word : step.Words(options.out)) words.push_back(word);
  if (options.force) words.emplace_back("--force");
  ParseWords(*app, words);
  if (outer.crew && IsShared(Chosen(*app))) {
    context.crew = outer.crew;
    context.machine_place = outer.machine_place;
    outer.crew->Tell(Json(words).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  CapturedOutput output;
  context.run();
  const std::string text = output.Text();
  if (!text.empty()) WriteFile(options.out / step.folder / "output.txt", text);
}

// What --dry-run says: it writes nothing, and renders no pictures.
void PrintForecast(const Study& study, const ReproduceOptions& options, Context& context) {
  constexpr double kRendering = 0.02, kPictureBytes = 2.6e4;  // a picture, on one thread
  const int threads = DecodingThreads(context);
  StudySources sources{NetworkFile, RenderedSetFile};
  const auto image_set = [&](const std::string& name) {
    const std::string file = RenderedSetFile(name);
    return file.empty() ? UnrenderedSet(name) : LoadDataset(file, {study.limit, false});
  };
  const StudyFacts facts = LearnFacts(study, NetworkFile, image_set);
  const std::vector<StepForecast> forecasts =
      ForecastReproduce(study, facts, sources, options, context.console);
  std::vector<StudyStep> steps;
  for (const StepForecast& forecast : forecasts) {
    if (!forecast.reused) steps.push_back(forecast.step);
  }
  const std::vector<StepCost> costs = EstimateCosts(
      steps, facts, sources, {true, context.device, ForwardNamed(context.forward), threads},
      context.console);
  context.console.EndLine();
  Table table;
  table.header = {"experiment", "would be", "about", "disk", "why"};
  StepCost total;
  for (const auto& [source, set] : facts.sets) {
    if (!RenderedSetFile(source).empty()) continue;
    const StepCost cost{static_cast<double>(set.images.size()) * kRendering / threads,
                        static_cast<double>(set.images.size()) * kPictureBytes};
    table.rows.push_back({source, "rendered", FormatDuration(cost.seconds),
                          FormatBytes(static_cast<int64_t>(cost.bytes)), "not there yet"});
    total = {total.seconds + cost.seconds, total.bytes + cost.bytes};
  }
  size_t next = 0;
  for (const StepForecast& forecast : forecasts) {
    if (forecast.reused) {
      table.rows.push_back({forecast.step.name, "reused", "-", "-", ""});
      continue;
    }
    StepCost cost = costs[next++];
    if (forecast.seconds > 0) cost.seconds = forecast.seconds;
    total = {total.seconds + cost.seconds, total.bytes + cost.bytes};
    table.rows.push_back({forecast.step.name, "run", FormatDuration(cost.seconds),
                          FormatBytes(static_cast<int64_t>(cost.bytes)), forecast.why});
  }
  table.rows.push_back({"all", "", FormatDuration(total.seconds),
                        FormatBytes(static_cast<int64_t>(total.bytes)), ""});
  std::cout << table.Text();
}

// The page of all results, anew where any of them is or it was damaged; nothing where no experiment
// was done.
std::optional<Path> WritePage(const ReproduceRun& run, const ReproduceOptions& options,
                              Context& context) {
  const Path page = RunFiles(options.out).Report();
  const auto count = [&](StepState state) {
    return std::count_if(run.steps.begin(), run.steps.end(),
                         [&](const StepOutcome& outcome) { return outcome.state == state; });
  };
  if (count(StepState::kDone) == 0 && IsWholePage(page)) return page;
  if (count(StepState::kDone) + count(StepState::kReused) == 0) return std::nullopt;
  context.console.Note("writing the report");
  ReportExperiment report;
  report.folder = options.out;
  return RunReport(report, context.console).page;
}

void Run(const ReproduceArguments& arguments, Study study, const CLI::App& command,
         Context& context) {
  if (arguments.limited) study.limit = arguments.limit;
  if (context.crew && !context.crew->completes()) return Follow(context);
  ReproduceOptions options;
  options.out = arguments.out;
  options.seed = context.seed;
  options.force = arguments.force;
  options.only = arguments.only;
  options.asked = ProvenanceOf(command, context).options;
  options.toml = OptionsToml(command);
  if (arguments.dry_run) return PrintForecast(study, options, context);
  const int threads = DecodingThreads(context);
  StudySources sources;
  sources.network_file = NetworkFile;
  std::map<std::string, std::string> set_files;  // whether one is whole, takes a while to see
  sources.image_set = [&](const std::string& name) {
    auto known = set_files.find(name);
    if (known == set_files.end()) {
      known = set_files.emplace(name, ImageSetFile(name, threads, context.console)).first;
    }
    return known->second;
  };
  const auto image_set = [&](const std::string& name) {
    return LoadDataset(sources.image_set(name), {study.limit, false});
  };
  const StudyFacts facts = LearnFacts(study, NetworkFile, image_set);
  const auto run_step = [&](const StudyStep& step, const StepFrame& frame) {
    RunWords(step, frame, options, context);
  };
  const auto estimate = [&](const std::vector<StudyStep>& steps) {
    std::vector<double> seconds;
    for (const StepCost& cost : EstimateCosts(
             steps, facts, sources, {false, context.device, ForwardNamed(context.forward), threads},
             context.console)) {
      seconds.push_back(cost.seconds);
    }
    return seconds;
  };
  const ReproduceRun run =
      RunReproduce(study, facts, sources, options, run_step, estimate, context.console);
  if (context.crew) context.crew->Tell("");
  if (arguments.json) {
    PrintFile(run.result);
  } else {
    std::cout << OutcomeTable(run).Text() << "\n";
    for (const StepOutcome& outcome : run.steps) {
      if (!outcome.error.empty()) std::cout << outcome.step.name << ": " << outcome.error << "\n";
    }
    std::cout << std::flush;
  }
  if (const auto page = WritePage(run, options, context)) {
    if (!arguments.json) std::cout << "To read: " << page->string() << "\n";
  }
  if (run.failed > 0) {
    Fail("{}: {} of {} experiments failed", run.result.string(), run.failed, run.steps.size());
  }
}

}  // namespace

void AddReproduceCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReproduceArguments>();
  CLI::App* command = app.add_subcommand(
      "reproduce", "All experiments on a study's networks and images, and what they build on");
  command->add_option("study", options->study, "A study (JSON), or demo, which is bundled")
      ->type_name("STUDY")
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder of the results")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--only", options->only,
                   "Only these commands, networks or steps (\"rf scene_net\"), and what they need; "
                   "repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("NAME");
  CLI::Option* limit =
      command
          ->add_option("--limit", options->limit,
                       "First N images of each set, 0 = all; by default as the study says")
          ->check(NotNegative())
          ->type_name("N");
  command->add_flag("--dry-run", options->dry_run,
                    "Only say what would be run, why, and about how long and large it would be");
  command->add_flag("--force", options->force, "Do not reuse earlier results");
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    options->limited = limit->count() > 0;
    const Path file = StudyFile(options->study);
    const Study study = ReadStudy(file, {BundledNetworks(), BundledSets()});
    CheckOptions(study, file.string());
    context.run = [=, &context] { Run(*options, study, *command, context); };
  });
}

}  // namespace netdissect
