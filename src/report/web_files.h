#pragma once
// The files of src/report/web, which the build puts into the program.

#include <iterator>
#include <string_view>
#include <utility>

namespace netdissect {

struct WebFile {
  std::string_view name, text;
};

using WebFileList = std::pair<const WebFile*, const WebFile*>;  // begin and end

/// All of them, by name.
WebFileList AllWebFiles();

}  // namespace netdissect
