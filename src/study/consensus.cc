#include "study/consensus.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "data/object_names.h"

namespace netdissect {
namespace {

struct Winner {
  std::string name;
  bool by_majority = false;
};

// Most votes, then the higher precision, then the alphabet.
template <typename NameOf>
Winner MostNamed(const std::vector<UnitAnswer>& answers, const NameOf& name_of) {
  struct Votes {
    int count = 0;
    double precision = 0;  // sum
  };
  std::map<std::string, Votes> votes;
  for (const UnitAnswer& answer : answers) {
    Votes& name = votes[name_of(answer)];
    ++name.count;
    name.precision += answer.precision;
  }
  const auto rank = [](const Votes& v) { return std::make_pair(v.count, v.precision); };
  const auto best = std::max_element(  // the first of equals
      votes.begin(), votes.end(),
      [&](const auto& a, const auto& b) { return rank(a.second) < rank(b.second); });
  if (best == votes.end()) return {};
  return {best->first, 2 * static_cast<size_t>(best->second.count) > answers.size()};
}

Winner LabelOf(const std::vector<UnitAnswer>& answers) {
  static const ObjectNames names;
  return MostNamed(answers,
                   [&](const UnitAnswer& answer) { return names.Normalize(answer.label); });
}

Winner GroupOf(const std::vector<UnitAnswer>& answers) {
  return MostNamed(answers, [](const UnitAnswer& answer) { return answer.group; });
}

struct Kept {
  int64_t count = 0, shown = 0;
};

// Nothing where the number shown is not known of all.
std::optional<Kept> KeptOf(const std::vector<UnitAnswer>& answers) {
  Kept kept;
  for (const UnitAnswer& answer : answers) {
    if (answer.shown == 0) return std::nullopt;
    kept.count += std::llround(answer.precision * answer.shown);
    kept.shown += answer.shown;
  }
  return answers.empty() ? std::nullopt : std::optional(kept);
}

double PrecisionOf(const std::vector<UnitAnswer>& answers) {
  if (const std::optional<Kept> kept = KeptOf(answers)) {
    return static_cast<double>(kept->count) / static_cast<double>(kept->shown);
  }
  double sum = 0;
  for (const UnitAnswer& answer : answers) sum += answer.precision;
  return sum / static_cast<double>(answers.size());
}

const UnitLabel* TruthOf(const UnitLabel& unit) {
  if (unit.source == LabelSource::kGroundTruth) return &unit;
  return unit.ground_truth.empty() ? nullptr : &unit.ground_truth.front();
}

template <typename Item, typename Is>
Item* FindIn(std::vector<Item>& items, const Is& is) {
  const auto found = std::find_if(items.begin(), items.end(), is);
  return found == items.end() ? nullptr : &*found;
}

void AddTruth(const UnitLabel& truth, LayerLabels& layer) {
  UnitLabel* unit =
      FindIn(layer.units, [&](const UnitLabel& each) { return each.unit == truth.unit; });
  if (unit == nullptr) {
    layer.units.push_back(truth);
  } else if (unit->answers.empty()) {
    *unit = truth;
  } else {
    unit->ground_truth = {truth};
  }
}

}  // namespace

UnitLabel Consensus(int unit, std::vector<UnitAnswer> answers) {
  UnitLabel label;
  label.unit = unit;
  label.source = LabelSource::kPeople;
  label.annotators = static_cast<int>(answers.size());
  label.label = LabelOf(answers).name;
  label.group = GroupOf(answers).name;
  if (!answers.empty()) label.precision = PrecisionOf(answers);
  label.answers = std::move(answers);
  return label;
}

std::optional<ProportionInterval> PrecisionInterval(const std::vector<UnitAnswer>& answers) {
  const std::optional<Kept> kept = KeptOf(answers);
  if (!kept) return std::nullopt;
  return WilsonInterval(kept->count, kept->shown);
}

Doubt DoubtOf(const std::vector<UnitAnswer>& answers) {
  Doubt doubt;
  if (answers.empty()) return doubt;
  doubt.label = !LabelOf(answers).by_majority;
  doubt.group = !GroupOf(answers).by_majority;
  const auto [least, most] = std::minmax_element(
      answers.begin(), answers.end(),
      [](const UnitAnswer& a, const UnitAnswer& b) { return a.precision < b.precision; });
  doubt.spread = most->precision - least->precision;
  return doubt;
}

void AddGroundTruth(const std::vector<LayerLabels>& truth, std::vector<LayerLabels>& labels) {
  for (const LayerLabels& from : truth) {
    LayerLabels* layer =
        FindIn(labels, [&](const LayerLabels& each) { return each.name == from.name; });
    for (const UnitLabel& unit : from.units) {
      const UnitLabel* said = TruthOf(unit);
      if (said == nullptr) continue;
      if (layer == nullptr) layer = &labels.emplace_back(LayerLabels{from.name, {}});
      AddTruth(*said, *layer);
    }
    if (layer == nullptr) continue;
    std::stable_sort(layer->units.begin(), layer->units.end(),
                     [](const UnitLabel& a, const UnitLabel& b) { return a.unit < b.unit; });
  }
}

}  // namespace netdissect
