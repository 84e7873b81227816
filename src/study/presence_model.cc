#include "study/presence_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/random.h"
#include "netdissect/base/error.h"
#include "study/cross_validation.h"
#include "study/linear_svm.h"

namespace netdissect {
namespace {

// Streams of random numbers.
enum PresenceDraw : uint64_t { kFolds = 11, kExchange };

// The images that take part, as rows of a design matrix of presences.
struct Design {
  std::vector<int> objects;  // of the census, one for each feature
  std::vector<float> values;
  std::vector<int> labels, folds;
  int classes = 0;

  int64_t rows() const { return static_cast<int64_t>(labels.size()); }
  float* row(int64_t i) { return values.data() + i * static_cast<int64_t>(objects.size()); }
  const float* row(int64_t i) const {
    return values.data() + i * static_cast<int64_t>(objects.size());
  }
};

Design MakeDesign(const ObjectCensus& census, const std::vector<bool>& taken,
                  const PresenceOptions& options) {
  Design design;
  std::vector<int> feature(taken.size(), -1);
  for (size_t o = 0; o < taken.size(); ++o) {
    if (!taken[o]) continue;
    feature[o] = static_cast<int>(design.objects.size());
    design.objects.push_back(static_cast<int>(o));
  }
  std::map<int, std::vector<int>> of_category;  // images
  for (size_t i = 0; i < census.images.size(); ++i) {
    if (census.images[i].category >= 0) {
      of_category[census.images[i].category].push_back(static_cast<int>(i));
    }
  }
  const int least = std::max(options.min_category, options.folds);
  for (auto& [category, images] : of_category) {
    if (static_cast<int>(images.size()) < least) continue;
    // Stratified: a category's images are dealt to the folds in an order drawn at random.
    Random random(options.seed, kFolds, category);
    Shuffle(images, random);
    for (size_t i = 0; i < images.size(); ++i) {
      design.labels.push_back(design.classes);
      design.folds.push_back(static_cast<int>(i) % options.folds);
      design.values.resize(design.values.size() + design.objects.size());
      for (const ObjectOnImage& object : census.images[static_cast<size_t>(images[i])].objects) {
        const int place = feature[static_cast<size_t>(object.object)];
        if (place >= 0) design.row(design.rows() - 1)[place] = 1;
      }
    }
    ++design.classes;
  }
  return design;
}

// The rows of a fold with their scores by the model that did not learn from them.
struct HeldOut {
  LinearModel model;
  std::vector<int64_t> rows;
  std::vector<std::vector<double>> scores;
  std::vector<bool> told;  // whether the highest score is that of the row's category
  int right = 0;           // of them
};

std::vector<HeldOut> ScoreFolds(const Design& design, const FeatureRows& rows,
                                const std::vector<LinearModel>& models) {
  std::vector<HeldOut> held;
  for (const LinearModel& model : models) held.push_back({model, {}, {}, {}, 0});
  std::vector<int64_t> all(static_cast<size_t>(design.rows()));
  std::iota(all.begin(), all.end(), 0);
  ForEachScore(rows, all, models, [&](int64_t row, size_t fold, const std::vector<double>& scores) {
    const auto at = static_cast<size_t>(row);
    if (design.folds[at] != static_cast<int>(fold)) return;
    held[fold].rows.push_back(row);
    held[fold].scores.push_back(scores);
    held[fold].told.push_back(HighestOf(scores) == design.labels[at]);
    held[fold].right += held[fold].told.back() ? 1 : 0;
  });
  return held;
}

// Accuracy lost on a fold when feature `f` is exchanged among its images.
double DropOf(const Design& design, const HeldOut& held, size_t f, Random random) {
  std::vector<size_t> order(held.rows.size());
  std::iota(order.begin(), order.end(), 0);
  Shuffle(order, random);
  int right = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const double change = design.row(held.rows[order[i]])[f] - design.row(held.rows[i])[f];
    if (change == 0) {
      right += held.told[i] ? 1 : 0;
      continue;
    }
    const double step = change * held.model.standardiser.scale[f];
    std::vector<double> scores = held.scores[i];
    for (size_t c = 0; c < scores.size(); ++c) {
      scores[c] += step * held.model.of(static_cast<int>(c))[f];
    }
    right += HighestOf(scores) == design.labels[static_cast<size_t>(held.rows[i])] ? 1 : 0;
  }
  return (held.right - right) / static_cast<double>(held.rows.size());
}

// Images told right by the rule that names, of images with the object and of those without it, the
// category that most of those learnt from have.
int64_t RightByOneObject(const Design& design, size_t f, int folds) {
  int64_t right = 0;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<int> counts[2] = {std::vector<int>(static_cast<size_t>(design.classes)),
                                  std::vector<int>(static_cast<size_t>(design.classes))};
    for (int64_t i = 0; i < design.rows(); ++i) {
      const auto at = static_cast<size_t>(i);
      if (design.folds[at] != fold) {
        ++counts[design.row(i)[f] > 0][static_cast<size_t>(design.labels[at])];
      }
    }
    for (int64_t i = 0; i < design.rows(); ++i) {
      const auto at = static_cast<size_t>(i);
      if (design.folds[at] != fold) continue;
      const std::vector<int>& of = counts[design.row(i)[f] > 0];
      right += std::max_element(of.begin(), of.end()) - of.begin() == design.labels[at] ? 1 : 0;
    }
  }
  return right;
}

