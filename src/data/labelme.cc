// LabelMe's XML, as SUN and MiniPlaces are annotated; where an image has none, the JSON of today's
// labelme (data/labelme_json.h) of the same name:
//
//   <annotation>
//     <imagesize><nrows>128</nrows><ncols>128</ncols></imagesize>
//     <object><name>wall</name><deleted>0</deleted>
//       <polygon><pt><x>0</x><y>17</y></pt> ... </polygon></object>
//
// Corners are 0-based pixels. Deleted objects are left out, and what encloses no pixel of the image
// or has no name; objects without any polygon are left out and counted. Parts are objects of their
// own, in front of their wholes since they are smaller. Where the size is missing, the image's own
// is taken, as it is shown.
//
// The boxes of PASCAL VOC's XML, whose root is the same, are read as objects of that shape:
// <bndbox> with <xmin>, <ymin>, <xmax>, <ymax>, 1-based pixels that belong to it; <size> with
// <width> and <height>.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <pugixml.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "data/annotation_format.h"
#include "data/image_header.h"
#include "data/labelme_json.h"
#include "data/object_mask.h"
#include "data/object_names.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// As its first line declares: UTF-16 by its mark, Latin-1 or what extends it, else UTF-8.
pugi::xml_encoding EncodingOf(const std::string& text) {
  if (text.compare(0, 2, "\xff\xfe") == 0 || text.compare(0, 2, "\xfe\xff") == 0) {
    return pugi::encoding_auto;
  }
  std::string declaration = text.substr(0, std::min(text.find("?>"), text.size()));
  if (declaration.find("<?xml") == std::string::npos) return pugi::encoding_utf8;
  for (char& c : declaration) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* name : {"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252"}) {
    if (declaration.find(name) != std::string::npos) return pugi::encoding_latin1;
  }
  return pugi::encoding_utf8;
}

class LabelMeFile {
 public:
  explicit LabelMeFile(Path path) : path_(std::move(path)) {
    std::error_code error;
    if (const uintmax_t bytes = std::filesystem::file_size(path_, error);
        !error && bytes > kMostLabelMeBytes) {
      Fail("{}: expected a LabelMe file of at most {} bytes, found {}", path_.string(),
           kMostLabelMeBytes, bytes);
    }
    const std::string text = ReadFile(path_);
    const pugi::xml_encoding encoding = EncodingOf(text);
    if (const size_t bad = FindNoUtf8(text);
        encoding == pugi::encoding_utf8 && bad != std::string::npos) {
      Fail(
          "{}: expected LabelMe's XML in UTF-8, or another encoding declared in its first line, "
          "found byte {:#04x} "
          "at "
          "{} of {}",
          path_.string(), static_cast<unsigned char>(text[bad]), bad, text.size());
    }
    const pugi::xml_parse_result result = document_.load_buffer(
        text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, encoding);
    if (!result) {
      Fail("{}: expected LabelMe's XML, found an error at byte {} of {}: {}", path_.string(),
           result.offset, text.size(), result.description());
    }
    // The parser expands nothing that is declared; a file that declares something is no LabelMe's.
    for (const pugi::xml_node& node : document_.children()) {
      if (node.type() == pugi::node_doctype) {
        Fail("{}: expected LabelMe's XML without a DOCTYPE, found \"{}\"; entities are not read",
             path_.string(), Excerpt(node.value()));
      }
    }
    root_ = document_.child("annotation");
    if (!root_) {
      Fail("{}: expected the element <annotation>, found {}", path_.string(),
           document_.first_child() ? "<" + Excerpt(document_.first_child().name()) + ">" : "none");
    }
  }

  Annotation Read(const ObjectNames& names, const ImageEntry& image) const {
    const cv::Size size = ImageSize(image);
    AnnotationBuilder builder(path_, size.height, size.width);
    LeftOutObjects left_out;
    int number = 0;
    for (const pugi::xml_node& object : root_.children("object")) {
      ++number;
      if (Trim(object.child("deleted").text().get()) == "1") continue;
      const std::string name = names.Normalize(object.child("name").text().get());
      if (name.empty()) continue;
      std::vector<Polygon> polygons;
      for (const pugi::xml_node& polygon : object.children("polygon")) {
        polygons.push_back(ReadPolygon(polygon, fmt::format("object {} ({})", number, name)));
      }
      const std::string what = fmt::format("object {} ({})", number, name);
      if (const pugi::xml_node node = object.child("bndbox"); node && polygons.empty()) {
        const cv::Rect box = ReadBox(node, what, size);
        if (box.empty()) {
          left_out.Add(fmt::format("{}: {}: expected a box with pixels of the image, found none",
                                   path_.string(), what));
        } else {
          builder.AddMask(name, cv::Mat(box.size(), CV_8U, cv::Scalar(255)), box.tl());
        }
        continue;
      }
      if (polygons.empty()) {
        left_out.Add(fmt::format("{}: {}: expected a polygon or a box, found {}", path_.string(),
                                 what, object.child("segm") ? "a mask in another file" : "none"));
        continue;
      }
      builder.AddPolygons(name, polygons);
    }
    Annotation annotation = builder.Finish();
    annotation.left_out = std::move(left_out);
    return annotation;
  }

