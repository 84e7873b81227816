#include "report/summary/section.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace netdissect {

Section::Section(std::string id, std::string title, std::string where)
    : json_{{"id", std::move(id)},
            {"title", std::move(title)},
            {"where", std::move(where)},
            {"says", ""},
            {"differs", ""},
            {"blocks", Json::array()},
            {"commands", Json::array()},
            {"missing", ""}} {}

void Section::Text(const std::string& text) { json_["blocks"].push_back({{"text", text}}); }

void Section::Add(const std::string& caption, const Table& table) {
  if (table.rows.empty()) return;
  json_["blocks"].push_back({{"table",
                              {{"caption", caption},
                               {"header", table.header},
                               {"rows", table.rows},
                               {"csv", table.Csv()},
                               {"tex", table.Latex()}}}});
}

void Section::MadeBy(const ReadResult& result) {
  const std::string line = result.CommandLine();
  Json& commands = json_["commands"];
  if (std::find(commands.begin(), commands.end(), line) == commands.end()) {
    commands.push_back(line);
  }
}

std::optional<Path> Section::New(const ReadResult& result, const std::string& name) {
  const auto file = result.Beside(name);
  return file && shown_.insert(*file).second ? file : std::nullopt;
}

void Section::Add(const ReadResult& result, const std::string& name, const std::string& caption) {
  if (const auto file = New(result, name + ".csv")) Add(caption, ReadTable(*file));
}

void Section::Plot(PictureStore& pictures, const ReadResult& result, const std::string& name,
                   const std::string& caption) {
  if (const auto file = New(result, name + ".svg")) {
    json_["blocks"].push_back({{"plot", pictures.Drawing(*file)}, {"caption", caption}});
  }
}

void Section::Photo(PictureStore& pictures, const std::optional<Path>& file,
                    const std::string& caption, int widest) {
  if (file) Photo(pictures, ReadPicture(*file), caption, widest);
}

void Section::Photo(PictureStore& pictures, const cv::Mat& picture, const std::string& caption,
                    int widest) {
  const double factor = std::min(1.0, static_cast<double>(widest) / picture.cols);
  json_["blocks"].push_back({{"photo", pictures.Photograph(picture, widest)},
                             {"caption", caption},
                             {"width", std::lround(picture.cols * factor)},
                             {"height", std::lround(picture.rows * factor)}});
}

std::string PercentText(std::optional<double> share, int digits) {
  return share ? fmt::format("{:.{}f}%", 100 * *share, digits) : "";
}

std::string NumberText(std::optional<double> number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : "";
}

std::string MeanText(double mean, double deviation) {
  return fmt::format("{:.1f} +- {:.1f}", mean, deviation);
}

const ReadResult* WidestRecord(const Results& results, const std::string& network) {
  const ReadResult* widest = nullptr;
  for (const ReadResult* record : results.Of(ResultKind::kRecord)) {
    if (record->network() != network) continue;
    const auto size = [](const ReadResult& result) {
      return std::pair(result.provenance.images.size(), result.json.at("layers").size());
    };
    if (!widest || size(*record) > size(*widest)) widest = record;
  }
  return widest;
}

}  // namespace netdissect
