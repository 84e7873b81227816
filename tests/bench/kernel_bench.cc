// Rates of the matrix kernels at the shapes that occlusion meets.

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "nn/rows/kernel_choice.h"
#include "nn/rows/row_product.h"

namespace netdissect {
namespace {

// Arguments: runs, length, columns, rows.
void RowProducts(benchmark::State& state) {
  const auto runs = static_cast<int>(state.range(0)), length = static_cast<int>(state.range(1));
  const auto columns = static_cast<int>(state.range(2));
  const int64_t count = state.range(3);
  const int depth = runs * length;
  Random random(1);
  std::vector<float> inputs(static_cast<size_t>(count * depth));
  for (float& value : inputs) value = static_cast<float>(random.Uniform() - 0.5);
  const PackedWeights weights = PackWeights(
      Kernels(), columns, depth,
      [&](int, int) { return static_cast<float>(random.Uniform() - 0.5); },
      [](int) { return 0.0f; });
  std::vector<const float*> rows;
  for (int64_t m = 0; m < count; ++m) {
    for (int r = 0; r < runs; ++r) rows.push_back(inputs.data() + m * depth + r * length);
  }
  std::vector<float> out(static_cast<size_t>(count * columns));
  RowProduct product;
  product.rows = rows.data();
  product.count = count;
  product.runs = runs;
  product.length = length;
  product.out = out.data();
  product.stride = columns;
  product.rectification.done = true;
  for (auto _ : state) {
    Multiply(Kernels(), product, weights);
    benchmark::DoNotOptimize(out.data());
  }
  const double macs = static_cast<double>(count) * depth * columns;
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(RowProducts)
    ->Args({11, 33, 96, 800})    // conv1
    ->Args({25, 48, 128, 1000})  // a group of conv2
    ->Args({9, 256, 192, 350})   // half of conv3
    ->Args({9, 192, 192, 350})   // a group of conv4
    ->Args({9, 512, 512, 392})   // the last stage of a ResNet-18
    ->Args({9, 192, 1, 300})     // one unit of conv5
    ->Args({1, 128, 16, 1000})   // squeeze
    ->Args({9, 16, 64, 1000});   // expand

void PeakRate(benchmark::State& state) {
  double rate = 0;
  for (auto _ : state) rate = MeasurePeakMultiplyAdds();
  state.counters["MAC/s"] = rate;
}
BENCHMARK(PeakRate)->Iterations(1);

}  // namespace
}  // namespace netdissect

BENCHMARK_MAIN();
