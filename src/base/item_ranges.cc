#include "base/item_ranges.h"

#include <algorithm>

namespace netdissect {

void ItemRanges::Add(const ItemRange& added) {
  if (added.empty()) return;
  ItemRange joined = added;
  std::vector<ItemRange> others;
  for (const ItemRange& range : list_) {
    if (range.end < joined.begin || range.begin > joined.end) {
      others.push_back(range);
    } else {
      joined = {std::min(joined.begin, range.begin), std::max(joined.end, range.end)};
    }
  }
  const auto place = std::find_if(others.begin(), others.end(), [&](const ItemRange& range) {
    return range.begin > joined.begin;
  });
  others.insert(place, joined);
  list_ = std::move(others);
}

void ItemRanges::Add(const ItemRanges& added) {
  for (const ItemRange& range : added.list_) Add(range);
}

ItemRanges ItemRanges::Missing(int64_t total) const {
  ItemRanges missing;
  int64_t begin = 0;
  for (const ItemRange& range : list_) {
    missing.Add({begin, std::min(range.begin, total)});
    begin = range.end;
  }
  missing.Add({begin, total});
  return missing;
}

ItemRanges ItemRanges::In(const ItemRange& bounds) const {
  ItemRanges inside;
  for (const ItemRange& range : list_) {
    inside.Add({std::max(range.begin, bounds.begin), std::min(range.end, bounds.end)});
  }
  return inside;
}

bool ItemRanges::Meet(const ItemRanges& others) const {
  return std::any_of(others.list_.begin(), others.list_.end(),
                     [&](const ItemRange& range) { return !In(range).empty(); });
}

int64_t ItemRanges::count() const {
  int64_t sum = 0;
  for (const ItemRange& range : list_) sum += range.size();
  return sum;
}

ItemRange PartOf(int64_t count, int64_t part, int64_t of) {
  // Without a product that overflows: the first `count % of` parts have one more.
  const int64_t each = count / of, more = count % of;
  const int64_t begin = part * each + std::min(part, more);
  return {begin, begin + each + (part < more ? 1 : 0)};
}

}  // namespace netdissect
