// Label maps: a PNG of the image's size whose pixels say the class.
//
//   - one channel of 8 or 16 bits, or a palette: the pixel's value (or index) is the class, and all
//     its pixels are one object;
//   - three channels of 8 bits, as ADE20K's full data: class = R / 10 * 256 + G, and B tells the
//     class's instances apart; or with the palette "voc" the colour of a class in PASCAL VOC's
//     palette (data/voc_palette.h), all its pixels one object.
//
// Pixels of class 0 belong to no object unless the names say so, as do those of the largest value
// of a one-channel map (the "void" of PASCAL VOC).
//
// The file of names is any list of classes (data/class_list.h); without numbers line n is class n
// from 1. With the palette "voc" and no names they are PASCAL VOC's twenty.

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <unordered_map>

#include "base/limits.h"
#include "data/annotation_format.h"
#include "data/class_list.h"
#include "data/decoding.h"
#include "data/image_header.h"
#include "data/object_mask.h"
#include "data/object_names.h"
#include "data/voc_palette.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

using ClassNames = std::map<int, std::string>;
using Palette = std::unordered_map<uint32_t, int>;  // classes by colour, 0xRRGGBB

ClassNames ReadClassNames(const Path& path, const ObjectNames& names) {
  ClassNames classes;
  for (const ListedClass& listed : ReadClassList(path)) {
    const int64_t index = listed.index.value_or(listed.line);
    if (index < 0 || index > kMostLabelMapClasses) {
      Fail("{}:{}: expected a class from 0 to {}, found {}", path.string(), listed.line,
           kMostLabelMapClasses, index);
    }
    // Of synonyms the first: commas separate them, or semicolons as in ADE20K.
    const std::string name = names.Normalize(listed.name.substr(0, listed.name.find(';')));
    if (name.empty()) {
      Fail("{}:{}: expected the name of class {}, found none", path.string(), listed.line, index);
    }
    if (!classes.emplace(static_cast<int>(index), name).second) {
      Fail("{}:{}: expected each class once, found {} twice", path.string(), listed.line, index);
    }
  }
  return classes;
}

uint32_t Big(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// What the file says of itself in its first chunk.
struct PngHeader {
  int bits = 0;
  int kind = 0;  // 0 grey, 2 color, 3 palette, 4 and 6 with alpha
};

PngHeader ReadHeader(const Path& path, std::string_view bytes) {
  const std::optional<ImageHeader> image = ReadImageHeader(bytes);
  if (!image || std::string_view(image->format) != "PNG") {
    Fail("{}: expected a PNG, found {}", path.string(),
         image           ? image->format
         : bytes.empty() ? "an empty file"
                         : "another kind of file");
  }
  if (!image->complete) {
    Fail("{}: expected a whole PNG, found a truncated one: its end is missing", path.string());
  }
  CheckAnnotatedSize(path, static_cast<int64_t>(image->height), static_cast<int64_t>(image->width));
  const PngHeader header{static_cast<unsigned char>(bytes[24]),
                         static_cast<unsigned char>(bytes[25])};
  const bool grey = header.kind == 0 && (header.bits == 8 || header.bits == 16);
  const bool color = header.kind == 2 && header.bits == 8;
  if (!grey && !color && header.kind != 3) {
    Fail(
        "{}: expected a label map of one channel of 8 or 16 bits, three of 8 bits, or a palette, "
        "found {} bits and PNG color type {}",
        path.string(), header.bits, header.kind);
  }
  return header;
}

// Index of every color of the palette (R, G, B). Of equal colors the first, and only where the
// others are of no class: they fill the palette up.
Palette ReadPalette(const Path& path, std::string_view bytes, const ClassNames& classes) {
  constexpr size_t kAround = 12;  // a chunk's length, type and checksum
  Palette index_of;
  for (size_t at = 8; at + kAround <= bytes.size();) {
    const size_t length = Big(bytes, at);
    if (bytes.substr(at + 4, 4) != "PLTE") {
      at += kAround + length;
      continue;
    }
    for (size_t i = 0; 3 * i + 2 < length && at + 11 + 3 * i <= bytes.size(); ++i) {
      const uint32_t color = Big(bytes, at + 7 + 3 * i) & 0xffffff;
      const auto index = static_cast<int>(i);
      if (!index_of.emplace(color, index).second && classes.count(index) != 0) {
        Fail("{}: expected a palette that tells classes apart, found {:06x} for class {} and {}",
             path.string(), color, index_of[color], index);
      }
    }
    break;
  }
  return index_of;
}

// The decoder turns indices into colors; this undoes it.
cv::Mat IndicesOf(const Path& path, const cv::Mat& bgr, const Palette& palette) {
  cv::Mat indices(bgr.size(), CV_8U);
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& pixel = bgr.at<cv::Vec3b>(y, x);
      const auto found = palette.find(static_cast<uint32_t>(pixel[2]) << 16 |
                                      static_cast<uint32_t>(pixel[1]) << 8 | pixel[0]);
      if (found == palette.end()) {
        Fail("{}: expected colors of the palette, found another at pixel (y {}, x {})",
             path.string(), y, x);
      }
      indices.at<uchar>(y, x) = static_cast<uchar>(found->second);
    }
  }
  return indices;
}

