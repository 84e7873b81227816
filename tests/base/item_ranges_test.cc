#include "base/item_ranges.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace netdissect {
namespace {

std::set<int64_t> ItemsOf(const ItemRanges& ranges) {
  std::set<int64_t> items;
  int64_t last = -1;
  for (const ItemRange& range : ranges.list()) {
    EXPECT_GT(range.size(), 0);
    EXPECT_GT(range.begin, last) << "in order, and none where another one ends";
    last = range.end;
    for (int64_t i = range.begin; i < range.end; ++i) items.insert(i);
  }
  EXPECT_EQ(ranges.count(), static_cast<int64_t>(items.size()));
  return items;
}

// Against sets of single items.
TEST(ItemRanges, AreThoseOfSets) {
  constexpr int64_t kItems = 40;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 0);
    ItemRanges ranges[2];
    std::set<int64_t> sets[2];
    for (int i = 0; i < 2; ++i) {
      for (uint64_t n = 0, count = random.Below(6); n < count; ++n) {
        const auto begin = static_cast<int64_t>(random.Below(kItems));
        const ItemRange added = {begin,
                                 std::min(kItems, begin + static_cast<int64_t>(random.Below(9)))};
        ranges[i].Add(added);
        for (int64_t k = added.begin; k < added.end; ++k) sets[i].insert(k);
      }
      EXPECT_EQ(ItemsOf(ranges[i]), sets[i]);
      std::set<int64_t> missing;
      for (int64_t k = 0; k < kItems; ++k) {
        if (sets[i].count(k) == 0) missing.insert(k);
      }
      EXPECT_EQ(ItemsOf(ranges[i].Missing(kItems)), missing);
    }
    std::set<int64_t> both;
    for (const int64_t item : sets[0]) {
      if (sets[1].count(item) != 0) both.insert(item);
    }
    EXPECT_EQ(ranges[0].Meet(ranges[1]), !both.empty());
    ItemRanges together = ranges[0];
    together.Add(ranges[1]);
    std::set<int64_t> all = sets[0];
    all.insert(sets[1].begin(), sets[1].end());
    EXPECT_EQ(ItemsOf(together), all);
  }
}

TEST(ItemRanges, PartsAreEvenAndConsecutive) {
  for (const int64_t count : {0, 1, 7, 100}) {
    for (const int64_t of : {1, 2, 3, 8, 101}) {
      int64_t end = 0;
      for (int64_t part = 0; part < of; ++part) {
        const ItemRange range = PartOf(count, part, of);
        EXPECT_EQ(range.begin, end);
        EXPECT_GE(range.size(), count / of);
        EXPECT_LE(range.size(), count / of + 1);
        end = range.end;
      }
      EXPECT_EQ(end, count);
    }
  }
}

}  // namespace
}  // namespace netdissect
