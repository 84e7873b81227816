#include <gtest/gtest.h>

#include "cli/program.h"

namespace netdissect {
namespace {

// The pictures with outlines of two objects on each, except the last.
class AnnotateTest : public ProgramTest {
 protected:
  std::string AnnotatedImages() const {
    Images("pictures", 6);
    for (int i = 0; i < 5; ++i) {
      scratch_.File(
          fmt::format("xml/{}.xml", i),
          fmt::format("<annotation><imagesize><nrows>48</nrows><ncols>64</ncols></imagesize>"
                      "<object><name>Walls</name><polygon><pt><x>0</x><y>0</y></pt><pt><x>63</x>"
                      "<y>0</y></pt><pt><x>63</x><y>47</y></pt><pt><x>0</x><y>47</y></pt></polygon>"
                      "</object><object><name>ball</name><polygon><pt><x>{0}</x><y>18</y></pt><pt>"
                      "<x>{1}</x><y>18</y></pt><pt><x>{1}</x><y>30</y></pt><pt><x>{0}</x><y>30</y>"
                      "</pt></polygon></object></annotation>",
                      4 + 9 * i, 16 + 9 * i));
    }
    return scratch_
        .File(
            "annotated.json",
            Json{{"name", "annotated"},
                 {"list", "pictures.txt"},
                 {"annotations", {{"format", "labelme"}, {"root", "xml"}, {"strip", "pictures/"}}}}
                .dump())
        .string();
  }
  Arguments Auto(const Arguments& more) const {
    Arguments arguments = {"annotate",        "auto",    "--network", Network(),      "--images",
                           AnnotatedImages(), "--layer", "pool5",     "--layer",      "conv3",
                           "--min-images",    "2",       "--out",     Place("labels")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(AnnotateTest, UnitsAreLabelledAndThenEvaluated) {
  const Outcome labelled = RunWell(Auto({"--min-iou", "0.001"}));
  EXPECT_TRUE(HasAll(labelled.out, {"tiny", "pool5", "conv3", "IoU", "wall"})) << labelled;
  const Json labels = ReadResult("labels/annotation.json");
  EXPECT_TRUE(HasHeader(labels, "annotate auto"));
  EXPECT_EQ(labels["annotated"], 5);
  EXPECT_EQ(labels["unannotated"], 1);
  EXPECT_EQ(labels["objects"].size(), 2u);
  for (const char* layer : {"pool5", "conv3"}) {
    const Json& units = labels["layers"][layer]["units"];
    ASSERT_GT(units.size(), 3u);
    for (const Json& unit : units) {
      EXPECT_TRUE(HasKeys(unit, {"unit", "label", "precision", "group", "iou", "annotators"}));
    }
  }
  for (const char* file :
       {"record.json", "labels.csv", "labels/pool5.png", "labels/pool5.svg", "labels/conv3.png",
        "labels/conv3.svg", "labels/best_units.png", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("labels/") + file)) << file;
  }
  const Outcome evaluated =
      RunWell({"evaluate", "--network", Network(), "--images", AnnotatedImages(), "--labels",
               Place("labels"), "--out", Place("quality"), "--json"});
  const Json quality = Json::parse(evaluated.out);
  EXPECT_EQ(quality, ReadResult("quality/evaluate.json"));
  EXPECT_TRUE(HasHeader(quality, "evaluate"));
  EXPECT_TRUE(HasAll(evaluated.err, {"labels/record.json", "reused"})) << evaluated;
  size_t units = 0;
  for (const auto& [layer, value] : quality["layers"].items()) {
    for (const Json& unit : value["units"]) {
      EXPECT_TRUE(
          HasKeys(unit, {"unit", "label", "ap", "jaccard", "best_jaccard", "best_threshold"}));
      EXPECT_GE(unit["best_jaccard"], unit["jaccard"]);
      ++units;
    }
  }
  EXPECT_GT(units, 0u);
  for (const char* file : {"quality.csv", "evaluate/precision_recall.png",
                           "evaluate/precision_recall.svg", "evaluate/ap_histogram.png",
                           "evaluate/ap_histogram.svg", "evaluate/examples.png", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("quality/") + file)) << file;
  }
  EXPECT_FALSE(HasHalfWrittenFiles());
  // The saved options run the same again.
  const Outcome again = RunWell({"--config", Place("labels/options.toml"), "annotate", "auto"});
  EXPECT_EQ(again.out, labelled.out);
}

TEST_F(AnnotateTest, SeveralNetworksAreComparedInOneCall) {
  const Outcome outcome = RunWell({"annotate", "auto", "--network", Network("a"), "--network",
                                   Network("b", 2), "--images", AnnotatedImages(), "--min-images",
                                   "2", "--sheet", "0", "--out", Place("both")});
  EXPECT_TRUE(HasAll(outcome.out, {"IoU >= 0.04", "\na ", "\nb "})) << outcome;
  EXPECT_NE(ReadResult("both/a/annotation.json")["netdissect"]["network"]["digest"],
            ReadResult("both/b/annotation.json")["netdissect"]["network"]["digest"]);
  EXPECT_FALSE(std::filesystem::exists(Place("both/a/labels/best_units.png")));
  const Outcome foreign =
      Run({"evaluate", "--network", Network("c", 3), "--images", AnnotatedImages(), "--labels",
           Place("both/a/annotation.json"), "--out", Place("quality")});
  EXPECT_EQ(foreign.status, 1) << foreign;
  EXPECT_TRUE(HasAll(foreign.err, {"both/a/annotation.json", "digest"})) << foreign;
}

TEST_F(AnnotateTest, ASetMaySayTheGroupsOfItsObjects) {
  const auto groups_of = [&](const std::string& groups) {
    Arguments arguments = Auto({"--min-iou", "0.001"});
    Json set = ReadJson(AnnotatedImages());
    scratch_.File("groups.json", groups);
    set["annotations"]["groups"] = "groups.json";
    scratch_.File("annotated.json", set.dump());
    return Run(arguments);
  };
  ASSERT_EQ(groups_of(R"({"Walls": "material", "ball": "shape"})").status, 0);
  int labelled = 0;
  const Json layers = ReadResult("labels/annotation.json")["layers"];
  for (const char* layer : {"pool5", "conv3"}) {
    for (const Json& unit : layers[layer]["units"]) {
      if (unit["label"].is_null()) continue;
      EXPECT_EQ(unit["group"], unit["label"] == "wall" ? "material" : "shape") << unit;
      ++labelled;
    }
  }
  EXPECT_GT(labelled, 0);
  const Outcome bad = groups_of(R"({"wall": 3})");
  EXPECT_EQ(bad.status, 1) << bad;
  EXPECT_TRUE(HasAll(bad.err, {"groups.json", "wall", "group", "3"})) << bad;
}

TEST_F(AnnotateTest, LabelsOfOthersAreNotReplaced) {
  scratch_.File("labels/annotation.json",
                R"({"netdissect": {"command": "annotate import"}, "layers": {}})");
  const Outcome refused = Run(Auto({}));
  EXPECT_EQ(refused.status, 1) << refused;
  EXPECT_TRUE(HasAll(refused.err, {"annotation.json", "annotate import", "--force"})) << refused;
  EXPECT_EQ(ReadResult("labels/annotation.json")["netdissect"]["command"], "annotate import");
  RunWell(Auto({"--force"}));
  EXPECT_EQ(ReadResult("labels/annotation.json")["netdissect"]["command"], "annotate auto");
}

TEST_F(AnnotateTest, WhatIsMissingIsNamed) {
  const Outcome plain = Run(
      {"annotate", "auto", "--network", Network(), "--images", Images(), "--out", Place("labels")});
  EXPECT_EQ(plain.status, 1) << plain;
  EXPECT_TRUE(HasAll(plain.err, {"pictures", "\"annotations\""})) << plain;
  const Outcome form = Run({"annotate"});
  EXPECT_EQ(form.status, 2) << form;
  const Outcome bound = Run(Auto({"--min-iou", "2"}));
  EXPECT_EQ(bound.status, 2) << bound;
  const Outcome nothing = Run({"evaluate", "--network", Network(), "--images", AnnotatedImages(),
                               "--labels", Place("nowhere"), "--out", Place("quality")});
  EXPECT_EQ(nothing.status, 1) << nothing;
  EXPECT_TRUE(HasAll(nothing.err, {"nowhere/annotation.json", "no such file"})) << nothing;
}

}  // namespace
}  // namespace netdissect
