#include "report/field_comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "base/json_number.h"
#include "netdissect/base/error.h"
#include "study/correlation.h"

namespace netdissect {
namespace {

// Of the units that are not silent.
std::map<int, double> SizesOf(const LayerFields& layer) {
  std::map<int, double> sizes;
  for (const UnitField& unit : layer.units) {
    if (!unit.silent) sizes[unit.unit] = unit.size;
  }
  return sizes;
}

// A layer as rf.json has it, of which sizes alone are known.
LayerFields LayerFrom(const Json& json, const LayerFields& measured, double threshold) {
  const double stored = json.at("threshold").get<double>();
  if (std::abs(stored - threshold) > 1e-12) {
    Fail("layer {}: expected sizes at the threshold {}, found {}", measured.name, threshold,
         stored);
  }
  LayerFields layer;
  layer.name = measured.name;
  layer.theoretical = measured.theoretical;
  for (const Json& unit : json.at("units")) {
    UnitField& field = layer.units.emplace_back();
    field.unit = WholeNumber<int>(unit.at("unit"));
    field.silent = unit.at("size").is_null();
    if (!field.silent) field.size = unit.at("size").get<double>();
  }
  return layer;
}

NetworkFields FieldsFrom(const Path& file, const NetworkFields& measured,
                         const std::string& network_digest, double threshold) {
  NetworkFields fields;
  fields.network = measured.network;
  fields.method = OtherMethod(measured.method);
  const Json json = ReadJson(file);
  try {
    const auto digest = json.at("netdissect").at("network").at("digest").get<std::string>();
    if (digest != network_digest) {
      Fail("expected fields of the network with digest {}, found {}", network_digest, digest);
    }
    if (!json.contains("layers") && json.contains("value")) return fields;  // of one picture
    const Json& layers = json.at("layers");
    if (!layers.is_object()) Fail("key \"layers\": expected an object, found {}", Shown(layers));
    for (const LayerFields& layer : measured.layers) {
      if (!layers.contains(layer.name)) continue;
      fields.layers.push_back(LayerFrom(layers[layer.name], layer, threshold));
    }
  } catch (const nlohmann::json::exception& error) {
    Fail("expected receptive fields as `rf` writes them: {}", error.what());
  }
  return fields;
}

}  // namespace

std::vector<FieldAgreement> CompareFields(const NetworkFields& a, const NetworkFields& b) {
  std::vector<FieldAgreement> agreements;
  for (const LayerFields& layer : a.layers) {
    for (const LayerFields& other : b.layers) {
      if (other.name != layer.name) continue;
      const std::map<int, double> others = SizesOf(other);
      Series x, y;
      for (const auto& [unit, size] : SizesOf(layer)) {
        const auto found = others.find(unit);
        if (found == others.end()) continue;
        x.push_back(size);
        y.push_back(found->second);
      }
      FieldAgreement agreement{layer.name, static_cast<int>(x.size()), std::nullopt};
      if (x.size() >= 2) agreement.rank_correlation = Spearman(x, y);
      agreements.push_back(std::move(agreement));
    }
  }
  return agreements;
}

Json ComparisonJson(const NetworkFields& measured, const NetworkFields& other) {
  Json layers = Json::object();
  for (const FieldAgreement& agreement : CompareFields(measured, other)) {
    const auto& rho = agreement.rank_correlation;
    layers[agreement.name] = {{"units", agreement.units},
                              {"rank_correlation", rho ? Json(*rho) : Json()}};
  }
  return {{"method", MethodName(other.method)}, {"layers", std::move(layers)}};
}

std::optional<NetworkFields> ReadOtherFields(const RunFiles& files, const NetworkFields& measured,
                                             const std::string& network_digest, double threshold,
                                             Observer& observer) {
  const Path file = files.Result(FieldsBy(OtherMethod(measured.method)));
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  try {
    NetworkFields other = FieldsFrom(file, measured, network_digest, threshold);
    if (other.layers.empty()) return std::nullopt;
    return other;
  } catch (const Error& error) {
    const std::string what = error.what();
    const bool named = what.find(file.string()) != std::string::npos;
    observer.Warning(
        fmt::format("{}{}: left out of table2", named ? "" : file.string() + ": ", what));
    return std::nullopt;
  }
}

}  // namespace netdissect
