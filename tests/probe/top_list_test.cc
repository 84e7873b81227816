#include "netdissect/probe/top_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"

namespace netdissect {
namespace {

struct Item {
  int64_t image = 0;
  float value = 0;
};

bool operator==(const Item& a, const Item& b) { return a.image == b.image && a.value == b.value; }
void PrintTo(const Item& item, std::ostream* out) { *out << item.image << ": " << item.value; }

// Few different values, so that most are ties; in the order of the images.
std::vector<Item> Stream(uint64_t seed, int64_t count, uint64_t different) {
  Random random(seed, 3);
  std::vector<Item> items;
  for (int64_t i = 0; i < count; ++i) {
    items.push_back({i, static_cast<float>(random.Below(different)) - 2});
  }
  return items;
}

std::vector<Item> Expected(std::vector<Item> items, size_t capacity) {
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.value > b.value; });
  items.resize(std::min(items.size(), capacity));
  return items;
}

TEST(TopList, IsTheHeadOfAStableSort) {
  for (size_t capacity : {0, 1, 2, 7, 100, 1000}) {
    for (uint64_t different : {1, 3, 1000000}) {
      const std::vector<Item> items = Stream(capacity, 300, different);
      TopList<Item> list(capacity);
      for (const Item& item : items) list.Add(item);
      EXPECT_EQ(list.Sorted(), Expected(items, capacity)) << capacity << " of " << different;
    }
  }
}

TEST(TopList, DoesNotDependOnTheOrderOfTheStream) {
  const std::vector<Item> items = Stream(1, 200, 4);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed, 6);
    std::vector<Item> shuffled = items;
    Shuffle(shuffled, random);
    TopList<Item> list(13);
    for (const Item& item : shuffled) list.Add(item);
    EXPECT_EQ(list.Sorted(), Expected(items, 13));
  }
}

TEST(TopList, AnySplitMergesToTheSame) {
  const std::vector<Item> items = Stream(2, 500, 6);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed, 7);
    std::vector<TopList<Item>> parts(1 + random.Below(8), TopList<Item>(21));
    for (const Item& item : items) parts[random.Below(parts.size())].Add(item);
    Shuffle(parts, random);
    TopList<Item> merged(21);
    for (const TopList<Item>& part : parts) merged.Merge(part);
    EXPECT_EQ(merged.Sorted(), Expected(items, 21));
  }
}

TEST(TopList, KeepsInfinities) {
  constexpr float kEndless = std::numeric_limits<float>::infinity();
  TopList<Item> list(2);
  for (const Item& item : {Item{0, -kEndless}, Item{1, 5}, Item{2, kEndless}}) list.Add(item);
  EXPECT_EQ(list.Sorted(), (std::vector<Item>{{2, kEndless}, {1, 5}}));
}

}  // namespace
}  // namespace netdissect