// `colors`: of a map of three channels; empty where they are ADE20K's.
cv::Mat Decode(const Path& path, const std::string& bytes, const ClassNames& classes,
               const Palette& colors) {
  const PngHeader header = ReadHeader(path, bytes);
  const bool palette = header.kind == 3;
  cv::Mat map;
  std::string reason;
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    const Decoding decoding(path);
    map = cv::imdecode(buffer, palette ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    reason = ": " + error.err;
  }
  if (map.type() != CV_8UC1 && map.type() != CV_16UC1 && map.type() != CV_8UC3) {
    Fail("{}: expected a label map without transparency, found pixels of type {}", path.string(),
         cv::typeToString(map.type()));
  }
  if (map.empty()) {
    Fail("{}: expected a label map, found a PNG that is damaged{}", path.string(), reason);
  }
  if (palette) return IndicesOf(path, map, ReadPalette(path, bytes, classes));
  return map.type() == CV_8UC3 && !colors.empty() ? IndicesOf(path, map, colors) : map;
}

// What tells objects apart: the class, and in ADE20K's coding the instance.
struct Key {
  int label = 0;
  int instance = 0;
  bool operator<(const Key& other) const {
    return label != other.label ? label < other.label : instance < other.instance;
  }
};

Key KeyAt(const cv::Mat& map, int y, int x) {
  switch (map.type()) {
    case CV_8UC1:
      return {map.at<uchar>(y, x), 0};
    case CV_16UC1:
      return {map.at<ushort>(y, x), 0};
    default: {
      const auto& pixel = map.at<cv::Vec3b>(y, x);  // B, G, R
      return {pixel[2] / 10 * 256 + pixel[1], pixel[0]};
    }
  }
}

class LabelMaps : public AnnotationFormat {
 public:
  explicit LabelMaps(const AnnotationSource& source) : source_(source) {
    const ObjectNames names = source.aliases.empty() ? ObjectNames() : ObjectNames(source.aliases);
    if (source.palette == "voc") {
      constexpr int kColors = 256;
      for (int i = 0; i < kColors; ++i) colors_.emplace(VocColor(i), i);
    }
    if (source.names.empty() && !colors_.empty()) {
      for (const std::string& name : VocNames()) {
        classes_.emplace(static_cast<int>(classes_.size()) + 1, names.Normalize(name));
      }
      return;
    }
    if (source.names.empty()) {
      Fail("{}: expected the key \"annotations.names\" beside label maps, found none",
           source.root.string());
    }
    classes_ = ReadClassNames(source.names, names);
  }

  std::optional<Annotation> Read(const ImageEntry& image) const override {
    const Path path = FileOf(image);
    if (!Exists(path)) return std::nullopt;
    const std::string bytes = ReadFile(path);
    const cv::Mat map = Decode(path, bytes, classes_, colors_);
    const int nothing = map.type() == CV_8UC1 ? 255 : map.type() == CV_16UC1 ? 65535 : 0;
    // Bounds of every object first, so that its mask is no larger than it.
    std::map<Key, cv::Rect> boxes;
    for (int y = 0; y < map.rows; ++y) {
      for (int x = 0; x < map.cols;) {
        const Key key = KeyAt(map, y, x);
        const int begin = x;
        while (x < map.cols && !(KeyAt(map, y, x) < key) && !(key < KeyAt(map, y, x))) ++x;
        if (classes_.count(key.label) == 0) {
          if (key.label == 0 || key.label == nothing) continue;
          Fail("{}: expected the {} classes of {}, found {} at pixel (y {}, x {}){}", path.string(),
               classes_.size(),
               source_.names.empty() ? std::string("PASCAL VOC") : source_.names.string(),
               key.label, y, begin, AdviceAt(map, y, begin));
        }
        const cv::Rect run(begin, y, x - begin, 1);
        const auto [box, is_new] = boxes.emplace(key, run);
        if (!is_new) box->second |= run;
      }
    }
    AnnotationBuilder builder(path, map.rows, map.cols);
    for (const auto& [key, box] : boxes) {
      builder.AddMask(classes_.at(key.label), MaskOf(map, key, box), box.tl());
    }
    return builder.Finish();
  }

  std::string Place(const ImageEntry& image) const override { return FileOf(image).string(); }

 private:
  Path FileOf(const ImageEntry& image) const { return AnnotationFile(source_, image, ".png"); }

  // Where a class of ADE20K's coding is none of the names, but the colour one of PASCAL VOC's.
  static std::string AdviceAt(const cv::Mat& map, int y, int x) {
    if (map.type() != CV_8UC3) return "";
    const auto& pixel = map.at<cv::Vec3b>(y, x);
    const uint32_t color =
        static_cast<uint32_t>(pixel[2]) << 16 | static_cast<uint32_t>(pixel[1]) << 8 | pixel[0];
    for (int i = 1; i <= static_cast<int>(VocNames().size()); ++i) {
      if (VocColor(i) != color) continue;
      return fmt::format(
          "; its colour is that of class {} in PASCAL VOC's palette, which \"palette\": \"voc\" "
          "reads",
          i);
    }
    return "";
  }

  static cv::Mat MaskOf(const cv::Mat& map, const Key& key, const cv::Rect& box) {
    cv::Mat mask(box.size(), CV_8U, cv::Scalar(0));
    for (int y = 0; y < box.height; ++y) {
      for (int x = 0; x < box.width; ++x) {
        const Key other = KeyAt(map, box.y + y, box.x + x);
        if (other.label == key.label && other.instance == key.instance) mask.at<uchar>(y, x) = 255;
      }
    }
    return mask;
  }

  AnnotationSource source_;
  ClassNames classes_;
  Palette colors_;  // of maps of three channels; empty where they are ADE20K's
};

}  // namespace

std::unique_ptr<AnnotationFormat> LabelMapFormat(const AnnotationSource& source) {
  return std::make_unique<LabelMaps>(source);
}

}  // namespace netdissect
