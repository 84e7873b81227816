#include "data/image_header.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace netdissect {
namespace {

class Bytes {
 public:
  explicit Bytes(std::string_view view) : view_(view) {}
  uint64_t size() const { return view_.size(); }
  uint64_t At(uint64_t position) const {
    return position < view_.size() ? static_cast<unsigned char>(view_[position]) : 0;
  }
  uint64_t Big(uint64_t position, int count) const {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | At(position + static_cast<uint64_t>(i));
    return value;
  }
  uint64_t Little(uint64_t position, int count) const {
    uint64_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | At(position + static_cast<uint64_t>(i));
    return value;
  }
  bool Is(uint64_t position, std::string_view text) const {
    return position <= view_.size() && view_.substr(position, text.size()) == text;
  }
  uint64_t Find(char byte, uint64_t position) const {
    return std::min<uint64_t>(view_.find(byte, position), view_.size());
  }

 private:
  std::string_view view_;
};

// Whether a JPEG's EXIF segment, whose TIFF part begins at `tiff`, says that columns are shown as
// rows.
bool IsTurned(const Bytes& bytes, uint64_t tiff) {
  const bool big = bytes.Is(tiff, "MM");
  const auto read = [&](uint64_t at, int count) {
    return big ? bytes.Big(tiff + at, count) : bytes.Little(tiff + at, count);
  };
  const uint64_t directory = read(4, 4), entries = read(directory, 2);
  constexpr uint64_t kOrientation = 0x0112, kEntry = 12;
  for (uint64_t i = 0; i < entries; ++i) {
    const uint64_t entry = directory + 2 + kEntry * i;
    if (read(entry, 2) == kOrientation) return read(entry + 8, 2) >= 5 && read(entry + 8, 2) <= 8;
  }
  return false;
}

// Walks the segments rather than looking for an end marker, which an embedded thumbnail has too.
ImageHeader Jpeg(const Bytes& bytes) {
  ImageHeader header{"JPEG", 0, 0, false};
  bool scanned = false;
  for (uint64_t at = 2;;) {
    at = bytes.Find('\xff', at);
    while (at < bytes.size() && bytes.At(at) == 0xff) ++at;  // fill bytes
    if (at >= bytes.size()) return header;
    const uint64_t marker = bytes.At(at++);
    if (marker == 0xd9) {
      header.complete = scanned;
      return header;
    }
    // A stuffed zero and a restart marker belong to the scan; 01 and a start marker stand alone.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const bool frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      header.height = std::max(header.height, bytes.Big(at + 3, 2));
      header.width = std::max(header.width, bytes.Big(at + 5, 2));
    }
    if (marker == 0xe1 && bytes.Is(at + 2, std::string_view("Exif\0\0", 6))) {
      header.turned = header.turned || IsTurned(bytes, at + 8);
    }
    if (marker == 0xda) scanned = true;
    at += std::max<uint64_t>(bytes.Big(at, 2), 2);
  }
}

ImageHeader Png(const Bytes& bytes) {
  ImageHeader header{"PNG", bytes.Big(16, 4), bytes.Big(20, 4), false};
  constexpr uint64_t kAround = 12;  // a chunk's length, type and checksum
  for (uint64_t at = 8; at + kAround <= bytes.size();) {
    const uint64_t end = at + kAround + bytes.Big(at, 4);
    if (bytes.Is(at + 4, "IEND")) header.complete = end <= bytes.size();
    at = end;
  }
  return header;
}

ImageHeader Bmp(const Bytes& bytes) {
  if (bytes.Little(14, 4) == 12) return {"BMP", bytes.Little(18, 2), bytes.Little(20, 2), true};
  const auto magnitude = [&](uint64_t at) -> uint64_t {  // rows from the top have a negative height
    const uint64_t value = bytes.Little(at, 4);
    return value >> 31 ? (uint64_t{1} << 32) - value : value;
  };
  return {"BMP", magnitude(18), magnitude(22), true};
}

ImageHeader Webp(const Bytes& bytes) {
  ImageHeader header{"WebP", 0, 0, bytes.Little(4, 4) + 8 <= bytes.size()};
  if (bytes.Is(12, "VP8X")) {
    header.width = bytes.Little(24, 3) + 1;
    header.height = bytes.Little(27, 3) + 1;
  } else if (bytes.Is(12, "VP8L")) {
    const uint64_t bits = bytes.Little(21, 4);
    header.width = (bits & 0x3fff) + 1;
    header.height = (bits >> 14 & 0x3fff) + 1;
  } else if (bytes.Is(12, "VP8 ")) {
    header.width = bytes.Little(26, 2) & 0x3fff;
    header.height = bytes.Little(28, 2) & 0x3fff;
  }
  return header;
}

// The first directory: that is the image that is decoded. Decoders make room for a whole tile. What
// gives a size as another type than an integer of at most 32 bits is not understood: a decoder
// would look for it elsewhere.
std::optional<ImageHeader> Tiff(const Bytes& bytes) {
  const bool little = bytes.At(0) == 'I';
  const auto read = [&](uint64_t at, int count) {
    return little ? bytes.Little(at, count) : bytes.Big(at, count);
  };
  ImageHeader header{"TIFF", 0, 0, true};
  const uint64_t directory = read(4, 4);
  const uint64_t entries = read(directory, 2);
  for (uint64_t i = 0; i < entries; ++i) {
    const uint64_t at = directory + 2 + 12 * i;
    const uint64_t tag = read(at, 2);
    const bool across = tag == 256 || tag == 322, down = tag == 257 || tag == 323;
    if (!across && !down) continue;
    const uint64_t type = read(at + 2, 2);
    const int size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
    if (size == 0) return std::nullopt;
    uint64_t& side = across ? header.width : header.height;
    side = std::max(side, read(at + 8, size));
  }
  return header;
}

