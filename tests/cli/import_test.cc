#include <gtest/gtest.h>

#include "cli/program.h"
#include "netdissect/nn/model.h"
#include "report/task_report.h"
#include "study/some_task.h"

namespace netdissect {
namespace {

class ImportTest : public ProgramTest {
 protected:
  // Of the network tiny, as `annotate export` would write it.
  AnnotationTask Task() const {
    const Model model = LoadModel(Network());
    AnnotationTask task = SomeTask();
    task.network = model.name;
    task.network_digest = model.digest;
    task.id = IdOf(task);
    Json file = {{"netdissect",
                  {{"version", "0.1.0"},
                   {"command", "annotate export"},
                   {"network", {{"name", model.name}, {"digest", model.digest}}},
                   {"images", Json::array()}}}};
    file.update(ToJson(task));
    scratch_.File("task/export.json", file.dump());
    return task;
  }

  std::string Answers(const AnnotationTask& task, std::vector<Answer> answers,
                      const std::string& more = "") const {
    std::string lines;
    for (Answer& answer : answers) {
      if (answer.task == "the task") answer.task = task.id;
      lines += ToJson(answer).dump() + "\n";
    }
    return scratch_.File("task/answers.jsonl", lines + more).string();
  }

  Arguments Import(const Arguments& more = {}) const {
    Arguments arguments = {"annotate", "import", "--task", Place("task"), "--out", Place("labels")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  const std::string header_ = "network,layer,unit,annotator,label,category,precision\n";
};

TEST_F(ImportTest, AnswersBecomeLabelsAndWhatIsLeftOutIsSaid) {
  const AnnotationTask task = Task();
  Answer foreign = SomeAnswer("5", 4, "dan", "tree");
  foreign.task = "another task";
  Answers(task,
          {SomeAnswer("1", 4, "ann", "sky"), SomeAnswer("2", 4, "bob", "tree", {0, 4}),
           SomeAnswer("3", 4, "ann", "Trees", {0, 1, 4}), SomeAnswer("2", 4, "bob", "tree", {0, 4}),
           SomeAnswer("4", 4, "eve", "car", {0}), foreign},
          "no json\n{\"id\": \"cut");
  const Outcome outcome = RunWell(Import());
  EXPECT_TRUE(
      HasAll(outcome.err, {"2 of 5 answers", "1 replaced", "1 sent twice", "another task",
                           "answers.jsonl:7", "cut", "uncrossed", "1 units have no answer"}))
      << outcome;
  EXPECT_TRUE(HasAll(outcome.out, {"1 units for a second look", "precision", "50% | 75%"}))
      << outcome;
  const Json labels = ReadResult("labels/annotation.json");
  EXPECT_TRUE(HasHeader(labels, "annotate import"));
  EXPECT_EQ(labels["netdissect"]["network"]["digest"], task.network_digest);
  EXPECT_EQ(labels["answers"], (Json{{"given", 5},
                                     {"taken", 2},
                                     {"replaced", 1},
                                     {"skipped", 0},
                                     {"uncrossed", 1},
                                     {"repeated", 1},
                                     {"left_out", 2}}));
  const Json& unit = labels["layers"]["pool5"]["units"][0];
  EXPECT_TRUE(HasKeys(unit, {"unit", "label", "precision", "group", "iou", "annotators"}));
  EXPECT_EQ(unit["label"], "tree");
  EXPECT_EQ(unit["precision"], 0.625);
  EXPECT_EQ(unit["annotators"], 2);
  EXPECT_EQ(unit["answers"][0]["crossed"], Json({0, 1}));
  EXPECT_EQ(labels["agreement"]["crossed"], 0.75);
  EXPECT_TRUE(labels["layers"]["pool5"]["units"][1]["label"].is_null());
  EXPECT_TRUE(HasAll(ReadFile(Place("labels/second_look.csv")), {"pool5,4,precision,tree"}));
  EXPECT_FALSE(HasHalfWrittenFiles());
  // The network's labels are taken as others are.
  const Outcome semantics =
      RunWell({"semantics", "--labels", Place("labels"), "--out", Place("semantics"), "--json"});
  const Json result = Json::parse(semantics.out);
  EXPECT_EQ(result, ReadResult("semantics/semantics.json"));
  EXPECT_TRUE(HasHeader(result, "semantics"));
  const Json& layer = result["networks"][0]["layers"]["pool5"];
  EXPECT_EQ(layer["levels"], (Json{{"low", 0.0}, {"mid", 0.0}, {"high", 1.0}}));
  EXPECT_EQ(layer["no_label"], 1);
  for (const char* file :
       {"semantics.csv", "semantics.tex", "groups.csv", "groups.tex", "figure7.png", "figure7.svg",
        "figure8.png", "figure8.svg", "figure8_levels.png", "figure8_levels.svg", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("semantics/") + file)) << file;
  }
}

TEST_F(ImportTest, StrictRefusesWhatElseIsLeftOut) {
  const AnnotationTask task = Task();
  Answers(task, {SomeAnswer("1", 4, "ann", "tree")}, "no json\n");
  const Outcome strict = Run(Import({"--strict"}));
  EXPECT_EQ(strict.status, 1) << strict;
  EXPECT_TRUE(HasAll(strict.err, {"answers.jsonl:2", "no json"})) << strict;
  EXPECT_FALSE(std::filesystem::exists(Place("labels/annotation.json")));
}

TEST_F(ImportTest, ATableOfSeveralNetworksGivesAFolderForEach) {
  const std::string table = scratch_
                                .File("table.csv", header_ +
                                                       "a,pool5,1,1,tree,2,0.5\n"
                                                       "b,pool5,1,1,tree,2,0.5\n"
                                                       "b,pool5,2,1,red,6,much\n"
                                                       "b,pool5,2,1,red,8,0.5\n")
                                .string();
  const Arguments import = {"annotate", "import", "--published", table, "--out", Place("labels")};
  const Outcome outcome = RunWell(import);
  EXPECT_TRUE(HasAll(outcome.err, {"table.csv:4", "much", "table.csv:5", "8", "2 of 4 rows"}))
      << outcome;
  const Json labels = ReadResult("labels/b/annotation.json");
  EXPECT_TRUE(HasHeader(labels, "annotate import"));
  EXPECT_EQ(labels["netdissect"]["network"], (Json{{"name", "b"}, {"digest", ""}}));
  EXPECT_EQ(labels["rows"]["left_out"], 2);
  EXPECT_EQ(labels["layers"]["pool5"]["units"][0]["unit"], 0);
  EXPECT_EQ(labels["layers"]["pool5"]["units"][0]["source"], "published");
  Arguments strict = import;
  strict.emplace_back("--strict");
  EXPECT_EQ(Run(strict).status, 1);
  // Saved options import the same again, and both networks are compared.
  RunWell({"--config", Place("labels/a/options.toml"), "annotate", "import"});
  EXPECT_EQ(ReadResult("labels/b/annotation.json")["layers"], labels["layers"]);
  const Outcome semantics =
      RunWell({"semantics", "--labels", Place("labels"), "--out", Place("semantics")});
  EXPECT_TRUE(HasAll(semantics.out, {"\na ", "\nb ", "region or surface"})) << semantics;
  const Outcome layer = Run(
      {"semantics", "--labels", Place("labels"), "--layer", "conv9", "--out", Place("semantics")});
  EXPECT_EQ(layer.status, 1);
  EXPECT_TRUE(HasAll(layer.err, {"pool5", "conv9"})) << layer;
}

// People's labels and those of ground truth in one file, which other commands take.
TEST_F(ImportTest, GroundTruthStandsBesidePeoplesLabels) {
  const AnnotationTask task = Task();
  Answers(task, {SomeAnswer("1", 4, "ann", "tree")});
  Json truth = {{"netdissect",
                 {{"command", "annotate auto"},
                  {"network", {{"name", "tiny"}, {"digest", task.network_digest}}}}},
                {"layers", {{"pool5", {{"units", Json::array()}}}}}};
  for (int unit = 0; unit < 6; ++unit) {
    truth["layers"]["pool5"]["units"].push_back({{"unit", unit},
                                                 {"label", "bed"},
                                                 {"precision", 0.5},
                                                 {"group", "object"},
                                                 {"iou", 0.2},
                                                 {"annotators", 0}});
  }
  const std::string auto_file = scratch_.File("labels/annotation.json", truth.dump()).string();
  const Outcome refused = Run(Import());
  EXPECT_EQ(refused.status, 1) << refused;
  EXPECT_TRUE(HasAll(refused.err, {"annotation.json", "annotate auto", "--out"})) << refused;
  // Groups that people did not choose from are refused here, not where both are counted together.
  Json other = truth;
  other["layers"]["pool5"]["units"][2]["group"] = "gadget";
  const std::string other_file = scratch_.File("other.json", other.dump()).string();
  const Outcome foreign = Run(Import({"--with", other_file}));
  EXPECT_EQ(foreign.status, 1) << foreign;
  EXPECT_TRUE(HasAll(foreign.err, {"--with", "other.json", "pool5", "unit 2", "gadget", "object"}))
      << foreign;
  RunWell(Import({"--with", auto_file}));
  const Json units = ReadResult("labels/annotation.json")["layers"]["pool5"]["units"];
  ASSERT_EQ(units.size(), 7u);
  EXPECT_EQ(units[3]["source"], "ground truth");
  EXPECT_EQ(units[4]["label"], "tree");
  EXPECT_TRUE(units[4]["iou"].is_null());
  EXPECT_EQ(units[4]["ground_truth"]["label"], "bed");
  const std::string set = Images();
  RunWell({"record", "--network", Network(), "--images", set, "--layer", "pool5", "--out",
           Place("record")});
  const Outcome localized =
      RunWell({"localize", "--network", Network(), "--images", set, "--layer", "pool5", "--labels",
               Place("labels"), "--record", Place("record"), "--fields", Place("none"), "--out",
               Place("localize")});
  EXPECT_TRUE(HasAll(localized.err, {"pool5: 6 of"})) << localized;
  const Outcome segmented = RunWell({"segment", "--network", Network(), "--images", set, "--layer",
                                     "pool5", "--units", "4", "--labels", Place("labels"),
                                     "--record", Place("record"), "--out", Place("segment")});
  // Imported again, people's labels stay and the truth beside them too.
  RunWell(Import({"--with", Place("labels")}));
  EXPECT_EQ(ReadResult("labels/annotation.json")["layers"]["pool5"]["units"], units);
}

TEST_F(ImportTest, WhatIsMissingIsNamed) {
  const Outcome task = Run(Import());
  EXPECT_EQ(task.status, 1) << task;
  EXPECT_TRUE(HasAll(task.err, {"task/export.json", "annotate export"})) << task;
  Task();
  const Outcome answers = Run(Import());
  EXPECT_EQ(answers.status, 1) << answers;
  EXPECT_TRUE(HasAll(answers.err, {"answers.jsonl"})) << answers;
  const Outcome both = Run(Import({"answers.jsonl", "--published", "table.csv"}));
  EXPECT_EQ(both.status, 2) << both;
  const Outcome labels = Run({"semantics", "--labels", Place("none"), "--out", Place("out")});
  EXPECT_EQ(labels.status, 1) << labels;
  EXPECT_TRUE(HasAll(labels.err, {"none/annotation.json", "annotate"})) << labels;
}

}  // namespace
}  // namespace netdissect
