#include "netdissect/data/annotation.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "data/annotation_format.h"
#include "data/content_digest.h"
#include "data/image_list.h"
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

// Of formats with a file for each image.
Path FileOf(const AnnotationSource& source, const ImageEntry& image) {
  if (source.format != "labelme") return AnnotationFile(source, image, ".png");
  try {
    return LabelMeFileOf(source, image);
  } catch (const Error&) {  // it cannot be looked for, which reading it says
    return AnnotationFile(source, image, ".xml");
  }
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

void ReportUnread(const Dataset& set, int64_t unannotated, Observer& observer) {
  if (unannotated == 0 || !set.annotations || set.annotations->format == "coco") return;
  const AnnotationSource& source = *set.annotations;
  std::set<Path> known;
  for (const ImageEntry& image : set.images) {
    known.insert(FileOf(source, image).lexically_normal());
    known.insert(image.path.lexically_normal());  // which may be in the same folder
  }
  const std::string unread = TextOf(CountFilesIn(
      source.root, [&](const Path& file) { return known.count(file.lexically_normal()) == 0; }));
  if (unread.empty()) return;
  observer.Warning(fmt::format(
      "{}: {} images have no annotation; files in {} that belong to none of the images: {}",
      set.name, unannotated, source.root.string(), unread));
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
    for (const ImageEntry& image : dataset.images) files.push_back(FileOf(source, image));
  }
  Digest digest;
  digest.Add(source.format).Add(source.strip);
  if (!source.suffix.empty()) digest.Add(source.suffix);
  if (!source.palette.empty()) digest.Add(source.palette);
  for (const std::string& content :
       ContentDigests(files, ContentBytes::kAll, "annotation files", observer)) {
    digest.Add(content);
  }
  return digest.Hex();
}

cv::Mat VisibleObjects(const Annotation& annotation, int height, int width) {
  return VisibleObjects(annotation, SquashedView(cv::Size(width, height),
                                                 cv::Size(annotation.width, annotation.height)));
}

cv::Mat VisibleObjects(const Annotation& annotation, const InputView& view) {
  const InputView own = view.At({annotation.width, annotation.height});
  cv::Mat visible(own.input(), CV_32S, cv::Scalar(-1));
  cv::Mat shown = visible(own.Shown());
  // The pixel of the annotation in which a shown pixel's centre lies.
  const auto sources = [](const ViewAxis& axis) {
    std::vector<int> source;
    const cv::Range range = axis.Shown();
    for (int i = range.start; i < range.end; ++i) {
      source.push_back(static_cast<int>((2 * (int64_t{i} + axis.start) + 1) * axis.picture /
                                        (2 * int64_t{axis.resized})));
    }
    return source;
  };
  const std::vector<int> rows = sources(own.y);
  const std::vector<int> columns = sources(own.x);
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
      int* out = shown.ptr<int>(y);
      for (int x = across.start; x < across.end; ++x) {
        if (mask[columns[static_cast<size_t>(x)] - object.box.x] != 0) out[x] = static_cast<int>(i);
      }
    }
  }
  return visible;
}

int64_t CountOutOfView(const cv::Mat& visible, const InputView& view) {
  if (!view.CropsPicture()) return 0;
  const auto objects_in = [](const cv::Mat& part) {
    std::set<int> objects;
    for (int y = 0; y < part.rows; ++y) {
      const int* row = part.ptr<int>(y);
      for (int x = 0; x < part.cols; ++x) {
        if (row[x] >= 0 && (x == 0 || row[x] != row[x - 1])) objects.insert(row[x]);
      }
    }
    return static_cast<int64_t>(objects.size());
  };
  return objects_in(visible) - objects_in(visible(view.At(visible.size()).Seen()));
}

}  // namespace netdissect
