#include "report/lettering.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json.h"
#include "report/canvas.h"
#include "report/glyphs.h"

namespace netdissect {

double TextWidth(const std::string& text, const TextStyle& style) {
  return LayOut(text, style.size, style.bold).width;
}

int LineHeight(const TextStyle& style) { return static_cast<int>(std::ceil(1.35 * style.size)); }

int Ascent(const TextStyle& style) { return static_cast<int>(std::ceil(0.98 * style.size)); }

std::string Legible(const std::string& text) {
  auto legible = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
                     .get<std::string>();
  std::replace_if(
      legible.begin(), legible.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; }, ' ');
  return legible;
}

std::string Shortened(const std::string& text, double width, const TextStyle& style) {
  if (TextWidth(text, style) <= width) return text;
  const std::string legible = Legible(text);
  std::vector<size_t> ends;  // of letters, in bytes
  for (size_t i = 0; i < legible.size(); ++i) {
    if ((static_cast<unsigned char>(legible[i]) & 0xC0) != 0x80) ends.push_back(i);
  }
  const auto cut = [&](size_t letters) { return legible.substr(0, ends[letters]) + "…"; };
  size_t fits = 0;  // letters, of which none may fit
  for (size_t beyond = ends.size(); fits + 1 < beyond;) {
    const size_t middle = (fits + beyond) / 2;
    (TextWidth(cut(middle), style) <= width ? fits : beyond) = middle;
  }
  return ends.empty() ? legible : cut(fits);
}

void WriteText(cv::Mat& image, const std::string& text, const cv::Point2d& at,
               const TextStyle& style) {
  const double reach = 2 * style.size;  // above and below the baseline, and beside the text
  const cv::Point2d corner(std::floor(at.x - reach), std::floor(at.y - reach));
  const cv::Rect2d around(corner.x, corner.y, std::ceil(TextWidth(text, style) + 2 * reach) + 1,
                          std::ceil(2 * reach) + 1);
  const cv::Rect area = cv::Rect(around & cv::Rect2d(0, 0, image.cols, image.rows));
  if (area.empty()) return;
  cv::Mat part = image(area);
  PaintOn(part, area.tl(), [&](Canvas& canvas) { canvas.Text(text, at, 0, style); });
}

}  // namespace netdissect
