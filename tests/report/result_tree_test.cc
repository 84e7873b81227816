#include "report/result_tree.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

Path WriteResult(const Path& file, const std::string& command, const std::string& network) {
  Provenance provenance;
  provenance.command = command;
  provenance.network_name = network;
  std::filesystem::create_directories(file.parent_path());
  WriteJson(file, {{"netdissect", ToJson(provenance)}, {"layers", Json::object()}});
  return file;
}

TEST(FindResults, FindsThemAtAnyDepthAndSaysWhatTheyAre) {
  const ScratchFolder scratch;
  WriteResult(scratch.path() / "rf/a/rf.json", "rf", "a");
  WriteResult(scratch.path() / "rf/b/rf.json", "rf", "b");
  WriteResult(scratch.path() / "labels/annotation.json", "annotate auto", "a");
  WriteResult(scratch.path() / "simplify/images/x.json", "simplify", "a");  // no result's name
  WriteResult(scratch.path() / ".old/rf/rf.json", "rf", "c");               // hidden
  const ResultTree tree = FindResults(scratch.path());
  ASSERT_EQ(tree.results.size(), 3U);
  EXPECT_EQ(tree.results[0].kind, ResultKind::kLabels);
  EXPECT_EQ(tree.results[0].header.provenance.command, "annotate auto");
  EXPECT_EQ(tree.results[1].header.provenance.network_name, "a");
  EXPECT_EQ(tree.results[2].header.provenance.network_name, "b");
  EXPECT_TRUE(tree.unreadable.empty());
}

TEST(FindResults, NamesWhatItCannotRead) {
  const ScratchFolder scratch;
  WriteResult(scratch.path() / "rf.json", "rf", "a");
  WriteFile(scratch.path() / "record.json", "{\"layers\": {}}");
  const ResultTree tree = FindResults(scratch.path());
  EXPECT_EQ(tree.results.size(), 1U);
  ASSERT_EQ(tree.unreadable.size(), 1U);
  EXPECT_NE(tree.unreadable[0].find("record.json"), std::string::npos);
}

TEST(FindResults, WantsAFolder) {
  const ScratchFolder scratch;
  EXPECT_THROW(FindResults(scratch.path() / "missing"), Error);
}

}  // namespace
}  // namespace netdissect
