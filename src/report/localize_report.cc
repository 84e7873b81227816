#include "report/localize_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "report/classify_report.h"
#include "report/figure.h"
#include "report/lettering.h"
#include "report/palette.h"

namespace netdissect {
namespace {

constexpr int kSide = 480;       // pixels, the longer side of a drawn picture
constexpr int kListWidth = 270;  // pixels
constexpr int kLineHeight = 34;  // pixels
cv::Mat ScaledToSide(const cv::Mat& picture) {
  const double factor = static_cast<double>(kSide) / std::max(picture.rows, picture.cols);
  cv::Mat scaled;
  cv::resize(picture, scaled,
             {std::max(1, static_cast<int>(std::lround(picture.cols * factor))),
              std::max(1, static_cast<int>(std::lround(picture.rows * factor)))},
             0, 0, factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return scaled;
}

// On the box's colour, inside its upper left corner, and inside the picture.
void DrawLabel(cv::Mat& image, const cv::Rect& box, const std::string& text,
               const cv::Scalar& color) {
  constexpr int kPad = 4;
  TextStyle style;
  style.color = TextColorOn(color);
  const std::string shown = Shortened(text, image.cols - 2 * kPad, style);
  cv::Rect plate(box.x, box.y, static_cast<int>(std::ceil(TextWidth(shown, style))) + 2 * kPad,
                 LineHeight(style) + 1);
  plate.x = std::max(0, std::min(plate.x, image.cols - plate.width));
  plate.y = std::max(0, std::min(plate.y, image.rows - plate.height));
  cv::rectangle(image, plate, color, cv::FILLED);
  WriteText(image, shown, cv::Point2d(plate.x + kPad, plate.y + Ascent(style) + 1), style);
}

cv::Mat SceneList(const LocatedImage& located, const Model& model) {
  const TextStyle style;
  const auto lines = static_cast<int>(located.scenes.size());
  cv::Mat list(std::max(1, lines * kLineHeight), kListWidth, CV_8UC3, PaperColor());
  for (int i = 0; i < lines; ++i) {
    const RankedClass& scene = located.scenes[static_cast<size_t>(i)];
    const int top = i * kLineHeight;
    const double share = std::clamp(static_cast<double>(scene.score), 0.0, 1.0);
    cv::rectangle(list, cv::Rect(0, top + 20, std::max(1, static_cast<int>(share * kListWidth)), 6),
                  SeriesColor(5), cv::FILLED);
    const std::string line = fmt::format("{:.2f}  {}", scene.score, ClassName(model, scene.index));
    WriteText(list, Shortened(line, kListWidth, style), cv::Point2d(0, top + 14), style);
  }
  return list;
}

}  // namespace

cv::Rect PictureBox(const cv::Rect2d& box, const InputView& view) {
  const auto edge = [](double at, const ViewAxis& axis) {
    return static_cast<int>(std::lround(axis.PictureEdge(at)));
  };
  const cv::Size picture = view.picture();
  const int left = std::clamp(edge(box.x, view.x), 0, picture.width - 1);
  const int top = std::clamp(edge(box.y, view.y), 0, picture.height - 1);
  const int right = edge(box.x + box.width, view.x);
  const int bottom = edge(box.y + box.height, view.y);
  return {left, top, std::clamp(right - left, 1, picture.width - left),
          std::clamp(bottom - top, 1, picture.height - top)};
}

Json LocatedJson(const LocatedImage& located, const Model& model,
                 const std::vector<DetectorLayer>& layers, const std::string& image,
                 const cv::Size& picture) {
  Json classes = Json::array();
  for (const RankedClass& scene : located.scenes) {
    classes.push_back(
        {{"class", scene.index}, {"name", ClassName(model, scene.index)}, {"score", scene.score}});
  }
  Json objects = Json::array();
  const InputView view = ViewOf(model.input, picture);
  for (const LocatedObject& object : located.objects) {
    const cv::Rect box = PictureBox(object.box, view);
    objects.push_back({{"label", object.label},
                       {"layer", layers[static_cast<size_t>(object.layer)].name},
                       {"unit", object.unit},
                       {"confidence", object.confidence},
                       {"box", {box.x, box.y, box.width, box.height}}});
  }
  return {{"image", image},
          {"width", picture.width},
          {"height", picture.height},
          {"classes", std::move(classes)},
          {"objects", std::move(objects)}};
}

cv::Mat ForDrawing(const cv::Mat& picture) { return ScaledToSide(picture); }

cv::Mat DrawLocated(const LocatedImage& located, const Model& model, const cv::Mat& picture,
                    int boxes) {
  cv::Mat drawn = ScaledToSide(picture);
  const size_t count = std::min(located.objects.size(), static_cast<size_t>(boxes));
  std::vector<std::string> labels;  // in the order in which they got their colours
  std::vector<cv::Scalar> colors;
  std::vector<cv::Rect> places;
  const InputView view = ViewOf(model.input, located.size).At(drawn.size());
  for (size_t i = 0; i < count; ++i) {
    const LocatedObject& object = located.objects[i];
    const auto known = std::find(labels.begin(), labels.end(), object.label);
    const auto index = static_cast<size_t>(known - labels.begin());
    if (known == labels.end()) labels.push_back(object.label);
    colors.push_back(SeriesColor(index));
    places.push_back(PictureBox(object.box, view));
    cv::rectangle(drawn, places.back(), colors.back(), 2);
  }
  for (size_t i = count; i-- > 0;) {  // the most confident label on top
    const LocatedObject& object = located.objects[i];
    DrawLabel(drawn, places[i], fmt::format("{} {:.2f}", object.label, object.confidence),
              colors[i]);
  }
  return Framed(located.scenes.empty() ? drawn : Row({drawn, SceneList(located, model)}, 16));
}

}  // namespace netdissect
