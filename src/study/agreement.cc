#include "study/agreement.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <string>

namespace netdissect {
namespace {

// The items that two or more rated; the others are counted.
std::vector<std::vector<double>> PairedItems(const RatingTable& ratings, Agreement& agreement) {
  std::vector<std::vector<double>> items;
  for (const std::vector<int>& counts : ratings) {
    const int raters = std::accumulate(counts.begin(), counts.end(), 0);
    agreement.left_out += raters == 1 ? 1 : 0;
    if (raters >= 2) items.emplace_back(counts.begin(), counts.end());
  }
  agreement.items = static_cast<int64_t>(items.size());
  return items;
}

// n_c
std::vector<double> CategorySums(const std::vector<std::vector<double>>& items) {
  std::vector<double> sums;
  for (const std::vector<double>& counts : items) {
    sums.resize(std::max(sums.size(), counts.size()));
    for (size_t c = 0; c < counts.size(); ++c) sums[c] += counts[c];
  }
  return sums;
}

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Share of the images shown of which both say the same; none where it is not known.
std::optional<double> SameCrossed(const UnitAnswer& a, const UnitAnswer& b) {
  if (!a.crossed || !b.crossed || a.shown != b.shown || a.shown == 0) return std::nullopt;
  std::vector<int> differ;
  std::set_symmetric_difference(a.crossed->begin(), a.crossed->end(), b.crossed->begin(),
                                b.crossed->end(), std::back_inserter(differ));
  return 1 - static_cast<double>(differ.size()) / a.shown;
}

RatingTable GroupRatings(const std::vector<LayerLabels>& layers) {
  std::map<std::string, size_t> categories;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) {
      for (const UnitAnswer& answer : unit.answers) {
        categories.emplace(answer.group, categories.size());
      }
    }
  }
  RatingTable ratings;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) {
      std::vector<int>& counts = ratings.emplace_back(categories.size(), 0);
      for (const UnitAnswer& answer : unit.answers) ++counts[categories.at(answer.group)];
    }
  }
  return ratings;
}

}  // namespace

Agreement FleissKappa(const RatingTable& ratings) {
  Agreement kappa;
  const auto items = PairedItems(ratings, kappa);
  const std::vector<double> sums = CategorySums(items);
  const double all = Sum(sums);
  double observed = 0, chance = 0;
  for (const std::vector<double>& counts : items) {
    const double raters = Sum(counts);
    double agreeing = 0;
    for (const double count : counts) agreeing += count * (count - 1);
    observed += agreeing / (raters * (raters - 1)) / static_cast<double>(items.size());
  }
  for (const double sum : sums) chance += sum / all * (sum / all);
  // One category holds all: they could not have disagreed.
  const bool is_one = std::count_if(sums.begin(), sums.end(), [](double s) { return s > 0; }) < 2;
  if (!is_one) kappa.value = (observed - chance) / (1 - chance);
  return kappa;
}

Agreement KrippendorffAlpha(const RatingTable& ratings) {
  Agreement alpha;
  const auto items = PairedItems(ratings, alpha);
  const std::vector<double> sums = CategorySums(items);
  const double all = Sum(sums);
  double observed = 0, chance = 0;
  for (const std::vector<double>& counts : items) {
    const double raters = Sum(counts);
    for (const double count : counts) observed += count * (raters - count) / (raters - 1);
  }
  for (const double sum : sums) chance += sum * (all - sum);
  if (chance > 0) alpha.value = 1 - (all - 1) * observed / chance;
  return alpha;
}

Agreement CrossedAgreement(const std::vector<LayerLabels>& layers) {
  Agreement crossed;
  double sum = 0;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) {
      double same = 0;
      int pairs = 0;
      for (size_t a = 0; a < unit.answers.size(); ++a) {
        for (size_t b = a + 1; b < unit.answers.size(); ++b) {
          const std::optional<double> both = SameCrossed(unit.answers[a], unit.answers[b]);
          if (both) ++pairs;
          same += both.value_or(0);
        }
      }
      crossed.left_out += pairs == 0 && !unit.answers.empty() ? 1 : 0;
      if (pairs == 0) continue;
      ++crossed.items;
      sum += same / pairs;
    }
  }
  if (crossed.items > 0) crossed.value = sum / static_cast<double>(crossed.items);
  return crossed;
}

LabelAgreement AgreementOf(const std::vector<LayerLabels>& layers) {
  const RatingTable groups = GroupRatings(layers);
  return {FleissKappa(groups), KrippendorffAlpha(groups), CrossedAgreement(layers)};
}

}  // namespace netdissect
