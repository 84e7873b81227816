#include "report/field_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/field_comparison.h"
#include "report/sensitivity_report.h"

namespace netdissect {
namespace {

std::string PlusMinus(const LayerFields& layer) {
  if (std::isnan(layer.Mean())) return "-";
  if (std::isnan(layer.Deviation())) return fmt::format("{:.1f}", layer.Mean());
  return fmt::format("{:.1f} +- {:.1f}", layer.Mean(), layer.Deviation());
}

std::string TheoreticalSize(const LayerFields& layer) {
  const int64_t y = layer.theoretical.y.size(), x = layer.theoretical.x.size();
  return y == x ? fmt::format("{}", y) : fmt::format("{}x{}", y, x);
}

// 95%, by the normal approximation to the bootstrap.
Json SizeInterval(const UnitField& unit) {
  if (unit.silent) return {};
  const double reach = 1.959964 * unit.deviation;
  return {std::max(0.0, unit.size - reach), unit.size + reach};
}

// Whether row n is of gradients, the one before it of the same network by occlusion.
bool FollowsOcclusion(const std::vector<NetworkFields>& networks, size_t n) {
  return n > 0 && n < networks.size() && networks[n].method == FieldMethod::kGradient &&
         networks[n - 1].method == FieldMethod::kOcclusion &&
         networks[n - 1].network == networks[n].network;
}

// "0.87 (16 units)"
std::string AgreementText(const FieldAgreement& agreement) {
  const auto& rho = agreement.rank_correlation;
  return rho ? fmt::format("{:.2f} ({} units)", *rho, agreement.units) : "-";
}

}  // namespace

std::string MeasureText(FieldMethod method, Discrepancy discrepancy) {
  if (method == FieldMethod::kGradient) return "mean over channels of |d activation / d input|";
  return discrepancy == Discrepancy::kDrop ? "max(0, original - occluded)"
                                           : "|occluded - original|";
}

Json ToJson(const LayerFields& layer, const FieldOptions& options,
            const OcclusionOptions& occlusion, const ImageSets& images, FieldMethod method) {
  Json units = Json::array();
  int silent = 0;
  for (const UnitField& unit : layer.units) {
    Json used = Json::array();
    for (const UnitResponse& response : unit.images) {
      used.push_back({{"image", images[response.image].name},
                      {"value", response.value},
                      {"y", response.y},
                      {"x", response.x}});
    }
    silent += unit.silent ? 1 : 0;
    units.push_back({{"unit", unit.unit},
                     {"size", unit.silent ? Json() : Json(unit.size)},
                     {"interval", SizeInterval(unit)},
                     {"images", std::move(used)}});
  }
  const AxisField &y = layer.theoretical.y, &x = layer.theoretical.x;
  return {{"theoretical_size", y.size() == x.size() ? Json(y.size()) : Json({y.size(), x.size()})},
          {"mean", layer.Mean()},
          {"std", layer.Deviation()},
          {"threshold", options.threshold},
          {"discrepancy", MeasureText(method, options.discrepancy)},
          {"stride", occlusion.stride},
          {"patch", occlusion.patch},
          {"k", options.k},
          {"silent_units", silent},
          {"sensitivity", SensitivityJson(layer, options.k)},
          {"map_origin", {layer.canvas_y.start - y.start, layer.canvas_x.start - x.start}},
          {"units", std::move(units)}};
}

Table FieldTable(const std::vector<NetworkFields>& networks) {
  Table table;
  table.header = {""};
  std::map<std::string, std::string> theoretical;
  bool agree = true;     // one row of theoretical sizes for all networks
  bool by_name = false;  // rows say their methods
  for (const NetworkFields& network : networks) {
    by_name = by_name || network.method == FieldMethod::kGradient;
    for (const LayerFields& layer : network.layers) {
      const auto [known, added] = theoretical.emplace(layer.name, TheoreticalSize(layer));
      if (added) table.header.push_back(layer.name);
      agree = agree && known->second == TheoreticalSize(layer);
    }
  }
  const auto add_row = [&](const std::string& title, const auto& cell_of_name) {
    std::vector<std::string> row = {title};
    for (size_t i = 1; i < table.header.size(); ++i) row.push_back(cell_of_name(table.header[i]));
    table.rows.push_back(std::move(row));
  };
  if (agree && !networks.empty()) {
    add_row("theoretical", [&](const std::string& name) { return theoretical.at(name); });
  }
  for (size_t n = 0; n < networks.size(); ++n) {
    const NetworkFields& network = networks[n];
    const auto add = [&](const std::string& title, const auto& layers, const auto& cell) {
      add_row(title, [&](const std::string& name) -> std::string {
        for (const auto& layer : layers) {
          if (layer.name == name) return cell(layer);
        }
        return "-";
      });
    };
    if (!agree && !FollowsOcclusion(networks, n)) {
      std::vector<LayerFields> layers = network.layers;
      if (FollowsOcclusion(networks, n + 1)) {
        const std::vector<LayerFields>& more = networks[n + 1].layers;
        layers.insert(layers.end(), more.begin(), more.end());
      }
      add(network.network + ", theoretical", layers, TheoreticalSize);
    }
    add(network.network + (by_name ? ", " + MethodName(network.method) : ""), network.layers,
        PlusMinus);
    if (FollowsOcclusion(networks, n)) {
      add(network.network + ", rank correlation", CompareFields(networks[n - 1], network),
          AgreementText);
    }
  }
  return table;
}

}  // namespace netdissect
