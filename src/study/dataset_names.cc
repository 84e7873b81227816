#include "study/dataset_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/object_names.h"
#include "netdissect/base/error.h"
#include "netdissect/data/annotation.h"

namespace netdissect {

std::vector<std::string> ByCount(const std::map<std::string, int64_t>& counts) {
  std::vector<std::pair<std::string, int64_t>> ranked(counts.begin(), counts.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> names;
  for (const auto& [name, count] : ranked) names.push_back(name);
  return names;
}

std::vector<std::string> NamesIn(const ImageSets& images, int64_t& unreadable, Observer& observer) {
  std::map<std::string, int64_t> images_with;
  unreadable = 0;
  int64_t done = 0;
  for (const Dataset& set : images.sets()) {
    if (!set.annotations) continue;
    const AnnotationReader reader(set);
    for (size_t i = 0; i < set.images.size(); ++i, ++done) {
      CheckStop(observer, "annotations", done, images.size());
      std::set<std::string> seen;
      try {
        const std::optional<Annotation> annotation = reader.Read(i);
        if (!annotation) continue;
        for (const AnnotatedObject& object : annotation->objects) seen.insert(object.name);
      } catch (const Error&) {
        ++unreadable;
      }
      for (const std::string& name : seen) ++images_with[name];
      observer.Progress("annotations", done + 1, images.size());
    }
  }
  std::vector<std::string> names = ByCount(images_with);
  const ObjectNames normal;
  for (const Dataset& set : images.sets()) {
    for (const std::string& label : set.labels) {
      const std::string name = normal.Normalize(label);
      if (name.empty() || images_with.count(name) != 0) continue;
      images_with[name] = 0;
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace netdissect
