#pragma once
// The K items with the highest values of a stream. Ties go to the item that comes first in the list
// of images, so that any split of the stream merges to the same list.

#include <algorithm>
#include <vector>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// `Item` has `value` and `image`, the item's index in the list of images.
template <typename Item>
class TopList {
 public:
  explicit TopList(size_t capacity) : capacity_(capacity) {}

  /// Whether the item would be among them.
  bool Takes(const Item& item) const {
    return heap_.size() < capacity_ || (capacity_ > 0 && Before(item, heap_.front()));
  }

  void Add(const Item& item) {
    if (!Takes(item)) return;
    if (heap_.size() == capacity_) {
      std::pop_heap(heap_.begin(), heap_.end(), Before);
      heap_.back() = item;
    } else {
      heap_.push_back(item);
    }
    std::push_heap(heap_.begin(), heap_.end(), Before);  // the last of the list at the front
  }

  void Merge(const TopList& other) {
    for (const Item& item : other.heap_) Add(item);
  }

  /// All that it holds, in no order: to be added to another one.
  const std::vector<Item>& items() const { return heap_; }

  /// Highest first.
  std::vector<Item> Sorted() const {
    std::vector<Item> items = heap_;
    std::sort(items.begin(), items.end(), Before);
    return items;
  }

 private:
  static bool Before(const Item& a, const Item& b) {
    return a.value != b.value ? a.value > b.value : a.image < b.image;
  }

  size_t capacity_;
  std::vector<Item> heap_;
};

}  // namespace netdissect
