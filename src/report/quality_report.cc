#include "report/quality_report.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "netdissect/base/error.h"
#include "report/palette.h"
#include "report/plot.h"
#include "report/provenance.h"
#include "report/segment_report.h"

namespace netdissect {
namespace {

Json OrNull(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

std::string ThreeDigits(double value) {
  return std::isnan(value) ? "" : fmt::format("{:.3f}", value);
}

Json UnitJson(const UnitQuality& unit) {
  return {{"unit", unit.unit},
          {"label", unit.label},
          {"largest", unit.largest},
          {"images", unit.images},
          {"ap", OrNull(unit.ap)},
          {"chance", OrNull(unit.chance)},
          {"jaccard", OrNull(unit.jaccard)},
          {"best_jaccard", OrNull(unit.best_jaccard)},
          {"best_threshold", unit.best_threshold},
          {"half_threshold", unit.half_threshold},
          {"half_jaccard", OrNull(unit.half_jaccard)},
          {"held_out_jaccard", OrNull(unit.held_out_jaccard)}};
}

}  // namespace

Json ToJson(const UnitQualityResult& result, const QualityOptions& options) {
  Json layers = Json::object();
  for (const LayerQuality& layer : result.layers) {
    Json units = Json::array();
    for (const UnitQuality& unit : layer.units) units.push_back(UnitJson(unit));
    layers[layer.name] = {{"units", std::move(units)}};
  }
  Json objects = Json::array();
  double sum = 0;
  for (const ObjectQuality& object : result.objects) {
    sum += object.ap;
    objects.push_back({{"label", object.label},
                       {"layer", object.layer},
                       {"unit", object.unit},
                       {"units", object.units},
                       {"ap", object.ap},
                       {"jaccard", object.jaccard}});
  }
  const auto count = static_cast<double>(result.objects.size());
  return {{"annotated", result.annotated},
          {"unannotated", result.unannotated},
          {"out_of_view", result.out_of_view},
          {"skipped", ToJson(result.skipped)},
          {"seconds", result.seconds},
          {"threshold", options.threshold},
          {"levels", options.levels},
          {"unknown_labels", result.unknown},
          {"mean_ap", result.objects.empty() ? Json(nullptr) : Json(sum / count)},
          {"objects", std::move(objects)},
          {"layers", std::move(layers)}};
}

const UnitQuality& BestUnit(const UnitQualityResult& result, const ObjectQuality& object) {
  for (const LayerQuality& layer : result.layers) {
    if (layer.name != object.layer) continue;
    for (const UnitQuality& unit : layer.units) {
      if (unit.unit == object.unit) return unit;
    }
  }
  Fail("{}: expected unit {} of layer {}, found none", object.label, object.unit, object.layer);
}

Table ObjectTable(const UnitQualityResult& result) {
  Table table;
  table.header = {"object", "layer",   "unit",         "units",          "AP",
                  "chance", "Jaccard", "best Jaccard", "best threshold", "held out"};
  for (const ObjectQuality& object : result.objects) {
    const UnitQuality& unit = BestUnit(result, object);
    table.rows.push_back(
        {object.label, object.layer, fmt::format("{}", object.unit),
         fmt::format("{}", object.units), ThreeDigits(unit.ap), ThreeDigits(unit.chance),
         ThreeDigits(unit.jaccard), ThreeDigits(unit.best_jaccard),
         fmt::format("{:.2f}", unit.best_threshold), ThreeDigits(unit.held_out_jaccard)});
  }
  return table;
}

Table QualityTable(const UnitQualityResult& result) {
  Table table;
  table.header = {"layer",          "unit",         "label",
                  "images",         "ap",           "chance",
                  "jaccard",        "best_jaccard", "best_threshold",
                  "half_threshold", "half_jaccard", "held_out_jaccard"};
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{:.6g}", value);
  };
  for (const LayerQuality& layer : result.layers) {
    for (const UnitQuality& unit : layer.units) {
      table.rows.push_back({layer.name, fmt::format("{}", unit.unit), unit.label,
                            fmt::format("{}", unit.images), number(unit.ap), number(unit.chance),
                            number(unit.jaccard), number(unit.best_jaccard),
                            number(unit.best_threshold), number(unit.half_threshold),
                            number(unit.half_jaccard), number(unit.held_out_jaccard)});
    }
  }
  return table;
}

Drawing DrawCurves(const UnitQualityResult& result, size_t count) {
  Plot plot;
  plot.title = "Precision and recall of the best units";
  plot.x = "recall";
  plot.y = "precision";
  for (size_t i = 0; i < std::min(count, result.objects.size()); ++i) {
    const ObjectQuality& object = result.objects[i];
    PlotCurve curve;
    curve.name = fmt::format("{} {:.2f}", object.label, object.ap);
    curve.color = SeriesColor(i);
    for (const LevelHistogram::Point& point : BestUnit(result, object).curve) {
      curve.points.emplace_back(point.recall, point.precision);
    }
    plot.curves.push_back(std::move(curve));
  }
  return DrawPlot(std::move(plot));
}

Drawing DrawApHistogram(const UnitQualityResult& result) {
  constexpr int kBins = 20;
  std::vector<double> values;
  for (const ObjectQuality& object : result.objects) values.push_back(object.ap);
  Plot axes;
  axes.title = fmt::format("Average precision of {} objects", values.size());
  axes.x = "average precision of the best unit";
  axes.y = "objects";
  return DrawPlot(Histogram(std::move(axes), values, kBins, 0, 1));
}

cv::Mat QualityTile(const cv::Mat& picture, const cv::Mat& mask, const cv::Mat& truth) {
  cv::Mat tile = SegmentTile(picture, mask), enlarged;
  cv::resize(truth, enlarged, tile.size(), 0, 0, cv::INTER_NEAREST);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(enlarged, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
  cv::drawContours(tile, contours, -1, OutlineColor(), 1, cv::LINE_8);
  return tile;
}

}  // namespace netdissect
