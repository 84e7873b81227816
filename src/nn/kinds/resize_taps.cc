#include "nn/kinds/resize_taps.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

namespace netdissect {
namespace {

// Output position o lies at (step * o + shift) / per of the input, exactly, where the scale is that
// of the sizes. `per` is even.
struct Line {
  int64_t step = 0, shift = 0, per = 2;
};

Line LineOf(const Resize& resize, int input, int output) {
  using Coordinates = Resize::Coordinates;
  const int64_t in = input, out = output;
  switch (resize.coordinates) {
    case Coordinates::kPytorchHalfPixel:
      if (output == 1) return {};
      [[fallthrough]];
    case Coordinates::kHalfPixel:
      return {2 * in, in - out, 2 * out};
    case Coordinates::kAsymmetric:
      return {2 * in, 0, 2 * out};
    case Coordinates::kAlignCorners:
      if (output == 1) return {};
      return {2 * (in - 1), 0, 2 * (out - 1)};
  }
  return {};
}

// True where the scale moves positions elsewhere than the sizes do.
bool IsOfItsOwn(const Resize& resize, int input, int output, float scale) {
  if (resize.coordinates == Resize::Coordinates::kAlignCorners) return false;
  return scale != 0 && scale != static_cast<float>(output) / static_cast<float>(input);
}

// A coordinate as its whole part and the rest, from 0 to below 1.
struct Place {
  int64_t whole = 0;
  double rest = 0;
};

Place PlaceOf(const Resize& resize, int input, int output, float scale, int o) {
  if (IsOfItsOwn(resize, input, output, scale)) {
    const bool half = resize.coordinates != Resize::Coordinates::kAsymmetric;
    if (resize.coordinates == Resize::Coordinates::kPytorchHalfPixel && output == 1) return {};
    const double x = half ? (o + 0.5) / scale - 0.5 : o / static_cast<double>(scale);
    return {static_cast<int64_t>(std::floor(x)), x - std::floor(x)};
  }
  const Line line = LineOf(resize, input, output);
  const int64_t above = line.step * o + line.shift;
  const int64_t whole = AxisReach::FloorDivide(above, line.per);
  return {whole, static_cast<double>(above - whole * line.per) / static_cast<double>(line.per)};
}

int64_t Rounded(Resize::Rounding rounding, const Place& place) {
  using Rounding = Resize::Rounding;
  switch (rounding) {
    case Rounding::kFloor:
      return place.whole;
    case Rounding::kRoundPreferFloor:
      return place.whole + (place.rest > 0.5 ? 1 : 0);
    case Rounding::kRoundPreferCeil:
      return place.whole + (place.rest >= 0.5 ? 1 : 0);
    case Rounding::kCeil:
      return place.whole + (place.rest > 0 ? 1 : 0);
  }
  return place.whole;
}

// Keys' kernel at distance `d`.
double Cubic(double a, double d) {
  d = std::abs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

int TapsOf(Resize::Method method) {
  return method == Resize::Method::kNearest ? 1 : method == Resize::Method::kLinear ? 2 : 4;
}

}  // namespace

ResizeTaps::ResizeTaps(const Resize& resize, int input, int output, float scale)
    : taps(TapsOf(resize.method)) {
  const auto add = [&](int64_t position, double weight) {
    positions_.push_back(static_cast<int>(std::clamp<int64_t>(position, 0, int64_t{input} - 1)));
    weights_.push_back(static_cast<float>(weight));
  };
  for (int o = 0; o < output; ++o) {
    const Place place = PlaceOf(resize, input, output, scale, o);
    if (resize.method == Resize::Method::kNearest) {
      add(Rounded(resize.rounding, place), 1);
    } else if (resize.method == Resize::Method::kLinear) {
      add(place.whole, 1 - place.rest);
      add(place.whole + 1, place.rest);
    } else {
      for (int t = -1; t <= 2; ++t) add(place.whole + t, Cubic(resize.cubic_a, place.rest - t));
    }
  }
}

at::Tensor ResizeTaps::Positions(int tap) const {
  std::vector<int64_t> values;
  for (size_t i = static_cast<size_t>(tap); i < positions_.size(); i += static_cast<size_t>(taps)) {
    values.push_back(positions_[i]);
  }
  return at::tensor(values, at::kLong);
}

at::Tensor ResizeTaps::Weights(int tap) const {
  std::vector<float> values;
  for (size_t i = static_cast<size_t>(tap); i < weights_.size(); i += static_cast<size_t>(taps)) {
    values.push_back(weights_[i]);
  }
  return at::tensor(values, at::kFloat);
}

AxisReach ResizeReach(const Resize& resize, int input, int output, float scale) {
  const Line line = LineOf(resize, input, output);
  AxisReach reach;
  reach.step = line.step;
  reach.per = line.per;
  reach.clamp = input;
  reach.low = reach.high = line.shift;
  if (resize.method == Resize::Method::kNearest) {
    using Rounding = Resize::Rounding;
    // What is added before a division that rounds down.
    const int64_t more = resize.rounding == Rounding::kFloor              ? 0
                         : resize.rounding == Rounding::kRoundPreferFloor ? line.per / 2 - 1
                         : resize.rounding == Rounding::kRoundPreferCeil  ? line.per / 2
                                                                          : line.per - 1;
    reach.low += more;
    reach.high += more;
  } else {
    const int64_t around = resize.method == Resize::Method::kCubic ? 1 : 0;
    reach.low -= around * line.per;
    reach.high += (around + 1) * line.per;
  }
  if (IsOfItsOwn(resize, input, output, scale)) {
    // The sizes differ from the scale by less than two positions over the whole axis.
    const int64_t away = 2 + static_cast<int64_t>(std::ceil(2 / static_cast<double>(scale)));
    reach.low -= away * line.per;
    reach.high += away * line.per;
  }
  return reach;
}

}  // namespace netdissect
