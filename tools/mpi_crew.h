#pragma once
// The processes that `mpirun` or Slurm's `srun` has started together. The first of them, rank 0,
// completes jobs; what is to be done is handed out as it is asked for, so that a slow process gets
// less.

#include <functional>
#include <memory>
#include <string>

#include "base/crew.h"

namespace netdissect {

class MpiCrew : public Crew {
 public:
  /// Its number among those of its machine.
  virtual int place_on_machine() const = 0;
  /// Tells the others why this process ends; they keep what they have done, and end too.
  virtual void Fail(const std::string& why) = 0;
};

/// Nothing where this process was started alone, or the program was built without MPI. `stop` is
/// asked while the process waits for others: true ends that with Stopped.
std::shared_ptr<MpiCrew> MakeMpiCrew(std::function<bool()> stop);

}  // namespace netdissect
