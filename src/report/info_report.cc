#include "report/info_report.h"

#include <fmt/format.h>

namespace netdissect {
namespace {

template <typename Value>
Json OneOrBoth(Value y, Value x) {
  return y == x ? Json(y) : Json({y, x});
}

template <typename Value>
std::string TextOf(Value y, Value x) {
  return y == x ? fmt::format("{}", y) : fmt::format("{}x{}", y, x);
}

}  // namespace

Json ToJson(const ReceptiveField& field) {
  return {{"size", OneOrBoth(field.y.size(), field.x.size())},
          {"stride", OneOrBoth(field.y.stride, field.x.stride)},
          {"offset", OneOrBoth(field.y.offset(), field.x.offset())}};
}

Json ToJson(const std::vector<LayerSummary>& layers) {
  Json list = Json::array();
  for (const LayerSummary& layer : layers) {
    list.push_back({{"name", layer.name},
                    {"type", layer.type},
                    {"units", layer.shape.units},
                    {"height", layer.shape.height},
                    {"width", layer.shape.width},
                    {"receptive_field", ToJson(layer.field)},
                    {"parameters", layer.parameters},
                    {"macs", layer.macs}});
  }
  return list;
}

Json ToJson(const std::vector<UnreadPart>& unread) {
  Json list = Json::array();
  for (const UnreadPart& part : unread) {
    list.push_back({{"from", part.from}, {"why", part.why}, {"names", part.names}});
  }
  return list;
}

Table ToTable(const std::vector<LayerSummary>& layers) {
  Table table;
  table.header = {"layer", "type",   "units",  "height",     "width",
                  "field", "stride", "offset", "parameters", "multiply-adds"};
  int64_t parameters = 0, macs = 0;
  for (const LayerSummary& layer : layers) {
    const ReceptiveField& field = layer.field;
    table.rows.push_back(
        {layer.name, layer.type, fmt::format("{}", layer.shape.units),
         fmt::format("{}", layer.shape.height), fmt::format("{}", layer.shape.width),
         TextOf(field.y.size(), field.x.size()), TextOf(field.y.stride, field.x.stride),
         TextOf(field.y.offset(), field.x.offset()), fmt::format("{}", layer.parameters),
         fmt::format("{}", layer.macs)});
    parameters += layer.parameters;
    macs += layer.macs;
  }
  table.rows.push_back({"total", "", "", "", "", "", "", "", fmt::format("{}", parameters),
                        fmt::format("{}", macs)});
  return table;
}

}  // namespace netdissect
