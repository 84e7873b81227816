#pragma once
// Loops whose items are independent, on the threads that LibTorch's own loops use.

#include <cstdint>
#include <functional>

namespace netdissect {

/// Calls `work(from, to)` for consecutive ranges that together are {begin, ..., end - 1}, each of
/// at least `grain` items but for the last, on as many threads as SetThreads has set; and waits for
/// all. Rethrows an exception of `work`. No tensor operations within `work`, only data pointers.
/// Called within such a loop it runs on the calling thread alone.
void ParallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)>& work);

}  // namespace netdissect
