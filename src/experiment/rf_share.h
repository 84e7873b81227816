#pragma once
// rf by several processes: each has the responses on its share of the images computed, and stores
// them beside those of a process alone; who completes the job finds them all stored.

#include <memory>

#include "experiment/rf.h"

namespace netdissect {

/// The engine asked for, answering from what is stored in the run's folder and adding to it: of the
/// process that completes the job, from what others have stored too.
std::unique_ptr<OcclusionEngine> StoredResponses(const RfExperiment& options, const NetworkRun& run,
                                                 const OccluderSet& occluders, Observer& observer);

/// Removes what this process has stored, and who completes the job also what others have.
void ForgetResponses(const RfExperiment& options, const NetworkRun& run);

/// Has this process's share of the responses computed. Does nothing where it is alone. ShareDone
/// where another process completes the job.
void ShareResponses(const RfExperiment& options, const NetworkRun& run, const RfSetup& setup,
                    const Provenance& provenance, const ImageSource& image, Observer& observer);

}  // namespace netdissect
