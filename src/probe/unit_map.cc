#include "probe/unit_map.h"

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {

UnitMapScaler::UnitMapScaler(const ReceptiveField& field, const Shape& layer, const InputView& view)
    : y_(TapsOf(field.y, layer.height, view.y)),
      x_(TapsOf(field.x, layer.width, view.x)),
      map_height_(layer.height),
      map_width_(layer.width) {}

std::vector<UnitMapScaler::Tap> UnitMapScaler::TapsOf(const AxisField& field, int positions,
                                                      const ViewAxis& view) {
  if (positions < 1) {
    Fail("scaling a feature map: expected positions above 0, found {}", positions);
  }
  const cv::Range seen = view.Seen();
  std::vector<Tap> taps(static_cast<size_t>(seen.size()));
  if (field.Pitch() == 0 || positions == 1) return taps;
  for (int pixel = seen.start; pixel < seen.end; ++pixel) {
    const double input = view.InputFromPicture(pixel);
    const double position = std::clamp((input - field.Place(0)) / field.Pitch(), 0.0,
                                       static_cast<double>(positions - 1));
    const int below = static_cast<int>(std::floor(position));
    taps[static_cast<size_t>(pixel - seen.start)] = {below, std::min(below + 1, positions - 1),
                                                     static_cast<float>(position - below)};
  }
  return taps;
}

void UnitMapScaler::WidenRow(const float* row, float* wide) const {
  for (size_t x = 0; x < x_.size(); ++x) {
    const Tap& tap = x_[x];
    wide[x] = row[tap.below] + tap.weight * (row[tap.above] - row[tap.below]);
  }
}

void UnitMapScaler::operator()(const float* map, cv::Mat& out) const {
  out.create(height(), width(), CV_32F);
  const size_t columns = x_.size();
  // The two rows of the map that the image's row lies between, widened once each.
  std::vector<float> buffer(2 * columns);
  float* below = buffer.data();
  float* above = below + columns;
  int row_below = -1, row_above = -1;
  for (int y = 0; y < height(); ++y) {
    const Tap& tap = y_[static_cast<size_t>(y)];
    if (row_below != tap.below) {
      if (row_above == tap.below) {
        std::swap(below, above);
        std::swap(row_below, row_above);
      } else {
        WidenRow(map + static_cast<ptrdiff_t>(tap.below) * map_width_, below);
        row_below = tap.below;
      }
    }
    if (row_above != tap.above) {
      WidenRow(map + static_cast<ptrdiff_t>(tap.above) * map_width_, above);
      row_above = tap.above;
    }
    float* to = out.ptr<float>(y);
    const float weight = tap.weight;
    for (size_t x = 0; x < columns; ++x) to[x] = below[x] + weight * (above[x] - below[x]);
  }
}

}  // namespace netdissect
