#include "base/parallel.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/scratch.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"

namespace netdissect {
namespace {

class ParallelForTest : public testing::Test {
 protected:
  void TearDown() override { SetThreads(before_); }

  int before_ = at::get_num_threads();
};

TEST_F(ParallelForTest, DoesEveryItemOnce) {
  for (int threads : {1, 2, 3}) {
    SetThreads(threads);
    std::vector<int> done(101);
    ParallelFor(1, 101, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) ++done[static_cast<size_t>(i)];
    });
    EXPECT_EQ(done[0], 0);
    for (size_t i = 1; i < done.size(); ++i) ASSERT_EQ(done[i], 1) << i;
  }
}

TEST_F(ParallelForTest, UsesAsManyThreadsAsAreSet) {
  for (int threads : {1, 2, 3}) {
    SetThreads(threads);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    ParallelFor(0, 12, 1, [&](int64_t, int64_t) {
      const std::lock_guard<std::mutex> lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_EQ(static_cast<int>(seen.size()), threads);
  }
}

TEST_F(ParallelForTest, KeepsToTheGrain) {
  SetThreads(3);
  std::atomic<int> ranges{0};
  ParallelFor(0, 12, 6, [&](int64_t begin, int64_t end) {
    EXPECT_EQ(end - begin, 6);
    ++ranges;
  });
  EXPECT_EQ(ranges, 2);
}

TEST_F(ParallelForTest, PassesOnWhatIsThrown) {
  SetThreads(2);
  EXPECT_TRUE(HasAll(ErrorOf([] {
                       ParallelFor(0, 8, 1, [](int64_t begin, int64_t) {
                         if (begin > 0) Fail("item {}", begin);
                       });
                     }),
                     {"item 4"}));
}

}  // namespace
}  // namespace netdissect