ImageHeader Pnm(const Bytes& bytes) {
  uint64_t at = 2;
  const auto number = [&] {
    for (; at < bytes.size(); ++at) {
      if (bytes.At(at) == '#') {
        at = bytes.Find('\n', at);
      } else if (bytes.At(at) > ' ') {
        break;
      }
    }
    uint64_t value = 0;
    for (; bytes.At(at) >= '0' && bytes.At(at) <= '9'; ++at) {
      value = std::min<uint64_t>(value * 10 + (bytes.At(at) - '0'),
                                 std::numeric_limits<uint32_t>::max());
    }
    return value;
  };
  ImageHeader header{"PNM", 0, 0, true};
  header.width = number();
  header.height = number();
  return header;
}

// The largest of all codestreams, wherever they begin: they are not searched for in their boxes.
// The mark of a codestream's end is nowhere within its data.
std::optional<ImageHeader> Jpeg2000(std::string_view view) {
  using std::string_view_literals::operator""sv;
  constexpr auto kStart = "\xff\x4f\xff\x51"sv, kEnd = "\xff\xd9"sv;
  constexpr uint64_t kMostComponents = 4;
  const Bytes bytes(view);
  ImageHeader header{"JPEG 2000", 0, 0, false};
  header.weight = 4;  // 32 bits for each sample, twice
  for (size_t at = view.find(kStart); at < view.size(); at = view.find(kStart, at + 1)) {
    const auto extent = [&](uint64_t place) {
      const uint64_t end = bytes.Big(place, 4);
      return end - std::min(bytes.Big(place + 8, 4), end);
    };
    if (bytes.Big(at + 40, 2) > kMostComponents) return std::nullopt;
    header.width = std::max(header.width, extent(at + 8));
    header.height = std::max(header.height, extent(at + 12));
    header.complete = view.find(kEnd, at) != view.npos;
  }
  return header;
}

// OpenCV has decoders that look for their mark behind the first bytes: whatever it does not know by
// those, or tries later, would be theirs.
bool IsTakenByAnother(const Bytes& bytes) { return bytes.Is(128, "DICM") || bytes.Is(140, "DTED"); }

}  // namespace

std::optional<ImageHeader> ReadImageHeader(std::string_view view) {
  using std::string_view_literals::operator""sv;
  const Bytes bytes(view);
  if (bytes.Is(0, "\xff\xd8\xff"sv)) return Jpeg(bytes);
  if (bytes.Is(0, "\x89PNG\r\n\x1a\n"sv)) return Png(bytes);
  if (bytes.Is(0, "BM"sv)) return Bmp(bytes);
  if (bytes.Is(0, "II*\0"sv) || bytes.Is(0, "MM\0*"sv)) return Tiff(bytes);
  const bool space = bytes.At(2) == ' ' || (bytes.At(2) >= '\t' && bytes.At(2) <= '\r');
  if (bytes.At(0) == 'P' && bytes.At(1) >= '1' && bytes.At(1) <= '6' && space) return Pnm(bytes);
  if (IsTakenByAnother(bytes)) return std::nullopt;
  if (bytes.Is(0, "GIF8"sv)) {
    return ImageHeader{"GIF", bytes.Little(6, 2), bytes.Little(8, 2), true};
  }
  if (bytes.Is(0, "RIFF"sv) && bytes.Is(8, "WEBP"sv)) return Webp(bytes);
  if (bytes.Is(0, "\0\0\0\x0cjP  \r\n\x87\n"sv) || bytes.Is(0, "\xff\x4f\xff\x51"sv)) {
    return Jpeg2000(view);
  }
  return std::nullopt;
}

const char* NameOfOtherKind(std::string_view view) {
  using std::string_view_literals::operator""sv;
  constexpr struct {
    std::string_view mark;
    uint64_t at;
    const char* name;
  } kKinds[] = {{"#?RADIANCE"sv, 0, "an HDR picture"},
                {"#?RGBE"sv, 0, "an HDR picture"},
                {"PF"sv, 0, "a PFM picture"},
                {"Pf"sv, 0, "a PFM picture"},
                {"P7"sv, 0, "a PAM picture"},
                {"\x59\xa6\x6a\x95"sv, 0, "a Sun raster"},
                {"II+\0"sv, 0, "a BigTIFF"},
                {"MM\0+"sv, 0, "a BigTIFF"},
                {"v/1\x01"sv, 0, "an OpenEXR picture"},
                {"ftypavif"sv, 4, "an AVIF picture"},
                {"ftyphei"sv, 4, "a HEIF picture"},
                {"ftypmif1"sv, 4, "a HEIF picture"},
                {"DICM"sv, 128, "a DICOM file"}};
  const Bytes bytes(view);
  for (const auto& kind : kKinds) {
    if (bytes.Is(kind.at, kind.mark)) return kind.name;
  }
  return "another kind of file";
}

std::optional<cv::Size> ShownSize(const Path& image) {
  const std::optional<ImageHeader> header = ReadImageHeader(ReadFile(image));
  if (!header || header->width == 0 || header->height == 0) return std::nullopt;
  const auto side = [](uint64_t pixels) {
    return static_cast<int>(std::min<uint64_t>(pixels, std::numeric_limits<int>::max()));
  };
  const cv::Size stored(side(header->width), side(header->height));
  return header->turned ? cv::Size(stored.height, stored.width) : stored;
}

}  // namespace netdissect
