// The incremental engine beside full passes in batches (the reference engine, which computes the
// occluders that a unit sees and no others), pair by pair of unit and image, on architectures with
// random weights.
//
//   incremental_bench ARCHITECTURE LAYER... [--units N] [--stride N] [--threads N] [--rounds N]
//
// For each layer some units at random positions, the corner and the middle of the map. Prints for
// each pair the milliseconds of both, the least of the rounds, and their ratio.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <c10/core/InferenceMode.h>

#include <cstdio>
#include <iostream>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "bench/architectures.h"
#include "netdissect/base/system.h"
#include "netdissect/probe/incremental.h"

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

void Run(const Options& options) {
  SetThreads(options.threads);
  KeepFreedMemory();
  const c10::InferenceMode inference;
  const Network network = BuildArchitecture(options.words[0]);
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
        auto start = Clock::now();
        const auto expected = reference->Respond(image, {unit});
        full = std::min(full, SecondsSince(start));
        start = Clock::now();
        const auto found = engine->Respond(image, {unit});
        incremental = std::min(incremental, SecondsSince(start));
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
  try {
    netdissect::Run(netdissect::Parse(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "incremental_bench: " << error.what() << "\n";
    return 1;
  }
}
