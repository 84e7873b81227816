#include "study/linear_svm.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/parallel.h"
#include "netdissect/base/error.h"
#include "study/svm_classifier.h"

namespace netdissect {
namespace {

std::vector<int64_t> RowsThatTakePart(const SvmRows& rows) {
  std::vector<int64_t> taken;
  for (size_t i = 0; i < rows.labels.size(); ++i) {
    if (rows.labels[i] >= 0) taken.push_back(static_cast<int64_t>(i));
  }
  return taken;
}

void RequireLabels(const SvmRows& rows) {
  const auto count = static_cast<size_t>(rows.features->rows());
  if (rows.labels.size() != count || (!rows.folds.empty() && rows.folds.size() != count)) {
    Fail("svm: expected labels and folds of {} rows, found {} and {}", count, rows.labels.size(),
         rows.folds.size());
  }
  if (rows.classes < 2) Fail("svm: expected at least 2 classes, found {}", rows.classes);
  std::vector<int64_t> of_class(static_cast<size_t>(rows.classes));
  for (int label : rows.labels) {
    if (label >= rows.classes) Fail("svm: expected {} classes, found {}", rows.classes, label);
    if (label >= 0) ++of_class[static_cast<size_t>(label)];
  }
  const auto empty = std::find(of_class.begin(), of_class.end(), 0);
  if (empty != of_class.end()) {
    Fail("svm: expected rows of each of {} classes, found none of class {}", rows.classes,
         empty - of_class.begin());
  }
}

// In training.
struct Place {
  size_t fit;
  int label;
  SvmClassifier classifier;
};

void Save(const Place& place, LinearModel& model) {
  const std::vector<double>& point = place.classifier.newton().point();
  std::copy(point.begin(), point.end(),
            model.weights.begin() + static_cast<int64_t>(point.size()) * place.label);
  model.relative_gradient =
      std::max(model.relative_gradient, place.classifier.newton().relative_gradient());
  model.norms_at_zero[static_cast<size_t>(place.label)] = place.classifier.newton().norm_at_zero();
  if (!place.classifier.newton().converged()) ++model.unfinished;
}

}  // namespace

void SvmOptions::Validate() const {
  if (!(tolerance > 0 && tolerance < 1)) {
    Fail("svm: expected a tolerance between 0 and 1, found {}", tolerance);
  }
  if (iterations < 1) Fail("svm: expected at least 1 iteration, found {}", iterations);
  if (memory < 1) Fail("svm: expected a memory bound above 0, found {}", memory);
}

LinearSvm::LinearSvm(SvmRows rows, const SvmOptions& options, Observer& observer)
    : rows_(std::move(rows)), options_(options), sweep_(*rows_.features, RowsThatTakePart(rows_)) {
  options_.Validate();
  RequireLabels(rows_);
  FitStandardisers(observer);
}

void LinearSvm::FitStandardisers(Observer& observer) {
  const int64_t features = rows_.features->features();
  const auto total = static_cast<int64_t>(sweep_.taken().size());
  int folds = 1;
  for (int64_t row : sweep_.taken()) folds = std::max(folds, FoldOf(row) + 1);
  std::vector<FeatureMoments> moments(static_cast<size_t>(folds), FeatureMoments(features));
  sweep_.ForEachBlock([&](int64_t first, int64_t count, const float* values) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = sweep_.taken()[static_cast<size_t>(first + i)];
      const float* of_row = values + i * features;
      for (int64_t f = 0; f < features; ++f) {
        if (std::isfinite(of_row[f])) continue;
        Fail("row {}, feature {}: expected a finite number, found {}", row, f, of_row[f]);
      }
      moments[static_cast<size_t>(FoldOf(row))].Add(of_row);
    }
    observer.Progress("rows", first + count, total);
    CheckStop(observer, "rows", first + count, total);
  });
  for (int left_out = -1; left_out < folds; ++left_out) {
    FeatureMoments others(features);
    for (int fold = 0; fold < folds; ++fold) {
      if (fold != left_out) others.Merge(moments[static_cast<size_t>(fold)]);
    }
    standardisers_.push_back(options_.standardise && others.rows() > 0 ? others.Standardise()
                                                                       : TakenAsTheyAre(features));
  }
}

