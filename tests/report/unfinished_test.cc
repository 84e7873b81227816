#include "report/unfinished.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "netdissect/base/error.h"
#include "report/measured_field.h"
#include "report/result_tree.h"

namespace netdissect {
namespace {

Provenance OfOptions(const Json& options) {
  Provenance provenance;
  provenance.command = "rf";
  provenance.options = options;
  provenance.network_name = "net";
  provenance.network_digest = "abc";
  provenance.images = {{"set", "d", 2, ""}};
  return provenance;
}

constexpr ResultKind kKind = ResultKind::kFields;

TEST(UnfinishedResult, ThatOfAnotherRunGoesBeforeItsFilesDo) {
  const ScratchFolder scratch;
  const RunFiles files(scratch.path());
  const Path result = scratch.path() / "rf.json";
  UnfinishedResult(files, kKind, OfOptions({{"k", 4}})).Finish({{"mean", 1}});
  EXPECT_EQ(ReadHeader(result).provenance.options, Json({{"k", 4}}));
  EXPECT_EQ(scratch.CountFiles(), 1u);

  // The same again: what it writes is the same, and so the result stands.
  {
    UnfinishedResult same(files, kKind, OfOptions({{"k", 4}}));
    same.Begin();
    EXPECT_TRUE(Exists(result));
    EXPECT_EQ(UnfinishedAt(result, kKind), std::nullopt);
  }
  Provenance seeded = OfOptions({{"k", 4}}), of_images = seeded, of_network = seeded;
  seeded.seed = 3;
  of_images.images[0].digest = "e";
  of_network.network_digest = "b";
  for (const Provenance& other : {OfOptions({{"k", 5}}), seeded, of_images, of_network}) {
    UnfinishedResult(files, kKind, OfOptions({{"k", 4}})).Finish({{"mean", 1}});
    UnfinishedResult stopped(files, kKind, other);
    EXPECT_TRUE(Exists(result));  // nothing is written yet
    stopped.Begin();
    EXPECT_FALSE(Exists(result));
    EXPECT_TRUE(UnfinishedAt(result, kKind));
  }
  // So does what is no result, or is spoilt.
  UnfinishedResult(files, kKind, OfOptions({{"k", 4}})).Finish({{"mean", 1}});
  scratch.File("rf.json", "{}");
  UnfinishedResult last(files, kKind, OfOptions({{"k", 4}}));
  last.Begin();
  EXPECT_FALSE(Exists(result));
  last.Finish({{"mean", 2}});
  EXPECT_EQ(ReadJson(result)["mean"], 2);
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

TEST(UnfinishedResult, IsSaidToWhoeverReadsIt) {
  const ScratchFolder scratch;
  UnfinishedResult stopped(RunFiles(scratch.path()), kKind, OfOptions({}));
  stopped.Begin();
  const std::vector<std::string> words = {"rf.json", "`rf`", "has not ended", "the same command"};
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { RequireResult(scratch.path(), kKind, "net.json", "abc"); }), words));
  EXPECT_TRUE(HasAll(ErrorOf([&] { MeasuredFields(scratch.path(), "abc"); }), words));
  const ResultTree tree = FindResults(scratch.path());
  EXPECT_TRUE(tree.results.empty());
  ASSERT_EQ(tree.unreadable.size(), 1u);
  EXPECT_TRUE(HasAll(tree.unreadable[0], words));
}

TEST(UnfinishedResult, MayBeStreamed) {
  const ScratchFolder scratch;
  UnfinishedResult result(RunFiles(scratch.path()), kKind, OfOptions({}));
  result.Begin();
  AtomicFile file(result.file());
  file.stream() << "{}";
  result.Finish(file);
  EXPECT_EQ(ReadFile(scratch.path() / "rf.json"), "{}");
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

}  // namespace
}  // namespace netdissect
