#pragma once
// A team of threads for items of work that are independent of each other. Within an item LibTorch's
// own loops run on one thread: many small tasks side by side lose less time than one task split
// many times, and what an item computes does not depend on the number of threads.

#include <cstdint>
#include <functional>
#include <memory>

namespace netdissect {

class Workers {
 public:
  /// 1 to 1024 threads.
  explicit Workers(int threads);
  ~Workers();

  /// Calls `work(item)` for every item in {0, ..., items - 1}, in any order, and waits for all.
  /// Rethrows the first exception of `work`; items that have not begun by then are left out. To be
  /// called from one thread, not from within `work`.
  void Run(int64_t items, const std::function<void(int64_t)>& work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netdissect
