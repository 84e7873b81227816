// COCO's JSON: one file for a set,
//
//   {"images": [{"id", "file_name", "height", "width"}], "categories": [{"id", "name"}],
//    "annotations": [{"image_id", "category_id", "segmentation"}]}
//
// where a segmentation is a list of polygons [x1, y1, x2, y2, ...], or a run-length encoded mask in
// either form (coco_rle.h). Polygons are in pixels from the image's corner: pixel (x, y)'s centre
// is at (x + 0.5, y + 0.5). An image is found by "file_name" = its listed path without the prefix.
//
// Ids are integers or strings. An annotation that cannot be used (of an image or category that is
// not there, without segmentation, with a polygon of fewer than three corners) is left out, by its
// own id.
//
// The file is read object by object, and only what masks are made of is kept.

#include <cmath>
#include <map>
#include <variant>

#include "base/json_bounds.h"
#include "data/annotation_format.h"
#include "data/coco_rle.h"
#include "data/object_mask.h"
#include "data/object_names.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

struct Segmentation {
  std::string category;                                          // its id
  std::string what;                                              // file and annotation, for errors
  std::variant<std::vector<std::vector<float>>, CocoRle> shape;  // polygons, or a mask
};

struct CocoImage {
  int height = 0, width = 0;
  std::vector<Segmentation> objects;
  LeftOutObjects left_out;
};

