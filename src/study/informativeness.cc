#include "study/informativeness.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr double kRounding = 1e-12;  // scores that differ by less are equal

// p log2(p / q), with its limit.
double Information(double p, double q) { return p > 0 ? p * std::log2(p / q) : 0; }

// Images that have the object and are of the category, have it, are of the category, and all.
struct Counts {
  double both, object, category, all;
};

double MutualInformation(const Counts& n) {
  if (n.both * n.all <= n.object * n.category) return 0;
  const double o = n.object / n.all, c = n.category / n.all, oc = n.both / n.all;
  return Information(oc, o * c) + Information(o - oc, o * (1 - c)) +
         Information(c - oc, (1 - o) * c) + Information(1 - o - c + oc, (1 - o) * (1 - c));
}

double PresenceAp(const Counts& n) {
  const double recall = n.both / n.category;
  return (n.object > 0 ? recall * n.both / n.object : 0) + (1 - recall) * n.category / n.all;
}

double Score(InformationMeasure measure, const Counts& counts, double area_ap) {
  switch (measure) {
    case InformationMeasure::kPresenceAp:
      return PresenceAp(counts);
    case InformationMeasure::kAreaAp:
      return area_ap;
    case InformationMeasure::kMutualInformation:
      return MutualInformation(counts);
    case InformationMeasure::kBestAp:
      break;
  }
  return std::max(area_ap, PresenceAp(counts));
}

}  // namespace

const std::vector<std::string>& InformationMeasureNames() {
  static const std::vector<std::string> names = {"best-ap", "presence-ap", "area-ap",
                                                 "mutual-information"};
  return names;
}

InformationMeasure InformationMeasureOf(const std::string& name) {
  const auto& names = InformationMeasureNames();
  const auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) {
    Fail("expected a measure of informativeness ({}), found {}", Join(names), name);
  }
  return static_cast<InformationMeasure>(place - names.begin());
}

std::string NameOf(InformationMeasure measure) {
  return InformationMeasureNames()[static_cast<size_t>(measure)];
}

void InformativenessOptions::Validate() const {
  if (min_category < 1) {
    Fail("expected at least 1 image for a category, found {}", min_category);
  }
}

Informativeness::Informativeness(const ObjectCensus& census, std::vector<bool> taken,
                                 const InformativenessOptions& options)
    : census_(census), taken_(std::move(taken)), options_(options) {
  options.Validate();
  std::vector<int64_t> images(census.categories.size());
  for (const CensusImage& image : census.images) {
    if (image.category >= 0) ++images[static_cast<size_t>(image.category)];
  }
  place_.assign(images.size(), -1);
  for (size_t c = 0; c < images.size(); ++c) {
    if (images[c] < options.min_category) {
      left_out_.push_back(static_cast<int>(c));
    } else {
      place_[c] = static_cast<int>(kept_.size());
      kept_.push_back(static_cast<int>(c));
    }
  }
  if (kept_.size() < 2) {
    Fail(
        "expected at least 2 categories with {} or more annotated images, which objects can tell "
        "apart, found {} of {}",
        options.min_category, kept_.size(), images.size());
  }
  holders_.resize(census.objects.size());
  for (size_t i = 0; i < census.images.size(); ++i) {
    for (const ObjectOnImage& object : census.images[i].objects) {
      holders_[static_cast<size_t>(object.object)].push_back({static_cast<int>(i), object.share});
    }
  }
  for (auto& holders : holders_) {
    std::stable_sort(holders.begin(), holders.end(),
                     [](const Holder& a, const Holder& b) { return a.share > b.share; });
  }
}

