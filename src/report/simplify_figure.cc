#include "report/simplify_figure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "base/tensor.h"
#include "report/classify_report.h"
#include "report/figure.h"
#include "report/palette.h"
#include "report/plot.h"

namespace netdissect {
namespace {

constexpr size_t kMiddleSteps = 3;  // pictures between the whole image and the minimal one
constexpr int kSmallestSide = 200;  // pixels of a picture in the strip

cv::Mat ScaledForStrip(const cv::Mat& picture) {
  const int side = std::min(picture.rows, picture.cols);
  return side >= kSmallestSide ? picture : Enlarge(picture, (kSmallestSide + side - 1) / side);
}

// Numbers of removals shown between none and all, spread evenly.
std::vector<size_t> MiddleSteps(size_t steps) {
  std::vector<size_t> shown;
  for (size_t i = 1; i <= kMiddleSteps; ++i) {
    const size_t step = steps * i / (kMiddleSteps + 1);
    if (step > 0 && step < steps && (shown.empty() || shown.back() < step)) shown.push_back(step);
  }
  return shown;
}

}  // namespace

cv::Mat DrawSegments(const SimplifyDetail& detail, ChannelOrder order) {
  constexpr double kOpaque = 0.6;
  const at::Tensor& masks = detail.segmentation.masks;
  at::Tensor colors = at::empty({masks.size(0), 3}, at::kFloat);
  for (int64_t s = 0; s < masks.size(0); ++s) {
    const cv::Vec3b color = DistinctColor(static_cast<int>(s));
    for (int c = 0; c < 3; ++c) colors[s][c].fill_(static_cast<double>(color[c]));
  }
  const at::Tensor mixed =
      at::matmul(colors.t(), masks.flatten(1)).view({3, masks.size(1), masks.size(2)});
  cv::Mat overlay, grey;
  MatFromTensor(mixed.round()).convertTo(overlay, CV_8U);
  cv::cvtColor(PictureOf(detail.values, order), grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, grey, cv::COLOR_GRAY2BGR);
  cv::addWeighted(overlay, kOpaque, grey, 1 - kOpaque, 0, overlay);
  return overlay;
}

cv::Mat DrawStrip(const SimplifiedImage& image, const SimplifyDetail& detail, const Model& model) {
  const MinimalImage& minimal = image.minimal;
  std::vector<cv::Mat> row;
  const auto add = [&](const cv::Mat& picture, const std::string& text) {
    row.push_back(Captioned(ScaledForStrip(picture), text));
  };
  const auto after = [&](size_t steps) {
    const at::Tensor values = ImageAfter(detail.values, detail.bases, minimal.steps, steps);
    return PictureOf(values.round().clamp(0, 255), model.input.order);
  };
  const auto probability = [&](size_t steps) {
    return steps == 0 ? minimal.probability : minimal.steps[steps - 1].probability;
  };
  add(after(0), fmt::format("p = {:.3f}", probability(0)));
  add(DrawSegments(detail, model.input.order), fmt::format("{} segments", image.segments.size()));
  for (size_t steps : MiddleSteps(minimal.steps.size())) {
    add(after(steps), fmt::format("{} removed, p = {:.3f}", steps, probability(steps)));
  }
  const size_t steps = minimal.steps.size();
  add(after(steps), fmt::format("{} removed, p = {:.3f}", steps, probability(steps)));
  const std::string title = fmt::format("{}: {} of {} segments kept, {:.1f}% of the pixels",
                                        ClassName(model, image.target), minimal.kept.size(),
                                        image.segments.size(), 100 * image.kept_fraction());
  return Framed(Captioned(Row(row), title, 17));
}

Drawing DrawProbabilities(const SimplifiedImage& image, const Model& model) {
  const MinimalImage& minimal = image.minimal;
  Plot plot;
  plot.title = "Probability of " + ClassName(model, image.target);
  plot.x = fmt::format("segments removed, of {}", image.segments.size());
  plot.y = "probability";
  plot.x_high = static_cast<double>(std::max<size_t>(minimal.steps.size(), 1));
  std::vector<cv::Point2d> points = {{0, minimal.probability}};
  for (const Removal& step : minimal.steps) {
    points.emplace_back(static_cast<double>(points.size()), step.probability);
  }
  plot.curves.push_back({std::move(points), SeriesColor(0), ""});
  return DrawPlot(std::move(plot));
}

}  // namespace netdissect
