#pragma once
// Options of `rf`, shared by its two forms: units over an image set, and one picture.

#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/occlusion.h"
#include "netdissect/probe/receptive_field.h"
#include "recording.h"

namespace netdissect {

struct RfOptions {
  InputOptions input;
  UnitChoice choice;
  RecordingOptions recording;
  FieldOptions field;
  OcclusionOptions occlusion;
  std::string fill = "noise";
  std::string discrepancy = "absolute";
  IncrementalOptions incremental;
  std::string engine = "incremental";
  std::string memory = "2GiB";
  int explain = -1;     // unit whose pipeline is drawn
  std::string picture;  // --image: one picture
  int unit = -1;        // of --image
  std::string target;   // --class: a class score instead of a unit
  bool dry_run = false;
  bool json = false;
};

/// The engine asked for.
std::unique_ptr<OcclusionEngine> MakeEngine(const RfOptions& options, const Network& network,
                                            const OccluderSet& occluders);

/// rf --dry-run: says what would be computed; the time is in proportion to that of a few images.
void PrintPlan(const RfOptions& options, const Model& model, const OccluderSet& occluders,
               const std::vector<FieldRequest>& requests, const ImageSource& image,
               OcclusionEngine& engine, Console& console);

/// rf: units over image sets.
void RunRf(const RfOptions& options, const CLI::App& command, Context& context);

/// rf --image: the discrepancy map of one picture, for one network and a unit of one layer or a
/// class.
void RunRfPicture(const RfOptions& options, const CLI::App& command, Context& context);

}  // namespace netdissect
