#include "experiment/study_clock.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr double kShortest = 0.2;  // seconds: nothing is free

}  // namespace

StudyClock::StudyClock(std::vector<double> expected)
    : expected_(std::move(expected)), over_(expected_.size()) {
  for (double& seconds : expected_) seconds = std::max(seconds, kShortest);
}

void StudyClock::Begin(size_t step) {
  step_ = step;
  running_ = true;
  start_ = Clock::now();
}

void StudyClock::End(bool was_run) {
  if (!running_) return;
  running_ = false;
  over_[step_] = true;
  if (was_run) {
    ran_ += SecondsSince(start_);
    ran_expected_ += expected_[step_];
  } else {
    expected_[step_] = 0;
  }
}

double StudyClock::Scale() const {
  constexpr double kTold = 5;  // expected seconds after which it is known how fast this machine is
  return ran_expected_ < kTold ? 1 : ran_ / ran_expected_;
}

double StudyClock::InHand() const {
  if (!running_) return 0;
  constexpr double kMost = 0.95;  // it may take longer than expected
  return std::min(SecondsSince(start_) / Scale(), kMost * expected_[step_]);
}

double StudyClock::Share() const {
  const double all = std::accumulate(expected_.begin(), expected_.end(), 0.0);
  double over = InHand();
  for (size_t i = 0; i < expected_.size(); ++i) over += over_[i] ? expected_[i] : 0;
  return all == 0 ? 1 : over / all;
}

double StudyClock::SecondsLeft() const {
  double left = -InHand();
  for (size_t i = 0; i < expected_.size(); ++i) left += over_[i] ? 0 : expected_[i];
  return left * Scale();
}

std::string StudyClock::Text() const {
  return fmt::format("all: {:.0f}%, {} left", 100 * Share(), FormatDuration(SecondsLeft()));
}

}  // namespace netdissect
