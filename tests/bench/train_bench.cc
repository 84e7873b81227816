// Training, data included, beside the bare forward and backward pass of the same network on random
// numbers, in one run.
//
//   train_bench SET.json [WIDTH [FC [BATCH [SHARD]]]]
//
// Rounds alternate between the two; the rates' ratio is taken round by round. The first epoch,
// which decodes, is left out where there are several.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <iostream>

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_main.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "nn/alexnet.h"
#include "report/table.h"
#include "train/start.h"
#include "train/train.h"
#include "train/trainee.h"

namespace netdissect {
namespace {

// Images a second of forward and backward passes alone.
double BareRate(const AlexNetOptions& architecture, const TrainOptions& options, int steps) {
  SetThreads(1);
  Workers workers(options.threads);
  const Trainee trainee(StartOf(BuildAlexNet(architecture), {architecture.classes}), {});
  const int shards = options.batch / options.shard;
  const at::Tensor input =
      at::randn({options.shard, 3, 227, 227}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor targets = at::zeros({options.shard}, at::kLong);
  const auto step = [&](int64_t) { trainee.Differentiate(input, targets, options.batch, 0, 0); };
  workers.Run(shards, step);
  const auto start = Clock::now();
  for (int i = 0; i < steps; ++i) workers.Run(shards, step);
  const double seconds = SecondsSince(start);
  SetThreads(options.threads);
  return static_cast<double>(steps) * shards * options.shard / seconds;
}

void Run(int argc, char** argv) {
  if (argc < 2) Fail("usage: train_bench SET.json [WIDTH [FC [BATCH [SHARD]]]]");
  const auto number = [&](int i, double otherwise) {
    return argc > i ? std::stod(argv[i]) : otherwise;
  };
  KeepFreedMemory();
  const Dataset set = LoadDataset(argv[1], {0, true});
  AlexNetOptions architecture;
  architecture.width = number(2, 0.25);
  architecture.fc = static_cast<int>(number(3, 512));
  architecture.norm = false;
  architecture.classes = static_cast<int>(set.labels.size());
  TrainOptions options;
  options.threads = SetThreads(0);
  options.batch = static_cast<int>(number(4, 64));
  options.shard = static_cast<int>(number(5, 16));
  options.epochs = 3;
  Table table;
  table.header = {fmt::format("width {}", architecture.width), "bare (images/s)",
                  "train (images/s)", "train / bare"};
  for (int round = 1; round <= 3; ++round) {
    const int steps = static_cast<int>(set.images.size()) / options.batch;
    const double bare = BareRate(architecture, options, steps);
    std::vector<EpochRecord> epochs;
    options.on_epoch = [&](const EpochRecord& epoch) { epochs.push_back(epoch); };
    InputFormat format;
    Train(BuildAlexNet(architecture), format, set, {}, options);
    const double train = static_cast<double>(epochs[1].images + epochs[2].images) /
                         (epochs[2].seconds - epochs[0].seconds);
    table.rows.push_back({fmt::format("round {}", round), fmt::format("{:.1f}", bare),
                          fmt::format("{:.1f}", train), fmt::format("{:.2f}", train / bare)});
  }
  std::cout << table.Text() << "peak memory " << FormatBytes(PeakMemory()) << "\n";
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("train_bench", [&] { netdissect::Run(argc, argv); });
}
