#include "probe/calibration.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/random.h"

namespace netdissect {
namespace {

struct Overlap {
  int64_t canvas, image, count;
};

// Canvas row i is image row canvas.start + the position's shift + i.
Overlap OverlapOf(const Interval& canvas, const AxisField& field, int position, int64_t size) {
  const int64_t shift = canvas.start + field.Shift(position);
  const int64_t begin = std::max<int64_t>(shift, 0);
  const int64_t end = std::min<int64_t>(shift + canvas.size(), size);
  return {begin - shift, begin, end - begin};
}

}  // namespace

CalibratedMaps::CalibratedMaps(const ReceptiveField& field, const Interval& canvas_y,
                               const Interval& canvas_x, int64_t images)
    : field_(field), canvas_y_(canvas_y), canvas_x_(canvas_x) {
  maps_ = at::zeros({images, canvas_y.size(), canvas_x.size()}, at::kFloat);
  covered_ = at::zeros({images, canvas_y.size(), canvas_x.size()}, at::kFloat);
}

void CalibratedMaps::Add(const at::Tensor& map, const at::Tensor& covered, int y, int x) {
  const Overlap rows = OverlapOf(canvas_y_, field_.y, y, map.size(0));
  const Overlap columns = OverlapOf(canvas_x_, field_.x, x, map.size(1));
  const int64_t index = count_++;
  if (rows.count < 1 || columns.count < 1) return;
  const auto copy = [&](const at::Tensor& from, const at::Tensor& to) {
    to[index]
        .narrow(0, rows.canvas, rows.count)
        .narrow(1, columns.canvas, columns.count)
        .copy_(from.narrow(0, rows.image, rows.count).narrow(1, columns.image, columns.count));
  };
  copy(map, maps_);
  copy(covered, covered_);
}

at::Tensor CalibratedMaps::Mean(int64_t images) const {
  const int64_t used = std::min(images, count_);
  return maps_.narrow(0, 0, used).sum(0) / covered_.narrow(0, 0, used).sum(0).clamp_min(1);
}

double CalibratedMaps::SizeDeviation(double threshold, int resamples, uint64_t seed) const {
  if (count_ < 2) return 0;
  const int64_t pixels = canvas_y_.size() * canvas_x_.size();
  const float* maps = maps_.data_ptr<float>();
  const float* covered = covered_.data_ptr<float>();
  std::vector<double> sizes(static_cast<size_t>(resamples));
  ParallelFor(0, resamples, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> sum(static_cast<size_t>(pixels)), weight(static_cast<size_t>(pixels));
    for (int64_t sample = begin; sample < end; ++sample) {
      Random random(seed, sample);
      std::vector<int> drawn(static_cast<size_t>(count_));
      for (int64_t k = 0; k < count_; ++k) ++drawn[random.Below(static_cast<uint64_t>(count_))];
      std::fill(sum.begin(), sum.end(), 0.f);
      std::fill(weight.begin(), weight.end(), 0.f);
      for (int64_t k = 0; k < count_; ++k) {
        const auto times = static_cast<float>(drawn[static_cast<size_t>(k)]);
        if (times == 0) continue;
        const float *map = maps + k * pixels, *value = covered + k * pixels;
        for (int64_t p = 0; p < pixels; ++p) sum[static_cast<size_t>(p)] += times * map[p];
        for (int64_t p = 0; p < pixels; ++p) weight[static_cast<size_t>(p)] += times * value[p];
      }
      for (size_t p = 0; p < sum.size(); ++p) sum[p] /= std::max(weight[p], 1.f);
      sizes[static_cast<size_t>(sample)] = SizeOf(sum.data(), pixels, threshold);
    }
  });
  double mean = 0, squares = 0;
  for (const double size : sizes) mean += size / resamples;
  for (const double size : sizes) squares += (size - mean) * (size - mean);
  return std::sqrt(squares / (resamples - 1));
}

double SizeOf(const float* map, int64_t pixels, double threshold) {
  float largest = 0;
  for (int64_t p = 0; p < pixels; ++p) {
    if (std::isnan(map[p])) return 0;
    largest = std::max(largest, map[p]);
  }
  if (!(largest > 0)) return 0;
  const auto least = static_cast<float>(threshold * static_cast<double>(largest));
  int64_t area = 0;
  for (int64_t p = 0; p < pixels; ++p) area += map[p] > least ? 1 : 0;
  return std::sqrt(static_cast<double>(area));
}

}  // namespace netdissect
