#include "report/result_tree.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

// By a file's name; features are the store of `probe`, not what it found.
constexpr ResultKind kSought[] = {
    ResultKind::kInfo,          ResultKind::kClassify,  ResultKind::kRecord,
    ResultKind::kFields,        ResultKind::kSegments,  ResultKind::kLabels,
    ResultKind::kSimplify,      ResultKind::kQuality,   ResultKind::kLocalize,
    ResultKind::kSynth,         ResultKind::kTraining,  ResultKind::kTask,
    ResultKind::kSemantics,     ResultKind::kEmergence, ResultKind::kProbe,
    ResultKind::kGradientFields};

std::vector<std::pair<Path, ResultKind>> FilesBelow(const Path& folder) {
  namespace fs = std::filesystem;
  std::vector<std::pair<Path, ResultKind>> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error) {
    Fail("{}: expected a folder of results, found {}", folder.string(), error.message());
  }
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name[0] == '.') at.disable_recursion_pending();
    for (const ResultKind kind : kSought) {
      std::error_code ignored;
      const std::string result = FileNameOf(kind);
      if ((name == result || name == result + kUnfinishedEnding) && at->is_regular_file(ignored)) {
        files.emplace_back(at->path().parent_path() / result, kind);
      }
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace

ResultTree FindResults(const Path& folder) {
  ResultTree tree;
  tree.folder = folder;
  for (const auto& [file, kind] : FilesBelow(folder)) {
    if (const auto unfinished = UnfinishedAt(file, kind)) {
      tree.unreadable.push_back(*unfinished);
      continue;
    }
    try {
      tree.results.push_back({kind, file, ReadHeader(file)});
    } catch (const Error& error) {
      tree.unreadable.emplace_back(error.what());
    }
  }
  return tree;
}

}  // namespace netdissect
