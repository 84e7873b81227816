#include "study/linear_svm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#ifdef NETDISSECT_LIBLINEAR
#include <linear.h>
#endif

#include "base/json.h"
#include "base/npy.h"
#include "base/scratch.h"
#include "netdissect/base/system.h"
#include "study/labelled_rows.h"

namespace netdissect {
namespace {

SvmOptions Tight(bool standardise = true) {
  SvmOptions options;
  options.tolerance = 1e-11;
  options.standardise = standardise;
  return options;
}

std::vector<double> Standardised(const LabelledRows& data, const Standardiser& standardiser) {
  const int64_t features = data.rows.features();
  std::vector<float> values(static_cast<size_t>(data.rows.rows() * features));
  data.rows.Read(0, data.rows.rows(), values.data());
  std::vector<double> result;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t f = i % static_cast<size_t>(features);
    result.push_back((values[i] - standardiser.mean[f]) * standardiser.scale[f]);
  }
  return result;
}

double LargestRelativeDifference(const double* a, const double* b, int64_t size) {
  double difference = 0, magnitude = 0;
  for (int64_t i = 0; i < size; ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    magnitude = std::max(magnitude, std::abs(b[i]));
  }
  return difference / magnitude;
}

#ifdef NETDISSECT_LIBLINEAR

// Weights of `label` against the rest by liblinear's own method, over standardised features.
std::vector<double> ByLiblinear(const LabelledRows& data, const std::vector<double>& values,
                                int label, double cost) {
  const auto rows = static_cast<int>(data.rows.rows());
  const auto features = static_cast<int>(data.rows.features());
  std::vector<std::vector<feature_node>> nodes(static_cast<size_t>(rows));
  std::vector<feature_node*> lines;
  std::vector<double> signs;
  for (int i = 0; i < rows; ++i) {
    std::vector<feature_node>& line = nodes[static_cast<size_t>(i)];
    for (int f = 0; f < features; ++f) {
      line.push_back({f + 1, values[static_cast<size_t>(i * features + f)]});
    }
    line.push_back({features + 1, 1.0});
    line.push_back({-1, 0.0});
    lines.push_back(line.data());
    signs.push_back(data.labels[static_cast<size_t>(i)] == label ? 1 : -1);
  }
  problem given = {};
  given.l = rows;
  given.n = features + 1;
  given.y = signs.data();
  given.x = lines.data();
  given.bias = 1;
  parameter asked = {};
  asked.solver_type = L2R_L2LOSS_SVC;
  asked.C = cost;
  asked.eps = 1e-10;
  set_print_string_function([](const char*) {});
  model* made = train(&given, &asked);
  // Its weights are for the label that it met first.
  const double sign = made->label[0] == 1 ? 1 : -1;
  std::vector<double> weights;
  for (int f = 0; f <= features; ++f) weights.push_back(sign * made->w[f]);
  free_and_destroy_model(&made);
  return weights;
}

TEST(LinearSvmTest, AgreesWithLiblinear) {
  double largest = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const LabelledRows data = MakeLabelledRows(230 + 100 * static_cast<int64_t>(seed), 30, 4, seed);
    const LinearSvm svm(data.all(), Tight());
    for (double cost : {1e-4, 1e-2, 1.0}) {
      const LinearModel model = svm.Train({{cost, -1}}).front();
      EXPECT_EQ(model.unfinished, 0);
      EXPECT_LE(model.relative_gradient, 1e-11);
      const std::vector<double> values = Standardised(data, model.standardiser);
      for (int label = 0; label < data.classes; ++label) {
        const std::vector<double> expected = ByLiblinear(data, values, label, cost);
        const double difference = LargestRelativeDifference(model.of(label), expected.data(), 31);
        EXPECT_LT(difference, 1e-6) << "seed " << seed << ", C " << cost << ", class " << label;
        largest = std::max(largest, difference);
      }
    }
  }
  RecordProperty("largest_relative_difference", fmt::format("{:.2g}", largest));
}

#endif

// Debian's interpreter, which has Debian's packages.
constexpr const char* kScikitPython = "/usr/bin/python3";

