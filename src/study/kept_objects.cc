#include "netdissect/study/kept_objects.h"

#include <algorithm>
#include <map>

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

std::vector<KeptCategory> CountKeptObjects(
    const std::vector<SimplifiedImage>& images,
    const std::function<std::string(const SimplifiedImage&)>& category_of) {
  std::vector<KeptCategory> categories;
  std::vector<std::map<std::string, KeptObject>> objects;  // of each category
  std::map<std::string, size_t> index_of;
  for (const SimplifiedImage& image : images) {
    const auto [place, added] = index_of.emplace(category_of(image), categories.size());
    if (added) {
      categories.emplace_back().name = place->first;
      objects.emplace_back();
    }
    KeptCategory& category = categories[place->second];
    const auto segments = static_cast<int64_t>(image.segments.size());
    const auto kept = static_cast<int64_t>(image.minimal.kept.size());
    ++category.images;
    category.kept_fraction += image.kept_fraction();
    category.segments += static_cast<double>(segments);
    category.kept_segments += static_cast<double>(kept);
    for (const auto& [name, seen] : ObjectsOf(image)) {
      KeptObject& object = objects[place->second][name];
      object.object = name;
      ++object.present;
      object.kept += seen.kept ? 1 : 0;
      object.chance += ChanceOfKeeping(seen.segments, segments, kept);
    }
  }
  for (size_t i = 0; i < categories.size(); ++i) {
    KeptCategory& category = categories[i];
    const auto count = static_cast<double>(category.images);
    category.kept_fraction /= count;
    category.segments /= count;
    category.kept_segments /= count;
    for (auto& [name, object] : objects[i]) category.objects.push_back(std::move(object));
    std::stable_sort(category.objects.begin(), category.objects.end(),
                     [](const KeptObject& a, const KeptObject& b) { return a.kept > b.kept; });
  }
  return categories;
}

}  // namespace netdissect
