#include "report/run_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "base/scratch.h"
#include "nn/kinds/relu.h"
#include "report/record_report.h"

namespace netdissect {
namespace {

Network NetworkOf(const std::vector<std::string>& layers) {
  Network network({3, 8, 8});
  for (const std::string& layer : layers) network.Add(layer, Relu{}, {0});
  return network;
}

// Writes a result of a network, as commands do, with other keys behind the header.
Path WriteResult(const Path& file, const std::string& digest, const Json& more = {}) {
  Provenance provenance;
  provenance.command = "record";
  provenance.options = {{"k", 3}, {"name", "\"}{"}};
  provenance.network_name = "net";
  provenance.network_digest = digest;
  provenance.images = {{"set", "d", 2, ""}};
  Json json = {{"netdissect", ToJson(provenance)}, {"layers", Json::object()}};
  if (more.is_object()) json["netdissect"].update(more);
  WriteJson(file, json);
  return file;
}

TEST(RunFiles, HaveTheContractsNames) {
  const RunFiles files("runs/x");
  EXPECT_EQ(files.Result(ResultKind::kRecord), "runs/x/record.json");
  EXPECT_EQ(files.Result(ResultKind::kFields), "runs/x/rf.json");
  EXPECT_EQ(files.Result(ResultKind::kLabels), "runs/x/annotation.json");
  EXPECT_EQ(files.Result(ResultKind::kSegments), "runs/x/segment.json");
  EXPECT_EQ(files.Result(ResultKind::kSimplify), "runs/x/simplify.json");
  EXPECT_EQ(files.Result(ResultKind::kQuality), "runs/x/evaluate.json");
  EXPECT_EQ(files.Result(ResultKind::kLocalize), "runs/x/localize.json");
  EXPECT_EQ(files.Result(ResultKind::kClassify), "runs/x/classify.json");
  EXPECT_EQ(files.Result(ResultKind::kInfo), "runs/x/info.json");
  EXPECT_EQ(files.Options(), "runs/x/options.toml");
  EXPECT_EQ(files.FieldTable(".tex"), "runs/x/table2.tex");
  EXPECT_EQ(files.Predictions(), "runs/x/predictions.csv");
  EXPECT_EQ(files.PictureDiscrepancy(), "runs/x/discrepancy.npy");
  EXPECT_EQ(files.PictureMap(".npy", FieldMethod::kOcclusion), "runs/x/map.npy");
  EXPECT_EQ(CommandOf(ResultKind::kFields), "rf");
}

TEST(RunFiles, OfGradientsStandBesideThoseOfOcclusion) {
  const RunFiles files("x");
  const LayerFiles layers("x", NetworkOf({"conv1", "responses"}));
  constexpr FieldMethod kGradient = FieldMethod::kGradient, kOcclusion = FieldMethod::kOcclusion;
  EXPECT_EQ(files.Result(FieldsBy(kOcclusion)), "x/rf.json");
  EXPECT_EQ(files.Result(FieldsBy(kGradient)), "x/rf_gradient.json");
  EXPECT_EQ(CommandOf(FieldsBy(kGradient)), "rf --method gradient");
  EXPECT_EQ(files.Responses(kGradient), "x/rf_gradient/responses");
  EXPECT_EQ(files.Sensitivity(".csv", kOcclusion), "x/sensitivity.csv");
  EXPECT_EQ(files.Sensitivity(".csv", kGradient), "x/sensitivity_gradient.csv");
  EXPECT_EQ(files.PictureMap(".png", kGradient), "x/map_gradient.png");
  EXPECT_EQ(layers.Field("conv1", 3, ".npy", kGradient), "x/rf_gradient/conv1/unit_0003.npy");
  EXPECT_EQ(layers.Pipeline("conv1", 3, kGradient), "x/rf_gradient/conv1/unit_0003_pipeline.jpg");
  EXPECT_EQ(layers.Explanation("conv1", 3, kGradient), "x/explain_gradient_conv1_unit_0003.png");
  EXPECT_NE(layers.Field("responses", 0, ".png", kGradient).parent_path(),
            files.Responses(kGradient));
}

TEST(LayerFiles, HaveTheContractsNames) {
  const LayerFiles files("x", NetworkOf({"conv1", "fire9/concat"}));
  EXPECT_EQ(files.Field("fire9/concat", 0, ".png"), "x/rf/fire9_concat/unit_0000.png");
  EXPECT_EQ(files.Field("conv1", 12345, ".npy"), "x/rf/conv1/unit_12345.npy");
  EXPECT_EQ(files.SegmentSheet("fire9/concat", 7), "x/segment/fire9_concat/sheet_007.png");
  EXPECT_EQ(files.LabelPlot("fire9/concat", ".svg"), "x/labels/fire9_concat.svg");
  EXPECT_EQ(files.Explanation("fire9/concat", 3), "x/explain_fire9_concat_unit_0003.png");
  EXPECT_TRUE(HasAll(ErrorOf([&] { files.LabelPlot("pool5", ".png"); }), {"pool5", "conv1"}));
}

TEST(LayerFiles, DoNotCollide) {
  const LayerFiles files("x", NetworkOf({"fire9/concat", "fire9_concat", "responses"}));
  EXPECT_EQ(files.Field("fire9_concat", 0, ".png"), "x/rf/fire9_concat/unit_0000.png");
  EXPECT_EQ(files.Field("fire9/concat", 0, ".png"), "x/rf/fire9_concat-2/unit_0000.png");
  EXPECT_NE(files.Field("responses", 0, ".png").parent_path(),
            RunFiles("x").Responses(FieldMethod::kOcclusion));
}

TEST(LayerFiles, MapsAreFoundWhereTheResultSaysAndNowhereElse) {
  const LayerFiles files("x", NetworkOf({"fire9/concat", "fire9_concat"}));
  for (const char* layer : {"fire9/concat", "fire9_concat"}) {
    for (const FieldMethod method : {FieldMethod::kOcclusion, FieldMethod::kGradient}) {
      EXPECT_EQ(FieldMapIn("x", files.FieldFolder(layer, method), layer, 4),
                files.Field(layer, 4, ".npy", method));
    }
  }
  EXPECT_EQ(FieldMapIn("x", "", "fire9/concat", 4), "x/rf/fire9_concat/unit_0004.npy");
  for (const char* folder :
       {"/etc", "rf/../..", "rf/", "rf", "rf/a/b", "../rf/a", "rf_gradient/../x", "rf_other/a"}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { FieldMapIn("x", folder, "conv1", 4); }), {"conv1", folder}));
  }
}

