#include "study/linear_probe.h"

#include <algorithm>

#include "netdissect/base/error.h"

namespace netdissect {

void ProbeOptions::Validate() const {
  cross_validation.Validate();
  svm.Validate();
}

ProbeResult Probe(const ProbeRows& rows, const ProbeOptions& options, Observer& observer) {
  options.Validate();
  SvmRows train = {rows.features, rows.labels, rows.classes, {}};
  std::vector<int64_t> tested;
  for (size_t i = 0; i < rows.labels.size(); ++i) {
    if (!rows.test[i] || rows.labels[i] < 0) continue;
    train.labels[i] = -1;
    tested.push_back(static_cast<int64_t>(i));
  }
  if (tested.empty()) Fail("probe: expected images to test, found none");
  train.folds =
      StratifiedFolds(train.labels, rows.items, options.cross_validation.folds, options.seed);
  const LinearSvm svm(std::move(train), options.svm, observer);
  ProbeResult result;
  result.features = rows.features->features();
  result.constant = svm.StandardiserWithout(-1).constant();
  if (result.constant == result.features) {
    Fail("probe: expected features that differ between images, found all {} constant",
         result.features);
  }
  result.choice = ChooseCost(svm, options.cross_validation, observer);
  const std::vector<LinearModel> models = svm.Train({{result.choice.cost, -1}}, {}, observer);
  result.unfinished = models.front().unfinished;
  result.train = std::count_if(svm.rows().labels.begin(), svm.rows().labels.end(),
                               [](int label) { return label >= 0; });
  result.test = static_cast<int64_t>(tested.size());
  const auto classes = static_cast<size_t>(rows.classes);
  result.confusion.assign(classes, std::vector<int64_t>(classes));
  ForEachScore(*rows.features, tested, models,
               [&](int64_t row, size_t, const std::vector<double>& scores) {
                 const auto label = static_cast<size_t>(rows.labels[static_cast<size_t>(row)]);
                 const auto answer = static_cast<size_t>(HighestOf(scores));
                 ++result.confusion[label][answer];
                 if (answer == label) ++result.correct;
                 // Of equal scores the first class is the higher one.
                 size_t higher = 0;
                 for (size_t c = 0; c < classes; ++c) {
                   if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label)) {
                     ++higher;
                   }
                 }
                 if (higher < 5) ++result.correct5;
               });
  return result;
}

}  // namespace netdissect
