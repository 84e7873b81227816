#include "application.h"

#include <algorithm>
#include <regex>

#include "base/regular_file.h"
#include "netdissect/base/error.h"
#include "netdissect/base/version.h"
#include "toml.h"

namespace netdissect {

std::unique_ptr<CLI::App> MakeApplication(Context& context) {
  auto made = std::make_unique<CLI::App>(
      "Opens up convolutional networks: what units respond to, and how large a region of the "
      "image\n"
      "they really look at.",
      "netdissect");
  CLI::App& app = *made;
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", std::string("netdissect ") + Version());
  app.add_option("--threads", context.threads, "Threads; 0 = one per core")
      ->check(CLI::Range(0, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seed", context.seed, "Seed of everything random")
      ->check(SeedNumber())
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
  app.add_option("--forward", context.forward,
                 "Passes on a CPU: rows (kernels for this processor) or libtorch; equal but for "
                 "rounding")
      ->check(CLI::IsMember({"rows", "libtorch"}))
      ->type_name("HOW")
      ->capture_default_str();
  app.add_flag("--tf32", context.tf32,
               "CUDA devices may round what they multiply to TF32: faster, with about 3 decimal\n"
               "digits instead of 7; nothing on a CPU");
  app.add_option("--log-level", context.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->type_name("LEVEL")
      ->capture_default_str();
  app.set_config("--config", "", "Options from a TOML file, a section per command")
      ->check(Parsed([](const std::string& file) { RequireRegularFile(file); }))
      ->type_name("FILE.toml");
  app.config_formatter(std::make_shared<TomlReader>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  AddDescribeCommand(app, context);
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
  AddReproduceCommand(app, context);
  AddMergeCommand(app, context);
  return made;
}

void ParseWords(CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> last_first(words.rbegin(), words.rend());  // as CLI11 has it
  app.parse(last_first);
}

}  // namespace netdissect
