#pragma once
// Responses kept in a file as they are computed. A run that was stopped goes on where it was, and
// one that reads the same responses otherwise (another threshold, fewer images) computes nothing.

#include <memory>
#include <string>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"
#include "netdissect/probe/occlusion.h"

namespace netdissect {

/// An engine that answers from `file` what it finds there, has the rest computed by `engine` and
/// adds it to the file. A file that was written for another `key`, network or set of occluders is
/// begun anew; a record at its end that is not whole is dropped, one that was damaged is passed
/// over, and `observer` warned. Of a response only the occluders
/// between the first and the last that change anything are stored, as 4 bytes each.
///
/// What `others` hold of the same, files of processes that are done, is added to the file, and they
/// are removed.
///
/// work() counts all pairs, but occluders and multiply-adds of those alone that were computed.
/// Error where the file cannot be written. The file is one engine's at a time (the run folder's
/// lock sees to it); what another process has done to it meanwhile is computed again, never
/// believed. What was added is on the disk after a second, and when the engine is destroyed.
std::unique_ptr<OcclusionEngine> MakeStoredEngine(std::unique_ptr<OcclusionEngine> engine,
                                                  const Network& network,
                                                  const OccluderSet& occluders, const Path& file,
                                                  const std::string& key,
                                                  const std::vector<Path>& others = {},
                                                  Observer& observer = Silent());

}  // namespace netdissect
