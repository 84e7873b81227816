#pragma once
// Options of `segment`, shared by its two forms: the top images of units, and given pictures.

#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "netdissect/probe/segmentation.h"
#include "netdissect/report/measured_field.h"
#include "recording.h"

namespace netdissect {

struct SegmentCommand {
  InputOptions input;
  UnitChoice choice;
  RecordingOptions recording;
  SegmentOptions segment;
  std::string method = "upsampling";
  std::string fields = "runs/rf";       // folder of measured receptive fields
  std::string labels;                   // annotation.json or its folder; "" = no labels
  int per_sheet = 10;                   // units
  std::vector<std::string> pictures;    // --image
  std::vector<std::string> maps;        // --map, one for each picture
  int unit = -1;                        // of --image
  double largest = 0;                   // of the unit, where it is known; 0 = not given
  int64_t memory = int64_t{256} << 20;  // bytes: bound on what waits for its sheet
  bool json = false;
};

/// Makes the masks of one layer's units.
class UnitSegmenter {
 public:
  /// `fields` as MeasuredFieldsOf gives them.
  UnitSegmenter(const SegmentCommand& options, const std::string& layer,
                const LayerGeometry& geometry, const std::optional<MeasuredFields>& fields)
      : options_(options), layer_(layer), geometry_(geometry), fields_(fields) {}

  /// The mask of a unit whose largest activation is `largest`, for a picture of this size.
  cv::Mat Mask(int unit, const at::Tensor& map, float largest, const cv::Size& picture);

 private:
  const SegmentCommand& options_;
  const std::string& layer_;
  const LayerGeometry geometry_;
  const std::optional<MeasuredFields>& fields_;
  int field_unit_ = -1;  // the unit that `field_` is of
  EmpiricalField field_;
};

/// The activation above which a pixel belongs to a mask.
double LevelOf(const SegmentCommand& options, float largest);

/// Measured fields where the method needs them.
std::optional<MeasuredFields> MeasuredFieldsOf(const SegmentCommand& options,
                                               const std::string& descriptor, const Model& model);

/// The layer, whose units have positions to segment by; else Error.
int FindSpatialLayer(const Network& network, const std::string& name);

/// segment: top images of units.
void RunSegment(const SegmentCommand& options, const CLI::App& command, Context& context);

/// segment --image: given pictures by one unit.
void RunSegmentPictures(const SegmentCommand& options, const CLI::App& command, Context& context);

}  // namespace netdissect
