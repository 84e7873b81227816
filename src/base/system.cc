#include "netdissect/base/system.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sys/resource.h>

#include <opencv2/core/utility.hpp>
#include <thread>

namespace netdissect {

int64_t PeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;  // Linux counts in KiB
}

int SetThreads(int threads) {
  if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  at::set_num_threads(threads);
  cv::setNumThreads(threads);
  // OpenBLAS keeps a thread count of its own; another BLAS has no such function.
  using SetBlasThreads = void (*)(int);
  if (auto set =
          reinterpret_cast<SetBlasThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
    set(threads);
  }
  return threads;
}

}  // namespace netdissect