TEST(ImageFiles, DoNotCollide) {
  Dataset set;
  for (const char* name : {"a/b.jpg", "a_b.jpg", "a/b.png", "a_b_curve.jpg", "c.jpg"}) {
    set.images.push_back({name, name, -1});
  }
  const ImageFiles located = LocalizedPictures("x", set);
  EXPECT_EQ(located.File(4, ".png"), "x/localize/c.jpg.png");
  EXPECT_EQ(located.File(1, ".png"), "x/localize/a_b.jpg.png");
  EXPECT_EQ(located.File(0, ".png"), "x/localize/a_b.jpg-2.png");
  const ImageFiles minimal = MinimalImages("x", set);
  EXPECT_EQ(minimal.File(4, "_curve.png"), "x/images/c_curve.png");
  EXPECT_EQ(minimal.File(1, ".json"), "x/images/a_b.json");
  std::set<Path> files;
  for (int image = 0; image < 5; ++image) {
    for (const char* ending : {".json", ".png", "_curve.png", ".html"}) {
      EXPECT_TRUE(files.insert(minimal.File(image, ending)).second) << image << ending;
    }
  }
  const ImageFiles segmented = SegmentedPictures("x", {"one/a.png", "two/a.jpg", "b.png"});
  EXPECT_EQ(segmented.File(0, ".png"), "x/segment/a.png");
  EXPECT_EQ(segmented.File(1, ".png"), "x/segment/a-2.png");
}

TEST(Folders, OfNetworksAndSetsDoNotCollide) {
  EXPECT_EQ(NetworkFolders("x", {"a/net.json"}), (std::vector<Path>{"x"}));
  EXPECT_EQ(NetworkFolders("x", {"a/net.json", "b/net.json", "other.json"}),
            (std::vector<Path>{"x/net", "x/net-2", "x/other"}));
  Dataset one, two;
  one.name = "a/b";
  two.name = "a_b";
  EXPECT_EQ(SetFolders("x", {one}), (std::vector<Path>{"x"}));
  EXPECT_EQ(SetFolders("x", {one, two}), (std::vector<Path>{"x/a_b-2", "x/a_b"}));
}

