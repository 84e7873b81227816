#pragma once
// The files that a server of annotations shows, by an exact list of their names, which is made
// once: what is not on it is not there, whatever a path may say.

#include <map>
#include <optional>
#include <string>

#include "report/run_folder.h"
#include "study/annotation_task.h"

namespace netdissect {

struct PageFile {
  std::string type;  // "text/html; charset=utf-8"
  std::string text;  // of files that are held in memory
  Path path;         // of sheets, which are read as they are asked for
};

class PageFiles {
 public:
  /// Takes the page's .html, .css and .js, the sheets of the task's units, task.js for a page with
  /// a server, and the program's own overview. Error where there is no page, or a sheet is missing.
  PageFiles(const AnnotationTask& task, const RunFiles& files);

  /// By its path: "/" and "/index.html" are the same.
  const PageFile* Find(const std::string& path) const;

 private:
  std::map<std::string, PageFile> files_;
};

}  // namespace netdissect
