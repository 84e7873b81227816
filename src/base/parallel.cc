#include "base/parallel.h"

#include <ATen/Parallel.h>

// LibTorch's loop is a template that is compiled here: without OpenMP it runs on one thread.
#ifndef _OPENMP
#error "expected to be compiled with OpenMP"
#endif

namespace netdissect {

void ParallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)>& work) {
  at::parallel_for(begin, end, grain, work);
}

}  // namespace netdissect
