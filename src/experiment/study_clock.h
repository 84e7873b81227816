#pragma once
// How far a study is: the share of its expected time, and what is left. What a step takes is
// expected from an earlier run or an estimate; as steps end, the others are scaled by how long
// those took that were expected.

#include <string>
#include <vector>

#include "base/clock.h"

namespace netdissect {

class StudyClock {
 public:
  /// Expected seconds of each step.
  explicit StudyClock(std::vector<double> expected);

  void Begin(size_t step);
  /// The step in hand is over: it was run, reused or left out.
  void End(bool was_run);

  /// Of the whole, 0 to 1. Of the step in hand as much as it has taken of its time.
  double Share() const;
  double SecondsLeft() const;
  /// "all: 37%, 2:10 left"
  std::string Text() const;

 private:
  double InHand() const;  // expected seconds of the step in hand that are over
  double Scale() const;   // seconds that an expected one takes

  std::vector<double> expected_;
  std::vector<bool> over_;
  size_t step_ = 0;
  bool running_ = false;
  Clock::time_point start_{};
  double ran_ = 0, ran_expected_ = 0;  // seconds of steps that were run
};

}  // namespace netdissect
