// The program: global options, the commands, and the only catch.

#include <spdlog/spdlog.h>

#include <iostream>
#include <opencv2/core/utils/logger.hpp>
#include <regex>

#include "base/explain.h"
#include "base/text.h"
#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/version.h"
#include "netdissect/nn/convolution_check.h"
#include "toml.h"

namespace netdissect {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kSignalled = 128;  // and the signal's number, as shells have it

int Main(int argc, char** argv) {
  CLI::App app(
      "Opens up convolutional networks: what units respond to, and how large a region of the "
      "image\n"
      "they really look at.",
      "netdissect");
  Context context;
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", std::string("netdissect ") + Version());
  app.add_option("--threads", context.threads, "Threads; 0 = one per core")
      ->check(CLI::Range(0, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seed", context.seed, "Seed of everything random")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--device", context.device, "auto, cpu or cuda[:N]")
      ->check(Parsed([](const std::string& text) {
        static const std::regex kDevice("auto|cpu|cuda(:[0-9]+)?");
        if (!std::regex_match(text, kDevice)) {
          Fail("expected auto, cpu, cuda or cuda:N, found \"{}\"", text);
        }
      }))
      ->type_name("DEVICE")
      ->capture_default_str();
  app.add_option("--log-level", context.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->type_name("LEVEL")
      ->capture_default_str();
  app.set_config("--config", "", "Options from a TOML file, a section per command")
      ->type_name("FILE.toml");
  app.config_formatter(std::make_shared<TomlReader>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  AddInfoCommand(app, context);
  AddSynthCommand(app, context);
  AddClassifyCommand(app, context);
  AddRecordCommand(app, context);
  AddTrainCommand(app, context);
  AddRfCommand(app, context);
  AddSimplifyCommand(app, context);
  AddSegmentCommand(app, context);
  AddLocalizeCommand(app, context);
  AddAnnotateCommand(app, context);
  AddSemanticsCommand(app, context);
  AddEmergenceCommand(app, context);
  AddProbeCommand(app, context);
  AddEvaluateCommand(app, context);
  AddReportCommand(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // A word that is no command is taken for one too many, and its lack is what is found first.
    const std::vector<std::string> rest = app.remaining();
    if (!app.get_subcommands().empty() || rest.empty() || rest.front()[0] == '-') {
      app.exit(error, std::cout, std::cerr);
    } else {
      std::vector<std::string> commands;
      for (const CLI::App* command : app.get_subcommands({}))
        commands.push_back(command->get_name());
      std::cerr << fmt::format("expected a command ({}), found \"{}\"\n", Join(commands),
                               rest.front());
    }
    return kBadUsage;
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error, std::cout, std::cerr);
    return status == 0 ? 0 : kBadUsage;
  }
  SetUpLog(context.log_level);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_ERROR);
  // What is asked of the whole process: the library itself changes none of it.
  SetThreads(context.threads);
  KeepFreedMemory();
  if (AvoidWrongConvolutions()) {
    context.console.Warning(
        "this LibTorch's oneDNN computes convolutions wrongly: done without it, which is slower");
  }
  CatchSignals();
  context.run();
  std::cout.flush();
  if (!std::cout) Fail("standard output: cannot be written");
  return context.status;
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  try {
    return netdissect::Main(argc, argv);
  } catch (const netdissect::Stopped& stopped) {
    std::cerr << "netdissect: " << stopped.what() << "\n";
    return netdissect::kSignalled + netdissect::StopSignal();
  } catch (const std::exception& error) {
    std::cerr << "netdissect: " << netdissect::Explain(error) << "\n";
    return netdissect::kFailed;
  }
}