int64_t LinearSvm::FitsAtOnce() const {
  // Of a class: six vectors of the method, its columns of U and of the sums, its weights and
  // those to begin with; bits.
  constexpr int64_t kVectors = 10;
  const int64_t vector = (rows_.features->features() + 1) * int64_t{sizeof(double)};
  const auto rows = static_cast<int64_t>(sweep_.taken().size());
  const int64_t fit = rows_.classes * (kVectors * vector + rows / 4);
  return std::max<int64_t>(1, options_.memory / fit);
}

std::vector<LinearModel> LinearSvm::Train(const std::vector<SvmFit>& fits,
                                          const std::vector<LinearModel>& near,
                                          Observer& observer) const {
  const int64_t size = rows_.features->features() + 1;
  const auto rows = static_cast<int64_t>(sweep_.taken().size());
  std::vector<LinearModel> models;
  std::deque<Place> places;  // of classifiers that are not done
  if (!near.empty() && near.size() != fits.size()) {
    Fail("svm: expected {} models to begin with, found {}", fits.size(), near.size());
  }
  for (const SvmFit& fit : fits) {
    if (!(fit.cost > 0)) Fail("svm: expected a cost above 0, found {}", fit.cost);
    LinearModel model;
    model.classes = rows_.classes;
    model.cost = fit.cost;
    model.standardiser = StandardiserWithout(fit.left_out);
    model.weights.resize(static_cast<size_t>(size * rows_.classes));
    model.norms_at_zero.resize(static_cast<size_t>(rows_.classes));
    models.push_back(std::move(model));
    const LinearModel* begin = near.empty() ? nullptr : &near[models.size() - 1];
    for (int label = 0; label < rows_.classes; ++label) {
      places.push_back(
          {models.size() - 1, label,
           SvmClassifier(fit, label, StandardiserWithout(fit.left_out), begin, rows, options_)});
    }
  }
  const auto total = static_cast<int64_t>(places.size());
  while (!places.empty()) {
    const auto count = static_cast<int64_t>(places.size());
    Panels columns(size, count), sums(size, count);
    const auto for_each = [&](const std::function<void(SvmClassifier&, int64_t column)>& work) {
      ParallelFor(0, count, 1, [&](int64_t from, int64_t to) {
        for (int64_t c = from; c < to; ++c) work(places[static_cast<size_t>(c)].classifier, c);
      });
    };
    for_each([&](SvmClassifier& classifier, int64_t c) { classifier.Ask(c, columns); });
    sweep_.ScoreAndSum(
        columns,
        [&](int64_t first, int64_t in_block, Panels& scores) {
          for_each([&](SvmClassifier& classifier, int64_t c) {
            for (int64_t i = 0; i < in_block; ++i) {
              const int64_t row = sweep_.taken()[static_cast<size_t>(first + i)];
              double& score = scores.at(i, c);
              score = classifier.Weigh(first + i, rows_.labels[static_cast<size_t>(row)],
                                       FoldOf(row), score);
            }
          });
        },
        sums);
    for_each([&](SvmClassifier& classifier, int64_t c) { classifier.Tell(sums, c); });
    for (const Place& place : places) {
      if (place.classifier.done()) Save(place, models[place.fit]);
    }
    places.erase(std::remove_if(places.begin(), places.end(),
                                [](const Place& place) { return place.classifier.done(); }),
                 places.end());
    const int64_t done = total - static_cast<int64_t>(places.size());
    observer.Progress("classifiers", done, total);
    CheckStop(observer, "classifiers", done, total);
  }
  return models;
}

void ForEachScore(const FeatureRows& features, const std::vector<int64_t>& taken,
                  const std::vector<LinearModel>& models,
                  const std::function<void(int64_t row, size_t model,
                                           const std::vector<double>& scores)>& visit) {
  const int64_t size = features.features() + 1;
  int64_t count = 0;
  for (const LinearModel& model : models) count += model.classes;
  Panels columns(size, count);
  int64_t column = 0;
  for (const LinearModel& model : models) {
    for (int label = 0; label < model.classes; ++label) {
      PutColumn(model.of(label), model.standardiser, column++, columns);
    }
  }
  std::vector<double> scores;
  RowSweep(features, taken).Score(columns, [&](int64_t first, int64_t in_block, Panels& block) {
    for (int64_t i = 0; i < in_block; ++i) {
      int64_t begin = 0;
      for (size_t m = 0; m < models.size(); ++m) {
        scores.resize(static_cast<size_t>(models[m].classes));
        for (double& score : scores) score = block.at(i, begin++);
        visit(taken[static_cast<size_t>(first + i)], m, scores);
      }
    }
  });
}

}  // namespace netdissect