TEST(LinearSvmTest, AgreesWithScikitLearn) {
  if (std::system((std::string(kScikitPython) + " -c 'import sklearn' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "needs python3-sklearn";
  }
  const ScratchFolder scratch;
  const LabelledRows data = MakeLabelledRows(400, 50, 5, 7);
  std::vector<float> values(400 * 50);
  data.rows.Read(0, 400, values.data());
  WriteNpy(scratch.path() / "rows.npy", {400, 50}, values.data());
  WriteNpy(scratch.path() / "labels.npy", {400},
           std::vector<float>(data.labels.begin(), data.labels.end()).data());
  const LinearSvm svm(data.all(), Tight());
  const Path answer = scratch.path() / "answer.json";
  ASSERT_EQ(std::system(fmt::format("{} {}/tests/study/sklearn_svm.py {} 1e-5 1e-3 1e-1 10 > {}",
                                    kScikitPython, NETDISSECT_SOURCE_DIR, scratch.path().string(),
                                    answer.string())
                            .c_str()),
            0);
  const Json of_costs = ReadJson(answer);
  const std::vector<LinearModel> models = svm.Train({{1e-5, -1}, {1e-3, -1}, {1e-1, -1}, {10, -1}});
  ASSERT_EQ(of_costs.size(), models.size());
  double largest = 0;
  for (size_t i = 0; i < models.size(); ++i) {
    for (int label = 0; label < data.classes; ++label) {
      const auto expected = of_costs[i].at(static_cast<size_t>(label)).get<std::vector<double>>();
      const double difference = LargestRelativeDifference(models[i].of(label), expected.data(), 51);
      EXPECT_LT(difference, 1e-6) << "C " << models[i].cost << ", class " << label;
      largest = std::max(largest, difference);
    }
  }
  RecordProperty("largest_relative_difference", fmt::format("{:.2g}", largest));
}

// The gradient in two plain loops.
TEST(LinearSvmTest, TheGradientVanishesAtTheMinimum) {
  const LabelledRows data = MakeLabelledRows(500, 12, 3, 3);
  const double cost = 0.05;
  const LinearModel model = LinearSvm(data.all(), Tight()).Train({{cost, -1}}).front();
  const std::vector<double> values = Standardised(data, model.standardiser);
  for (int label = 0; label < 3; ++label) {
    const double* weights = model.of(label);
    std::vector<double> gradient(weights, weights + 13);
    for (size_t i = 0; i < 500; ++i) {
      const double y = data.labels[i] == label ? 1 : -1;
      double score = weights[12];
      for (size_t f = 0; f < 12; ++f) score += weights[f] * values[12 * i + f];
      const double lacking = std::max(0.0, 1 - y * score);
      for (size_t f = 0; f < 12; ++f) gradient[f] -= 2 * cost * lacking * y * values[12 * i + f];
      gradient[12] -= 2 * cost * lacking * y;
    }
    for (double each : gradient) EXPECT_NEAR(each, 0, 1e-8);
  }
}

// The minimum of one feature that says nothing, all rows of one loss: w = 0 and the bias
// minimises b^2/2 + C (n1 (1 - b)^2 + n2 (1 + b)^2).
TEST(LinearSvmTest, AConstantFeatureHasNoWeightAndTheBiasIsTheClosedForm) {
  const RowsInMemory rows(1, {3, 3, 3, 3, 3});
  const LinearSvm svm({&rows, {0, 1, 1, 1, 1}, 2, {}}, Tight());
  const LinearModel model = svm.Train({{0.3, -1}}).front();
  EXPECT_EQ(model.standardiser.constant(), 1);
  EXPECT_EQ(model.of(0)[0], 0);
  EXPECT_NEAR(model.of(0)[1], 2 * 0.3 * (1 - 4) / (1 + 2 * 0.3 * 5), 1e-9);
}

TEST(LinearSvmTest, AFoldLeftOutIsAsIfItsRowsWereNotThere) {
  const LabelledRows data = MakeLabelledRows(300, 9, 3, 5);
  SvmRows folded = data.all();
  for (int i = 0; i < 300; ++i) folded.folds.push_back(i % 3);
  SvmRows without = data.all();
  for (size_t i = 0; i < 300; ++i) {
    if (i % 3 == 1) without.labels[i] = -1;
  }
  const LinearModel a = LinearSvm(folded, Tight()).Train({{0.1, 1}}).front();
  const LinearModel b = LinearSvm(without, Tight()).Train({{0.1, -1}}).front();
  for (size_t i = 0; i < a.weights.size(); ++i) EXPECT_NEAR(a.weights[i], b.weights[i], 1e-8);
  for (size_t f = 0; f < 9; ++f) {
    EXPECT_NEAR(a.standardiser.mean[f], b.standardiser.mean[f], 1e-12);
    EXPECT_NEAR(a.standardiser.scale[f], b.standardiser.scale[f], 1e-12);
  }
}

TEST(LinearSvmTest, WhatStandsBesideAClassifierAndTheThreadsChangeNoBit) {
  const LabelledRows data = MakeLabelledRows(450, 140, 3, 11);
  SvmRows rows = data.all();
  for (int i = 0; i < 450; ++i) rows.folds.push_back(i % 4);
  const LinearSvm svm(rows, {});
  std::vector<SvmFit> fits;
  for (double cost : {1e-4, 1e-2, 1.0}) {
    for (int fold = -1; fold < 4; ++fold) fits.push_back({cost, fold});
  }
  SetThreads(3);
  const std::vector<LinearModel> together = svm.Train(fits);
  SetThreads(1);
  for (size_t i = 0; i < fits.size(); ++i) {
    EXPECT_EQ(svm.Train({fits[i]}).front().weights, together[i].weights);
  }
  SetThreads(0);
}

TEST(LinearSvmTest, WhereItBeginsDoesNotChangeTheMinimum) {
  const LabelledRows data = MakeLabelledRows(300, 15, 3, 6);
  const LinearSvm svm(data.all(), Tight());
  const LinearModel direct = svm.Train({{0.5, -1}}).front();
  const LinearModel after = svm.Train({{0.5, -1}}, svm.Train({{0.01, -1}})).front();
  for (size_t i = 0; i < direct.weights.size(); ++i) {
    EXPECT_NEAR(after.weights[i], direct.weights[i], 1e-8);
  }
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(after.norms_at_zero[c], direct.norms_at_zero[c], 1e-9 * direct.norms_at_zero[c]);
  }
}

TEST(LinearSvmTest, MemoryBoundsHowManyAreTrainedAtOnce) {
  const LabelledRows data = MakeLabelledRows(100, 1000, 2, 1);
  SvmOptions options;
  options.memory = 1;
  EXPECT_EQ(LinearSvm(data.all(), options).FitsAtOnce(), 1);
  options.memory = 10 * 2 * 10 * 1001 * 8 + 10 * 2 * 100;
  EXPECT_EQ(LinearSvm(data.all(), options).FitsAtOnce(), 10);
}

TEST(LinearSvmTest, ScoresAreWeightsTimesStandardisedFeatures) {
  const LabelledRows data = MakeLabelledRows(210, 7, 3, 2);
  const LinearSvm svm(data.all(), {});
  const std::vector<LinearModel> models = svm.Train({{0.01, -1}, {1, -1}});
  const std::vector<double> values = Standardised(data, models[0].standardiser);
  std::vector<int64_t> visited;
  ForEachScore(data.rows, {3, 4, 200, 209}, models,
               [&](int64_t row, size_t model, const std::vector<double>& scores) {
                 visited.push_back(10 * row + static_cast<int64_t>(model));
                 ASSERT_EQ(scores.size(), 3u);
                 for (int label = 0; label < 3; ++label) {
                   const double* weights = models[model].of(label);
                   double expected = weights[7];
                   for (size_t f = 0; f < 7; ++f) {
                     expected += weights[f] * values[7 * static_cast<size_t>(row) + f];
                   }
                   EXPECT_NEAR(scores[static_cast<size_t>(label)], expected, 1e-9);
                 }
               });
  EXPECT_EQ(visited, (std::vector<int64_t>{30, 31, 40, 41, 2000, 2001, 2090, 2091}));
}

TEST(LinearSvmTest, WhatCannotBeLearntIsRefused) {
  const RowsInMemory rows(1, {1, 2, 3});
  const auto refusal = [&](const std::vector<int>& labels, int classes, SvmOptions options = {}) {
    return ErrorOf([&] { LinearSvm({&rows, labels, classes, {}}, options); });
  };
  EXPECT_TRUE(HasAll(refusal({0, 0, 0}, 1), {"at least 2 classes", "found 1"}));
  EXPECT_TRUE(HasAll(refusal({0, 0, -1}, 2), {"none of class 1"}));
  EXPECT_TRUE(HasAll(refusal({0, 1}, 2), {"3 rows", "2"}));
  EXPECT_TRUE(HasAll(refusal({0, 1, 2}, 2), {"2 classes", "found 2"}));
  SvmOptions options;
  options.tolerance = 0;
  EXPECT_TRUE(HasAll(refusal({0, 1, 1}, 2, options), {"tolerance", "found 0"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       LinearSvm({&rows, {0, 1, 1}, 2, {}}, {}).Train({{0, -1}});
                     }),
                     {"cost"}));
  const RowsInMemory holed(1, {1, std::numeric_limits<float>::quiet_NaN(), 3});
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       LinearSvm({&holed, {0, 1, 1}, 2, {}}, {});
                     }),
                     {"row 1", "feature 0", "finite"}));
}

TEST(LinearSvmTest, WhatDidNotConvergeIsSaid) {
  const LabelledRows data = MakeLabelledRows(200, 20, 2, 4);
  SvmOptions options = Tight();
  options.iterations = 1;
  const LinearModel model = LinearSvm(data.all(), options).Train({{1, -1}}).front();
  EXPECT_EQ(model.unfinished, 2);
  EXPECT_GT(model.relative_gradient, 1e-11);
}

}  // namespace
}  // namespace netdissect
