#include "experiment/study_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "experiment/made_up_study.h"

namespace netdissect {
namespace {

using Words = std::vector<std::string>;

bool Has(const Words& words, const Words& run) {
  return std::search(words.begin(), words.end(), run.begin(), run.end()) != words.end();
}

TEST(StudyPlan, HasEveryExperimentOfEveryNetwork) {
  const MadeUpStudy made;
  const std::vector<StudyStep> steps = made.Plan(made.Whole());
  EXPECT_EQ(NamesOf(steps), (Words{"info one",
                                   "info two",
                                   "classify one rooms",
                                   "classify two rooms",
                                   "record one",
                                   "record two",
                                   "rf one",
                                   "rf two",
                                   "annotate auto one",
                                   "annotate auto two",
                                   "segment one",
                                   "segment two",
                                   "evaluate one",
                                   "evaluate two",
                                   "localize one",
                                   "localize two",
                                   "simplify one",
                                   "simplify two",
                                   "semantics",
                                   "emergence",
                                   "probe one",
                                   "probe two"}));
  EXPECT_EQ(StepNamed(steps, "rf two").Words("out"),
            (Words{"rf", "--network", made.Place("two.json"), "--images", made.Place("rooms.json"),
                   "--images", made.Place("objects.json"), "--layer=conv1", "--layer=pool5",
                   "--out", "out/rf/two", "--record", "out/record/two"}));
  EXPECT_EQ(StepNamed(steps, "semantics").Words("out"),
            (Words{"semantics", "--out", "out/semantics", "--labels", "out/labels/one", "--labels",
                   "out/labels/two"}));
  EXPECT_EQ(StepNamed(steps, "annotate auto one").result, "labels/one/annotation.json");
  EXPECT_EQ(StepNamed(steps, "evaluate one").options, Words{"--layer=pool5"});
  EXPECT_EQ(StepNamed(steps, "localize one").needs, (Words{"annotate auto one", "rf one"}));
}

// What a step needs stands before it, and no two write into one folder.
TEST(StudyPlan, IsInOrder) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["networks"].push_back({{"train", {{"images", "rooms.json"}}}, {"name", "scratch"}});
  json["labels"] = {{{"network", "two"}, {"published", "classes.txt"}}};
  json["experiments"] = {{"segment", {{"method", "receptive-field"}}},
                         {"simplify", {{{"variant", "a"}}, {{"variant", "b"}}}}};
  const std::vector<StudyStep> steps = made.Plan(json);
  std::set<std::string> before, folders;
  for (const StudyStep& step : steps) {
    for (const std::string& need : step.needs) EXPECT_EQ(before.count(need), 1u) << step.name;
    EXPECT_TRUE(before.insert(step.name).second) << step.name;
    EXPECT_TRUE(folders.insert(step.folder.string()).second) << step.folder;
    EXPECT_EQ(step.result.string().rfind(step.folder.string(), 0), 0u) << step.name;
  }
  EXPECT_EQ(steps.front().name, "train scratch");
  EXPECT_TRUE(Has(StepNamed(steps, "rf scratch").Words("o"),
                  {"--network", "o/train/scratch/scratch.json"}));
  EXPECT_TRUE(Has(StepNamed(steps, "segment one").Words("o"), {"--fields", "o/rf/one"}));
  EXPECT_EQ(StepNamed(steps, "simplify b one").folder, "simplify/b/one");
}

// Results of gradients have another file, and are not what other steps read.
TEST(StudyPlan, FieldsByGradientStandBesideThoseByOcclusion) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["experiments"] = {
      {"rf",
       {{{"variant", "luo"}, {"method", "gradient"}, {"inputs", "noise"}, {"k", 9}},
        {{"variant", "gradient"}, {"method", "gradient"}},
        {{"variant", "occlusion"}}}},
      {"segment", {{"method", "receptive-field"}}}};
  const std::vector<StudyStep> steps = made.Plan(json);
  EXPECT_EQ(StepNamed(steps, "rf luo one").result, "rf/luo/one/rf_gradient.json");
  EXPECT_EQ(StepNamed(steps, "rf gradient one").result, "rf/gradient/one/rf_gradient.json");
  EXPECT_EQ(StepNamed(steps, "rf occlusion one").result, "rf/occlusion/one/rf.json");
  // Noise takes no images.
  const Words luo = StepNamed(steps, "rf luo one").Words("o");
  EXPECT_TRUE(Has(luo, {"--inputs=noise"}));
  EXPECT_FALSE(Has(luo, {"--images"}));
  EXPECT_FALSE(Has(luo, {"--record"}));
  EXPECT_TRUE(Has(StepNamed(steps, "rf gradient one").Words("o"), {"--record", "o/record/one"}));
  for (const char* step : {"localize one", "segment one"}) {
    EXPECT_TRUE(Has(StepNamed(steps, step).Words("o"), {"--fields", "o/rf/occlusion/one"})) << step;
  }
}

