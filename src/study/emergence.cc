#include "study/emergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "base/workers.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Streams of random numbers.
enum Draw : uint64_t { kImages = 1, kUnits, kPermutation };

// r(b, c), r(c, d), their difference, and r(c, d) given b.
using Four = std::array<std::optional<double>, 4>;

Four FourOf(const Series& b, const Series& c, const Series& d) {
  const auto bc = Pearson(b, c), cd = Pearson(c, d);
  const auto difference = bc && cd ? std::optional<double>(*cd - *bc) : std::nullopt;
  return {bc, cd, difference, PartialCorrelation(cd, bc, Pearson(b, d))};
}

Four FourOfRanks(const Series& b, const Series& c, const Series& d) {
  return FourOf(Ranks(b), Ranks(c), Ranks(d));
}

Series Standardised(const Series& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / n);
  Series result;
  for (const double value : values) {
    result.push_back(deviation > 0 ? (value - mean) / deviation : 0);
  }
  return result;
}

// What is left of y when its line over x is taken away.
Series Residuals(const Series& y, const Series& x) {
  const double r = Pearson(x, y).value_or(0);
  const Series sx = Standardised(x), sy = Standardised(y);
  Series rest;
  for (size_t i = 0; i < y.size(); ++i) rest.push_back(sy[i] - r * sx[i]);
  return rest;
}

// Two-sided p values of the four numbers.
Four PermutationTest(const Series& b, const Series& c, const Series& d,
                     const EmergenceOptions& options) {
  const Four observed = FourOf(b, c, d);
  const Series sb = Standardised(b), sd = Standardised(d), rest = Residuals(c, b);
  std::array<int, 4> as_large{};
  for (int sample = 0; sample < options.permutations; ++sample) {
    Random random(options.seed, kPermutation, sample);
    Series permuted = c, permuted_rest = rest, swapped_b = sb, swapped_d = sd;
    Shuffle(permuted, random);
    Shuffle(permuted_rest, random);
    for (size_t i = 0; i < sb.size(); ++i) {
      if (random.Below(2) == 1) std::swap(swapped_b[i], swapped_d[i]);
    }
    const Four by_chance = {Pearson(b, permuted), Pearson(permuted, d),
                            FourOf(swapped_b, c, swapped_d)[2], FourOf(b, permuted_rest, d)[3]};
    for (size_t i = 0; i < 4; ++i) {
      constexpr double kRounding = 1e-12;
      if (observed[i] && by_chance[i] &&
          std::abs(*by_chance[i]) >= std::abs(*observed[i]) - kRounding) {
        ++as_large[i];
      }
    }
  }
  Four p;
  for (size_t i = 0; i < 4; ++i) {
    if (observed[i]) p[i] = (1.0 + as_large[i]) / (1.0 + options.permutations);
  }
  return p;
}

// Frequency and wins of the objects taken, over images drawn again.
struct SeriesOfImages {
  Series frequency, informative;
};

class ObjectsTaken {
 public:
  ObjectsTaken(const ObjectCensus& census, const EmergenceOptions& options)
      : census_(census), images_(census.objects.size()) {
    for (const CensusImage& image : census.images) {
      for (const ObjectOnImage& object : image.objects) ++images_[Index(object.object)];
    }
    const Series frequency = Frequency(std::vector<int>(census.images.size(), 1));
    for (size_t o = 0; o < census.objects.size(); ++o) {
      if (images_[o] >= options.min_images) order_.push_back(static_cast<int>(o));
    }
    if (order_.size() < 2) {
      Fail("expected at least 2 objects on {} or more annotated images each, found {} of {}",
           options.min_images, order_.size(), census.objects.size());
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return frequency[Index(a)] > frequency[Index(b)]; });
  }

  const std::vector<int>& order() const { return order_; }
  int64_t images(int object) const { return images_[Index(object)]; }

  std::vector<bool> Flags() const {
    std::vector<bool> taken(census_.objects.size());
    for (const int object : order_) taken[Index(object)] = true;
    return taken;
  }

  // Values of all objects as those of the ones taken, in order.
  Series Ordered(const Series& all) const {
    Series values;
    for (const int object : order_) values.push_back(all[Index(object)]);
    return values;
  }

  SeriesOfImages Of(const Informativeness& informativeness, const std::vector<int>& times) const {
    return {Ordered(Frequency(times)), Ordered(informativeness.Wins(times))};
  }

 private:
  static size_t Index(int object) { return static_cast<size_t>(object); }

  Series Frequency(const std::vector<int>& times) const {
    Series frequency(census_.objects.size());
    for (size_t i = 0; i < times.size(); ++i) {
      for (const ObjectOnImage& object : census_.images[i].objects) {
        frequency[Index(object.object)] += times[i] * object.instances;
      }
    }
    return frequency;
  }

  const ObjectCensus& census_;
  std::vector<int64_t> images_;
  std::vector<int> order_;
};