TEST(ReadHeader, SaysWhatTheResultIs) {
  const ScratchFolder scratch;
  const Path file = WriteResult(scratch.path() / "record.json", "abc");
  const ResultHeader header = ReadHeader(file);
  EXPECT_EQ(header.format, kResultFormat);
  EXPECT_EQ(header.provenance.command, "record");
  EXPECT_EQ(header.provenance.options.at("name"), "\"}{");
  EXPECT_EQ(header.provenance.network_digest, "abc");
  EXPECT_EQ(header.provenance.images.at(0).count, 2);
  std::ostringstream record;
  WriteRecord(record, header.provenance, RecordResult());
  EXPECT_EQ(ReadHeader(scratch.File("r.json", record.str())).provenance.network_digest, "abc");
}

TEST(ReadHeader, ReadsNoFurther) {
  const ScratchFolder scratch;
  const std::string whole = ReadFile(WriteResult(scratch.path() / "record.json", "abc"));
  const std::string start = whole.substr(0, whole.find("\"layers\""));
  EXPECT_EQ(ReadHeader(scratch.File("cut.json", start)).provenance.network_digest, "abc");
}

TEST(ReadHeader, RefusesWhatIsNoResultOrOfALaterFormat) {
  const ScratchFolder scratch;
  for (const char* text : {"", "[]", "{", "{}", "{\"a\": 1}", "{\"netdissect\": 3}",
                           "{\"netdissect\": {\"images\": [{}]}}", "{\"netdissect\": [1, 2]}",
                           "{\"netdissect\": {\"command\": 3}}", "{\"netdissect\": {",
                           "{\"netdissect\": \"{\"}", "\x89PNG"}) {
    const Path file = scratch.File("bad.json", text);
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadHeader(file); }), {file.string(), "expected a result"}))
        << text;
  }
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadHeader(scratch.path() / "none"); }), {"no such file"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadHeader(scratch.path()); }), {"folder"}));
  const Path later = WriteResult(scratch.path() / "later.json", "abc", {{"format", 99}});
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadHeader(later); }), {"later.json", "format", "found 99"}));
  // The first format had no number.
  const Path first = scratch.File("first.json", R"({"netdissect": {"command": "rf"}})");
  EXPECT_EQ(ReadHeader(first).format, 1);
}

TEST(FindResult, IsThatOfTheNetwork) {
  const ScratchFolder scratch;
  const Path runs = scratch.path() / "runs";
  const auto find = [&](const std::string& descriptor, const std::string& digest) {
    return FindResult(runs, ResultKind::kRecord, descriptor, digest);
  };
  EXPECT_FALSE(find("net.json", "a"));
  EXPECT_TRUE(HasAll(ErrorOf([&] { RequireResult(runs, ResultKind::kRecord, "net.json", "a"); }),
                     {"runs/record.json", "expected what `record` writes"}));
  const Path own = WriteResult(runs / "record.json", "a");
  EXPECT_EQ(find("net.json", "a"), own);
  EXPECT_EQ(find("net.json", "b"), own) << "reading it says of which network it is";
  // Two networks of one name: each finds its own.
  std::filesystem::remove(own);
  const Path first = WriteResult(runs / "net/record.json", "a");
  const Path second = WriteResult(runs / "net-2/record.json", "b");
  scratch.File("runs/broken/record.json", "{");
  EXPECT_EQ(find("a/net.json", "a"), first);
  EXPECT_EQ(find("b/net.json", "b"), second);
  EXPECT_EQ(find("b/net.json", "c"), first);
  EXPECT_EQ(FindResult(second, ResultKind::kRecord, "net.json", "a"), second);
  EXPECT_FALSE(FindResult(runs / "no.json", ResultKind::kRecord, "net.json", "a"));
}

