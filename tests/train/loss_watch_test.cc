// The end of trainings that have gone wrong.

#include "train/loss_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace netdissect {
namespace {

const double kGuessing = std::log(10.0);

// Steps that the watch takes before it speaks, of at most `most`.
int64_t StepsUntilWrong(LossWatch& watch, double loss, int64_t most) {
  for (int64_t step = 1; step <= most; ++step) {
    if (watch.See(loss, kGuessing)) return step;
  }
  return most + 1;
}

TEST(LossWatch, SpeaksAtOnceOfWhatIsNoNumber) {
  for (const double loss :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    LossWatch watch;
    EXPECT_FALSE(watch.See(2.3, kGuessing));
    const auto wrong = watch.See(loss, kGuessing);
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->find("finite"), std::string::npos) << *wrong;
  }
}

TEST(LossWatch, SpeaksOfALossThatStaysFarAboveGuessing) {
  LossWatch watch;
  EXPECT_EQ(StepsUntilWrong(watch, 2.01 * kGuessing, 1000), LossWatch::kPatience);
  const auto wrong = watch.See(2.01 * kGuessing, kGuessing);
  ASSERT_TRUE(wrong);
  EXPECT_NE(wrong->find("2.3, that of guessing"), std::string::npos) << *wrong;
}

TEST(LossWatch, BearsAnUnluckyStartAndSpikes) {
  LossWatch guesses;
  EXPECT_EQ(StepsUntilWrong(guesses, 1.9 * kGuessing, 5000), 5001);
  LossWatch spikes;
  for (int step = 0; step < 5000; ++step) {
    ASSERT_FALSE(spikes.See(step % 50 == 0 ? 1e6 : kGuessing, kGuessing)) << step;
  }
  LossWatch recovers;
  for (int step = 0; step < 100; ++step) ASSERT_FALSE(recovers.See(1e6, kGuessing)) << step;
  EXPECT_EQ(StepsUntilWrong(recovers, kGuessing, 5000), 5001);
}

}  // namespace
}  // namespace netdissect
