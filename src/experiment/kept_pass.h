#pragma once
// A pass of an experiment that is kept while it goes on: after a kill it goes on where it was, and
// several processes may share it (base/crew.h).

#include <string>

#include "base/part_files.h"
#include "experiment/experiment.h"

namespace netdissect {

class KeptPass {
 public:
  /// What is kept lies in `folder` under `name` ("record"). `provenance` and `key` say all that the
  /// outcome depends on.
  KeptPass(const ExperimentOptions& options, const Path& folder, const std::string& name,
           const Provenance& provenance, const Json& key, Observer& observer);

  /// The experiment's, with the crew and the place for what is kept.
  PassOptions options();

  /// The results are written: nothing has to be kept any more.
  void Finish() { files_.Remove(); }

 private:
  PassOptions pass_;
  Crew& crew_;
  PartFiles files_;
};

}  // namespace netdissect
