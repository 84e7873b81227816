// Minimal images as the library finds them, and the plainest way: every candidate reconstructed
// from its gradients and run through the whole network, one by one; in one run, on the same images.
//
//   simplify_bench NETWORK.json IMAGES [--images N] [--segments auto|annotated]
//
// Prints a row for each image: segments, steps, candidates, seconds by each way, their ratio, and
// whether the removals are the same.

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <iostream>

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_main.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/study/simplify.h"
#include "report/table.h"
#include "study/minimal_image_oracle.h"

namespace netdissect {
namespace {

// Repeats each image the slow way as soon as it is found.
class Comparison : public SimplifyStore {
 public:
  explicit Comparison(const Model& model)
      : model_(model), solver_(model.input.height, model.input.width) {
    table_.header = {"segments",     "steps", "candidates",           "one by one (s)",
                     "seconds",      "ratio", "of it loop alone (s)", "whole passes (s)",
                     "same removals"};
  }

  void Save(const SimplifiedImage& image, const std::string& /*key*/,
            const SimplifyDetail* detail) override {
    if (detail == nullptr) return;
    auto start = Clock::now();
    const MinimalImage slow =
        SlowMinimalImage(model_, solver_, detail->values, detail->segmentation.masks, image.target);
    const double slow_seconds = SecondsSince(start);
    start = Clock::now();
    FindMinimalImage(model_, detail->values, detail->bases, image.target);
    const double loop = SecondsSince(start);
    MinimalImageOptions whole;
    whole.share_first_convolution = false;
    start = Clock::now();
    FindMinimalImage(model_, detail->values, detail->bases, image.target, whole);
    const double whole_seconds = SecondsSince(start);
    bool same = slow.kept == image.minimal.kept;
    for (size_t i = 0; same && i < slow.steps.size(); ++i) {
      same = slow.steps[i].segment == image.minimal.steps[i].segment;
    }
    slow_ += slow_seconds;
    fast_ += image.seconds;
    Row(image.segments.size(), slow.steps.size(), slow.passes, slow_seconds, image.seconds, loop,
        whole_seconds, same ? "yes" : "no");
  }

  void Print() {
    std::cout << table_.Text()
              << fmt::format("{:.2f} s one by one, {:.2f} s as it is: {:.1f} times\n", slow_, fast_,
                             slow_ / fast_);
  }

 private:
  void Row(size_t segments, size_t steps, int64_t passes, double slow, double fast, double loop,
           double whole, const std::string& same) {
    table_.rows.push_back({fmt::format("{}", segments), fmt::format("{}", steps),
                           fmt::format("{}", passes), fmt::format("{:.2f}", slow),
                           fmt::format("{:.2f}", fast), fmt::format("{:.1f}", slow / fast),
                           fmt::format("{:.2f}", loop), fmt::format("{:.2f}", whole), same});
  }

  const Model& model_;
  const PoissonSolver solver_;
  Table table_;
  double slow_ = 0, fast_ = 0;
};

void Run(int argc, char** argv) {
  std::vector<std::string> words;
  int64_t images = 4;
  SimplifyOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--images" && i + 1 < argc) {
      images = ParseInteger(argv[++i], word);
    } else if (word == "--segments" && i + 1 < argc) {
      options.segments = std::string(argv[++i]) == "annotated"
                             ? SimplifyOptions::Segments::kAnnotated
                             : SimplifyOptions::Segments::kAutomatic;
    } else {
      words.push_back(word);
    }
  }
  if (words.size() != 2) Fail("usage: simplify_bench NETWORK.json IMAGES [--images N]");
  SetThreads(0);
  KeepFreedMemory();
  const Model model = LoadModel(words[0]);
  const Dataset all = LoadDataset(words[1]);
  Dataset set = all;  // spread over the list
  set.images.clear();
  for (int64_t i = 0; i < images; ++i) {
    set.images.push_back(
        all.images[static_cast<size_t>(i) * all.images.size() / static_cast<size_t>(images)]);
  }
  options.target = SimplifyOptions::Target::kPredicted;
  Comparison comparison(model);
  Simplify(model, set, options, comparison, [](const SimplifiedImage&) {});
  std::cout << fmt::format("{} on {}, {} threads\n", model.name, set.name, at::get_num_threads());
  comparison.Print();
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("simplify_bench", [&] { netdissect::Run(argc, argv); });
}
