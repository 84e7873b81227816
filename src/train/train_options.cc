#include <cmath>

#include "netdissect/base/error.h"
#include "train/train.h"

namespace netdissect {

void TrainOptions::Validate() const {
  const auto require = [](bool good, const char* name, const char* expected, double found) {
    if (!good) Fail("{}: expected {}, found {}", name, expected, found);
  };
  require(epochs >= 1, "epochs", "at least 1", epochs);
  require(minutes >= 0 && std::isfinite(minutes), "minutes", "a time from 0", minutes);
  require(batch >= 1, "batch", "at least 1 image", batch);
  require(shard >= 1, "shard", "at least 1 image", shard);
  require(rate > 0 && std::isfinite(rate), "rate", "a learning rate above 0", rate);
  require(momentum >= 0 && momentum < 1, "momentum", "a number in [0, 1)", momentum);
  require(decay >= 0 && decay < 1, "decay", "a number in [0, 1)", decay);
  require(warmup >= 0, "warmup", "epochs from 0", warmup);
  const double rate_of_dropout = dropout.value_or(0);
  require(rate_of_dropout >= 0 && rate_of_dropout < 1, "dropout", "a fraction in [0, 1)",
          rate_of_dropout);
  require(label_smoothing >= 0 && label_smoothing < 1, "label smoothing", "a fraction in [0, 1)",
          label_smoothing);
  require(checkpoint_minutes > 0, "checkpoint minutes", "a time above 0", checkpoint_minutes);
  augment.Validate();
}

double RateAt(const TrainOptions& options, double epoch, double progress) {
  constexpr double kPi = 3.14159265358979323846;
  double factor = options.warmup > 0 ? std::min(1.0, epoch / options.warmup) : 1.0;
  if (options.schedule == Schedule::kCosine) {
    factor *= 0.5 * (1 + std::cos(kPi * progress));
  } else {
    factor *= std::pow(0.1, std::floor(std::min(progress, 0.999) * 3));
  }
  return options.rate * factor;
}

}  // namespace netdissect
