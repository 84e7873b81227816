#include "netdissect/data/decode.h"

#include <algorithm>
#include <limits>
#include <opencv2/imgcodecs.hpp>

#include "data/decoding.h"
#include "data/image_header.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// A file that is larger than its pixels could be uncompressed is not read into memory.
void RequireSaneSize(const Path& path, const DecodeOptions& options) {
  constexpr int64_t kBytesPerPixel = 16, kMetadata = int64_t{64} << 20;
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return;  // missing, or a folder: reading it says so
  const auto most = static_cast<uintmax_t>(
      std::min<int64_t>(options.max_pixels * kBytesPerPixel + kMetadata,
                        std::numeric_limits<int>::max()));  // OpenCV counts a buffer in int
  if (bytes > most) {
    Fail("{}: expected an image file of at most {} bytes, found {}", path.string(), most, bytes);
  }
}

void RequireWholeAndSmall(const Path& path, const ImageHeader& header,
                          const DecodeOptions& options) {
  const uint64_t most = static_cast<uint64_t>(options.max_pixels) / header.weight;
  if (header.width * header.height > most) {
    Fail("{}: expected an image of at most {} pixels, found a {} of {} x {}", path.string(), most,
         header.format, header.width, header.height);
  }
  // Before decoding: the codec would fill what is missing with grey and call it a picture.
  if (!header.complete) {
    Fail("{}: expected a whole image, found a truncated {}: its end is missing", path.string(),
         header.format);
  }
  if (header.width == 0 || header.height == 0) {
    Fail("{}: expected an image with pixels, found a {} of {} x {}", path.string(), header.format,
         header.width, header.height);
  }
}

}  // namespace

void DecodeOptions::Validate() const {
  if (max_pixels <= 0 || max_pixels > int64_t{1} << 40) {
    Fail("max_pixels: expected 1 to 2^40, found {}", max_pixels);
  }
}

cv::Mat DecodeImage(const Path& path, const DecodeOptions& options) {
  options.Validate();
  RequireSaneSize(path, options);
  std::string bytes = ReadFile(path);
  if (bytes.empty()) Fail("{}: expected an image, found an empty file", path.string());
  const std::optional<ImageHeader> header = ReadImageHeader(bytes);
  if (!header) {
    Fail("{}: expected an image (JPEG, PNG, BMP, WebP, TIFF, PNM or JPEG 2000), found {}",
         path.string(), NameOfOtherKind(bytes));
  }
  RequireWholeAndSmall(path, *header, options);
  cv::Mat image;
  std::string reason;
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1, bytes.data());
    const Decoding decoding(path);
    image = cv::imdecode(buffer, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw;  // the file is not to blame
    reason = ": " + error.err;
  }
  if (image.empty()) {
    Fail("{}: expected an image, found a {} that is damaged or of a kind that cannot be decoded{}",
         path.string(), header->format, reason);
  }
  if (static_cast<int64_t>(image.total()) > options.max_pixels) {
    Fail("{}: expected an image of at most {} pixels, found {} x {}", path.string(),
         options.max_pixels, image.cols, image.rows);
  }
  if (image.type() != CV_8UC3) {
    Fail("{}: expected pixels of 3 channels of 8 bits, found {}", path.string(),
         cv::typeToString(image.type()));
  }
  return image;
}

}  // namespace netdissect
