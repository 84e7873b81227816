// The incremental engine beside full passes in batches (the reference engine, which computes the
// occluders that a unit sees and no others), pair by pair of unit and image, on architectures with
// random weights.
//
//   incremental_bench ARCHITECTURE LAYER... [--units N] [--stride N] [--threads N] [--rounds N]
//
//   incremental_bench ARCHITECTURE layers [--threads N]
//
// For each layer some units at random positions, the corner and the middle of the map. Prints for
// each pair the milliseconds of both, the least of the rounds, and their ratio. `layers` prints
// what each layer costs for a whole image by rows and by LibTorch, in microseconds. Time is that of
// the processor, all threads together, which others on the machine disturb less.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <c10/core/InferenceMode.h>

#include <cstdio>
#include <ctime>
#include <iostream>

#include "base/random.h"
#include "base/text.h"
#include "bench/architectures.h"
#include "bench/bench_main.h"
#include "netdissect/base/system.h"
#include "netdissect/probe/incremental.h"
#include "nn/kinds/kind.h"
#include "nn/rows/row_executor.h"
#include "nn/summary.h"

namespace netdissect {
namespace {

struct Options {
  std::vector<std::string> words;
  int units = 3, stride = 16, threads = 0, rounds = 3;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    int* number = word == "--units"     ? &options.units
                  : word == "--stride"  ? &options.stride
                  : word == "--threads" ? &options.threads
                  : word == "--rounds"  ? &options.rounds
                                        : nullptr;
    if (number != nullptr && i + 1 < argc) {
      *number = static_cast<int>(ParseInteger(argv[++i], word));
    } else {
      options.words.push_back(word);
    }
  }
  if (options.words.size() < 2) Fail("usage: incremental_bench ARCHITECTURE LAYER... [--units N]");
  return options;
}

double ProcessorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Least seconds of a few calls.
template <typename Call>
double TimeOf(const Call& call) {
  double best = 1e30;
  for (int i = 0; i < 4; ++i) {
    const double start = ProcessorSeconds();
    call();
    best = std::min(best, ProcessorSeconds() - start);
  }
  return best;
}

// Each layer by rows and by LibTorch, in batches of 32, per image.
void TimeLayers(const Network& network) {
  const int threads = at::get_num_threads();
  const at::Tensor image = at::randn({3, network.input().height, network.input().width});
  constexpr int kBatch = 32;
  std::vector<at::Tensor> outputs(At(network.size()));
  std::vector<int> last_use(At(network.size()), 0);
  for (int i = 1; i < network.size(); ++i) {
    for (int input : network.layer(i).inputs) last_use[At(input)] = i;
  }
  outputs[0] = image.unsqueeze(0).repeat({kBatch, 1, 1, 1});
  RowExecutor executor(network);
  std::vector<std::vector<char>> wanted(At(network.size()));
  wanted.back().assign(At(network.layers().back().shape.units), 1);
  const RowPlan plan = PlanRows(network, wanted);
  const PackedPlan packed = executor.Pack(plan);
  std::vector<Scratch> scratch(At(threads));
  std::vector<double> by_rows(At(network.size()), 0.0);
  const BaseMaps maps = executor.ComputeWhole(packed, image, scratch);
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const Shape& shape = network.layer(plan.steps[s].output).shape;
    std::vector<float> out(maps[At(plan.steps[s].output)].size());
    const std::vector<Span> spans = {{0, WholeOf(shape)}};
    const auto sources = executor.SourcesOf(plan.steps[s], maps, nullptr);
    by_rows[At(plan.steps[s].output)] = TimeOf(
        [&] { executor.Compute(packed, s, sources, spans, nullptr, out.data(), scratch[0]); });
  }
  double all_rows = 0, all_full = 0;
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    const double full = TimeOf([&] {
                          std::vector<at::Tensor> inputs;
                          for (int input : layer.inputs) inputs.push_back(outputs[At(input)]);
                          outputs[At(i)] = Evaluate(layer, inputs);
                        }) /
                        kBatch;
    for (int input : layer.inputs) {
      if (last_use[At(input)] == i) outputs[At(input)].reset();
    }
    const double rows = by_rows[At(i)];
    all_rows += rows;
    all_full += full;
    std::printf("%-10s %-24s %-16s %8.1f MMAC rows %8.1f us (%5.1f GMAC/s) full %8.1f us (%5.1f)\n",
                layer.name.c_str(), layer.kind->Name().c_str(), ToString(layer.shape).c_str(),
                static_cast<double>(MultiplyAdds(network, i)) / 1e6, 1e6 * rows,
                static_cast<double>(MultiplyAdds(network, i)) / rows / 1e9, 1e6 * full,
                static_cast<double>(MultiplyAdds(network, i)) / full / 1e9);
  }
  std::printf("all: rows %.1f us, full %.1f us\n", 1e6 * all_rows, 1e6 * all_full);
}

