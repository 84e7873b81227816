#pragma once
// What the commands share that go on from a recording: finding or making it, choosing units of its
// layers, and the pictures that it lists.

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "netdissect/probe/record.h"

namespace netdissect {

/// Where an earlier recording may be, and what it has to hold.
struct RecordingOptions {
  std::string folder = "runs/record";  // of `record`: its results, or a folder for each network
  int k = 100;                         // images kept for each unit
};

/// --record with its default.
void AddRecordOption(CLI::App& command, RecordingOptions& options);

/// Where an earlier command put `file` of the network at `descriptor`: in `folder` itself, or, as
/// with several networks, in a folder named after the descriptor.
Path ResultFolder(const Path& folder, const std::string& descriptor, const std::string& file);

/// `place` itself where it is a .json file, else `file` in ResultFolder; Error where there is none,
/// which names the command that writes it.
Path ResultFile(const Path& place, const std::string& descriptor, const std::string& file,
                const std::string& command);

/// The recording of the same network and images in `folder` or where the options say; else one is
/// made and saved in `folder`.
RecordResult FindOrMakeRecord(const InputOptions& input, const RecordingOptions& options,
                              const std::string& descriptor, const Path& folder, const Model& model,
                              const std::vector<Dataset>& sets,
                              const std::vector<std::string>& layers, Provenance provenance,
                              Context& context);

/// Which units of a layer; all where nothing is said.
struct UnitChoice {
  std::string units;  // "3,17,40-59"
  int sample = 0;     // this many random units that fire; 0 = no sampling
  int best = 0;       // this many units of highest activation; 0 = no choice
};

/// --units and --sample.
void AddUnitOptions(CLI::App& command, UnitChoice& choice);

/// Bad usage where several ways to choose are given.
void CheckUnitChoice(const UnitChoice& choice);

/// The chosen units: in their order, or by falling activation where the best are asked for.
std::vector<int> ChooseUnits(const UnitChoice& choice, const RecordedLayer& layer, uint64_t seed);

/// The layer whose output is the last that still has positions.
std::string LastSpatialLayer(const Network& network);

/// Listed images, decoded; the last few are kept, since consecutive units often share theirs.
class Pictures {
 public:
  explicit Pictures(const ImageSets& images) : images_(images) {}

  /// (H, W) 8-bit BGR of image `index`.
  cv::Mat operator()(int64_t index);

 private:
  static constexpr size_t kMostBytes = size_t{128} << 20;
  const ImageSets images_;
  std::list<std::pair<int64_t, cv::Mat>> kept_;  // most recent first
  size_t bytes_ = 0;
};

}  // namespace netdissect
