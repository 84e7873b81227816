#pragma once
// The page that annotators see, as files: index.html with its scripts and styles, task.js, and a
// sheet of tiles for each unit. It works from a disk, without a server or a network.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "study/annotation_task.h"

namespace netdissect {

/// A file of the page that is the same for all tasks: its name in the folder, and in the program.
struct TaskPageFile {
  std::string name, source;
};

/// index.html and what it loads, but for task.js and the sheets: page.css, sha256.js and all of
/// the program's files whose names begin with "annotate".
const std::vector<TaskPageFile>& TaskPageFiles();

/// Writes TaskPageFiles and task.js into `folder`.
void WriteTaskPage(const Path& folder, const AnnotationTask& task);

/// Tiles (8-bit BGR, `layout.size` pixels square) as a unit's sheet, JPEG.
void WriteTaskSheet(const Path& file, const std::vector<cv::Mat>& tiles, const SheetLayout& layout);

/// For crowd platforms: a row for each unit with the address at which the page shows it alone, and
/// the template that their tasks are made of. `page_url` is where the page's folder will be found.
void WriteHits(const Path& table, const Path& form, const AnnotationTask& task,
               const std::string& page_url);

}  // namespace netdissect