TEST(RunFolder, IsOneProcessAtATime) {
  const ScratchFolder scratch;
  const Path folder = scratch.path() / "runs/rf";
  {
    const RunFolder run(folder, "rf");
    EXPECT_EQ(run.files().Result(ResultKind::kFields), folder / "rf.json");
    EXPECT_TRUE(HasAll(ErrorOf([&] { RunFolder(folder, "record"); }),
                       {folder.string(), "in use by process " + std::to_string(getpid()),
                        "`netdissect rf`", "since ", "--out"}));
    const RunFolder other(scratch.path() / "runs", "rf");  // another folder, though around it
  }
  EXPECT_EQ(scratch.CountFiles(), 0u) << "the lock is still there";
  const RunFolder again(folder, "rf");
}

// What a run that was killed had not finished goes when its folder is next used; nothing else does.
TEST(RunFolder, ClearsWhatKilledRunsHaveLeft) {
  const ScratchFolder scratch;
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  ASSERT_GT(gone, 0);
  ASSERT_EQ(waitpid(gone, nullptr, 0), gone);
  const std::string left = fmt::format(".tmp-{}-0", gone);
  const std::string living = fmt::format(".tmp-{}-7", getpid());
  for (const std::string& name :
       {"record.json" + left, "net/rf/pool5/unit_0001.npy" + left, "a/b/c/d/e" + left}) {
    scratch.File("run/" + name, "half");
  }
  const std::vector<Path> kept = {
      scratch.File("run/record.json" + living, ""), scratch.File("run/notes.tmp-x-1", ""),
      scratch.File("run/notes.tmp-12", ""),         scratch.File("run/rf.json", "{}"),
      scratch.File("run/other/.lock", ""),          scratch.File("run/other/rf.json" + left, "")};
  const RunFolder run(scratch.path() / "run", "rf");
  EXPECT_FALSE(Exists(scratch.path() / ("run/record.json" + left)));
  EXPECT_FALSE(Exists(scratch.path() / ("run/net/rf/pool5/unit_0001.npy" + left)));
  for (const Path& file : kept) EXPECT_TRUE(Exists(file)) << file;
  // No run writes so deep: a folder of anything is not searched.
  EXPECT_TRUE(Exists(scratch.path() / ("run/a/b/c/d/e" + left)));
}

// Of a process whose parent has not asked how it ended, too.
TEST(RunFolder, ClearsWhatUnmournedProcessesHaveLeft) {
  const ScratchFolder scratch;
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  ASSERT_GT(gone, 0);
  siginfo_t ended;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(gone), &ended, WEXITED | WNOWAIT), 0);
  ASSERT_EQ(kill(gone, 0), 0);
  const Path left = scratch.File(fmt::format("run/record.json.tmp-{}-2", gone), "");
  const RunFolder run(scratch.path() / "run", "rf");
  EXPECT_FALSE(Exists(left));
  EXPECT_EQ(waitpid(gone, nullptr, 0), gone);
}

TEST(RunFolder, MovesItsLock) {
  const ScratchFolder scratch;
  std::vector<RunFolder> runs;
  runs.emplace_back(scratch.path() / "a", "rf");
  runs.emplace_back(scratch.path() / "b", "rf");
  EXPECT_THROW(RunFolder(scratch.path() / "a", "rf"), Error);
  runs.clear();
  const RunFolder again(scratch.path() / "a", "rf");
}

// A process that is killed holds nothing, whatever it left in the file.
TEST(RunFolder, ADeadProcessIsNoObstacle) {
  const ScratchFolder scratch;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const RunFolder run(scratch.path(), "rf");
    if (write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(HasAll(ErrorOf([&] { RunFolder(scratch.path(), "rf"); }),
                     {"in use by process " + std::to_string(child)}));
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(scratch.CountFiles(), 1u) << "what it left";
  { const RunFolder run(scratch.path(), "rf"); }
  EXPECT_EQ(scratch.CountFiles(), 0u);
  close(ready[0]);
  close(ready[1]);
}

TEST(RunFolder, AFolderThatCannotBeWrittenIsNamed) {
  const ScratchFolder scratch;
  const Path below = scratch.File("file", "") / "run";
  EXPECT_TRUE(HasAll(ErrorOf([&] { RunFolder(below, "rf"); }), {below.string()}));
}

}  // namespace
}  // namespace netdissect