Informativeness::Scores Informativeness::ScoreAll(const std::vector<int>& times) const {
  Scores scores;
  scores.categories = kept_;
  scores.images.assign(kept_.size(), 0);
  double all = 0;
  const auto place_of = [&](int image) {
    const int category = census_.images[static_cast<size_t>(image)].category;
    return category < 0 ? -1 : place_[static_cast<size_t>(category)];
  };
  for (size_t i = 0; i < times.size(); ++i) {
    const int place = place_of(static_cast<int>(i));
    if (place < 0) continue;  // images of no category, and of those left out, tell nothing
    scores.images[static_cast<size_t>(place)] += times[i];
    all += times[i];
  }
  const size_t objects = census_.objects.size(), categories = kept_.size();
  scores.values.assign(categories, std::vector<double>(objects, -1));
  std::vector<double> both(categories), area(categories), fresh(categories);
  for (size_t o = 0; o < objects; ++o) {
    if (!taken_[o]) continue;
    std::fill(both.begin(), both.end(), 0);
    std::fill(area.begin(), area.end(), 0);
    double seen = 0;
    const std::vector<Holder>& holders = holders_[o];
    size_t i = 0;
    // Images on which the object is as large, together. One that is hidden behind others is not
    // seen: by area it is not there.
    while (i < holders.size() && holders[i].share > 0) {
      std::vector<size_t> touched;
      for (const double share = holders[i].share; i < holders.size() && holders[i].share == share;
           ++i) {
        const int count = times[static_cast<size_t>(holders[i].image)];
        const int place = place_of(holders[i].image);
        if (count == 0 || place < 0) continue;
        const auto c = static_cast<size_t>(place);
        if (fresh[c] == 0) touched.push_back(c);
        fresh[c] += count;
        seen += count;
      }
      for (const size_t c : touched) {
        both[c] += fresh[c];
        area[c] += fresh[c] / static_cast<double>(scores.images[c]) * both[c] / seen;
        fresh[c] = 0;
      }
    }
    for (size_t c = 0; c < categories; ++c) {
      const auto of_category = static_cast<double>(scores.images[c]);
      if (of_category > 0) area[c] += (1 - both[c] / of_category) * of_category / all;
    }
    for (; i < holders.size(); ++i) {
      const int count = times[static_cast<size_t>(holders[i].image)];
      const int place = place_of(holders[i].image);
      if (place < 0) continue;
      both[static_cast<size_t>(place)] += count;
      seen += count;
    }
    for (size_t c = 0; c < categories; ++c) {
      const auto of_category = static_cast<double>(scores.images[c]);
      if (of_category == 0) continue;
      const Counts counts = {both[c], seen, of_category, all};
      scores.values[c][o] = Score(options_.measure, counts, area[c]);
    }
  }
  return scores;
}

double Informativeness::Chance(const Scores& scores, size_t category) const {
  if (options_.measure == InformationMeasure::kMutualInformation) return 0;
  const double all =
      static_cast<double>(std::accumulate(scores.images.begin(), scores.images.end(), int64_t{0}));
  return static_cast<double>(scores.images[category]) / all;
}

std::vector<CategoryObjects> Informativeness::BestObjects() const {
  constexpr size_t kBest = 3;
  const Scores scores = ScoreAll(std::vector<int>(census_.images.size(), 1));
  std::vector<CategoryObjects> result;
  for (size_t c = 0; c < scores.categories.size(); ++c) {
    CategoryObjects category{scores.categories[c], scores.images[c], {}};
    for (size_t o = 0; o < census_.objects.size(); ++o) {
      if (scores.values[c][o] > Chance(scores, c) + kRounding) {
        category.best.push_back({static_cast<int>(o), scores.values[c][o]});
      }
    }
    std::stable_sort(category.best.begin(), category.best.end(),
                     [](const ObjectScore& a, const ObjectScore& b) { return a.score > b.score; });
    category.best.resize(std::min(category.best.size(), kBest));
    result.push_back(std::move(category));
  }
  return result;
}

std::vector<double> Informativeness::Wins(const std::vector<int>& times) const {
  const Scores scores = ScoreAll(times);
  std::vector<double> wins(census_.objects.size());
  for (size_t c = 0; c < scores.categories.size(); ++c) {
    if (scores.images[c] == 0) continue;
    const auto best = std::max_element(scores.values[c].begin(), scores.values[c].end());
    if (best != scores.values[c].end() && *best > Chance(scores, c) + kRounding) {
      ++wins[static_cast<size_t>(best - scores.values[c].begin())];
    }
  }
  return wins;
}

}  // namespace netdissect
