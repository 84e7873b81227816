#include "nn/planar.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "base/parallel.h"

namespace netdissect {
namespace {

constexpr int64_t kTile = 16;  // a cache line of floats

}  // namespace

void CopyPlanar(const float* rows, int64_t positions, int64_t apart, int64_t channels, float* out) {
  for (int64_t p = 0; p < positions; p += kTile) {
    const int64_t height = std::min(kTile, positions - p);
    for (int64_t c = 0; c < channels; c += kTile) {
      const int64_t width = std::min(kTile, channels - c);
      const float* from = rows + p * apart + c;
      float* to = out + c * positions + p;
      if (height == kTile && width == kTile) {
        for (int64_t i = 0; i < kTile; ++i) {
          for (int64_t j = 0; j < kTile; ++j) to[i * positions + j] = from[j * apart + i];
        }
      } else {
        for (int64_t i = 0; i < width; ++i) {
          for (int64_t j = 0; j < height; ++j) to[i * positions + j] = from[j * apart + i];
        }
      }
    }
  }
}

bool IsChannelsLast(const at::Tensor& activations) {
  return activations.is_cpu() && activations.scalar_type() == at::kFloat &&
         activations.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Planar(const at::Tensor& activations) {
  const at::Tensor values = activations.to(at::kCPU, at::kFloat);
  if (values.is_contiguous() || !IsChannelsLast(values)) return values.contiguous();
  const int64_t images = values.size(0), channels = values.size(1);
  const int64_t positions = values.size(2) * values.size(3);
  const at::Tensor maps = at::empty(values.sizes(), at::kFloat);
  const float* from = values.data_ptr<float>();
  float* to = maps.data_ptr<float>();
  const int64_t blocks = (channels + kTile - 1) / kTile;
  ParallelFor(0, images * blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t n = item / blocks, c = item % blocks * kTile;
      CopyPlanar(from + n * positions * channels + c, positions, channels,
                 std::min(kTile, channels - c), to + (n * channels + c) * positions);
    }
  });
  return maps;
}

}  // namespace netdissect
