#include "nn/planar.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "base/parallel.h"

namespace netdissect {
namespace {

typedef float Four __attribute__((vector_size(16)));
typedef float UnalignedFour __attribute__((vector_size(16), aligned(4)));

Four LoadFour(const float* from) { return *reinterpret_cast<const UnalignedFour*>(from); }
void StoreFour(const Four& value, float* to) { *reinterpret_cast<UnalignedFour*>(to) = value; }

// Four channels of four positions.
void CopyFour(const float* rows, int64_t apart, float* out, int64_t positions) {
  const Four a = LoadFour(rows), b = LoadFour(rows + apart), c = LoadFour(rows + 2 * apart),
             d = LoadFour(rows + 3 * apart);
  const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
             cd = __builtin_shufflevector(c, d, 0, 4, 1, 5),
             past_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7),
             past_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  StoreFour(__builtin_shufflevector(ab, cd, 0, 1, 4, 5), out);
  StoreFour(__builtin_shufflevector(ab, cd, 2, 3, 6, 7), out + positions);
  StoreFour(__builtin_shufflevector(past_ab, past_cd, 0, 1, 4, 5), out + 2 * positions);
  StoreFour(__builtin_shufflevector(past_ab, past_cd, 2, 3, 6, 7), out + 3 * positions);
}

constexpr int64_t kTile = 16;  // channels: a cache line

}  // namespace

void CopyPlanar(const float* rows, int64_t positions, int64_t apart, int64_t channels, float* out) {
  for (int64_t begin = 0; begin < channels; begin += kTile) {
    const int64_t end = std::min(begin + kTile, channels), whole = begin + (end - begin) / 4 * 4;
    int64_t p = 0;
    for (; p + 4 <= positions; p += 4) {
      const float* from = rows + p * apart;
      for (int64_t c = begin; c < whole; c += 4) {
        CopyFour(from + c, apart, out + c * positions + p, positions);
      }
      for (int64_t c = whole; c < end; ++c) {
        for (int64_t j = 0; j < 4; ++j) out[c * positions + p + j] = from[j * apart + c];
      }
    }
    for (; p < positions; ++p) {
      for (int64_t c = begin; c < end; ++c) out[c * positions + p] = rows[p * apart + c];
    }
  }
}

bool IsChannelsLast(const at::Tensor& activations) {
  return activations.is_cpu() && activations.scalar_type() == at::kFloat &&
         !activations.is_contiguous() && activations.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Planar(const at::Tensor& activations) {
  const at::Tensor values = activations.to(at::kCPU, at::kFloat);
  if (!IsChannelsLast(values)) return values.contiguous();
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
