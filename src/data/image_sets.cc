#include "netdissect/data/image_sets.h"

#include <algorithm>
#include <numeric>

#include "netdissect/base/error.h"

namespace netdissect {

ImageSets::ImageSets() : ImageSets(std::vector<Dataset>()) {}

ImageSets::ImageSets(std::vector<Dataset> sets) : begins_{0} {
  for (const Dataset& set : sets) {
    begins_.push_back(begins_.back() + static_cast<int64_t>(set.images.size()));
  }
  sets_ = std::make_shared<const std::vector<Dataset>>(std::move(sets));
}

ImageSets::ImageSets(std::initializer_list<Dataset> sets) : ImageSets(std::vector<Dataset>(sets)) {}

const ImageEntry& ImageSets::operator[](int64_t index) const {
  const auto set = static_cast<size_t>(SetOf(index));
  return (*sets_)[set].images[static_cast<size_t>(index - begins_[set])];
}

int ImageSets::SetOf(int64_t index) const {
  if (index < 0 || index >= size()) Fail("expected an image below {}, found {}", size(), index);
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), index);
  return static_cast<int>(after - begins_.begin()) - 1;
}

int64_t ImageSets::IndexInSet(int64_t index) const {
  return index - begins_[static_cast<size_t>(SetOf(index))];
}

std::vector<int64_t> AllOf(const ImageSets& images) {
  std::vector<int64_t> all(static_cast<size_t>(images.size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

}  // namespace netdissect
