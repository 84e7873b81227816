#include "study/kept_objects.h"

#include <algorithm>

namespace netdissect {
namespace {

// Segments of one object in one image.
struct Seen {
  int64_t segments = 0;
  bool kept = false;
};

std::map<std::string, Seen> ObjectsOf(const SimplifiedImage& image) {
  std::map<std::string, Seen> objects;
  for (const Segment& segment : image.segments) {
    if (!segment.object.empty()) ++objects[segment.object].segments;
  }
  for (int kept : image.minimal.kept) {
    const std::string& object = image.segments[static_cast<size_t>(kept)].object;
    if (!object.empty()) objects[object].kept = true;
  }
  return objects;
}

}  // namespace

double ChanceOfKeeping(int64_t object_segments, int64_t segments, int64_t kept) {
  // All of the object's segments are among those removed.
  double none = 1;
  for (int64_t i = 0; i < object_segments; ++i) {
    none *=
        std::max(0.0, static_cast<double>(segments - kept - i) / static_cast<double>(segments - i));
  }
  return 1 - none;
}

void KeptObjectCounter::Add(const SimplifiedImage& image, const std::string& name) {
  const auto [place, added] = index_of_.emplace(name, categories_.size());
  if (added) categories_.emplace_back().sums.name = name;
  Counts& counts = categories_[place->second];
  const auto segments = static_cast<int64_t>(image.segments.size());
  const auto kept = static_cast<int64_t>(image.minimal.kept.size());
  ++counts.sums.images;
  counts.sums.kept_fraction += image.kept_fraction();
  counts.sums.segments += static_cast<double>(segments);
  counts.sums.kept_segments += static_cast<double>(kept);
  for (const auto& [object_name, seen] : ObjectsOf(image)) {
    KeptObject& object = counts.objects[object_name];
    object.object = object_name;
    ++object.present;
    object.kept += seen.kept ? 1 : 0;
    object.chance += ChanceOfKeeping(seen.segments, segments, kept);
  }
}

std::vector<KeptCategory> KeptObjectCounter::Categories() const {
  std::vector<KeptCategory> categories;
  for (const Counts& counts : categories_) {
    KeptCategory& category = categories.emplace_back(counts.sums);
    const auto count = static_cast<double>(category.images);
    category.kept_fraction /= count;
    category.segments /= count;
    category.kept_segments /= count;
    for (const auto& [name, object] : counts.objects) category.objects.push_back(object);
    std::stable_sort(category.objects.begin(), category.objects.end(),
                     [](const KeptObject& x, const KeptObject& y) { return x.kept > y.kept; });
  }
  return categories;
}

}  // namespace netdissect
