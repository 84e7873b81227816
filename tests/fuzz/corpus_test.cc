// Inputs of the fuzz targets that once did something else than to succeed or to be refused, and
// those that fuzzing begins with.

#include <gtest/gtest.h>

#include <map>

#include "fuzz/target.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

TEST(Corpus, EveryTargetReadsItsSeeds) {
  ASSERT_GE(FuzzTargets().size(), 20u);
  for (const FuzzTarget& target : FuzzTargets()) {
    const std::vector<std::string> seeds = target.seeds();
    ASSERT_FALSE(seeds.empty()) << target.name;
    for (size_t i = 0; i < seeds.size(); ++i) {
      try {
        target.read(seeds[i]);
      } catch (const Error& error) {
        ADD_FAILURE() << target.name << ", seed " << i << ": " << error.what();
      }
    }
  }
}

TEST(Corpus, WhatWasFoundIsMended) {
  std::map<std::string, const FuzzTarget*> targets;
  for (const FuzzTarget& target : FuzzTargets()) targets[target.name] = &target;
  const Path corpus = Path(NETDISSECT_SOURCE_DIR) / "tests/corpus";
  int inputs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    const auto target = targets.find(entry.path().parent_path().filename().string());
    if (!entry.is_regular_file() || target == targets.end()) continue;
    SCOPED_TRACE(entry.path().string());
    EXPECT_NO_THROW(ReadInput(*target->second, ReadFile(entry.path())));
    ++inputs;
  }
  EXPECT_GT(inputs, 0);
}

// Cut anywhere, and with a byte changed anywhere.
TEST(Corpus, SpoiltSeedsAreReadOrRefused) {
  for (const FuzzTarget& target : FuzzTargets()) {
    SCOPED_TRACE(target.name);
    for (const std::string& seed : target.seeds()) {
      const size_t step = std::max<size_t>(seed.size() / 12, 1);
      for (size_t at = 0; at < seed.size(); at += step) {
        std::string spoilt = seed;
        spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << at % 8));
        EXPECT_NO_THROW(ReadInput(target, spoilt)) << at;
        EXPECT_NO_THROW(ReadInput(target, seed.substr(0, at))) << at;
      }
    }
  }
}

}  // namespace
}  // namespace netdissect