std::vector<int> DrawAgain(size_t count, Random random) {
  std::vector<int> times(count);
  for (size_t i = 0; i < count; ++i) ++times[random.Below(count)];
  return times;
}

// A network's units by the place of their object among those taken; -1 = none.
std::vector<int> PlacesOf(const LabelledNetwork& network, const ObjectCensus& census,
                          const ObjectsTaken& taken, NetworkEmergence& result) {
  std::map<std::string, int> place_of, object_of;
  for (size_t i = 0; i < taken.order().size(); ++i) {
    place_of[census.objects[static_cast<size_t>(taken.order()[i])]] = static_cast<int>(i);
  }
  for (size_t o = 0; o < census.objects.size(); ++o) {
    object_of[census.objects[o]] = static_cast<int>(o);
  }
  std::map<std::string, UnmatchedLabel> unmatched;
  std::vector<int> places;
  for (const std::string& label : network.labels) {
    const auto known = place_of.find(label);
    places.push_back(known == place_of.end() ? -1 : known->second);
    if (known != place_of.end()) {
      ++result.labelled;
    } else if (label.empty()) {
      ++result.unlabelled;
    } else {
      const auto object = object_of.find(label);
      UnmatchedLabel& entry = unmatched[label];
      entry.label = label;
      entry.images = object == object_of.end() ? 0 : taken.images(object->second);
      ++entry.units;
    }
  }
  for (const auto& [label, entry] : unmatched) result.unmatched.push_back(entry);
  std::stable_sort(
      result.unmatched.begin(), result.unmatched.end(),
      [](const UnmatchedLabel& a, const UnmatchedLabel& b) { return a.units > b.units; });
  return places;
}

Series CountUnits(const std::vector<int>& places, size_t objects, const std::vector<int>& times) {
  Series units(objects);
  for (size_t u = 0; u < places.size(); ++u) {
    if (places[u] >= 0) units[static_cast<size_t>(places[u])] += times[u];
  }
  return units;
}

void Estimate(const EmergenceResult& result, const std::vector<SeriesOfImages>& drawn,
              const std::vector<int>& places, const EmergenceOptions& options,
              NetworkEmergence& network) {
  const Series &b = result.frequency, &c = network.units, &d = result.informative;
  std::array<std::vector<std::optional<double>>, 4> both, ranks, units, images;
  const auto add = [](auto& samples, const Four& four) {
    for (size_t i = 0; i < 4; ++i) samples[i].push_back(four[i]);
  };
  for (size_t sample = 0; sample < drawn.size(); ++sample) {
    const Series drawn_c = CountUnits(
        places, b.size(), DrawAgain(places.size(), Random(options.seed, kUnits, sample)));
    const SeriesOfImages& bd = drawn[sample];
    add(units, FourOf(b, drawn_c, d));
    add(images, FourOf(bd.frequency, c, bd.informative));
    add(both, FourOf(bd.frequency, drawn_c, bd.informative));
    add(ranks, FourOfRanks(bd.frequency, drawn_c, bd.informative));
  }
  const Four pearson = FourOf(b, c, d), spearman = FourOfRanks(b, c, d);
  const Four p = PermutationTest(b, c, d, options);
  const Four spearman_p = PermutationTest(Ranks(b), Ranks(c), Ranks(d), options);
  const std::array<CorrelationEstimate*, 4> estimates = {
      &network.frequency_units, &network.units_informative, &network.difference, &network.partial};
  for (size_t i = 0; i < 4; ++i) {
    *estimates[i] = {pearson[i],
                     spearman[i],
                     PercentileInterval(both[i]),
                     PercentileInterval(units[i]),
                     PercentileInterval(images[i]),
                     PercentileInterval(ranks[i]),
                     p[i],
                     spearman_p[i]};
  }
}

}  // namespace

