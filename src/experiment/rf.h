#pragma once
// rf: empirical receptive fields by occlusion (Section 3.2, Figures 3 and 4, Table 2) or by
// gradient (probe/gradient.h): of units over image sets, or the map of one picture.

#include <memory>
#include <optional>

#include "experiment/experiment.h"
#include "experiment/recording.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/occlusion.h"
#include "netdissect/probe/operators.h"
#include "netdissect/probe/receptive_field.h"
#include "report/field_report.h"
#include "report/table.h"

namespace netdissect {

/// What computes the responses to occluders.
enum class OcclusionBy {
  kIncremental,  // row kernels on a CPU, operators on other devices
  kOperators,    // LibTorch's operations on tiles, on any device
  kFull          // full passes: the reference engine
};

struct RfExperiment : ExperimentOptions {
  FieldMethod method = FieldMethod::kOcclusion;
  bool noise = false;  // measured on `field.k` images of noise instead of the units' top images
  UnitChoice choice;
  RecordingOptions recording;
  FieldOptions field;
  OcclusionOptions occlusion;
  IncrementalOptions incremental;
  OcclusionBy engine = OcclusionBy::kIncremental;
  int64_t memory = int64_t{2} << 30;  // bytes: bound on working memory
  int explain = -1;                   // unit whose pipeline is drawn
  bool pipelines = false;             // draws every unit's, small

  // Of one picture:
  std::string picture;
  int unit = -1;
  std::string target;  // a class score instead of a unit, by name or number

  /// Error where an option is out of range.
  void Validate() const;
};

struct RfRun {
  std::vector<Path> results;  // one for each network
  Table sizes;                // Table 2; of both methods, where the folders have the other's too
  Table sensitivity;          // the same at other thresholds and numbers of images
};

/// Units over image sets. What is computed is kept, so that a run that was stopped goes on.
RfRun RunRf(const RfExperiment& options, Observer& observer);

struct RfPictureRun {
  Path result;
  Path map;          // picture
  std::string what;  // "pool5 unit 3", "prob of bedroom"
  UnitPosition position;
  float value = 0;    // activation without an occluder
  float largest = 0;  // of the map
};

/// One picture: the discrepancy map of a unit where it is largest, or of a class score.
RfPictureRun RunRfPicture(const RfExperiment& options, Observer& observer);

/// What RunRf would compute, and about how long it would take: in proportion to a few images. A
/// table for each network.
std::vector<Table> PlanRf(const RfExperiment& options, Observer& observer);

/// What the experiment's parts have in common for one network: requests, occluders, engine.
class RfSetup {
 public:
  RfSetup(const RfExperiment& options, const NetworkRun& run, const ImageSets& images,
          Observer& observer);

  const RecordResult& record() const { return record_; }
  const OccluderSet& occluders() const { return occluders_; }
  const std::vector<FieldRequest>& requests() const { return requests_; }

 private:
  const RecordResult record_;
  const OccluderSet occluders_;
  std::vector<FieldRequest> requests_;
};

/// The image sets, or the noise in their place.
ImageSets FieldImages(const RfExperiment& options);
/// Their pixels, as the network with this input sees them.
PixelSource FieldPixels(const RfExperiment& options, const ImageSets& images,
                        const InputFormat& format);

/// Where a result of `rf` comes from.
Provenance FieldProvenance(const RfExperiment& options, const Model& model, const ImageSets& images,
                           Observer& observer);

/// The occluders' options with the experiment's seed, and the engines' with their part of memory.
OcclusionOptions OcclusionOf(const RfExperiment& options);
IncrementalOptions IncrementalOf(const RfExperiment& options);
OperatorOptions OperatorsOf(const RfExperiment& options);
FieldOptions FieldsOf(const RfExperiment& options);

/// What is asked for, on the network's device: kOperators where there are no kernels.
OcclusionBy EngineOn(const RfExperiment& options, const Network& network);
/// That engine.
std::unique_ptr<OcclusionEngine> MakeEngine(const RfExperiment& options, const Network& network,
                                            const OccluderSet& occluders);
/// Its name in `rf.json` and for stored responses: "operators", "full in TF32".
std::string EngineName(const RfExperiment& options, const Network& network);
/// Tells the observer what is computed where.
void NoteEngine(const RfExperiment& options, const Model& model, Observer& observer);
/// "top" or "noise".
std::string InputsName(const RfExperiment& options);

}  // namespace netdissect
