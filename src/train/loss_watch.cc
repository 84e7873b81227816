#include "train/loss_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace netdissect {

std::optional<std::string> LossWatch::See(double loss, double guessing) {
  if (!std::isfinite(loss)) return fmt::format("a finite loss, found {}", loss);
  loss = std::min(loss, 2 * kFarAbove * guessing);  // so that a single spike is soon forgotten
  recent = recent < 0 ? loss : kMemory * recent + (1 - kMemory) * loss;
  high_steps = recent > kFarAbove * guessing ? high_steps + 1 : 0;
  if (high_steps < kPatience) return std::nullopt;
  return fmt::format("a loss below {:.3g}, that of guessing, found {} times as much for {} steps",
                     guessing, kFarAbove, kPatience);
}

}  // namespace netdissect
