#include "study/cross_validation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/random.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Rows of each class in an order that the seed and the items draw.
std::map<int, std::vector<size_t>> ShuffledByClass(const std::vector<int>& labels,
                                                   const std::vector<int64_t>& items,
                                                   uint64_t seed) {
  if (items.size() != labels.size()) {
    Fail("cross-validation: expected {} items, found {}", labels.size(), items.size());
  }
  std::map<int, std::vector<size_t>> of_class;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) of_class[labels[i]].push_back(i);
  }
  const auto draw = [&](size_t i) {
    return std::pair<uint64_t, int64_t>(Random(seed, items[i]).Next(), items[i]);
  };
  for (auto& [label, rows] : of_class) {
    std::sort(rows.begin(), rows.end(), [&](size_t a, size_t b) { return draw(a) < draw(b); });
  }
  return of_class;
}

struct FoldModels {
  std::vector<int> folds;
  std::vector<LinearModel> models;  // each without one of the folds, at the last cost
};

}  // namespace

void CrossValidationOptions::Validate() const {
  if (costs.empty()) Fail("cross-validation: expected a cost at least, found none");
  for (size_t i = 0; i < costs.size(); ++i) {
    if (!(costs[i] > 0 && std::isfinite(costs[i]))) {
      Fail("cross-validation: expected costs above 0, found {}", costs[i]);
    }
    if (i > 0 && costs[i] <= costs[i - 1]) {
      Fail("cross-validation: expected ascending costs, found {} after {}", costs[i], costs[i - 1]);
    }
  }
  if (folds < 2) Fail("cross-validation: expected at least 2 folds, found {}", folds);
  if (patience < 1) Fail("cross-validation: expected a patience from 1 on, found {}", patience);
}

std::vector<int> StratifiedFolds(const std::vector<int>& labels, const std::vector<int64_t>& items,
                                 int folds, uint64_t seed) {
  std::vector<int> result(labels.size(), -1);
  int next = 0;  // goes on from class to class, so that folds are as large as each other
  for (const auto& [label, rows] : ShuffledByClass(labels, items, seed)) {
    for (size_t i : rows) {
      result[i] = next;
      next = (next + 1) % folds;
    }
  }
  return result;
}

std::vector<bool> StratifiedTestPart(const std::vector<int>& labels,
                                     const std::vector<int64_t>& items, double share,
                                     uint64_t seed) {
  if (!(share > 0 && share < 1)) {
    Fail("test share: expected a number between 0 and 1, found {}", share);
  }
  std::vector<bool> result(labels.size());
  for (const auto& [label, rows] : ShuffledByClass(labels, items, seed)) {
    const auto count = static_cast<double>(rows.size());
    const double tested = std::min(std::round(share * count), count - 2);
    for (size_t i = 0; static_cast<double>(i) < tested; ++i) result[rows[i]] = true;
  }
  return result;
}

int HighestOf(const std::vector<double>& scores) {
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

CostChoice ChooseCost(const LinearSvm& svm, const CrossValidationOptions& options,
                      Observer& observer) {
  options.Validate();
  const SvmRows& rows = svm.rows();
  CostChoice choice;
  choice.cost = options.costs.front();
  if (options.costs.size() == 1) return choice;
  std::vector<int64_t> asked;
  std::set<int> folds;  // that have rows: there may be fewer rows than folds
  for (size_t i = 0; i < rows.labels.size(); ++i) {
    if (rows.labels[i] < 0) continue;
    asked.push_back(static_cast<int64_t>(i));
    folds.insert(rows.folds.at(i));
  }
  choice.rows = static_cast<int64_t>(asked.size());
  std::vector<FoldModels> parts;  // as many folds at a time as the memory allows
  for (int fold : folds) {
    if (parts.empty() || static_cast<int64_t>(parts.back().folds.size()) == svm.FitsAtOnce()) {
      parts.emplace_back();
    }
    parts.back().folds.push_back(fold);
  }
  size_t best = 0;
  for (double cost : options.costs) {
    CostPoint point = {cost, 0, 0};
    for (FoldModels& part : parts) {
      std::vector<SvmFit> fits;
      for (int fold : part.folds) fits.push_back({cost, fold});
      part.models = svm.Train(fits, part.models, observer);
      ForEachScore(*rows.features, asked, part.models,
                   [&](int64_t row, size_t model, const std::vector<double>& scores) {
                     const auto i = static_cast<size_t>(row);
                     if (rows.folds[i] != part.folds[model]) return;
                     if (HighestOf(scores) == rows.labels[i]) ++point.correct;
                   });
      for (const LinearModel& model : part.models) point.unfinished += model.unfinished;
    }
    choice.curve.push_back(point);
    if (point.correct > choice.curve[best].correct) best = choice.curve.size() - 1;
    if (choice.curve.size() > best + static_cast<size_t>(options.patience)) break;
  }
  choice.cost = choice.curve[best].cost;
  choice.at_end = best == 0 || best + 1 == options.costs.size();
  return choice;
}

}  // namespace netdissect
