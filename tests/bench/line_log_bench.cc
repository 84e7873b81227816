// What it brings that threads which wait for the disk share a flush: lines a second that are on the
// disk, by threads that each wait for every line of theirs; beside one flush for each line.
//
//   line_log_bench [--benchmark_filter=...]    in the folder whose disk is to be measured

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "base/line_log.h"

namespace netdissect {
namespace {

const std::string kLine(400, 'x');  // as long as an answer

std::unique_ptr<LineLog> log;

void Shared(benchmark::State& state) {
  if (state.thread_index() == 0) log = std::make_unique<LineLog>("line_log_bench.tmp");
  for (auto _ : state) {
    log->Append(kLine);
    log->Flush();
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() != 0) return;
  state.counters["flushes"] = static_cast<double>(log->flushes());
  log.reset();
  std::filesystem::remove("line_log_bench.tmp");
}

std::mutex mutex;
int descriptor = -1;

void OneEach(benchmark::State& state) {
  if (state.thread_index() == 0) {
    descriptor = open("line_log_bench.tmp", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }
  for (auto _ : state) {
    const std::lock_guard<std::mutex> lock(mutex);
    const bool saved =
        write(descriptor, kLine.data(), kLine.size()) == static_cast<ssize_t>(kLine.size()) &&
        fdatasync(descriptor) == 0;
    if (!saved) state.SkipWithError("the disk fails");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() != 0) return;
  close(descriptor);
  std::filesystem::remove("line_log_bench.tmp");
}

BENCHMARK(Shared)->ThreadRange(1, 16)->UseRealTime();
BENCHMARK(OneEach)->ThreadRange(1, 16)->UseRealTime();

}  // namespace
}  // namespace netdissect

BENCHMARK_MAIN();
