#pragma once
// Which items of a list are meant, as few ranges.

#include <cstdint>
#include <vector>

namespace netdissect {

struct ItemRange {
  int64_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  int64_t size() const { return end - begin; }
};

class ItemRanges {
 public:
  ItemRanges() = default;
  explicit ItemRanges(const ItemRange& only) { Add(only); }

  void Add(const ItemRange& added);
  void Add(const ItemRanges& added);
  /// Those of [0, total) that are not among these.
  ItemRanges Missing(int64_t total) const;
  ItemRanges In(const ItemRange& bounds) const;
  /// Whether some of the others' items are among these.
  bool Meet(const ItemRanges& others) const;

  int64_t count() const;
  bool empty() const { return list_.empty(); }
  /// Increasing, none empty, none beginning where another one ends.
  const std::vector<ItemRange>& list() const { return list_; }

 private:
  std::vector<ItemRange> list_;
};

/// Part `part` (from 0) of `of` of `count` items: consecutive ones, as even as they can be.
ItemRange PartOf(int64_t count, int64_t part, int64_t of);

}  // namespace netdissect
