#include "study/semantics.h"

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kObject[] = "object";

UnitMean MeanOf(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  UnitMean mean;
  mean.units = static_cast<int>(values.size());
  for (const double value : values) mean.value += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean.value) * (value - mean.value);
  if (mean.units > 1) mean.error = std::sqrt(squares / (n - 1) / n);
  return mean;
}

}  // namespace

LayerSemantics SemanticsOf(const LayerLabels& layer, const Taxonomy& taxonomy,
                           const std::string& where) {
  LayerSemantics semantics;
  semantics.name = layer.name;
  semantics.units = static_cast<int>(layer.units.size());
  semantics.groups.resize(taxonomy.groups.size());
  std::vector<double> precisions;
  for (const UnitLabel& unit : layer.units) {
    if (unit.label.empty()) {
      ++semantics.no_label;
      continue;
    }
    if (unit.precision) precisions.push_back(*unit.precision);
    const auto count = [&](std::string group, double share) {
      if (group.empty() && unit.source == LabelSource::kGroundTruth) group = kObject;
      const SemanticGroup& found =
          taxonomy.Get(group, fmt::format("{}: layer {}: unit {}", where, layer.name, unit.unit));
      semantics.groups[static_cast<size_t>(&found - taxonomy.groups.data())] += share;
    };
    if (unit.answers.empty()) count(unit.group, 1);
    for (const UnitAnswer& answer : unit.answers) {
      count(answer.group, 1 / static_cast<double>(unit.answers.size()));
    }
  }
  if (!precisions.empty()) semantics.precision = MeanOf(precisions);
  return semantics;
}

std::vector<double> LevelsOf(const std::vector<double>& groups, const Taxonomy& taxonomy) {
  const std::vector<std::string>& names = SemanticLevels();
  std::vector<double> levels(names.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto level = std::find(names.begin(), names.end(), taxonomy.groups[i].level);
    levels[static_cast<size_t>(level - names.begin())] += groups[i];
  }
  return levels;
}

}  // namespace netdissect
