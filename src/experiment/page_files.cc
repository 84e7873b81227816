#include "experiment/page_files.h"

#include "netdissect/base/error.h"
#include "report/page.h"
#include "report/task_page.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

// "" of what is none of a page's files.
std::string MediaType(const std::string& extension) {
  static const std::map<std::string, std::string> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".jpg", "image/jpeg"},
      {".png", "image/png"}};
  const auto found = kTypes.find(extension);
  return found == kTypes.end() ? "" : found->second;
}

// No link, which might lead out of the folder.
bool IsPlainFile(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(std::filesystem::symlink_status(path, ignored));
}

}  // namespace

PageFiles::PageFiles(const AnnotationTask& task, const RunFiles& files) {
  const Path page = files.TaskPage();
  const auto add = [&](const std::string& name, std::string text) {
    files_["/" + name] = {MediaType(Path(name).extension().string()), std::move(text), {}};
  };
  for (const TaskPageFile& file : TaskPageFiles()) {
    if (!IsPlainFile(page / file.name)) {
      Fail("{}: expected the page that `{}` of this version writes, found no {}", page.string(),
           CommandOf(ResultKind::kTask), file.name);
    }
    add(file.name, ReadFile(page / file.name));
  }
  add("task.js", TaskScript(task, true));
  for (const char* name : {"overview.html", "overview.css", "overview.js"}) {
    add(name, WebFileText(name));
  }
  files_["/"] = files_.at("/index.html");
  std::string missing;
  int missing_count = 0;
  for (const TaskUnit& unit : task.units) {
    const Path sheet = page / unit.sheet;
    if (!IsPlainFile(sheet)) {
      if (missing_count++ == 0) missing = sheet.string();
      continue;
    }
    const std::string type = MediaType(sheet.extension().string());
    if (type.rfind("image/", 0) != 0) {
      Fail("{}: expected a sheet as .jpg or .png", sheet.string());
    }
    files_["/" + unit.sheet] = {type, "", sheet};
  }
  if (missing_count > 0) {
    Fail("{}: expected the sheet of each unit, found {} missing", missing, missing_count);
  }
}

const PageFile* PageFiles::Find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace netdissect
