#pragma once
// Results wherever they are below a folder: what a report shows and what two runs are compared by.
// Whether one command wrote them all or people wrote them one by one makes no difference: each says
// itself what it is of.

#include <string>
#include <vector>

#include "report/run_folder.h"

namespace netdissect {

struct FoundResult {
  ResultKind kind;
  Path file;
  ResultHeader header;
};

struct ResultTree {
  Path folder;
  std::vector<FoundResult> results;  // by path
  /// Files that bear a result's name and are none, or are of a later format, each with why.
  std::vector<std::string> unreadable;
};

/// Reads no further than headers. Error where the folder is missing.
ResultTree FindResults(const Path& folder);

}  // namespace netdissect