TEST(StudyPlan, PeoplesLabelsGoFirst) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["labels"] = {{{"network", "two"}, {"published", "classes.txt"}}};
  const std::vector<StudyStep> steps = made.Plan(json);
  EXPECT_EQ(StepNamed(steps, "annotate import two").Words("o"),
            (Words{"annotate", "import", "--network", made.Place("two.json"), "--published",
                   made.Place("classes.txt"), "--out", "o/people/two"}));
  EXPECT_EQ(StepNamed(steps, "semantics").needs,
            (Words{"annotate auto one", "annotate import two"}));
  EXPECT_TRUE(Has(StepNamed(steps, "evaluate two").Words("o"), {"--labels", "o/people/two"}));
  EXPECT_TRUE(Has(StepNamed(steps, "evaluate two").Words("o"), {"--record", "o/labels/two"}));
}

TEST(StudyPlan, WithoutAnnotationsOnlyWhatNeedsNone) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json.erase("annotated");
  json["networks"] = {"one.json"};
  EXPECT_EQ(NamesOf(made.Plan(json)),
            (Words{"info one", "classify one rooms", "record one", "rf one", "segment one"}));
}

TEST(StudyPlan, ANetworkThatTellsOtherClassesIsNotAskedForScenes) {
  const MadeUpStudy made;
  made.scratch_.File("one.json", R"({"labels": "things.txt"})");
  const Words names = NamesOf(made.Plan(made.Whole()));
  EXPECT_TRUE(Has(names, {"classify one objects"}));
  for (const char* none : {"classify one rooms", "simplify one", "localize one"}) {
    EXPECT_FALSE(Has(names, {none}));
  }
  // Unless the study knows better.
  Json json = made.Whole();
  json["networks"][0] = {{"network", "one.json"}, {"classifies", {"rooms.json"}}};
  const Words told = NamesOf(made.Plan(json));
  EXPECT_TRUE(Has(told, {"simplify one"}));
  EXPECT_FALSE(Has(told, {"classify one objects"}));
}

TEST(StudyPlan, OptionsLimitsAndExperimentsLeftOut) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["limit"] = 50;
  json["experiments"] = {{"rf", {{"sample", 4}, {"layer", {"fc7", "conv1"}}, {"limit", 9}}},
                         {"record", false},
                         {"emergence", false}};
  const std::vector<StudyStep> steps = made.Plan(json);
  const Words names = NamesOf(steps);
  EXPECT_FALSE(Has(names, {"record one"}));
  EXPECT_FALSE(Has(names, {"emergence"}));
  const StudyStep& rf = StepNamed(steps, "rf one");
  EXPECT_EQ(rf.options, (Words{"--sample=4", "--layer=fc7", "--layer=conv1", "--limit=9"}));
  EXPECT_EQ(rf.images[0].limit, 9);
  EXPECT_TRUE(rf.needs.empty());
  EXPECT_EQ(StepNamed(steps, "segment one").images[0].limit, 50);
  EXPECT_EQ(StepNamed(steps, "segment one").Option("limit"), "50");
}

// One list of layers cannot say that pool5 is one network's top layer and another's lower one.
TEST(StudyPlan, EmergenceIsApartWhereTopLayersAreOthersLowerOnes) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["networks"][1] = {{"network", "two.json"}, {"layers", {"pool5", "fire9"}}};
  const std::vector<StudyStep> steps = made.Plan(json);
  EXPECT_EQ(StepNamed(steps, "emergence one").options, Words{"--layer=pool5"});
  EXPECT_EQ(StepNamed(steps, "emergence two").options, Words{"--layer=fire9"});
  json["networks"][1]["layers"] = {"fire2", "fire9"};
  EXPECT_EQ(StepNamed(made.Plan(json), "emergence").options,
            (Words{"--layer=fire9", "--layer=pool5"}));
}

TEST(StudyPlan, ChosenStepsBringWhatTheyNeed) {
  const MadeUpStudy made;
  const std::vector<StudyStep> steps = made.Plan(made.Whole());
  EXPECT_EQ(NamesOf(ChosenSteps(steps, {"rf one"})), (Words{"record one", "rf one"}));
  EXPECT_EQ(NamesOf(ChosenSteps(steps, {"semantics"})),
            (Words{"annotate auto one", "annotate auto two", "semantics"}));
  EXPECT_EQ(NamesOf(ChosenSteps(steps, {"info", "probe two"})),
            (Words{"info one", "info two", "probe two"}));
  const std::string error = ErrorOf([&] { ChosenSteps(steps, {"semantic"}); });
  EXPECT_TRUE(HasAll(error, {"--only", "semantic", "\"semantics\""}));
}

TEST(StudyPlan, NamesThatMakeTwoStepsOneAreRefused) {
  const MadeUpStudy made;
  made.Set("rooms", {"rooms/0.png 0"}, "classes.txt");
  made.scratch_.File("again.json",
                     R"({"name": "rooms", "list": "rooms.txt", "labels": "classes.txt"})");
  Json json = made.Whole();
  json["images"] = {"rooms.json", "again.json"};
  EXPECT_TRUE(HasAll(ErrorOf([&] { made.Plan(json); }), {"classify one rooms", "twice"}));
}

}  // namespace
}  // namespace netdissect
