// Occlusion by full passes, by the incremental engine, and by LibTorch's operations, side by side
// in one run.
//
//   occlusion_bench NETWORK.json IMAGES LAYER... [--pairs N] [--rounds N] [--device DEVICE]
//
// For each layer some units are drawn that fire on some image; each pair of unit and image is
// measured in turn by all of them. Full passes are timed on a sample of the occluders, in batches
// of the fastest of a few sizes, and stop at the layer; the sample's time is multiplied up. Passes
// and operations run on the device (cpu), the incremental engine on the processor. Prints a table;
// the difference is that of the operations from the incremental engine, of its largest change.

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cstdio>
#include <iostream>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "bench/bench_main.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"
#include "netdissect/nn/model.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/operators.h"
#include "nn/device.h"
#include "nn/rows/kernel_choice.h"
#include "nn/summary.h"
#include "report/table.h"

namespace netdissect {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Options {
  std::string network, images, device = "cpu";
  std::vector<std::string> layers;
  int pairs = 4;
  int rounds = 3;
};

Options Parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if ((word == "--pairs" || word == "--rounds") && i + 1 < argc) {
      (word == "--pairs" ? options.pairs : options.rounds) =
          static_cast<int>(ParseInteger(argv[++i], word));
    } else if (word == "--device" && i + 1 < argc) {
      options.device = argv[++i];
    } else {
      words.push_back(word);
    }
  }
  if (words.size() < 3) Fail("usage: occlusion_bench NETWORK.json IMAGES LAYER... [--pairs N]");
  options.network = words[0];
  options.images = words[1];
  options.layers.assign(words.begin() + 2, words.end());
  return options;
}

// Seconds of one full pass of an occluded image to the layer, in batches.
double TimeFullPass(const Network& network, const at::Tensor& image, const OccluderSet& occluders,
                    int layer, int batch) {
  constexpr int kSample = 64;
  const at::Tensor base = image.to(network.device()),
                   patches = occluders.patches().to(base.device());
  double best = 1e30;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto start = Clock::now();
    for (int done = 0; done < kSample; done += batch) {
      at::Tensor inputs = base.unsqueeze(0).repeat({batch, 1, 1, 1});
      for (int i = 0; i < batch; ++i) {
        const int64_t o =
            (int64_t{done} + i) * 83 % (int64_t{occluders.rows()} * occluders.columns());
        inputs[i]
            .narrow(1, o / occluders.columns() * occluders.stride(), occluders.patch())
            .narrow(2, o % occluders.columns() * occluders.stride(), occluders.patch())
            .copy_(patches[o]);
      }
      network.Forward(inputs, {layer})[0].max().item<float>();  // when it has been computed
    }
    best = std::min(best, SecondsSince(start) / kSample);
  }
  return best;
}

struct Pair {
  at::Tensor image;
  UnitPosition unit;
};

// A random unit that fires on a random image, read where it is largest.
Pair DrawPair(const Model& model, const Dataset& set, int layer, uint64_t seed, int index) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    Random random(seed, layer, index, attempt);
    const auto& entry = set.images[random.Below(set.images.size())];
    const at::Tensor image = Preprocess(DecodeImage(entry.path), model.input);
    const auto unit = static_cast<int64_t>(
        random.Below(static_cast<uint64_t>(model.network.layer(layer).shape.units)));
    const at::Tensor map = model.network.Forward(image.unsqueeze(0), {layer})[0][0][unit];
    if (!(map.max().item<float>() > 0)) continue;
    const auto at = static_cast<int>(map.flatten().argmax().item<int64_t>());
    const auto width = static_cast<int>(map.size(1));
    return {image, {layer, static_cast<int>(unit), at / width, at % width}};
  }
  Fail("no unit of layer {} fires", model.network.layer(layer).name);
}

