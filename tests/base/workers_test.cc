#include "base/workers.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/no_more_threads.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(Workers, DoEveryItemOnce) {
  for (const int threads : {1, 3}) {
    Workers workers(threads);
    for (const int64_t items : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> done(static_cast<size_t>(items));
      workers.Run(items, [&](int64_t item) { ++done[static_cast<size_t>(item)]; });
      for (const std::atomic<int>& count : done) EXPECT_EQ(count, 1);
    }
  }
}

TEST(Workers, RunBesideEachOther) {
  Workers workers(2);
  // Each waits for the other: one after the other they would wait for ever.
  std::atomic<int> begun{0};
  workers.Run(2, [&](int64_t) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
}

TEST(Workers, LeaveLibTorchOneThreadAndTheCallerItsOwn) {
  at::set_num_threads(2);
  Workers workers(2);
  std::atomic<int> most{0};
  workers.Run(8, [&](int64_t) { most = std::max<int>(most, at::get_num_threads()); });
  EXPECT_EQ(most, 1);
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(Workers, PassOnWhatIsThrownAndGoOn) {
  Workers workers(2);
  std::atomic<int> begun{0};
  const std::string message = ErrorOf([&] {
    workers.Run(1000, [&](int64_t item) {
      ++begun;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (item == 3) Fail("item {}", item);
    });
  });
  EXPECT_EQ(message, "item 3");
  EXPECT_LT(begun, 1000);
  std::atomic<int> after{0};
  workers.Run(5, [&](int64_t) { ++after; });
  EXPECT_EQ(after, 5);
}

TEST(Workers, RefuseCountsOutOfRange) {
  EXPECT_TRUE(HasAll(ErrorOf([] { Workers workers(0); }), {"threads", "1 to 1024", "0"}));
}

TEST(Workers, ThreadsThatCannotBeStartedAreAnError) {
  const NoMoreThreads none;
  EXPECT_TRUE(HasAll(ErrorOf([] { Workers workers(7); }), {"threads: 7"}));
}

}  // namespace
}  // namespace netdissect
