#pragma once
// Memory that layers after each other take in turn for their values: what nobody reads any more is
// used again, so that what a thread works in stays in the caches.

#include <cstddef>
#include <utility>
#include <vector>

namespace netdissect {

class BufferPool {
 public:
  /// Of at least `size` numbers, whatever they are.
  std::vector<float> Take(size_t size) {
    std::vector<float> buffer;
    if (!free_.empty()) {
      const size_t best = BestOf(free_, size);
      buffer = std::move(free_[best]);
      free_[best] = std::move(free_.back());
      free_.pop_back();
    }
    if (buffer.size() < size) buffer.resize(size);
    return buffer;
  }
  void Return(std::vector<float> buffer) {
    if (!buffer.empty()) free_.push_back(std::move(buffer));
  }

  /// The smallest of those that are large enough, or else the largest.
  template <typename Buffers>
  static size_t BestOf(const Buffers& buffers, size_t size) {
    size_t best = 0;
    for (size_t i = 1; i < buffers.size(); ++i) {
      const bool fits = buffers[i].size() >= size, best_fits = buffers[best].size() >= size;
      const bool smaller = buffers[i].size() < buffers[best].size();
      if (fits ? !best_fits || smaller : !best_fits && !smaller) best = i;
    }
    return best;
  }

 private:
  std::vector<std::vector<float>> free_;
};

/// What a pool would hold, in numbers, after the same calls.
class PoolSize {
 public:
  struct Buffer {
    size_t numbers = 0;
    size_t size() const { return numbers; }
  };
  Buffer Take(size_t size) {
    Buffer buffer;
    if (!free_.empty()) {
      const size_t best = BufferPool::BestOf(free_, size);
      buffer = free_[best];
      free_[best] = free_.back();
      free_.pop_back();
    }
    if (buffer.numbers < size) {
      total_ += size - buffer.numbers;
      buffer.numbers = size;
    }
    return buffer;
  }
  void Return(const Buffer& buffer) {
    if (buffer.numbers > 0) free_.push_back(buffer);
  }
  size_t total() const { return total_; }

 private:
  std::vector<Buffer> free_;
  size_t total_ = 0;
};

}  // namespace netdissect
