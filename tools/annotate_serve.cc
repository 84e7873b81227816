#include <spdlog/spdlog.h>

#include <iostream>

#include "annotate.h"
#include "experiment/request_guard.h"
#include "experiment/serve.h"

namespace netdissect {
namespace {

const char* WordFor(AnswerVerdict verdict) {
  switch (verdict) {
    case AnswerVerdict::kNew:
      return "taken";
    case AnswerVerdict::kAgain:
      return "taken before";
    case AnswerVerdict::kUncrossed:
      return "refused: a negative is left uncrossed";
    case AnswerVerdict::kConflict:
      return "refused: its id is another answer's";
  }
  return "";
}

void Log(const Answer& answer, AnswerVerdict verdict) {
  spdlog::debug("{} on {} unit {}: {}{}", answer.annotator, answer.layer, answer.unit,
                answer.skipped.empty() ? "" : "skipped, ", WordFor(verdict));
}

void Run(ServeExperiment options, Context& context) {
  options.ready = [](const std::string& link) { std::cout << link << std::endl; };
  options.told = Log;
  RunServe(options, context.console);
}

}  // namespace

void AddAnnotateServeCommand(CLI::App& annotate, Context& context) {
  auto options = std::make_shared<ServeExperiment>();
  options->task = "runs/annotate";
  CLI::App* command = annotate.add_subcommand(
      "serve",
      "Serves the page of `annotate export` to people who annotate at the same time: hands out\n"
      "units, takes answers and shows how far they are, until it is stopped");
  command->add_option("--task", options->task, "Folder of `annotate export`, or its export.json")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      ->add_option("--host", options->host,
                   "Address to listen at; from other machines only the link with its token works")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command->add_option("--port", options->port, "Port; 0 = one that is free")
      ->check(CLI::Range(0, 65535))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--answers", options->assignment.answers,
                   "Answers of different people that a unit is to get")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--lease", options->assignment.lease,
                   "Seconds after which a unit that was given to somebody goes to others too")
      ->check(Positive())
      ->type_name("SECONDS")
      ->capture_default_str();
  command
      ->add_option("--token", options->token,
                   "Word in the link without which nobody gets in; made where --host is another "
                   "address\nthan this machine's own")
      ->check(Parsed([](const std::string& text) {
        if (!text.empty()) RequireToken(text);
      }))
      ->type_name("TEXT");
  command->callback([=, &context] { context.run = [=, &context] { Run(*options, context); }; });
}

}  // namespace netdissect
