#include "experiment/page_files.h"

#include "netdissect/base/error.h"
#include "report/task_report.h"
#include "report/web_files.h"

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

bool IsOfPrograms(std::string_view name) {
  return name.substr(0, 9) == "overview." || name.substr(0, 9) == "overview_" ||
         name.substr(0, 5) == "page.";
}

}  // namespace

PageFiles::PageFiles(const AnnotationTask& task, const RunFiles& files) {
  const Path page = files.TaskPage();
  if (!IsPlainFile(page / "index.html")) {
    Fail("{}: expected the page that `{}` writes, found no index.html", page.string(),
         CommandOf(ResultKind::kTask));
  }
  const auto [begin, end] = AllWebFiles();
  for (const WebFile* file = begin; file != end; ++file) {
    if (!IsOfPrograms(file->name)) continue;
    const std::string type = MediaType(Path(file->name).extension().string());
    files_["/" + std::string(file->name)] = {type, std::string(file->text), {}};
  }
  for (const auto& entry : std::filesystem::directory_iterator(page)) {
    const std::string type = MediaType(entry.path().extension().string());
    if (type.rfind("text/", 0) != 0 || !IsPlainFile(entry.path())) continue;
    files_["/" + entry.path().filename().string()] = {type, ReadFile(entry.path()), {}};
  }
  files_["/"] = files_.at("/index.html");
  files_["/task.js"] = {MediaType(".js"), TaskScript(task, true), {}};
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
