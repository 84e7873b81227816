// The inner loop of labelling units by ground truth: a unit's map scaled to the image, its mask,
// and the pixels that it shares with each object. Beside it the plain way: all pixels scaled,
// compared and counted one by one.

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "probe/unit_map.h"
#include "study/bit_kernels.h"
#include "study/bit_mask.h"

namespace netdissect {
namespace {

constexpr int kSide = 128, kMap = 13, kObjects = 12;

// pool5 of AlexNet on an annotated photograph: `peaks` positions above the threshold.
struct World {
  explicit World(int peaks) : map(kMap * kMap) {
    Random random(1);
    for (float& value : map) value = static_cast<float>(random.Uniform());
    const auto row = static_cast<int>(random.Below(kMap - 3));
    const auto column = static_cast<int>(random.Below(kMap - 3));
    for (int i = 0; i < peaks; ++i) {
      map[static_cast<size_t>((row + i / 3) * kMap + column + i % 3)] = 5;
    }
    names = cv::Mat(kSide, kSide, CV_32S);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) names.at<int>(y, x) = (y / 43 * 4 + x / 32) % kObjects;
    }
    for (int object = 0; object < kObjects; ++object) {
      BitMask mask;
      mask.end = kSide;
      mask.bits.resize(static_cast<size_t>(kSide * WordsOf(kSide)));
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          if (names.at<int>(y, x) != object) continue;
          mask.bits[static_cast<size_t>(y * WordsOf(kSide) + x / 64)] |= uint64_t{1} << (x % 64);
        }
      }
      objects.push_back(std::move(mask));
    }
  }
  AxisField axis{-81, 113, 16};
  UnitMapScaler scaler{{axis, axis}, {256, kMap, kMap}, SquashedView({227, 227}, {kSide, kSide})};
  std::vector<float> map;
  cv::Mat names;
  std::vector<BitMask> objects;
  float threshold = 2;
};

void BitMasks(benchmark::State& state) {
  const World world(static_cast<int>(state.range(0)));
  UnitMasker masker(world.scaler);
  BitMask mask;
  for (auto _ : state) {
    masker(world.map.data(), world.threshold, mask);
    int64_t shared = 0;
    for (const BitMask& object : world.objects) {
      shared += mask.area > 0 ? CountBoth(mask, object, WordsOf(kSide)) : 0;
    }
    benchmark::DoNotOptimize(shared);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(BestBitKernels().name);
}
BENCHMARK(BitMasks)->ArgName("peaks")->Arg(0)->Arg(1)->Arg(4)->Arg(9);

void PixelByPixel(benchmark::State& state) {
  const World world(static_cast<int>(state.range(0)));
  cv::Mat scaled;
  std::vector<int64_t> shared(kObjects);
  for (auto _ : state) {
    world.scaler(world.map.data(), scaled);
    for (int y = 0; y < kSide; ++y) {
      const float* row = scaled.ptr<float>(y);
      const int* names = world.names.ptr<int>(y);
      for (int x = 0; x < kSide; ++x) {
        if (row[x] > world.threshold) ++shared[static_cast<size_t>(names[x])];
      }
    }
    benchmark::DoNotOptimize(shared.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PixelByPixel)->ArgName("peaks")->Arg(0)->Arg(4);

}  // namespace
}  // namespace netdissect

BENCHMARK_MAIN();
