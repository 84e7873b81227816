#include "base/buffer_pool.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace netdissect {
namespace {

TEST(BufferPool, GivesTheSmallestThatIsLargeEnough) {
  BufferPool pool;
  for (const size_t size : {100, 10, 50}) pool.Return(std::vector<float>(size));
  EXPECT_EQ(pool.Take(40).size(), 50u);
  EXPECT_EQ(pool.Take(40).size(), 100u);
  EXPECT_EQ(pool.Take(40).size(), 40u);  // the one of 10 grew
  EXPECT_EQ(pool.Take(5).size(), 5u);
}

TEST(BufferPool, HoldsWhatItsSizeSays) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed, 3);
    BufferPool pool;
    PoolSize size;
    std::vector<std::vector<float>> buffers;
    std::vector<PoolSize::Buffer> sizes;
    const auto held = [&] {  // what is out; all of it, once everything is
      size_t numbers = 0;
      for (const auto& buffer : buffers) numbers += buffer.size();
      return numbers;
    };
    for (int step = 0; step < 60; ++step) {
      if (!buffers.empty() && random.Below(2) == 0) {
        const size_t which = random.Below(buffers.size());
        pool.Return(std::move(buffers[which]));
        size.Return(sizes[which]);
        buffers.erase(buffers.begin() + static_cast<ptrdiff_t>(which));
        sizes.erase(sizes.begin() + static_cast<ptrdiff_t>(which));
      } else {
        const size_t numbers = 1 + random.Below(100);
        buffers.push_back(pool.Take(numbers));
        sizes.push_back(size.Take(numbers));
        EXPECT_GE(buffers.back().size(), numbers);
        EXPECT_EQ(buffers.back().size(), sizes.back().size());
      }
      EXPECT_LE(held(), size.total());
    }
    // What is free, taken out without growing, makes up the rest.
    while (held() < size.total()) buffers.push_back(pool.Take(1));
    EXPECT_EQ(held(), size.total());
  }
}

}  // namespace
}  // namespace netdissect
