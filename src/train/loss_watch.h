#pragma once
// Notices a training that has gone wrong: a loss that is no number, or a mean loss that stays far
// above that of guessing.

#include <cstdint>
#include <optional>
#include <string>

namespace netdissect {

struct LossWatch {
  static constexpr double kFarAbove = 2;     // times the loss of guessing
  static constexpr int64_t kPatience = 200;  // steps in a row
  static constexpr double kMemory = 0.98;    // weight of the earlier steps in the mean

  double recent = -1;      // mean, older steps counting ever less; negative before the first
  int64_t high_steps = 0;  // in a row, that it has been far above guessing

  /// Takes a step's mean loss, in nats; `guessing` is the loss of guessing. Once training has
  /// diverged, what was expected and what was found.
  std::optional<std::string> See(double loss, double guessing);
};

}  // namespace netdissect
