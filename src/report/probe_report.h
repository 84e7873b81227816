#pragma once
// probe.json, its tables, accuracy layer by layer, and who is taken for whom.

#include <string>
#include <vector>

#include "base/json.h"
#include "report/drawing.h"
#include "report/table.h"
#include "study/linear_probe.h"

namespace netdissect {

struct ProbedLayer {
  std::string name;
  int units = 0, height = 0, width = 0;  // units and cells of the features
  bool reused = false;                   // features of an earlier run
  ProbeResult result;
};

struct ProbedNetwork {
  std::string name;
  std::vector<ProbedLayer> layers;
};

/// The share of the test part that is of its largest class: what a constant answer gets at best.
double ChanceOf(const ProbeResult& result);

/// {"chance", "classes", "layers": {NAME: {accuracy, interval, top5, interval5, cost, cost_at_end,
/// costs, train, test, features, constant, units, height, width, reused, unfinished,
/// per_class{NAME: {accuracy, interval, test, taken_for}}}}}. Intervals are Wilson's, at 95%. top5
/// is null where there are no more than five classes; `taken_for` is the most frequent wrong
/// answer.
Json ToJson(const ProbedNetwork& network, const std::vector<std::string>& classes);

/// A row for each layer of each network.
Table ProbeTable(const std::vector<ProbedNetwork>& networks);

/// Rows: classes; columns: answers; numbers: images.
Table ConfusionTable(const ProbeResult& result, const std::vector<std::string>& classes);

/// Accuracy of each layer with its interval, networks beside each other.
Drawing DrawProbeAccuracy(const std::vector<ProbedNetwork>& networks);

/// Accuracy in cross-validation over cost, a curve for each layer.
Drawing DrawProbeCosts(const ProbedNetwork& network);

/// Each class's answers, as shares of its images. Columns bear the rows' numbers.
Drawing DrawConfusion(const std::string& title, const ProbeResult& result,
                      const std::vector<std::string>& classes);

}  // namespace netdissect
