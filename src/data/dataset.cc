#include "netdissect/data/dataset.h"

#include "base/digest.h"
#include "base/json.h"
#include "data/class_list.h"
#include "data/content_digest.h"
#include "data/image_list.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Finds the paths of a descriptor, by the rule that the header states.
class DescriptorPaths {
 public:
  explicit DescriptorPaths(const JsonObject& descriptor)
      : beside_(descriptor.file().parent_path()), about_(descriptor.About()) {
    root_ = descriptor.Has("root") ? descriptor.ExistingPath("root") : beside_;
    std::error_code error;
    if (descriptor.Has("root") && !std::filesystem::is_directory(root_, error)) {
      descriptor.Complain("root", "expected a folder, found a file at " + root_.string());
    }
  }

  Path Find(const JsonObject& object, const std::string& key) const {
    const Path named = object.String(key);
    const Path under_root = (root_ / named).lexically_normal();
    const Path beside = (beside_ / named).lexically_normal();
    std::error_code error;
    if (named.empty()) object.Complain(key, "expected a path, found an empty one");
    if (std::filesystem::exists(under_root, error)) return under_root;
    if (std::filesystem::exists(beside, error)) return beside;
    object.Complain(key,
                    fmt::format("expected an existing file or folder, found none at {}{}{}",
                                under_root.string(),
                                beside == under_root ? "" : ", nor at " + beside.string(), about_));
  }

  Path FindIfGiven(const JsonObject& object, const std::string& key) const {
    return object.Has(key) ? Find(object, key) : Path();
  }

  const Path& root() const { return root_; }

 private:
  Path beside_, root_;
  std::string about_;
};

AnnotationSource ReadAnnotationSource(const JsonObject& object, const DescriptorPaths& paths) {
  AnnotationSource source;
  source.format = object.OneOf("format", {"labelme", "label-map", "coco"});
  // One file holds a whole set of COCO; the others have a file per image.
  source.root = paths.Find(object, source.format == "coco" ? "file" : "root");
  source.strip = object.String("strip", "");
  if (source.format != "coco") source.suffix = object.String("suffix", "");
  source.names = paths.FindIfGiven(object, "names");
  if (source.format == "label-map" && object.Has("palette")) {
    source.palette = object.OneOf("palette", {"voc"});
  }
  source.aliases = paths.FindIfGiven(object, "aliases");
  source.groups = paths.FindIfGiven(object, "groups");
  return source;
}

DatasetKind KindOf(const JsonObject& descriptor) {
  if (!descriptor.Has("kind")) return DatasetKind::kUnknown;
  return descriptor.OneOf("kind", {"scene", "object"}) == "scene" ? DatasetKind::kScene
                                                                  : DatasetKind::kObject;
}

Dataset LoadDescriptor(const Path& source, bool train) {
  const JsonObject descriptor = JsonObject::Read(source);
  const DescriptorPaths paths(descriptor);
  Dataset dataset;
  dataset.name = descriptor.String("name", source.stem().string());
  dataset.kind = KindOf(descriptor);
  if (descriptor.Has("labels")) dataset.labels = ReadLabels(paths.Find(descriptor, "labels"));
  dataset.label_map = paths.FindIfGiven(descriptor, "label_map");
  if (descriptor.Has("annotations")) {
    dataset.annotations = ReadAnnotationSource(descriptor.Object("annotations"), paths);
  }
  descriptor.Has("about");  // for people
  descriptor.Has("list");   // both are known
  dataset.has_train = descriptor.Has("train");
  const Path list = paths.Find(descriptor, train ? "train" : "list");
  descriptor.RequireKnownKeys();
  dataset.images = ReadImageList(list, paths.root(), dataset.labels.size());
  return dataset;
}

std::string NameOfFolder(const Path& folder) {
  std::error_code error;
  const Path whole = std::filesystem::absolute(folder, error).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

Dataset LoadDataset(const Path& source, const DatasetOptions& options) {
  if (options.limit < 0)
    Fail("limit: expected 0 (all) or a number of images, found {}", options.limit);
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    Fail("{}: expected an image set, found no such file or folder", source.string());
  }
  Dataset dataset;
  if (std::filesystem::is_directory(source, error)) {
    dataset.name = NameOfFolder(source);
    dataset.images = ListFolder(source);
  } else if (source.extension() == ".json") {
    dataset = LoadDescriptor(source, options.train);
  } else if (source.extension() == ".txt") {
    dataset.name = source.stem().string();
    dataset.images = ReadImageList(source, source.parent_path(), 0);
  } else if (HasImageExtension(source.native())) {
    dataset.name = source.filename().string();
    dataset.images.push_back({source, source.filename().string(), -1});
  } else {
    Fail(
        "{}: expected a descriptor (.json), a list (.txt), a folder or an image, found none of "
        "them",
        source.string());
  }
  if (options.limit > 0 && static_cast<size_t>(options.limit) < dataset.images.size()) {
    dataset.images.resize(static_cast<size_t>(options.limit));
  }
  return dataset;
}

std::string DigestOf(const Dataset& dataset, Observer& observer) {
  std::vector<Path> files;
  for (const ImageEntry& image : dataset.images) files.push_back(image.path);
  const std::vector<std::string> contents =
      ContentDigests(files, ContentBytes::kSampled, "image files", observer);
  Digest digest;
  for (size_t i = 0; i < contents.size(); ++i) {
    const int64_t label = dataset.images[i].label;
    digest.Add(dataset.images[i].name).Add(&label, sizeof label).Add(contents[i]);
  }
  return digest.Hex();
}

std::vector<std::string> ReadLabels(const Path& path) {
  const std::vector<ListedClass> listed = ReadClassList(path);
  std::vector<std::string> labels(listed.size());
  // Numbers may begin at 1, as people count.
  const bool from_one =
      listed[0].index && std::none_of(listed.begin(), listed.end(),
                                      [](const ListedClass& each) { return each.index == 0; });
  for (size_t i = 0; i < listed.size(); ++i) {
    const ListedClass& each = listed[i];
    const std::string place = fmt::format("{}:{}", path.string(), each.line);
    // A skipped line would shift every class after it.
    if (!each.index && static_cast<size_t>(each.line - listed[0].line) != i) {
      Fail("{}: expected a class name on every line, found an empty line or a comment before it",
           place);
    }
    const int64_t index = each.index ? *each.index - (from_one ? 1 : 0) : static_cast<int64_t>(i);
    if (index < 0 || index >= static_cast<int64_t>(labels.size())) {
      Fail("{}: expected a class from {} to {}, found {}", place, from_one ? 1 : 0,
           static_cast<int64_t>(labels.size()) - (from_one ? 0 : 1), *each.index);
    }
    std::string& label = labels[static_cast<size_t>(index)];
    if (!label.empty()) Fail("{}: expected each class once, found {} twice", place, *each.index);
    label = each.name;
  }
  return labels;
}

}  // namespace netdissect
