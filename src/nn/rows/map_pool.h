#pragma once
// Memory of whole batches' activations. A pass asks for blocks of many sizes between others of its
// visitors, which would take a heap to pieces; so what a pass has dropped it is given again, and
// the next pass too.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace netdissect {

class MapPool : public std::enable_shared_from_this<MapPool> {
 public:
  /// (N, H, W, C) float32, whatever its values are. Its memory comes back when nobody holds the
  /// tensor any more. From any thread.
  at::Tensor Take(const std::vector<int64_t>& sizes);

  /// Frees what was not taken since the last call.
  void FreeUnused();
  /// Frees all that nobody holds: when no pass follows.
  void FreeAll();

 private:
  struct Block {
    std::unique_ptr<float[]> values;
    size_t numbers = 0;
    size_t size() const { return numbers; }
    bool used = true;  // since the last call of FreeUnused
  };

  void Return(Block block);

  std::mutex mutex_;
  std::vector<Block> free_;
};

}  // namespace netdissect