void EmergenceOptions::Validate() const {
  informativeness.Validate();
  if (min_images < 1) Fail("expected at least 1 image for an object, found {}", min_images);
  if (resamples < 1) Fail("expected at least 1 bootstrap sample, found {}", resamples);
  if (permutations < 1) Fail("expected at least 1 permutation, found {}", permutations);
}

EmergenceResult MeasureEmergence(const ObjectCensus& census,
                                 const std::vector<LabelledNetwork>& networks,
                                 const EmergenceOptions& options, Observer& observer) {
  options.Validate();
  const ObjectsTaken taken(census, options);
  const Informativeness informativeness(census, taken.Flags(), options.informativeness);
  EmergenceResult result;
  std::map<int, int> place_of;
  for (const int object : taken.order()) {
    place_of[object] = static_cast<int>(result.objects.size());
    result.objects.push_back({census.objects[static_cast<size_t>(object)], taken.images(object)});
  }
  result.rare_objects = static_cast<int>(census.objects.size() - result.objects.size());
  result.category_names = census.categories;
  for (const int category : informativeness.left_out()) {
    result.left_out_categories.push_back(census.categories[static_cast<size_t>(category)]);
  }
  result.categories = informativeness.BestObjects();
  for (CategoryObjects& category : result.categories) {
    for (ObjectScore& score : category.best) score.object = place_of.at(score.object);
  }
  const std::vector<int> once(census.images.size(), 1);
  std::tie(result.frequency, result.informative) = [&] {
    SeriesOfImages all = taken.Of(informativeness, once);
    return std::make_pair(std::move(all.frequency), std::move(all.informative));
  }();
  result.zipf = FitZipf(result.frequency);

  std::vector<SeriesOfImages> drawn(static_cast<size_t>(options.resamples));
  std::vector<std::optional<double>> slopes(drawn.size());
  Workers workers(options.threads);
  constexpr int64_t kPart = 64;  // between two looks at whether to stop
  for (int64_t part = 0; part < options.resamples; part += kPart) {
    CheckStop(observer, "bootstrap samples", part, options.resamples);
    const int64_t count = std::min<int64_t>(kPart, options.resamples - part);
    workers.Run(count, [&](int64_t i) {
      const auto sample = static_cast<size_t>(part + i);
      drawn[sample] = taken.Of(informativeness, DrawAgain(census.images.size(),
                                                          Random(options.seed, kImages, part + i)));
      const std::optional<PowerLaw> law = FitZipf(drawn[sample].frequency);
      if (law) slopes[sample] = law->slope;
    });
    observer.Progress("bootstrap samples", part + count, options.resamples);
  }
  result.zipf_interval = PercentileInterval(slopes);

  result.networks.resize(networks.size());
  workers.Run(static_cast<int64_t>(networks.size()), [&](int64_t i) {
    const LabelledNetwork& network = networks[static_cast<size_t>(i)];
    NetworkEmergence& emergence = result.networks[static_cast<size_t>(i)];
    if (network.labels.empty()) Fail("{}: expected units, found none", network.name);
    emergence.name = network.name;
    const std::vector<int> places = PlacesOf(network, census, taken, emergence);
    emergence.units = CountUnits(places, result.objects.size(), std::vector<int>(places.size(), 1));
    Estimate(result, drawn, places, options, emergence);
  });
  return result;
}

}  // namespace netdissect
