#include "study/bit_mask.h"

#include <algorithm>
#include <limits>

#include "study/bit_kernels.h"

namespace netdissect {

int64_t CountBoth(const BitMask& a, const BitMask& b, int words) {
  const int first = std::max(a.first, b.first), end = std::min(a.end, b.end);
  if (first >= end) return 0;
  const auto at = [&](const BitMask& mask) {
    return mask.bits.data() + static_cast<ptrdiff_t>(first - mask.first) * words;
  };
  return BestBitKernels().count_both(at(a), at(b), static_cast<size_t>((end - first) * words));
}

UnitMasker::UnitMasker(const UnitMapScaler& scaler)
    : scaler_(scaler),
      words_(WordsOf(scaler.width())),
      stride_(static_cast<size_t>(words_) * 64),
      // What lies beyond the image is above no threshold.
      wide_(stride_ * static_cast<size_t>(scaler.map_height()),
            std::numeric_limits<float>::lowest()),
      above_(static_cast<size_t>(scaler.map_height())),
      widened_(static_cast<size_t>(scaler.map_height())) {}

const float* UnitMasker::Widened(const float* map, int row) {
  float* wide = wide_.data() + static_cast<size_t>(row) * stride_;
  if (widened_[static_cast<size_t>(row)] == 0) {
    scaler_.WidenRow(map + static_cast<ptrdiff_t>(row) * scaler_.map_width(), wide);
    widened_[static_cast<size_t>(row)] = 1;
  }
  return wide;
}

void UnitMasker::operator()(const float* map, float threshold, BitMask& mask) {
  const int width = scaler_.map_width();
  bool any = false;
  for (size_t row = 0; row < above_.size(); ++row) {
    const float* values = map + static_cast<ptrdiff_t>(row) * width;
    float largest = values[0];
    for (int x = 1; x < width; ++x) largest = std::max(largest, values[x]);
    above_[row] = largest > threshold ? 1 : 0;
    any = any || above_[row] != 0;
  }
  mask.first = mask.end = 0;
  mask.area = 0;
  mask.bits.clear();
  if (!any) return;
  std::fill(widened_.begin(), widened_.end(), static_cast<char>(0));
  const BitKernels& kernels = BestBitKernels();
  const auto words = static_cast<size_t>(words_);
  const std::vector<UnitMapScaler::Tap>& rows = scaler_.rows();
  const auto shows = [&](const UnitMapScaler::Tap& tap) {
    return above_[static_cast<size_t>(tap.below)] != 0 ||
           above_[static_cast<size_t>(tap.above)] != 0;
  };
  const auto first = std::find_if(rows.begin(), rows.end(), shows);
  if (first == rows.end()) return;  // the image's few rows may all lie between others of the map
  const auto end = std::find_if(rows.rbegin(), rows.rend(), shows).base();
  mask.first = static_cast<int>(first - rows.begin());
  mask.end = static_cast<int>(end - rows.begin());
  mask.bits.resize(static_cast<size_t>(end - first) * words);
  uint64_t* out = mask.bits.data();
  for (auto row = first; row != end; ++row, out += words) {
    if (!shows(*row)) {
      std::fill(out, out + words, 0);
      continue;
    }
    kernels.threshold_row(Widened(map, row->below), Widened(map, row->above), row->weight,
                          threshold, words, out);
  }
  mask.area = kernels.count(mask.bits.data(), mask.bits.size());
}

}  // namespace netdissect