void Run(const Options& options) {
  SetThreads(options.threads);
  KeepFreedMemory();
  const c10::InferenceMode inference;
  const Network network = BuildArchitecture(options.words[0]);
  if (options.words[1] == "layers") {
    std::printf("peak %.0f GMAC/s a thread\n", MeasurePeakMultiplyAdds() / 1e9);
    TimeLayers(network);
    return;
  }
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  format.mean = {100, 110, 120};
  format.scale = {0.02f, 0.02f, 0.02f};
  OcclusionOptions occlusion;
  occlusion.stride = options.stride;
  const OccluderSet occluders(format, occlusion);
  const at::Tensor image =
      at::upsample_bilinear2d(at::randn({1, 3, 8, 8}), {format.height, format.width}, false)[0] * 2;
  double worst = 0;
  for (size_t w = 1; w < options.words.size(); ++w) {
    const int layer = network.Find(options.words[w]);
    const Shape& shape = network.layer(layer).shape;
    for (int u = 0; u < options.units; ++u) {
      Random random(1, layer, u);
      const auto below = [&](int n) {
        return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
      };
      UnitPosition unit = {layer, below(shape.units), below(shape.height), below(shape.width)};
      if (u == 0) unit.y = unit.x = 0;
      if (u == 1) unit.y = shape.height / 2, unit.x = shape.width / 2;
      double full = 1e30, incremental = 1e30, difference = 0;
      const auto engine = MakeIncrementalEngine(network, occluders);
      const auto reference = MakeReferenceEngine(network, occluders);
      engine->Respond(image, {unit});  // packs the weights, as the first pair of a run does
      for (int round = 0; round < options.rounds; ++round) {
        double start = ProcessorSeconds();
        const auto expected = reference->Respond(image, {unit});
        full = std::min(full, ProcessorSeconds() - start);
        start = ProcessorSeconds();
        const auto found = engine->Respond(image, {unit});
        incremental = std::min(incremental, ProcessorSeconds() - start);
        difference = (expected[0].change - found[0].change).abs().max().item<double>() /
                     std::max<double>(std::abs(expected[0].original), 1e-30);
      }
      worst = std::max(worst, incremental / full);
      std::printf(
          "%s %s (%s) unit %d at %d, %d: full %.1f ms, incremental %.1f ms, ratio %.3f, "
          "difference %.1e, %.0f of %.0f MMAC\n",
          options.words[0].c_str(), options.words[w].c_str(), ToString(shape).c_str(), unit.unit,
          unit.y, unit.x, 1e3 * full, 1e3 * incremental, incremental / full, difference,
          static_cast<double>(engine->work().macs) / (options.rounds + 1) / 1e6,
          static_cast<double>(reference->work().macs) / options.rounds / 1e6);
      std::fflush(stdout);
    }
  }
  std::printf("worst ratio %.3f\n", worst);
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("incremental_bench",
                               [&] { netdissect::Run(netdissect::Parse(argc, argv)); });
}
