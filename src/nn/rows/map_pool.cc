#include "nn/rows/map_pool.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace netdissect {

at::Tensor MapPool::Take(const std::vector<int64_t>& sizes) {
  const int64_t size =
      std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<int64_t>());
  Block block;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // The smallest that is large enough.
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (it->size >= size && (best == free_.end() || it->size < best->size)) best = it;
    }
    if (best != free_.end()) {
      block = std::move(*best);
      free_.erase(best);
    }
  }
  if (!block.values) {
    block.values.reset(new float[static_cast<size_t>(std::max<int64_t>(size, 1))]);
    block.size = size;
  }
  block.used = true;
  float* values = block.values.get();
  // Held by the tensor alone: a deleter has to be copied.
  auto held = std::make_shared<Block>(std::move(block));
  return at::from_blob(
      values, sizes, [pool = shared_from_this(), held](void*) { pool->Return(std::move(*held)); },
      at::kFloat);
}

void MapPool::Return(Block block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(std::move(block));
}

void MapPool::FreeUnused() {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.erase(
      std::remove_if(free_.begin(), free_.end(), [](const Block& block) { return !block.used; }),
      free_.end());
  for (Block& block : free_) block.used = false;
}

}  // namespace netdissect
