#include "experiment/report.h"

#include <string_view>

#include "base/digest.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/summary/report_page.h"

namespace netdissect {
namespace {

// What the study says of itself, where a study made the results: {"title", "about", "networks"}.
Json StudyOf(const Path& folder) {
  const Path file = RunFiles(folder).Result(ResultKind::kReproduce);
  return Exists(file) ? ReadJson(file).value("study", Json::object()) : Json::object();
}

constexpr char kSealBegin[] = "<!-- checksum ";

std::string SealOf(std::string_view html) {
  return kSealBegin + Digest().Add(html.data(), html.size()).Hex() + " -->\n";
}

ReportText TextOf(const ReportExperiment& options, const Json& study) {
  ReportText text{study.value("title", ""), study.value("about", "")};
  if (!options.title.empty()) text.title = options.title;
  if (text.title.empty()) {
    text.title = std::filesystem::absolute(options.folder / "").parent_path().filename().string();
  }
  return text;
}

}  // namespace

ReportRun RunReport(const ReportExperiment& options, Observer& observer) {
  Results results(FindResults(options.folder), observer);
  if (results.size() == 0) {
    Fail(
        "{}: expected results of this program in it or below, found none; `netdissect reproduce` "
        "makes them",
        options.folder.string());
  }
  const Json study = StudyOf(options.folder);
  results.PutFirst(study.value("networks", std::vector<std::string>()));
  const RunFiles files(options.out.empty() ? options.folder : options.out);
  std::error_code ignored;
  std::filesystem::remove_all(files.ReportPictures(), ignored);
  PictureStore pictures =
      options.pictures_beside
          ? PictureStore(files.ReportPictures(), files.ReportPictures().filename().string())
          : PictureStore();
  const ReportPage page =
      MakeReportPage(results, TextOf(options, study), pictures, options.pictures_beside, observer);
  WriteFile(files.Report(), page.html + SealOf(page.html));
  const auto html = static_cast<int64_t>(page.html.size());
  constexpr int64_t kMuch = 30 << 20;
  if (html > kMuch) {
    observer.Warning(fmt::format("{} has {}: --folder puts its pictures beside it",
                                 files.Report().string(), FormatBytes(html)));
  }
  return {files.Report(), page.results, page.units,
          options.pictures_beside ? html + pictures.bytes() : html};
}

bool IsWholePage(const Path& page) {
  if (!Exists(page)) return false;
  const std::string text = ReadFile(page);
  const size_t end = text.rfind(kSealBegin);
  return end != std::string::npos &&
         text.compare(end, text.npos, SealOf(std::string_view(text).substr(0, end))) == 0;
}

}  // namespace netdissect
