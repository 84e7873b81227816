#include <algorithm>

#include "report/canvas.h"
#include "report/probe_report.h"

namespace netdissect {
namespace {

constexpr double kTitle = 34, kNumbers = 22, kGap = 6;

// Names are of the size of the rows, and left out where nobody could read them.
constexpr double kLeastLetters = 7;

double Share(const std::vector<int64_t>& answers, size_t answer) {
  int64_t total = 0;
  for (int64_t count : answers) total += count;
  return total == 0 ? 0 : static_cast<double>(answers[answer]) / static_cast<double>(total);
}

}  // namespace

Drawing DrawConfusion(const std::string& title, const ProbeResult& result,
                      const std::vector<std::string>& classes) {
  const auto count = static_cast<double>(classes.size());
  const double cell = std::clamp(640 / count, 4.0, 40.0);
  TextStyle letters;
  letters.size = std::min(13.0, 0.8 * cell);
  const bool named = letters.size >= kLeastLetters;
  double names = 0;
  std::vector<std::string> shown;
  for (size_t c = 0; named && c < classes.size(); ++c) {
    shown.push_back(Shortened(fmt::format("{} {}", classes[c], c + 1), 260, letters));
    names = std::max(names, TextWidth(shown.back(), letters));
  }
  const double left = names + kGap, top = kTitle + (named ? kNumbers : 0);
  Drawing drawing;
  drawing.width = std::max(left + cell * count, TextWidth(title, {13, true, InkColor()}));
  drawing.height = top + cell * count;
  drawing.paint = [=](Canvas& canvas) {
    canvas.Text(title, {0, 16}, 0, {13, true, InkColor()});
    canvas.Text("rows: classes; columns: answers, by the rows' numbers", {0, 31}, 0,
                {11, false, MutedColor()});
    for (size_t c = 0; c < classes.size(); ++c) {
      const double y = top + cell * static_cast<double>(c);
      const double x = left + cell * static_cast<double>(c);
      const double baseline = y + cell / 2 + 0.35 * letters.size;
      if (named) {
        canvas.Text(shown[c], {names, baseline}, 1, letters);
        canvas.Text(fmt::format("{}", c + 1), {x + cell / 2, top - kGap}, 0.5, letters);
      }
      canvas.Fill({left, y, cell * count, cell - 0.5}, GridColor(), 0.4);
      for (size_t answer = 0; answer < classes.size(); ++answer) {
        const double share = Share(result.confusion[c], answer);
        if (share == 0) continue;
        const double at = left + cell * static_cast<double>(answer);
        canvas.Fill({at, y, cell - 0.5, cell - 0.5}, PaperColor());
        canvas.Fill({at, y, cell - 0.5, cell - 0.5}, SeriesColor(answer == c ? 0 : 1),
                    0.15 + 0.85 * share);
        if (cell < 28) continue;  // no room for a number
        canvas.Text(
            fmt::format("{:.0f}", 100 * share), {at + cell / 2, baseline}, 0.5,
            {11, false, share > 0.5 ? TextColorOn(SeriesColor(answer == c ? 0 : 1)) : InkColor()});
      }
    }
  };
  return Framed(drawing);
}

}  // namespace netdissect