void Run(const Options& options) {
  SetThreads(0);
  KeepFreedMemory();
  const Model model = LoadModel(options.network);
  const Dataset set = LoadDataset(options.images);
  Network on_device = model.network;
  on_device.To(ParseDevice(options.device));
  const OccluderSet occluders(model.input, {});
  const auto positions = static_cast<double>(occluders.rows()) * occluders.columns();
  const double peak = MeasurePeakMultiplyAdds() * at::get_num_threads();
  std::printf("%s on %d threads, %s kernels, peak %.0f GMAC/s\n", model.name.c_str(),
              at::get_num_threads(), Kernels().name, peak / 1e9);
  Table table;
  table.header = {"layer",   "occluders",     "full, all (s)", "full, field (s)", "incremental (s)",
                  "ratio",   "ratio, field",  "MMAC",          "full MMAC",       "GMAC/s",
                  "of peak", "operators (s)", "ratio",         "difference",      "memory"};
  for (const std::string& name : options.layers) {
    const int layer = model.network.Find(name);
    std::vector<double> full_all, full_field, incremental, ratios, field_ratios, seen, by_operators,
        operator_ratios;
    double difference = 0, macs = 0, product_seconds = 0, full_macs = 0;
    for (int needed : model.network.Needed({layer})) {
      full_macs += static_cast<double>(MultiplyAdds(model.network, needed)) * positions;
    }
    for (int p = 0; p < options.pairs; ++p) {
      const Pair pair = DrawPair(model, set, layer, 1, p);
      const auto engine = MakeIncrementalEngine(model.network, occluders);
      engine->Respond(pair.image,
                      {pair.unit});  // packs the weights, as the first pair of a run does
      const auto operators = MakeOperatorEngine(on_device, occluders);
      operators->Respond(pair.image, {pair.unit});
      const OcclusionWork before = engine->work();
      for (int round = 0; round < options.rounds; ++round) {
        double pass = 1e30;
        for (int batch : {16, 32, 64}) {
          pass = std::min(pass, TimeFullPass(on_device, pair.image, occluders, layer, batch));
        }
        auto start = Clock::now();
        const at::Tensor change = engine->Respond(pair.image, {pair.unit})[0].change;
        const double seconds = SecondsSince(start);
        start = Clock::now();
        const at::Tensor other = operators->Respond(pair.image, {pair.unit})[0].change;
        by_operators.push_back(SecondsSince(start));
        operator_ratios.push_back(pass * positions / by_operators.back());
        const double largest = std::max(change.abs().max().item<double>(), 1e-30);
        difference = std::max(difference, (other - change).abs().max().item<double>() / largest);
        const double count = static_cast<double>(before.occluders);
        full_all.push_back(pass * positions);
        full_field.push_back(pass * count);
        incremental.push_back(seconds);
        ratios.push_back(pass * positions / seconds);
        field_ratios.push_back(pass * count / seconds);
        seen.push_back(count);
      }
      const OcclusionWork work = engine->work();
      macs += static_cast<double>(work.macs - before.macs);
      product_seconds += work.product_seconds - before.product_seconds;
    }
    const double measured = static_cast<double>(options.pairs) * options.rounds;
    const double rate = macs / product_seconds * at::get_num_threads();
    table.rows.push_back(
        {name, fmt::format("{:.0f}", Median(seen)), fmt::format("{:.2f}", Median(full_all)),
         fmt::format("{:.2f}", Median(full_field)), fmt::format("{:.4f}", Median(incremental)),
         fmt::format("{:.0f}", Median(ratios)), fmt::format("{:.0f}", Median(field_ratios)),
         fmt::format("{:.0f}", macs / measured / 1e6), fmt::format("{:.0f}", full_macs / 1e6),
         fmt::format("{:.0f}", rate / 1e9), fmt::format("{:.0f}%", 100 * rate / peak),
         fmt::format("{:.4f}", Median(by_operators)),
         fmt::format("{:.0f}", Median(operator_ratios)), fmt::format("{:.1e}", difference),
         FormatBytes(PeakMemory())});
    std::fprintf(stderr, "%s done\n", name.c_str());
  }
  std::cout << table.Text();
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("occlusion_bench",
                               [&] { netdissect::Run(netdissect::Parse(argc, argv)); });
}