 private:
  cv::Size ImageSize(const ImageEntry& image) const {
    const pugi::xml_node size = root_.child("imagesize");
    const std::string_view rows = Trim(size.child("nrows").text().get());
    const std::string_view columns = Trim(size.child("ncols").text().get());
    if (!rows.empty() && !columns.empty()) {
      return {static_cast<int>(Extent(columns, "ncols")), static_cast<int>(Extent(rows, "nrows"))};
    }
    const pugi::xml_node voc = root_.child("size");
    const std::string_view height = Trim(voc.child("height").text().get());
    const std::string_view width = Trim(voc.child("width").text().get());
    if (!height.empty() && !width.empty()) {
      return {static_cast<int>(Extent(width, "width")), static_cast<int>(Extent(height, "height"))};
    }
    const std::optional<cv::Size> own = ShownSize(image.path);
    if (!own) {
      Fail("{}: expected <imagesize> with <nrows> and <ncols>, found none, nor a size in {}",
           path_.string(), image.path.string());
    }
    return *own;
  }

  int64_t Extent(std::string_view text, const char* what) const {
    const double value = Number(text, fmt::format("imagesize, {}", what));
    if (value != std::floor(value) || value < 1 ||
        value > static_cast<double>(kMostAnnotatedPixels)) {
      Fail("{}: imagesize, {}: expected an integer from 1 to {}, found {}", path_.string(), what,
           kMostAnnotatedPixels, Excerpt(text));
    }
    return static_cast<int64_t>(value);
  }

  double Number(std::string_view text, const std::string& what) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      Fail("{}: {}: expected a number, found \"{}\"", path_.string(), what, Excerpt(text));
    }
    return value;
  }

  // The pixels of a box that lie in the image.
  cv::Rect ReadBox(const pugi::xml_node& node, const std::string& object,
                   const cv::Size& size) const {
    const auto side = [&](const char* name, int most) {
      const double value =
          Number(Trim(node.child(name).text().get()), fmt::format("{}, {}", object, name));
      return static_cast<int>(std::clamp(std::round(value), 0.0, most + 1.0));  // from 1
    };
    const int left = std::max(side("xmin", size.width), 1),
              top = std::max(side("ymin", size.height), 1);
    const int right = std::min(side("xmax", size.width), size.width);
    const int bottom = std::min(side("ymax", size.height), size.height);
    return {left - 1, top - 1, std::max(right - left + 1, 0), std::max(bottom - top + 1, 0)};
  }

  Polygon ReadPolygon(const pugi::xml_node& node, const std::string& object) const {
    Polygon polygon;
    for (const pugi::xml_node& point : node.children("pt")) {
      const auto coordinate = [&](const char* axis) {
        return Number(Trim(point.child(axis).text().get()),
                      fmt::format("{}, point {}, {}", object, polygon.size() + 1, axis));
      };
      const double x = coordinate("x");
      polygon.emplace_back(x, coordinate("y"));
    }
    return polygon;
  }

  Path path_;
  pugi::xml_document document_;
  pugi::xml_node root_;
};

class LabelMe : public AnnotationFormat {
 public:
  explicit LabelMe(const AnnotationSource& source)
      : source_(source),
        names_(source.aliases.empty() ? ObjectNames() : ObjectNames(source.aliases)) {
    std::error_code ignored;
    if (!Exists(source.root) || !std::filesystem::is_directory(source.root, ignored)) {
      Fail("{}: expected a folder of LabelMe files, found none", source.root.string());
    }
  }

  std::optional<Annotation> Read(const ImageEntry& image) const override {
    const Path path = LabelMeFileOf(source_, image);
    if (!Exists(path)) return std::nullopt;
    return IsJson(path) ? ReadLabelMeJson(path, names_, image)
                        : LabelMeFile(path).Read(names_, image);
  }

  std::string Place(const ImageEntry& image) const override {
    return LabelMeFileOf(source_, image).string();
  }

 private:
  static bool IsJson(const Path& path) { return path.extension() == ".json"; }

  AnnotationSource source_;
  ObjectNames names_;
};

}  // namespace

Path LabelMeFileOf(const AnnotationSource& source, const ImageEntry& image) {
  const Path xml = AnnotationFile(source, image, ".xml");
  std::error_code error;  // that it cannot be looked for is said by who reads it
  if (!source.suffix.empty() || std::filesystem::exists(xml, error) || error) return xml;
  const Path json = AnnotationFile(source, image, ".json");
  return std::filesystem::exists(json, error) ? json : xml;
}

std::unique_ptr<AnnotationFormat> LabelMeFormat(const AnnotationSource& source) {
  return std::make_unique<LabelMe>(source);
}

}  // namespace netdissect
