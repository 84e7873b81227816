#include "study/object_census.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "base/workers.h"
#include "netdissect/base/error.h"
#include "netdissect/data/annotation.h"

namespace netdissect {
namespace {

struct NamedObject {
  int instances = 0;
  double share = 0;
};

// What one image's annotation says, and what became of reading it.
struct Reading {
  std::optional<std::map<std::string, NamedObject>> objects;  // nothing: it has no annotation
  LeftOutObjects left_out;
  std::string error;
};

Reading ReadObjects(const AnnotationReader& reader, size_t index) {
  Reading reading;
  try {
    const std::optional<Annotation> annotation = reader.Read(index);
    if (!annotation) return reading;
    auto& objects = reading.objects.emplace();
    reading.left_out = annotation->left_out;
    const cv::Mat seen = VisibleObjects(*annotation, annotation->height, annotation->width);
    std::vector<int64_t> pixels(annotation->objects.size());
    for (int y = 0; y < seen.rows; ++y) {
      const auto* row = seen.ptr<int>(y);
      for (int x = 0; x < seen.cols; ++x) {
        if (row[x] >= 0) ++pixels[static_cast<size_t>(row[x])];
      }
    }
    for (size_t i = 0; i < pixels.size(); ++i) {
      NamedObject& object = objects[annotation->objects[i].name];
      ++object.instances;
      object.share += static_cast<double>(pixels[i]) / static_cast<double>(seen.total());
    }
  } catch (const Error& error) {
    reading.error = error.what();
  }
  return reading;
}

// Reads a set's annotations on all threads, part by part, so that progress is seen.
std::vector<Reading> ReadSet(const Dataset& set, Workers& workers, int64_t before, int64_t total,
                             LeftOutObjects& strays, Observer& observer) {
  constexpr int64_t kPart = 256;
  const AnnotationReader reader(set);
  strays.Add(reader.strays());
  std::vector<Reading> readings(set.images.size());
  const auto images = static_cast<int64_t>(readings.size());
  for (int64_t part = 0; part < images; part += kPart) {
    CheckStop(observer, "annotations", before + part, total);
    const int64_t count = std::min(kPart, images - part);
    workers.Run(count, [&](int64_t i) {
      const auto index = static_cast<size_t>(part + i);
      readings[index] = ReadObjects(reader, index);
    });
    observer.Progress("annotations", before + part + count, total);
  }
  return readings;
}

// Gives every name its place among all names, and every image's objects their order.
void NumberObjects(std::vector<std::map<std::string, NamedObject>> named, ObjectCensus& census) {
  std::map<std::string, int> numbers;
  for (const auto& objects : named) {
    for (const auto& object : objects) numbers.emplace(object.first, 0);
  }
  for (auto& [name, number] : numbers) {
    number = static_cast<int>(census.objects.size());
    census.objects.push_back(name);
  }
  for (size_t i = 0; i < named.size(); ++i) {
    for (const auto& [name, object] : named[i]) {
      census.images[i].objects.push_back({numbers.at(name), object.instances, object.share});
    }
  }
}

}  // namespace

ObjectCensus TakeCensus(const ImageSets& images, const CensusOptions& options, Observer& observer) {
  ObjectCensus census;
  std::vector<std::map<std::string, NamedObject>> named;  // of each of census.images
  std::map<std::string, int> categories;
  Workers workers(options.threads);
  int64_t before = 0;
  LeftOutObjects left_out;
  for (const Dataset& set : images.sets()) {
    std::vector<Reading> readings =
        ReadSet(set, workers, before, images.size(), left_out, observer);
    if (options.strict) left_out.Refuse();
    before += static_cast<int64_t>(readings.size());
    const size_t annotated_before = named.size();
    const int64_t unannotated_before = census.unannotated;
    for (size_t i = 0; i < readings.size(); ++i) {
      const ImageEntry& entry = set.images[i];
      if (options.strict) readings[i].left_out.Refuse();
      left_out.Add(readings[i].left_out);
      if (!readings[i].error.empty()) {
        if (options.strict) Fail("{}", readings[i].error);
        census.skipped.push_back({entry.name, readings[i].error});
      } else if (!readings[i].objects) {
        ++census.unannotated;
      } else {
        CensusImage image;
        if (entry.label >= 0) {
          const auto label = static_cast<size_t>(entry.label);
          const std::string name =
              label < set.labels.size() ? set.labels[label] : fmt::format("class {}", label);
          const auto [known, added] = categories.emplace(name, categories.size());
          if (added) census.categories.push_back(known->first);
          image.category = known->second;
        } else {
          ++census.unlabelled;
        }
        census.images.push_back(std::move(image));
        named.push_back(std::move(*readings[i].objects));
      }
    }
    ReportUnread(set, census.unannotated - unannotated_before, observer);
    if (named.size() == annotated_before) {
      Fail("{}: expected annotated images, found none of {}; annotations were looked for in {}",
           set.name, readings.size(),
           readings.empty() ? "no place" : AnnotationReader(set).Place(0));
    }
  }
  NumberObjects(std::move(named), census);
  left_out.Report(observer);
  return census;
}

}  // namespace netdissect
