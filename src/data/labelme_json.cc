// The JSON of labelme (github.com/wkentaro/labelme), one file for an image:
//
//   {"imageHeight": 375, "imageWidth": 500, "imageData": "iVBO...",
//    "shapes": [{"label": "bed", "shape_type": "polygon", "points": [[10.5, 17], ...]}, ...]}
//
// Points are 0-based pixels. Shapes are polygons (also those that do not say what they are),
// rectangles of two opposite corners, circles of a centre and a point on them, and masks, a PNG in
// "mask" whose left upper corner is the first point. Shapes of one label and "group_id" are one
// object, as far as they are outlines. Lines, points and whatever else has no area are left out and
// counted. What is labelled "__ignore__" or "_background_" is no object, as labelme itself has it.
// "imageData", a copy of the picture, is never read. Where the size is missing, the image's own is
// taken, as it is shown.

#include "data/labelme_json.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "base/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "data/image_header.h"
#include "data/object_mask.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr double kFullCircle = 6.283185307179586;

// An object: a shape alone, or those of one label and group.
struct Outline {
  std::string name;
  std::vector<Polygon> polygons;
  cv::Mat mask;  // of a shape that is a mask
  cv::Point corner;
};

Polygon PointsOf(const JsonObject& shape) {
  Polygon points;
  for (const Json& point : shape.Value("points")) {
    if (!point.is_array() || point.size() != 2 || !point[0].is_number() || !point[1].is_number()) {
      shape.Complain("points", "expected pairs of numbers, found " + Shown(point));
    }
    points.emplace_back(point[0].get<double>(), point[1].get<double>());
  }
  return points;
}

// With a corner for each pixel of its length.
Polygon CircleAround(const cv::Point2d& centre, const cv::Point2d& point) {
  const double radius = std::hypot(point.x - centre.x, point.y - centre.y);
  const int corners = static_cast<int>(std::clamp(kFullCircle * radius, 16.0, 4096.0));
  Polygon circle;
  for (int i = 0; i < corners; ++i) {
    const double angle = kFullCircle * i / corners;
    circle.emplace_back(centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle));
  }
  return circle;
}

cv::Mat MaskOf(const JsonObject& shape) {
  const std::optional<std::string> png = FromBase64(shape.String("mask"));
  const std::optional<ImageHeader> header = png ? ReadImageHeader(*png) : std::nullopt;
  if (!header || std::string_view(header->format) != "PNG" || !header->complete) {
    shape.Complain("mask", "expected a whole PNG in base64, found something else");
  }
  CheckAnnotatedSize(shape.file(), static_cast<int64_t>(header->height),
                     static_cast<int64_t>(header->width));
  cv::Mat mask;
  try {
    const cv::Mat buffer(1, static_cast<int>(png->size()), CV_8U, const_cast<char*>(png->data()));
    mask = cv::imdecode(buffer, cv::IMREAD_GRAYSCALE);
  } catch (const cv::Exception&) {
    mask.release();
  }
  if (mask.empty()) shape.Complain("mask", "expected a PNG, found one that is damaged");
  return mask;
}

// Why the shape is none; "" where it is one.
std::string AddShape(const JsonObject& shape, const std::string& kind, Outline& outline) {
  const Polygon points = PointsOf(shape);
  if (kind == "mask") {
    if (points.empty()) return "a mask without a corner";
    const auto pixel = [&](double at) {  // beyond any image it does not matter by how much
      const double most = 2.0 * static_cast<double>(kMostAnnotatedPixels);
      return static_cast<int>(std::lround(std::clamp(at, -most, most)));
    };
    outline.mask = MaskOf(shape);
    outline.corner = {pixel(points[0].x), pixel(points[0].y)};
    return "";
  }
  if (kind == "rectangle" && points.size() == 2) {
    const auto& [a, b] = std::pair(points[0], points[1]);
    outline.polygons.push_back({a, {b.x, a.y}, b, {a.x, b.y}});
    return "";
  }
  if (kind == "circle" && points.size() == 2) {
    outline.polygons.push_back(CircleAround(points[0], points[1]));
    return "";
  }
  if ((kind == "polygon" || kind == "rectangle") && points.size() > 2) {  // a rotated rectangle
    outline.polygons.push_back(points);
    return "";
  }
  return fmt::format("a {} of {} points", kind, points.size());
}

void AddTo(AnnotationBuilder& builder, const Outline& outline, const cv::Size& image) {
  if (!outline.polygons.empty()) builder.AddPolygons(outline.name, outline.polygons);
  if (outline.mask.empty()) return;
  const cv::Rect inside = cv::Rect(outline.corner, outline.mask.size()) & cv::Rect({0, 0}, image);
  if (inside.empty()) return;
  builder.AddMask(outline.name, outline.mask(inside - outline.corner), inside.tl());
}

cv::Size SizeOf(const JsonObject& file, const ImageEntry& image) {
  if (file.Has("imageHeight") && file.Has("imageWidth")) {
    return {file.Integer("imageWidth"), file.Integer("imageHeight")};
  }
  const std::optional<cv::Size> own = ShownSize(image.path);
  if (!own) {
    file.Complain("imageHeight", fmt::format("expected the image's size, found none, nor one in {}",
                                             image.path.string()));
  }
  return *own;
}

}  // namespace

Annotation ReadLabelMeJson(const Path& path, const ObjectNames& names, const ImageEntry& image) {
  std::error_code error;
  if (const uintmax_t bytes = std::filesystem::file_size(path, error);
      !error && bytes > kMostLabelMeJsonBytes) {
    Fail("{}: expected a labelme file of at most {} bytes, found {}", path.string(),
         kMostLabelMeJsonBytes, bytes);
  }
  const JsonObject file =
      JsonObject::Read(path, [](const std::string& name) { return name != "imageData"; });
  const cv::Size size = SizeOf(file, image);
  AnnotationBuilder builder(path, size.height, size.width);
  LeftOutObjects left_out;
  std::vector<Outline> outlines;
  std::map<std::pair<std::string, std::string>, size_t> groups;  // by label and number
  int number = 0;
  for (const JsonObject& shape : file.Objects("shapes")) {
    ++number;
    const std::string label = shape.String("label");
    if (label == "__ignore__" || label == "_background_") continue;
    Outline outline{names.Normalize(label), {}, {}, {}};
    const std::string kind = shape.String("shape_type", "polygon");
    const std::string why = outline.name.empty() ? "no label" : AddShape(shape, kind, outline);
    if (!why.empty()) {
      left_out.Add(fmt::format("{}: shape {} ({}): expected a label and an area, found {}",
                               path.string(), number, label, why));
      continue;
    }
    if (shape.Has("group_id") && outline.mask.empty()) {
      const auto key = std::pair(outline.name, shape.Value("group_id").dump());
      const auto [found, is_new] = groups.emplace(key, outlines.size());
      if (!is_new) {
        std::vector<Polygon>& all = outlines[found->second].polygons;
        all.insert(all.end(), outline.polygons.begin(), outline.polygons.end());
        continue;
      }
    }
    outlines.push_back(std::move(outline));
  }
  for (const Outline& outline : outlines) AddTo(builder, outline, size);
  Annotation annotation = builder.Finish();
  annotation.left_out = std::move(left_out);
  return annotation;
}

}  // namespace netdissect