ObjectImportance ImportanceOf(const Design& design, const std::vector<HeldOut>& held, size_t f,
                              const PresenceOptions& options) {
  std::vector<double> drops;
  for (size_t fold = 0; fold < held.size(); ++fold) {
    double drop = 0;
    for (int exchange = 0; exchange < options.exchanges; ++exchange) {
      drop += DropOf(design, held[fold], f,
                     Random(options.seed, kExchange, design.objects[f], fold, exchange));
    }
    drops.push_back(drop / options.exchanges);
  }
  const auto n = static_cast<double>(drops.size());
  const double mean = std::accumulate(drops.begin(), drops.end(), 0.0) / n;
  double squares = 0;
  for (const double drop : drops) squares += (drop - mean) * (drop - mean);
  return {design.objects[f], mean, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace

void PresenceOptions::Validate() const {
  if (folds < 2) Fail("expected at least 2 folds, found {}", folds);
  if (!(cost > 0)) Fail("expected a cost above 0, found {}", cost);
  if (exchanges < 1) Fail("expected at least 1 exchange, found {}", exchanges);
}

PresenceModel MeasurePresence(const ObjectCensus& census, const std::vector<bool>& taken,
                              const PresenceOptions& options, Observer& observer) {
  options.Validate();
  const Design design = MakeDesign(census, taken, options);
  if (design.classes < 2 || design.objects.empty()) {
    Fail(
        "expected objects and at least 2 categories of {} or more annotated images, found {} and "
        "{}",
        std::max(options.min_category, options.folds), design.objects.size(), design.classes);
  }
  const RowsInMemory rows(static_cast<int64_t>(design.objects.size()), design.values);
  const LinearSvm svm({&rows, design.labels, design.classes, design.folds}, {}, observer);
  std::vector<SvmFit> fits;
  for (int fold = 0; fold < options.folds; ++fold) fits.push_back({options.cost, fold});
  const std::vector<HeldOut> held = ScoreFolds(design, rows, svm.Train(fits, {}, observer));
  PresenceModel result;
  result.images = design.rows();
  result.categories = design.classes;
  result.names = census.objects;
  for (const HeldOut& fold : held) result.right += fold.right;
  result.interval = WilsonInterval(result.right, result.images);
  std::vector<int64_t> of_class(static_cast<size_t>(design.classes));
  for (const int label : design.labels) ++of_class[static_cast<size_t>(label)];
  const auto images = static_cast<double>(result.images);
  result.chance = static_cast<double>(*std::max_element(of_class.begin(), of_class.end())) / images;
  for (size_t f = 0; f < design.objects.size(); ++f) {
    const auto objects = static_cast<int64_t>(design.objects.size());
    CheckStop(observer, "objects", static_cast<int64_t>(f), objects);
    result.objects.push_back(ImportanceOf(design, held, f, options));
    const double alone = static_cast<double>(RightByOneObject(design, f, options.folds)) / images;
    if (result.best_object < 0 || alone > result.best_accuracy) {
      result.best_object = design.objects[f];
      result.best_accuracy = alone;
    }
    observer.Progress("objects", static_cast<int64_t>(f) + 1, objects);
  }
  std::stable_sort(
      result.objects.begin(), result.objects.end(),
      [](const ObjectImportance& a, const ObjectImportance& b) { return a.drop > b.drop; });
  return result;
}

}  // namespace netdissect
