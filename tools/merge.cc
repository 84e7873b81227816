#include "application.h"
#include "base/temporary_file.h"
#include "command.h"
#include "netdissect/base/error.h"
#include "toml.h"

namespace netdissect {
namespace {

struct MergeArguments {
  std::vector<std::string> folders;
  std::string out;
};

// What others' folders have and this one lacks: each part of a job has files of its own.
int64_t CopyMissing(const Path& from, const Path& to) {
  int64_t copied = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(from)) {
    const Path target = to / std::filesystem::relative(entry.path(), from);
    const bool hidden = entry.path().filename().string().front() == '.';
    if (!entry.is_regular_file() || hidden || ProcessOfTemporary(target) || Exists(target))
      continue;
    WriteFile(target, [&](std::ostream& out) {
      if (entry.file_size() == 0) return;  // to insert nothing is a failure of streams
      std::ifstream in(entry.path(), std::ios::binary);
      out << in.rdbuf();
      if (!in) Fail("{}: cannot be read", entry.path().string());
    });
    ++copied;
  }
  return copied;
}

void RequireOptions(const Path& folder) {
  if (Exists(RunFiles(folder).Options())) return;
  Fail("{}: expected a folder of `--shard`, with options.toml, found none", folder.string());
}

// Runs the command whose parts are in the folders as if it had been given with --out, all being
// done.
void Run(const MergeArguments& arguments, Context& outer) {
  const Path out = arguments.out.empty() ? arguments.folders.front() : arguments.out;
  for (const std::string& folder : arguments.folders) {
    RequireOptions(folder);
    std::error_code ignored;
    if (std::filesystem::equivalent(folder, out, ignored)) continue;
    const int64_t copied = CopyMissing(folder, out);
    outer.console.Note(fmt::format("{}: {} files copied to {}", folder, copied, out.string()));
  }
  Context context;
  const auto app = MakeApplication(context);
  const Path options = RunFiles(out).Options();
  std::vector<std::string> words = {"--config", options.string()};
  for (const std::string& word : CommandIn(options)) words.push_back(word);
  words.insert(words.end(), {"--out", out.string(), "--force=false"});
  ParseWords(*app, words);
  context.crew = MakeMerger();
  context.run();
}

}  // namespace

void AddMergeCommand(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = app.add_subcommand(
      "merge", "Results of a command whose parts were done with --shard, once all of them are");
  command->add_option("folders", arguments->folders, "The parts' --out; they may be one folder")
      ->required()
      ->expected(-1)
      ->type_name("FOLDER");
  command->add_option("--out", arguments->out, "Folder of the results; by default the first")
      ->type_name("DIR");
  command->callback([=, &context] { context.run = [=, &context] { Run(*arguments, context); }; });
}

}  // namespace netdissect
