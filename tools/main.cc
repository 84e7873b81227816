// The program: its end, whatever that is, and the only catch.

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>
#include <opencv2/core/utils/logger.hpp>

#include "application.h"
#include "base/explain.h"
#include "base/text.h"
#include "decoder_remarks.h"
#include "mpi_crew.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/nn/convolution_check.h"
#include "nn/device.h"

namespace netdissect {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kSignalled = 128;  // and the signal's number, as shells have it

// Else files that are opened would take their places, and what is printed would go into them. Still
// nothing can be read from or written to them: who prints learns that it is lost.
void FillStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    const int opened = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened >= 0 && opened != stream) close(opened);  // nothing that can be helped
  }
}

void RequireWritten() {
  std::cout.flush();
  if (!std::cout) Fail("standard output: cannot be written");
}

constexpr char kWhatIsNext[] = "; once all parts are, `netdissect merge` makes results of them";

// Of what is done when it is stopped nothing is lost.
bool GoesOn(const CLI::App& command) {
  const std::string& name = command.get_name();
  return IsShared(command) || name == "probe" || name == "reproduce" || name == "synth";
}

// The command is one that several processes share, or only the first would have something to do.
void JoinCrew(const MpiCrew& crew, const CLI::App& app, Context& context) {
  context.machine_place = crew.place_on_machine();
  if (!crew.completes()) context.console.Quieten(crew.mark());
  context.console.Note(fmt::format("{} processes share the work", crew.size()));
  const CLI::App& command = Chosen(app);
  if (IsShared(command) || command.get_name() == "reproduce") return;
  Fail("{}: expected one process, found {}: its work is not shared", command.get_name(),
       crew.size());
}

int Main(int argc, char** argv) {
  Context context;
  const std::unique_ptr<CLI::App> made = MakeApplication(context);
  CLI::App& app = *made;
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
    RequireWritten();
    return status == 0 ? 0 : kBadUsage;
  }
  SetUpLog(context.log_level);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_ERROR);
  // What is asked of the whole process: the library itself changes none of it.
  SetThreads(context.threads);
  KeepFreedMemory();
  AllowTf32(context.tf32);
  if (AvoidWrongConvolutions()) {
    context.console.Warning(
        "this LibTorch's oneDNN computes convolutions wrongly: done without it, which is slower");
  }
  CatchSignals();
  CatchDecoderRemarks();
  const std::shared_ptr<MpiCrew> crew = MakeMpiCrew([] { return StopSignal() != 0; });
  if (crew) JoinCrew(*crew, app, context);
  context.crew = crew;
  try {
    context.run();
  } catch (const ShareDone& done) {
    if (!crew) context.console.Note(done.what() + std::string(kWhatIsNext));
  } catch (const Stopped& stopped) {
    if (crew) crew->Fail(stopped.what());
    if (!GoesOn(Chosen(app))) throw;
    throw Stopped(stopped.what() + std::string("; the same command goes on from there"));
  } catch (const std::exception& error) {
    if (crew) crew->Fail(Explain(error));
    throw;
  }
  ReportDecoderRemarks();
  RequireWritten();
  return context.status;
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  netdissect::FillStandardStreams();
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