class CocoFile {
 public:
  CocoFile(Path path, const ObjectNames& names) : path_(std::move(path)), names_(names) {
    std::string list;
    const auto visit = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth == 1 && event == Json::parse_event_t::key) list = parsed.get<std::string>();
      if (depth == 2 && event == Json::parse_event_t::object_end) {
        Take(list, parsed);
        return false;  // kept in another form
      }
      return true;
    };
    Json rest;
    const std::string text = ReadFile(path_);
    RequireBoundedJson(text, path_.string(), kDeepestCocoJson);
    try {
      rest = Json::parse(text, visit);
    } catch (const Json::exception& error) {  // of syntax, or a number out of range
      Fail("{}: not valid JSON: {}", path_.string(), error.what());
    }
    for (const char* key : {"images", "categories", "annotations"}) {
      if (rest.is_object() && rest.contains(key) && rest[key].is_array()) continue;
      Fail(
          "{}: expected COCO's lists \"images\", \"categories\" and \"annotations\", found no "
          "list \"{}\"",
          path_.string(), key);
    }
    Resolve();
  }

  std::optional<Annotation> Read(const std::string& name) const {
    const auto found = image_of_.find(name);
    if (found == image_of_.end()) return std::nullopt;
    const CocoImage& image = images_.at(found->second);
    AnnotationBuilder builder(path_, image.height, image.width);
    LeftOutObjects left_out = image.left_out;
    for (const Segmentation& object : image.objects) {
      const std::string& label = categories_.at(object.category);
      try {
        if (const auto* rle = std::get_if<CocoRle>(&object.shape)) {
          builder.AddMask(label, DecodeRle(*rle, object.what));
        } else {
          builder.AddPolygons(label, PolygonsOf(object));
        }
      } catch (const Error& error) {
        left_out.Add(error.what());
      }
    }
    Annotation annotation = builder.Finish();
    annotation.left_out = std::move(left_out);
    return annotation;
  }

  // Annotations of images that are not there, and those that do not say of which they are.
  const LeftOutObjects& strays() const { return strays_; }

 private:
  void Take(const std::string& list, const Json& item) {
    if (list == "images") TakeImage(item);
    if (list == "categories") TakeCategory(item);
    if (list == "annotations") TakeAnnotation(item);
  }

  const Json& Required(const Json& item, const char* key, const std::string& what) const {
    if (!item.contains(key))
      Fail("{}: {}: expected the key \"{}\", found none", path_.string(), what, key);
    return item[key];
  }

  // 100 or 100.0
  int64_t Integer(const Json& item, const char* key, const std::string& what) const {
    constexpr double kMost = 1e9;
    const Json& value = Required(item, key, what);
    const double number = value.is_number() ? value.get<double>() : 0.5;
    if (number != std::floor(number) || std::abs(number) > kMost) {
      Fail("{}: {}: key \"{}\": expected an integer, found {}", path_.string(), what, key,
           Shown(value));
    }
    return static_cast<int64_t>(number);
  }

  // Of an image, category or annotation: 7, 7.0 or "7" are one.
  std::string Id(const Json& item, const char* key, const std::string& what) const {
    const Json& value = Required(item, key, what);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return value.dump();
    if (value.is_number() && value.get<double>() == std::floor(value.get<double>())) {
      return fmt::format("{:.0f}", value.get<double>());
    }
    Fail("{}: {}: key \"{}\": expected an integer or a string, found {}", path_.string(), what, key,
         Shown(value));
  }

  std::string Text(const Json& item, const char* key, const std::string& what) const {
    const Json& value = Required(item, key, what);
    if (!value.is_string()) {
      Fail("{}: {}: key \"{}\": expected a string, found {}", path_.string(), what, key,
           Shown(value));
    }
    return value.get<std::string>();
  }

  void TakeImage(const Json& item) {
    const std::string what = fmt::format("image {}", images_.size() + 1);
    const std::string name = Text(item, "file_name", what);
    const std::string id = Id(item, "id", what);
    const int64_t height = Integer(item, "height", what), width = Integer(item, "width", what);
    CheckAnnotatedSize(path_.string() + ": " + what + " (" + name + ")", height, width);
    CocoImage& image = images_[id];
    if (image.height != 0 || !image_of_.emplace(name, id).second) {
      Fail("{}: {}: expected images of different ids and names, found {} ({}) twice",
           path_.string(), what, id, name);
    }
    image.height = static_cast<int>(height);
    image.width = static_cast<int>(width);
  }

  void TakeCategory(const Json& item) {
    const std::string what = fmt::format("category {}", categories_.size() + 1);
    const std::string id = Id(item, "id", what);
    const std::string name = names_.Normalize(Text(item, "name", what));
    if (name.empty() || !categories_.emplace(id, name).second) {
      Fail("{}: {}: expected categories of different ids with names, found {} (\"{}\")",
           path_.string(), what, id, name);
    }
  }

  void TakeAnnotation(const Json& item) {
    std::string what = fmt::format("annotation {}", ++annotations_);
    Waiting waiting;
    try {
      if (item.contains("id")) what = "annotation of id " + Id(item, "id", what);
      waiting.image = Id(item, "image_id", what);
      TakeShape(item, what, waiting.object);
    } catch (const Error& error) {
      waiting.error = error.what();
    }
    waiting_.push_back(std::move(waiting));
  }

  void TakeShape(const Json& item, const std::string& what, Segmentation& object) const {
    object.what = path_.string() + ": " + what;
    object.category = Id(item, "category_id", what);
    const Json& shape = Required(item, "segmentation", what);
    if (shape.is_object()) {
      object.shape = RleFromJson(shape, object.what);
    } else if (shape.is_array()) {
      std::vector<std::vector<float>> polygons;
      for (const Json& polygon : shape) polygons.push_back(Coordinates(polygon, object.what));
      if (polygons.empty()) Fail("{}: expected a segmentation, found an empty one", object.what);
      object.shape = std::move(polygons);
    } else {
      Fail("{}: key \"segmentation\": expected polygons or an encoded mask, found {}", object.what,
           Shown(shape));
    }
  }

  static std::vector<float> Coordinates(const Json& polygon, const std::string& what) {
    std::vector<float> coordinates;
    if (!polygon.is_array() || polygon.size() < 6 || polygon.size() % 2 != 0) {
      Fail("{}: expected polygons of x and y of at least 3 corners, found {} {}", what,
           polygon.size(), polygon.is_array() ? "numbers" : polygon.type_name());
    }
    for (const Json& value : polygon) {
      if (!value.is_number() || !std::isfinite(value.get<float>())) {
        Fail("{}: expected numbers as a polygon's coordinates, found {}", what, Shown(value));
      }
      coordinates.push_back(value.get<float>());
    }
    return coordinates;
  }

  static std::vector<Polygon> PolygonsOf(const Segmentation& object) {
    constexpr double kCentre = 0.5;
    std::vector<Polygon> polygons;
    for (const auto& coordinates : std::get<0>(object.shape)) {
      Polygon& polygon = polygons.emplace_back();
      for (size_t i = 0; i + 1 < coordinates.size(); i += 2) {
        polygon.emplace_back(static_cast<double>(coordinates[i]) - kCentre,
                             static_cast<double>(coordinates[i + 1]) - kCentre);
      }
    }
    return polygons;
  }

  // The lists may come in any order, so references are followed when all are there.
  void Resolve() {
    for (Waiting& each : waiting_) {
      const auto found = images_.find(each.image);
      if (found == images_.end()) {
        strays_.Add(
            !each.error.empty()
                ? each.error
                : fmt::format("{}: key \"image_id\": expected one of the {} images, found {}",
                              each.object.what, images_.size(), each.image));
        continue;
      }
      CocoImage& owner = found->second;
      if (each.error.empty()) each.error = ErrorIn(each.object, owner);
      if (!each.error.empty()) {
        owner.left_out.Add(each.error);
      } else {
        owner.objects.push_back(std::move(each.object));
      }
    }
    waiting_.clear();
    waiting_.shrink_to_fit();
  }

  // What contradicts the other lists; "" where nothing does.
  std::string ErrorIn(const Segmentation& object, const CocoImage& owner) const {
    if (categories_.count(object.category) == 0) {
      return fmt::format("{}: key \"category_id\": expected one of the {} categories, found {}",
                         object.what, categories_.size(), object.category);
    }
    const auto* rle = std::get_if<CocoRle>(&object.shape);
    if (rle != nullptr && (rle->height != owner.height || rle->width != owner.width)) {
      return fmt::format("{}: expected a mask of its image's size, {} x {}, found {} x {}",
                         object.what, owner.height, owner.width, rle->height, rle->width);
    }
    return "";
  }

  // An annotation whose image may not have been read yet.
  struct Waiting {
    std::string image;  // its id
    Segmentation object;
    std::string error;  // why it cannot be used; "" = it can
  };

  Path path_;
  const ObjectNames& names_;
  int64_t annotations_ = 0;
  std::map<std::string, CocoImage> images_;      // by id
  std::map<std::string, std::string> image_of_;  // the id of a name
  std::map<std::string, std::string> categories_;
  std::vector<Waiting> waiting_;
  LeftOutObjects strays_;
};

class Coco : public AnnotationFormat {
 public:
  explicit Coco(const AnnotationSource& source)
      : source_(source),
        names_(source.aliases.empty() ? ObjectNames() : ObjectNames(source.aliases)),
        file_(source.root, names_) {}

  std::optional<Annotation> Read(const ImageEntry& image) const override {
    return file_.Read(ListedName(source_, image));
  }

  const LeftOutObjects& strays() const override { return file_.strays(); }

  std::string Place(const ImageEntry& image) const override {
    return fmt::format("{} in {}", ListedName(source_, image), source_.root.string());
  }

 private:
  AnnotationSource source_;
  ObjectNames names_;
  CocoFile file_;
};

}  // namespace

std::unique_ptr<AnnotationFormat> CocoFormat(const AnnotationSource& source) {
  return std::make_unique<Coco>(source);
}

}  // namespace netdissect
