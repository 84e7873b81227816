#include "report/consensus_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "study/consensus.h"

namespace netdissect {
namespace {

Json ValueJson(const Agreement& agreement) {
  return agreement.value ? Json(*agreement.value) : Json(nullptr);
}

std::string ValueText(const Agreement& agreement) {
  return agreement.value ? fmt::format("{:.3f}", *agreement.value) : "";
}

std::string Each(const UnitLabel& unit, std::string (*text)(const UnitAnswer&)) {
  std::vector<std::string> words;
  for (const UnitAnswer& answer : unit.answers) words.push_back(text(answer));
  return Join(words, " | ");
}

std::string Reasons(const Doubt& doubt) {
  std::vector<std::string> reasons;
  if (doubt.label) reasons.emplace_back("label");
  if (doubt.group) reasons.emplace_back("group");
  if (doubt.precision()) reasons.emplace_back("precision");
  return Join(reasons);
}

}  // namespace

Json ToJson(const LabelAgreement& agreement) {
  return {{"kappa", ValueJson(agreement.kappa)},     {"alpha", ValueJson(agreement.alpha)},
          {"crossed", ValueJson(agreement.crossed)}, {"units", agreement.kappa.items},
          {"single", agreement.kappa.left_out},      {"crossed_units", agreement.crossed.items}};
}

Json ToJson(const AnswerCounts& counts) {
  return {{"given", counts.given},         {"taken", counts.taken},
          {"replaced", counts.replaced},   {"skipped", counts.skipped},
          {"uncrossed", counts.uncrossed}, {"repeated", counts.repeated}};
}

Table AgreementTable(const std::vector<NamedAgreement>& agreements) {
  Table table;
  table.header = {"agreement", "units", "Fleiss' kappa", "Krippendorff's alpha", "crossed images"};
  for (const NamedAgreement& each : agreements) {
    table.rows.push_back({each.name, fmt::format("{}", each.agreement.kappa.items),
                          ValueText(each.agreement.kappa), ValueText(each.agreement.alpha),
                          ValueText(each.agreement.crossed)});
  }
  return table;
}

Table SecondLookTable(const std::vector<LayerLabels>& layers, size_t count) {
  struct Entry {
    const LayerLabels* layer;
    const UnitLabel* unit;
    Doubt doubt;
  };
  std::vector<Entry> entries;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) {
      const Doubt doubt = DoubtOf(unit.answers);
      if (doubt.any()) entries.push_back({&layer, &unit, doubt});
    }
  }
  const auto rank = [](const Entry& entry) {
    const int reasons = static_cast<int>(entry.doubt.label) + static_cast<int>(entry.doubt.group) +
                        static_cast<int>(entry.doubt.precision());
    return std::make_pair(-reasons, -entry.doubt.spread);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return rank(a) < rank(b); });
  if (count > 0) entries.resize(std::min(entries.size(), count), {nullptr, nullptr, {}});
  Table table;
  table.header = {"layer", "unit", "disagree on", "label", "labels", "groups", "precisions"};
  for (const Entry& entry : entries) {
    const UnitLabel& unit = *entry.unit;
    table.rows.push_back({entry.layer->name, fmt::format("{}", unit.unit), Reasons(entry.doubt),
                          unit.label,
                          Each(unit, [](const UnitAnswer& answer) { return answer.label; }),
                          Each(unit, [](const UnitAnswer& answer) { return answer.group; }),
                          Each(unit, [](const UnitAnswer& answer) {
                            return fmt::format("{:.0f}%", 100 * answer.precision);
                          })});
  }
  return table;
}

int64_t CountDoubts(const std::vector<LayerLabels>& layers) {
  int64_t count = 0;
  for (const LayerLabels& layer : layers) {
    count += std::count_if(layer.units.begin(), layer.units.end(),
                           [](const UnitLabel& unit) { return DoubtOf(unit.answers).any(); });
  }
  return count;
}

}  // namespace netdissect
