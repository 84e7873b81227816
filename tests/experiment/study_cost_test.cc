#include "experiment/study_cost.h"

#include <gtest/gtest.h>

#include "experiment/made_up_study.h"

namespace netdissect {
namespace {

class StudyCostTest : public testing::Test {
 protected:
  StudyCostTest() {
    for (const char* name : {"one", "two"}) {
      made_.scratch_.File(std::string(name) + ".json", Json{{"format", "random"},
                                                            {"architecture", "alexnet"},
                                                            {"width", 0.05},
                                                            {"classes", 3},
                                                            {"labels", "classes.txt"},
                                                            {"input", {{"size", 227}}}}
                                                           .dump());
    }
  }

  // Of the step in a study with such options for its command.
  StepCost CostOf(const std::string& name, const std::string& command, const Json& options,
                  bool measure = false) const {
    Json json = made_.Whole();
    json["experiments"][command] = options;
    const Study study = made_.Read(json);
    const StudyFacts facts = made_.FactsOf(study);
    const std::vector<StudyStep> steps = ChosenSteps(PlanStudy(study, facts), {name});
    const std::vector<StepCost> costs = EstimateCosts(
        steps, facts, sources_, {measure, "cpu", ForwardBy::kRowKernels, 1}, Silent());
    EXPECT_EQ(costs.size(), steps.size());
    return costs.back();
  }

  const MadeUpStudy made_;
  const StudySources sources_{[](const std::string& name) { return name; },
                              [](const std::string& name) { return name; }};
};

TEST_F(StudyCostTest, EveryStepTakesTimeAndDisk) {
  const Study study = made_.Read(made_.Whole());
  const StudyFacts facts = made_.FactsOf(study);
  const std::vector<StudyStep> steps = PlanStudy(study, facts);
  const std::vector<StepCost> costs =
      EstimateCosts(steps, facts, sources_, {false, "cpu", ForwardBy::kRowKernels, 1}, Silent());
  ASSERT_EQ(costs.size(), steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_GT(costs[i].seconds, 0) << steps[i].name;
    EXPECT_GT(costs[i].bytes, 0) << steps[i].name;
  }
}

TEST_F(StudyCostTest, FieldsTakeAsLongAsTheirMaps) {
  const auto seconds = [&](const Json& options) { return CostOf("rf one", "rf", options).seconds; };
  const double one = seconds({{"sample", 10}, {"k", 10}});
  EXPECT_GT(seconds({{"sample", 20}, {"k", 10}}), 1.5 * one);
  EXPECT_GT(seconds({{"sample", 10}, {"k", 20}}), 1.3 * one);
  EXPECT_LT(seconds({{"sample", 10}, {"k", 10}, {"layer", {"conv1"}}}), 0.8 * one);
  EXPECT_NEAR(seconds({{"units", "3,5-13"}, {"k", 10}}), one, 1e-9);
}

// A layer of 5 units has no 200 to be measured.
TEST_F(StudyCostTest, MeasuresTheNetworkItself) {
  const StepCost few = CostOf("rf one", "rf", {{"sample", 5}, {"k", 2}}, true);
  const StepCost many = CostOf("rf one", "rf", {{"sample", 200}, {"k", 2}}, true);
  EXPECT_GT(few.seconds, 0);
  EXPECT_LT(many.bytes, 4 * few.bytes);
  const StepCost assumed = CostOf("rf one", "rf", {{"sample", 200}, {"k", 2}}, false);
  EXPECT_GT(assumed.bytes, 4 * few.bytes);
}

}  // namespace
}  // namespace netdissect
