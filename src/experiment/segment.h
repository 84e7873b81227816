#pragma once
// segment: images segmented by single units (Figures 4, 5, 9a): the top images of units, or given
// pictures by one unit.

#include <opencv2/core.hpp>
#include <optional>

#include "experiment/experiment.h"
#include "experiment/recording.h"
#include "netdissect/probe/segmentation.h"
#include "report/measured_field.h"

namespace netdissect {

/// How masks are made.
struct MaskOptions {
  SegmentOptions segment;
  std::string fields = "runs/rf";  // folder of measured receptive fields, where the method has them
};

struct SegmentExperiment : ExperimentOptions {
  UnitChoice choice;
  RecordingOptions recording{"runs/record", 8};
  MaskOptions mask;
  std::string labels;                   // annotation.json or its folder; "" = no labels
  int per_sheet = 10;                   // units
  int64_t memory = int64_t{256} << 20;  // bytes: bound on tiles and masks that wait for their sheet
};

/// Returns the results' files, one for each network.
std::vector<Path> RunSegment(const SegmentExperiment& options, Observer& observer);

/// Of one network and one layer.
struct SegmentPictureExperiment : ExperimentOptions {
  std::vector<std::string> pictures;
  std::vector<std::string> maps;  // the unit's, from another program; one for each picture, or none
  int unit = -1;                  // may be left out where there are maps
  double largest = 0;             // the unit's largest activation over a data set; 0: from `record`
  std::string record = "runs/record";
  bool record_given = false;  // it must serve then
  MaskOptions mask;
};

struct SegmentedPicture {
  std::string picture;
  Path file;
  double share = 0;  // of its pixels in the mask
};

struct SegmentPictureRun {
  Path result;
  std::vector<SegmentedPicture> pictures;
};

SegmentPictureRun RunSegmentPictures(const SegmentPictureExperiment& options, Observer& observer);

/// Makes the masks of one layer's units.
class UnitSegmenter {
 public:
  UnitSegmenter(const MaskOptions& options, const NetworkRun& run, const std::string& layer);

  /// The mask of a unit whose largest activation is `largest`, for a picture of this size.
  cv::Mat Mask(int unit, const at::Tensor& map, float largest, const cv::Size& picture);

  /// The activation above which a pixel belongs to a mask.
  double LevelOf(float largest) const;

  int layer() const { return layer_index_; }

 private:
  const SegmentOptions options_;
  const std::string layer_;
  const int layer_index_;
  const LayerGeometry geometry_;
  const InputFormat input_;
  std::optional<MeasuredFields> fields_;  // where the method needs them
  int field_unit_ = -1;                   // the unit that `field_` is of
  EmpiricalField field_;
};

/// "upsampling" or "receptive-field"
std::string NameOf(SegmentMethod method);

}  // namespace netdissect
