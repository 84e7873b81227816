#include "report/summary/section.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "netdissect/data/decode.h"

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

void Section::Says(const std::vector<std::string>& parts) {
  if (!parts.empty()) Says(Join(parts, "; ") + ".");
}

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
  if (file) Photo(pictures, DecodeImage(*file), caption, widest);
}

void Section::Photo(PictureStore& pictures, const cv::Mat& picture, const std::string& caption,
                    int widest) {
  const double factor = std::min(1.0, static_cast<double>(widest) / picture.cols);
  json_["blocks"].push_back({{"photo", pictures.Photograph(picture, widest)},
                             {"caption", caption},
                             {"width", std::lround(picture.cols * factor)},
                             {"height", std::lround(picture.rows * factor)}});
}

}  // namespace netdissect
