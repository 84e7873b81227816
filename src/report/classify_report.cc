#include "netdissect/report/classify_report.h"

#include <spdlog/fmt/fmt.h>

#include "netdissect/report/provenance.h"

namespace netdissect {

std::string ClassName(const Model& model, int index) {
  const auto i = static_cast<size_t>(index);
  return i < model.classes.size() ? model.classes[i] : fmt::format("class {}", index);
}

Json ToJson(const ClassifyResult& result, const Model& model, const Dataset& set) {
  Json predictions = Json::array();
  for (const Prediction& prediction : result.predictions) {
    Json ranked = Json::array();
    for (const RankedClass& c : prediction.ranked) {
      ranked.push_back(
          {{"class", c.index}, {"name", ClassName(model, c.index)}, {"score", c.score}});
    }
    predictions.push_back({{"image", set.images[static_cast<size_t>(prediction.image)].name},
                           {"target", prediction.target},
                           {"classes", ranked}});
  }
  return {{"top1", result.top1},
          {"top5", result.top5},
          {"images", result.counted},
          {"left_out", result.left_out},
          {"skipped", ToJson(result.skipped)},
          {"predictions", predictions}};
}

Table PredictionTable(const ClassifyResult& result, const Model& model, const Dataset& set) {
  Table table;
  table.header = {"image", "target"};
  const size_t ranks = result.predictions.empty() ? 0 : result.predictions[0].ranked.size();
  for (size_t i = 1; i <= ranks; ++i) {
    table.header.push_back(fmt::format("class{}", i));
    table.header.push_back(fmt::format("score{}", i));
  }
  for (const Prediction& prediction : result.predictions) {
    std::vector<std::string> row = {
        set.images[static_cast<size_t>(prediction.image)].name,
        prediction.target < 0 ? "" : ClassName(model, prediction.target)};
    for (const RankedClass& c : prediction.ranked) {
      row.push_back(ClassName(model, c.index));
      row.push_back(fmt::format("{:.6f}", c.score));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace netdissect
