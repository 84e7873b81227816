#include "report/classify_report.h"

#include <fmt/format.h>

#include "base/json_writer.h"

namespace netdissect {

std::string ClassName(const Model& model, int index) {
  const auto i = static_cast<size_t>(index);
  return i < model.classes.size() ? model.classes[i] : fmt::format("class {}", index);
}

std::string ScoreText(double score, bool is_probability) {
  return is_probability ? fmt::format("{:6.2f}%", 100 * score) : fmt::format("{:9.4f}", score);
}

void WriteClassified(std::ostream& out, const Provenance& provenance, const ClassifyResult& result,
                     const Model& model, const Dataset& set) {
  JsonWriter json(out);
  json.BeginObject().Member("netdissect", ToJson(provenance));
  json.Member("top1", result.top1).Member("top5", result.top5);
  json.Member("images", result.counted).Member("left_out", result.left_out);
  json.Member("skipped", ToJson(result.skipped)).Key("predictions").BeginArray();
  for (const Prediction& prediction : result.predictions) {
    json.Compact().BeginObject();
    json.Member("image", set.images[static_cast<size_t>(prediction.image)].name);
    json.Member("target", prediction.target).Key("classes").BeginArray();
    for (const RankedClass& c : prediction.ranked) {
      json.BeginObject().Member("class", c.index).Member("name", ClassName(model, c.index));
      json.Member("score", c.score).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject().Finish();
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
