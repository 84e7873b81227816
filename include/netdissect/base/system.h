#pragma once
// What the process uses of its machine.

#include <cstdint>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// Peak resident memory of this process so far, in bytes.
int64_t PeakMemory();

/// Sets the thread count of LibTorch's, OpenBLAS's and OpenCV's own loops. 0 means one per core.
/// Debian's LibTorch starts with one thread. Returns the number set.
int SetThreads(int threads);

/// From now on memory that is freed stays with the process for its next allocation. Else every
/// large tensor is made of fresh pages, which the system clears one by one: training takes 3 times
/// as long.
void KeepFreedMemory();

}  // namespace netdissect
