// Recording, decoding included, beside the bare forward pass of the same network, in one run.
//
//   record_bench NETWORK.json IMAGES [LAYER...]
//
// The bare pass runs over the set's first images again and again: a pass over noise takes another
// time than one over photographs. Rounds alternate between the two; the rates' ratio is taken round
// by round.

#include <ATen/core/Tensor.h>

#include <iostream>

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_main.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/data/loader.h"
#include "netdissect/probe/record.h"
#include "report/table.h"

namespace netdissect {
namespace {

void Run(int argc, char** argv) {
  if (argc < 3) Fail("usage: record_bench NETWORK.json IMAGES [LAYER...]");
  const int threads = SetThreads(0);
  KeepFreedMemory();
  const Model model = LoadModel(argv[1]);
  const Dataset set = LoadDataset(argv[2]);
  std::vector<std::string> layers(argv + 3, argv + argc);
  if (layers.empty()) layers = DefaultRecordLayers(model.network);
  std::vector<int> wanted;
  for (const std::string& layer : layers) wanted.push_back(model.network.Find(layer));
  RecordOptions options;
  options.pass.threads = threads;
  LoaderOptions loading;
  loading.batch = options.pass.batch;
  loading.threads = threads;
  const auto photographs = ImageLoader({set}, AllOf({set}), model.input, loading).Next();
  if (!photographs) Fail("{}: expected a readable image, found none", argv[2]);
  Table table;
  table.header = {model.name, "forward (images/s)", "record (images/s)", "record / forward"};
  for (int round = 1; round <= 5; ++round) {
    const int64_t passes =
        std::max<int64_t>(1, static_cast<int64_t>(set.images.size()) / options.pass.batch);
    const auto start = Clock::now();
    for (int64_t i = 0; i < passes; ++i) model.network.Forward(photographs->input, wanted);
    const double forward =
        static_cast<double>(passes * photographs->input.size(0)) / SecondsSince(start);
    const RecordResult result = Record(model, {set}, layers, options);
    const double record = static_cast<double>(result.recorded) / result.seconds;
    table.rows.push_back({fmt::format("round {}", round), fmt::format("{:.1f}", forward),
                          fmt::format("{:.1f}", record), fmt::format("{:.2f}", record / forward)});
  }
  std::cout << table.Text() << "peak memory " << FormatBytes(PeakMemory()) << "\n";
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("record_bench", [&] { netdissect::Run(argc, argv); });
}
