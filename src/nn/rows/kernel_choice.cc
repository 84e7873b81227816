#include "nn/rows/kernel_choice.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr const char* kChoice = "NETDISSECT_KERNELS";

std::vector<std::string> NamesOf(const std::vector<const RowKernels*>& sets) {
  std::vector<std::string> names;
  names.reserve(sets.size());
  for (const RowKernels* set : sets) names.emplace_back(set->name);
  return names;
}

}  // namespace

std::vector<const RowKernels*> SupportedKernels() {
  std::vector<const RowKernels*> sets;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) sets.push_back(&Avx512Kernels());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back(&Avx2Kernels());
  }
#endif
  sets.push_back(&PortableKernels());
  return sets;
}

const RowKernels& ChooseKernels(const char* word) {
  const std::vector<const RowKernels*> sets = SupportedKernels();
  if (word == nullptr || *word == 0) return *sets.front();
  const std::string name = word;
  for (const RowKernels* set : sets) {
    if (name == set->name) return *set;
  }
  if (name == "avx512" || name == "avx2") {
    Fail("{}={}: expected kernels that this processor runs ({}), found others", kChoice, name,
         Join(NamesOf(sets)));
  }
  Fail("{}={}: expected avx512, avx2 or portable, found another word", kChoice, name);
}

const RowKernels& Kernels() {
  static const RowKernels& kernels = ChooseKernels(std::getenv(kChoice));
  return kernels;
}

double MeasurePeakMultiplyAdds() {
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    float sink = 0;
    const auto start = Clock::now();
    const int64_t count = Kernels().peak(2'000'000, &sink);
    const double seconds = SecondsSince(start);
    // The sink keeps the loop from being left out.
    if (sink == sink) best = std::max(best, static_cast<double>(count) / seconds);
  }
  return best;
}

}  // namespace netdissect
