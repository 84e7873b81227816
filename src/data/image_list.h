#pragma once
// The three sources of image entries: a list file, a folder, and names that look like images.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netdissect/data/dataset.h"

namespace netdissect {

/// Whether the name ends like that of an image file.
bool HasImageExtension(std::string_view name);

/// The entries of a list. `labels` is the number of labels, 0 where unknown. Not empty.
std::vector<ImageEntry> ReadImageList(const Path& list, const Path& root, size_t labels);

/// The images below a folder, sorted by path. Not empty.
std::vector<ImageEntry> ListFolder(const Path& folder);

/// How many files below the folder are wanted, by extension in small letters ("heic"; "" of those
/// that have none).
using FileCounts = std::map<std::string, int64_t>;
FileCounts CountFilesIn(const Path& folder, const std::function<bool(const Path&)>& wanted);

/// The same of files that are no images by their names.
FileCounts OtherFilesIn(const Path& folder);

/// "3 (1 .heic, 2 without extension)"; "" of none.
std::string TextOf(const FileCounts& counts);

}  // namespace netdissect
