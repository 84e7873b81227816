#include "report/task_page.h"

#include "report/figure.h"
#include "report/page.h"
#include "report/table.h"
#include "report/task_report.h"
#include "report/web_files.h"

namespace netdissect {

const std::vector<TaskPageFile>& TaskPageFiles() {
  static const std::vector<TaskPageFile> files = [] {
    std::vector<TaskPageFile> list = {
        {"index.html", "annotate.html"}, {"page.css", "page.css"}, {"sha256.js", "sha256.js"}};
    const auto [begin, end] = AllWebFiles();
    for (const WebFile* file = begin; file != end; ++file) {
      const std::string name(file->name);
      if (name.rfind("annotate", 0) == 0 && name != "annotate.html") list.push_back({name, name});
    }
    return list;
  }();
  return files;
}

void WriteTaskPage(const Path& folder, const AnnotationTask& task) {
  for (const TaskPageFile& file : TaskPageFiles()) {
    WriteFile(folder / file.name, WebFileText(file.source));
  }
  WriteFile(folder / "task.js", TaskScript(task, false));
}

void WriteTaskSheet(const Path& file, const std::vector<cv::Mat>& tiles,
                    const SheetLayout& layout) {
  const int columns = layout.columns, size = layout.size;
  const int rows = (static_cast<int>(tiles.size()) + columns - 1) / columns;
  cv::Mat sheet = cv::Mat::zeros(rows * size, columns * size, CV_8UC3);
  for (int i = 0; i < static_cast<int>(tiles.size()); ++i) {
    tiles[static_cast<size_t>(i)].copyTo(
        sheet(cv::Rect(i % columns * size, i / columns * size, size, size)));
  }
  constexpr int kQuality = 85;  // of 100
  WriteFile(file, EncodePicture(sheet, "JPEG", file.string(), kQuality));
}

void WriteHits(const Path& table, const Path& form, const AnnotationTask& task,
               const std::string& page_url) {
  Table hits;
  hits.header = {"unit", "layer", "unit_number", "page_url"};
  for (size_t i = 0; i < task.units.size(); ++i) {
    const TaskUnit& unit = task.units[i];
    hits.rows.push_back({fmt::format("{}", i), unit.layer, fmt::format("{}", unit.unit),
                         fmt::format("{}/index.html?unit={}", page_url, i)});
  }
  WriteFile(table, hits.Csv());
  WriteFile(form, WebFileText("hit_template.html"));
}

}  // namespace netdissect
