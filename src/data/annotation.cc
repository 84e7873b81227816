#include "netdissect/data/annotation.h"

#include <algorithm>

#include "base/digest.h"
#include "data/annotation_format.h"
#include "data/content_digest.h"
#include "netdissect/base/error.h"
#include "netdissect/base/observer.h"

namespace netdissect {
namespace {

std::unique_ptr<AnnotationFormat> FormatOf(const AnnotationSource& source) {
  if (source.format == "labelme") return LabelMeFormat(source);
  if (source.format == "label-map") return LabelMapFormat(source);
  if (source.format == "coco") return CocoFormat(source);
  Fail("{}: expected annotations as labelme, label-map or coco, found {}", source.root.string(),
       source.format);
}

}  // namespace

struct AnnotationReader::State {
  std::vector<ImageEntry> images;
  std::unique_ptr<AnnotationFormat> format;

  const ImageEntry& Image(size_t index) const {
    if (index >= images.size()) {
      Fail("annotations: expected an image below {}, found {}", images.size(), index);
    }
    return images[index];
  }
};

AnnotationReader::AnnotationReader(const Dataset& dataset) : state_(std::make_unique<State>()) {
  if (!dataset.annotations) {
    Fail("image set {}: expected \"annotations\" in its descriptor, found none", dataset.name);
  }
  state_->images = dataset.images;
  state_->format = FormatOf(*dataset.annotations);
}

AnnotationReader::~AnnotationReader() = default;

std::optional<Annotation> AnnotationReader::Read(size_t index) const {
  return state_->format->Read(state_->Image(index));
}

const LeftOutObjects& AnnotationReader::strays() const { return state_->format->strays(); }

std::string AnnotationReader::Place(size_t index) const {
  return state_->format->Place(state_->Image(index));
}

std::string ListedName(const AnnotationSource& source, const ImageEntry& image) {
  std::string name = image.name;
  if (name.compare(0, source.strip.size(), source.strip) == 0) name.erase(0, source.strip.size());
  return name;
}

Path AnnotationFile(const AnnotationSource& source, const ImageEntry& image,
                    const std::string& extension) {
  Path file = source.root / ListedName(source, image);
  if (source.suffix.empty()) return file.replace_extension(extension);
  return file.replace_filename(file.stem().string() + source.suffix);
}

void LeftOutObjects::Add(const std::string& what) {
  constexpr size_t kShown = 5;
  ++count;
  if (examples.size() < kShown) examples.push_back(what);
}

void LeftOutObjects::Add(const LeftOutObjects& others) {
  for (const std::string& example : others.examples) Add(example);
  count += others.count - static_cast<int64_t>(others.examples.size());
}

void LeftOutObjects::Report(Observer& observer) const {
  for (const std::string& example : examples) observer.Warning("left out: " + example);
  if (count > static_cast<int64_t>(examples.size())) {
    observer.Warning(fmt::format("{} annotated objects were left out in all", count));
  }
}

void LeftOutObjects::Refuse() const {
  if (count > 0) Fail("{}", examples.front());
}

std::string DigestOfAnnotations(const Dataset& dataset, Observer& observer) {
  if (!dataset.annotations) return "";
  const AnnotationSource& source = *dataset.annotations;
  std::vector<Path> files;
  for (const Path& names : {source.names, source.aliases}) {
    if (!names.empty()) files.push_back(names);
  }
  if (source.format == "coco") {
    files.push_back(source.root);
  } else {
    const std::string extension = source.format == "labelme" ? ".xml" : ".png";
    for (const ImageEntry& image : dataset.images) {
      files.push_back(AnnotationFile(source, image, extension));
    }
  }
  Digest digest;
  digest.Add(source.format).Add(source.strip);
  if (!source.suffix.empty()) digest.Add(source.suffix);
  for (const std::string& content :
       ContentDigests(files, ContentBytes::kAll, "annotation files", observer)) {
    digest.Add(content);
  }
  return digest.Hex();
}

cv::Mat VisibleObjects(const Annotation& annotation, int height, int width) {
  cv::Mat visible(height, width, CV_32S, cv::Scalar(-1));
  // The pixel of the annotation in which a pixel's centre lies, (i + 1/2) * from / to.
  const auto sources = [](int from, int to) {
    std::vector<int> source(static_cast<size_t>(to));
    for (int i = 0; i < to; ++i) {
      source[static_cast<size_t>(i)] =
          static_cast<int>((2 * int64_t{i} + 1) * from / (2 * int64_t{to}));
    }
    return source;
  };
  const std::vector<int> rows = sources(annotation.height, height);
  const std::vector<int> columns = sources(annotation.width, width);
  const auto range = [](const std::vector<int>& source, int begin, int size) {
    const auto first = std::lower_bound(source.begin(), source.end(), begin);
    const auto last = std::lower_bound(source.begin(), source.end(), begin + size);
    return cv::Range(static_cast<int>(first - source.begin()),
                     static_cast<int>(last - source.begin()));
  };
  for (size_t i = 0; i < annotation.objects.size(); ++i) {
    const AnnotatedObject& object = annotation.objects[i];
    const cv::Range down = range(rows, object.box.y, object.box.height);
    const cv::Range across = range(columns, object.box.x, object.box.width);
    for (int y = down.start; y < down.end; ++y) {
      const uchar* mask = object.mask.ptr(rows[static_cast<size_t>(y)] - object.box.y);
      int* out = visible.ptr<int>(y);
      for (int x = across.start; x < across.end; ++x) {
        if (mask[columns[static_cast<size_t>(x)] - object.box.x] != 0) out[x] = static_cast<int>(i);
      }
    }
  }
  return visible;
}

}  // namespace netdissect
