#pragma once
// Several image sets as one list, set after set: what is streamed, and what results index.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/dataset.h"

namespace netdissect NETDISSECT_PUBLIC {

/// Immutable and cheap to copy: copies share the entries.
class ImageSets {
 public:
  ImageSets();
  ImageSets(std::vector<Dataset> sets);
  ImageSets(std::initializer_list<Dataset> sets);

  const std::vector<Dataset>& sets() const& { return *sets_; }
  const std::vector<Dataset>& sets() const&& = delete;  // they would be gone
  /// Images of all sets.
  int64_t size() const { return begins_.back(); }
  bool empty() const { return size() == 0; }

  /// Image `index` of the list. Error where there is none.
  const ImageEntry& operator[](int64_t index) const;
  /// The set that image `index` is of, and its index in that.
  int SetOf(int64_t index) const;
  int64_t IndexInSet(int64_t index) const;

 private:
  std::shared_ptr<const std::vector<Dataset>> sets_;
  std::vector<int64_t> begins_;  // of each set in the list, and the list's end
};

/// {0, ..., images.size() - 1}
std::vector<int64_t> AllOf(const ImageSets& images);

}  // namespace netdissect
