// Pictures of empirical receptive fields (Figures 3 and 4).

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/tensor.h"
#include "report/field_report.h"
#include "report/figure.h"
#include "report/palette.h"

namespace netdissect {
namespace {

constexpr int kMapSide = 280;       // pixels, about
constexpr int kPatchSide = 96;      // pixels
constexpr size_t kMostPatches = 8;  // in a row

// Centre of mass of a map's values, (x, y) in its pixels.
cv::Point2d CentreOf(const at::Tensor& map) {
  const cv::Moments moments = cv::moments(MatFromTensor(map));
  if (!(moments.m00 > 0)) {
    return {static_cast<double>(map.size(1)) / 2, static_cast<double>(map.size(0)) / 2};
  }
  return {moments.m10 / moments.m00, moments.m01 / moments.m00};
}

void DrawSizeBox(cv::Mat& image, const cv::Point2d& centre, double size, double factor) {
  const cv::Point2d half(size / 2, size / 2);
  cv::rectangle(image, cv::Point((centre - half) * factor), cv::Point((centre + half) * factor),
                OutlineColor(), 1, cv::LINE_AA);
}

// Scaled so that its longer side has this many pixels.
cv::Mat Fitted(const cv::Mat& picture, int side) {
  const double factor = static_cast<double>(side) / std::max(picture.rows, picture.cols);
  cv::Mat fitted;
  cv::resize(picture, fitted, {}, factor, factor, factor < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  return fitted;
}

// The square of `side` pixels around `centre`, what lies outside the picture grey, scaled to
// kPatchSide.
cv::Mat CutPatch(const cv::Mat& picture, const cv::Point2d& centre, double side) {
  const int size = std::max(1, static_cast<int>(std::lround(side)));
  const cv::Rect wanted(static_cast<int>(std::lround(centre.x - side / 2)),
                        static_cast<int>(std::lround(centre.y - side / 2)), size, size);
  const cv::Rect inside = wanted & cv::Rect(0, 0, picture.cols, picture.rows);
  cv::Mat patch(size, size, CV_8UC3, BlankColor());
  if (inside.area() > 0) {
    picture(inside).copyTo(patch(inside - wanted.tl()));
  }
  cv::Mat scaled;
  cv::resize(patch, scaled, {kPatchSide, kPatchSide}, 0, 0,
             size < kPatchSide ? cv::INTER_NEAREST : cv::INTER_AREA);
  return scaled;
}

cv::Mat DrawMap(const UnitField& unit, double threshold) {
  const auto largest_side = static_cast<int>(std::max(unit.map.size(0), unit.map.size(1)));
  const int factor = std::max(1, kMapSide / largest_side);
  cv::Mat picture = Enlarge(HeatMap(unit.map), factor);
  DrawContour(picture, unit.map, threshold * unit.map.max().item<double>(), factor, PaperColor());
  DrawSizeBox(picture, CentreOf(unit.map), unit.size, factor);
  return picture;
}

std::string TitleOf(const LayerFields& layer, const UnitField& unit) {
  if (unit.silent) return fmt::format("{} unit {}: silent", layer.name, unit.unit);
  return fmt::format("{} unit {}: {:.1f} px of {}", layer.name, unit.unit, unit.size,
                     layer.theoretical.y.size());
}

}  // namespace

cv::Mat DrawField(const LayerFields& layer, const UnitField& unit, const FieldOptions& options,
                  const PixelSource& pixels, ChannelOrder order) {
  if (unit.silent) {
    return Framed(
        Captioned(cv::Mat(kPatchSide, kPatchSide, CV_8UC3, BlankColor()), TitleOf(layer, unit)));
  }
  const cv::Point2d centre = CentreOf(unit.map);
  std::vector<cv::Mat> patches;
  for (const UnitResponse& response : unit.images) {
    if (patches.size() == kMostPatches) break;
    const cv::Mat picture = PictureOf(pixels(response.image), order);
    const cv::Point2d shift(
        static_cast<double>(layer.canvas_x.start + layer.theoretical.x.Shift(response.x)),
        static_cast<double>(layer.canvas_y.start + layer.theoretical.y.Shift(response.y)));
    patches.push_back(CutPatch(picture, centre + shift, unit.size));
  }
  const size_t half = (patches.size() + 1) / 2;
  const cv::Mat rows =
      Column({Row({patches.begin(), patches.begin() + static_cast<std::ptrdiff_t>(half)}, 4),
              Row({patches.begin() + static_cast<std::ptrdiff_t>(half), patches.end()}, 4)},
             4);
  return Framed(Column({Captioned(DrawMap(unit, options.threshold), TitleOf(layer, unit)), rows}));
}

cv::Mat DrawPipeline(const Model& model, OcclusionEngine& engine, const OccluderSet& occluders,
                     int layer, const LayerFields& fields, const UnitField& unit,
                     const FieldOptions& options, const ImageSource& image,
                     const PipelineView& view) {
  const auto shown = [&](const cv::Mat& picture, const std::string& caption) {
    return Captioned(view.side > 0 ? Fitted(picture, view.side) : picture, caption);
  };
  std::vector<cv::Mat> rows;
  for (size_t i = 0; i < std::min(view.images, unit.images.size()); ++i) {
    const UnitResponse& response = unit.images[i];
    const at::Tensor input = image(response.image);
    const OcclusionResponse result =
        engine.Respond(input, {{layer, unit.unit, response.y, response.x}}).front();
    const Interval y = fields.theoretical.y.At(response.y), x = fields.theoretical.x.At(response.x);
    std::vector<cv::Mat> row = {shown(PictureOfInput(input, model.input), "image")};
    const Interval r = occluders.Meeting(y, occluders.rows());
    const Interval c = occluders.Meeting(x, occluders.columns());
    for (int e = 1; e <= view.examples; ++e) {
      const int64_t at_row = r.start + r.size() * e / (view.examples + 1);
      const int64_t at_column = c.start + c.size() * e / (view.examples + 1);
      at::Tensor occluded = input.clone();
      occluded.narrow(1, at_row * occluders.stride(), occluders.patch())
          .narrow(2, at_column * occluders.stride(), occluders.patch())
          .copy_(occluders.patches()[at_row * occluders.columns() + at_column]);
      row.push_back(
          shown(PictureOfInput(occluded, model.input),
                fmt::format("occluded: {:+.3g}", result.change[at_row][at_column].item<float>())));
    }
    const at::Tensor map = PixelMap(DiscrepancyOf(result, options.discrepancy), occluders,
                                    model.input.height, model.input.width);
    row.push_back(shown(HeatMap(map), fmt::format("map, a = {:.3g}", result.original)));
    rows.push_back(Row(row));
  }
  const cv::Mat mean =
      Captioned(unit.silent ? cv::Mat(kPatchSide, kPatchSide, CV_8UC3, PaperColor())
                            : DrawMap(unit, options.threshold),
                fmt::format("calibrated mean of {}", unit.images.size()));
  return Framed(Captioned(Row({Column(rows), mean}, 24), TitleOf(fields, unit), 17));
}

cv::Mat DrawDiscrepancy(const cv::Mat& picture, const at::Tensor& map, const std::string& caption,
                        const Interval& field_y, const Interval& field_x) {
  const cv::Mat heat = HeatMap(map);
  cv::Mat over;
  cv::addWeighted(picture, 0.45, heat, 0.75, 0, over);
  cv::Mat marked = picture.clone();
  cv::rectangle(marked, {NearPixel(field_x.start), NearPixel(field_y.start)},
                {NearPixel(field_x.end), NearPixel(field_y.end)}, OutlineColor(), 1);
  return Framed(Captioned(Row({marked, heat, over}), caption));
}

}  // namespace netdissect
