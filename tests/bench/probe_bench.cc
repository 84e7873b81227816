// A linear SVM on made-up features that stream from a file: time and peak memory.
//
//   probe_bench ROWS [FEATURES [CLASSES [COST]]]
//
// The file is written a row at a time beside the working folder's other files, and removed.

#include <iostream>

#include "base/clock.h"
#include "base/npy_rows.h"
#include "base/random.h"
#include "bench/bench_main.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "study/feature_file.h"
#include "study/linear_svm.h"

namespace netdissect {
namespace {

void Run(int argc, char** argv) {
  if (argc < 2) Fail("usage: probe_bench ROWS [FEATURES [CLASSES [COST]]]");
  SetThreads(0);
  const int64_t rows = std::stoll(argv[1]), features = argc > 2 ? std::stoll(argv[2]) : 4096;
  const int classes = argc > 3 ? std::stoi(argv[3]) : 10;
  const double cost = argc > 4 ? std::stod(argv[4]) : 1e-5;
  const Path path = "probe_bench.npy";
  SvmRows data;
  data.classes = classes;
  {
    NpyRowWriter writer(path, features);
    std::vector<float> row(static_cast<size_t>(features));
    for (int64_t i = 0; i < rows; ++i) {
      const auto label = static_cast<int>(i % classes);
      data.labels.push_back(label);
      data.folds.push_back(static_cast<int>(i / classes % 5));
      Random noise(1, i);
      for (int64_t f = 0; f < features; ++f) {
        // Each class raises an eighth of the features a little: sums of four are nearly normal.
        const double sum = noise.Uniform() + noise.Uniform() + noise.Uniform() + noise.Uniform();
        const double raised = Random(2, label, f).Below(8) == 0 ? 0.1 : 0.0;
        row[static_cast<size_t>(f)] = static_cast<float>(sum + raised);
      }
      writer.Add(row.data(), 1);
    }
    writer.Commit();
  }
  const int64_t before = PeakMemory();
  const FeatureFile file(path);
  data.features = &file;
  const auto start = Clock::now();
  const LinearSvm svm(data, {});
  const double standardised = SecondsSince(start);
  std::vector<SvmFit> fits;
  for (int fold = 0; fold < 5; ++fold) fits.push_back({cost, fold});
  const std::vector<LinearModel> models = svm.Train(fits);
  const double seconds = SecondsSince(start);
  std::filesystem::remove(path);
  std::cout << fmt::format(
      "{} rows x {} features, {} classes, 5 folds at C = {:g}: {:.1f} s (mean and deviation {:.1f} "
      "s), peak memory {:.0f} MiB ({:.0f} MiB before), {} unfinished\n",
      rows, features, classes, cost, seconds, standardised,
      static_cast<double>(PeakMemory()) / (1 << 20), static_cast<double>(before) / (1 << 20),
      models.front().unfinished);
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("probe_bench", [&] { netdissect::Run(argc, argv); });
}
