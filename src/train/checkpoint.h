#pragma once
// What training goes on from: one safetensors file of the trainee's state, whose metadata holds the
// settings (as JSON, to be sure that it is the same training), how far it is, and a checksum of all
// that. The one before it is kept too, since a training may have taken days.

#include <optional>

#include "base/json.h"
#include "netdissect/base/error.h"
#include "train/loss_watch.h"
#include "train/train.h"
#include "train/trainee.h"

namespace netdissect {

/// How far training is. Sums are over the epoch that is under way.
struct TrainState {
  int64_t step = 0;  // done
  int64_t images = 0;
  double seconds = 0;
  double step_seconds = 0;
  int64_t epoch_images = 0;
  int64_t epoch_right = 0;
  double epoch_loss = 0;
  LossWatch watch;
  std::vector<EpochRecord> epochs;
  std::map<std::string, std::string> skipped;  // images that cannot be read: why
};

/// What the state of a training can be.
struct TrainBounds {
  int64_t steps = 0;        // at most
  int64_t epoch_steps = 1;  // of an epoch
  int64_t batch = 1;        // images a step, at most
};

/// A checkpoint that training cannot go on from, whatever training it is of.
class DamagedCheckpoint : public Error {
 public:
  using Error::Error;
};

/// Where the checkpoint before `file` is: a.previous.safetensors of a.safetensors.
Path PreviousCheckpoint(const Path& file);

/// Keeps what was in `file` before as the previous one.
void WriteCheckpoint(const Path& file, const Trainee& trainee, const Json& settings,
                     const TrainState& state);

/// Error, naming the first setting that differs and both its values, where the file is of another
/// training. DamagedCheckpoint where it is no checkpoint, a number of it cannot be, or its checksum
/// is not that of its contents; the trainee is as it was then.
TrainState ReadCheckpoint(const Path& file, const Json& settings, const TrainBounds& bounds,
                          Trainee& trainee);

}  // namespace netdissect
