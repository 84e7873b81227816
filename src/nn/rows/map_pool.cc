#include "nn/rows/map_pool.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/buffer_pool.h"

namespace netdissect {

at::Tensor MapPool::Take(const std::vector<int64_t>& sizes) {
  const auto size = static_cast<size_t>(
      std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<int64_t>()));
  Block block;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      Block& best = free_[BufferPool::BestOf(free_, size)];
      if (best.size() >= size) {
        block = std::move(best);
        best = std::move(free_.back());
        free_.pop_back();
      }
    }
  }
  if (!block.values) {
    block.values.reset(new float[std::max<size_t>(size, 1)]);
    block.numbers = size;
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

void MapPool::FreeAll() {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.clear();
}

}  // namespace netdissect
