#pragma once
// record.json: written for programs, and read back by the commands that go on from a recording.

#include <optional>
#include <ostream>

#include "base/json.h"
#include "netdissect/probe/record.h"
#include "report/provenance.h"
#include "report/table.h"

namespace netdissect {

/// record.json with its header, written piece by piece.
void WriteRecord(std::ostream& out, const Provenance& provenance, const RecordResult& record);

/// Layer preference (Figure 1): share of each set among a layer's top images.
Table PreferenceTable(const RecordResult& record);

/// The recording in `file`, where it is there and of the same network and images, holds all
/// `layers` and, for a unit, at least `k` images and `far` on which it is far from firing; else
/// nothing. `images` are those of `provenance`.
std::optional<RecordResult> ReadMatchingRecord(const Path& file, const Provenance& provenance,
                                               const ImageSets& images,
                                               const std::vector<std::string>& layers, int k,
                                               int far = 0);

/// The same of a file that is written anew where it is of no use: where it is damaged, nothing, and
/// a warning.
std::optional<RecordResult> ReadOwnRecord(const Path& file, const Provenance& provenance,
                                          const ImageSets& images,
                                          const std::vector<std::string>& layers, int k, int far,
                                          Observer& observer);

/// The layers of a recording of the network with this digest, whatever its images: what the units
/// do at most, and how often. Error where the file is missing or no recording, of another network,
/// or lacks a layer.
std::vector<RecordedLayer> ReadRecordedLayers(const Path& file, const std::string& network_digest,
                                              const std::vector<std::string>& layers);

}  // namespace netdissect
