#pragma once
// What experiments share that go on from a recording: finding or making it, and choosing units of
// its layers.

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "netdissect/probe/record.h"

namespace netdissect {

/// Where an earlier recording may be, and what it has to hold.
struct RecordingOptions {
  std::string folder = "runs/record";  // of `record`: its results, or a folder for each network
  int k = 100;                         // images kept for each unit
  int far = 0;                         // on which it is far from firing
};

/// Makes the recording and saves it in the run's folder.
RecordResult MakeRecord(const ExperimentOptions& options, const RecordOptions& record,
                        const NetworkRun& run, const ImageSets& images,
                        const std::vector<std::string>& layers, Observer& observer);

/// The recording of the same network and images in the run's folder or where the options say; else
/// one is made and saved in the run's folder.
RecordResult FindOrMakeRecord(const ExperimentOptions& options, const RecordingOptions& recording,
                              const NetworkRun& run, const ImageSets& images,
                              const std::vector<std::string>& layers, Observer& observer);

/// Of what a recording says of its units.
std::string DigestOf(const RecordResult& record);

/// Which units of a layer; all where nothing is said.
struct UnitChoice {
  std::string units;  // "3,17,40-59"
  int sample = 0;     // this many random units that fire; 0 = no sampling
  int best = 0;       // this many units of highest activation; 0 = no choice
};

/// The chosen units: in their order, or by falling activation where the best are asked for.
std::vector<int> ChooseUnits(const UnitChoice& choice, const RecordedLayer& layer, uint64_t seed);

/// Error, beginning with the option as it was given, where the layer has no such unit.
void RequireUnit(const std::string& option, int unit, const std::string& layer, const Shape& shape);

}  // namespace netdissect
