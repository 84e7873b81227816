#include "data/coco_rle.h"

#include <limits>
#include <numeric>

#include "data/object_mask.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kFirstCharacter = '0';
constexpr int kMore = 0x20, kSign = 0x10, kBits = 5;

int SizeFromJson(const Json& value, const std::string& what) {
  if (value.is_number_integer() && value.get<int64_t>() >= 1 &&
      value.get<int64_t>() <= kMostAnnotatedPixels) {
    return static_cast<int>(value.get<int64_t>());
  }
  Fail("{}: expected \"size\" of two integers from 1 to {}, found {}", what, kMostAnnotatedPixels,
       value.dump());
}

}  // namespace

CocoRle EncodeRle(const cv::Mat& mask) {
  if (mask.type() != CV_8UC1) {
    Fail("RLE: expected a mask of one channel of 8 bits, found {}", cv::typeToString(mask.type()));
  }
  CocoRle rle{mask.rows, mask.cols, {}};
  bool inside = false;
  uint32_t run = 0;
  for (int x = 0; x < mask.cols; ++x) {
    for (int y = 0; y < mask.rows; ++y, ++run) {
      if ((mask.at<uchar>(y, x) != 0) == inside) continue;
      rle.counts.push_back(run);
      run = 0;
      inside = !inside;
    }
  }
  rle.counts.push_back(run);
  return rle;
}

cv::Mat DecodeRle(const CocoRle& rle, const std::string& what) {
  CheckAnnotatedSize(what, rle.height, rle.width);
  const int64_t pixels = int64_t{rle.height} * rle.width;
  const int64_t sum = std::accumulate(rle.counts.begin(), rle.counts.end(), int64_t{0});
  if (sum != pixels) {
    Fail("{}: expected counts that sum to {} x {} = {} pixels, found {}", what, rle.height,
         rle.width, pixels, sum);
  }
  cv::Mat mask(rle.height, rle.width, CV_8U, cv::Scalar(0));
  int64_t position = 0;
  for (size_t i = 0; i < rle.counts.size(); ++i) {
    const int64_t end = position + rle.counts[i];
    for (; i % 2 == 1 && position < end; ++position) {
      mask.at<uchar>(static_cast<int>(position % rle.height),
                     static_cast<int>(position / rle.height)) = 255;
    }
    position = end;
  }
  return mask;
}

std::string CompressCounts(const std::vector<uint32_t>& counts) {
  std::string text;
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t value = counts[i];
    if (i > 2) value -= counts[i - 2];
    for (bool more = true; more;) {
      auto bits = static_cast<int>(value & 0x1f);
      value >>= kBits;
      more = (bits & kSign) != 0 ? value != -1 : value != 0;
      if (more) bits |= kMore;
      text += static_cast<char>(kFirstCharacter + bits);
    }
  }
  return text;
}

std::vector<uint32_t> ExpandCounts(std::string_view text, const std::string& what) {
  constexpr int kMostGroups = 7;  // 35 bits: more than any count needs
  std::vector<uint32_t> counts;
  for (size_t at = 0; at < text.size();) {
    int64_t value = 0;
    int bits = kMore;
    for (int group = 0; (bits & kMore) != 0; ++group, ++at) {
      if (at == text.size()) {
        Fail("{}: expected compressed counts, found a text that ends within its number {}", what,
             counts.size() + 1);
      }
      bits = text[at] - kFirstCharacter;
      if (bits < 0 || bits > 0x3f || group == kMostGroups) {
        Fail("{}: expected compressed counts ('0' to 'o'), found code {} as character {}", what,
             static_cast<unsigned char>(text[at]), at + 1);
      }
      value |= int64_t{bits & 0x1f} << (kBits * group);
      if ((bits & kMore) == 0 && (bits & kSign) != 0) value -= int64_t{1} << (kBits * (group + 1));
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
      Fail("{}: expected counts from 0, found {} as number {}", what, value, counts.size() + 1);
    }
    counts.push_back(static_cast<uint32_t>(value));
  }
  return counts;
}

Json ToJson(const CocoRle& rle) {
  return {{"size", {rle.height, rle.width}}, {"counts", CompressCounts(rle.counts)}};
}

CocoRle RleFromJson(const Json& json, const std::string& what) {
  if (!json.is_object() || !json.contains("size") || !json.contains("counts")) {
    Fail("{}: expected an object with \"size\" and \"counts\", found another {}", what,
         json.type_name());
  }
  const Json& size = json["size"];
  if (!size.is_array() || size.size() != 2) {
    Fail("{}: expected \"size\" as [height, width], found {} of {}", what, size.type_name(),
         size.size());
  }
  CocoRle rle{SizeFromJson(size[0], what), SizeFromJson(size[1], what), {}};
  const Json& counts = json["counts"];
  if (counts.is_string()) {
    rle.counts = ExpandCounts(counts.get_ref<const std::string&>(), what);
    return rle;
  }
  if (!counts.is_array()) {
    Fail("{}: expected \"counts\" as a list of numbers or their compressed text, found {}", what,
         counts.type_name());
  }
  for (const Json& count : counts) {
    if (!count.is_number_unsigned() || count.get<uint64_t>() > uint64_t{kMostAnnotatedPixels}) {
      Fail("{}: expected counts from 0 to {}, found {} as number {}", what, kMostAnnotatedPixels,
           count.dump(-1, ' ', false, Json::error_handler_t::replace), rle.counts.size() + 1);
    }
    rle.counts.push_back(count.get<uint32_t>());
  }
  return rle;
}

}  // namespace netdissect
