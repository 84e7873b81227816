#pragma once
// One forward pass: the scene, and the objects in it (Section 4.2, Figure 10). A network trained to
// name scenes has units that detect objects; where they fire on a picture is where the objects are.
//
// For each labelled unit u with threshold T_u, the activation that it exceeds at 0.5% of all
// positions of the data set, and F_u, the least of its largest activations on the top images that
// its label's precision is taken from:
//
//   1. positions of its feature map above T_u, in connected regions, diagonal neighbours included;
//   2. a region's box: from its first to its last position, grown to the receptive field, that is
//      by half the field's side beyond the centres of the outermost positions, cut at the image;
//   3. confidence = trust_u * (peak - T_u) / (F_u - T_u), at most trust_u, where peak is the
//      region's largest activation and trust_u how often the unit's label is right, in [0, 1]: what
//      excites the unit as much as its top images do is as likely to be what these show;
//   4. of boxes of one label that overlap (intersection over union above `overlap`) the most
//      confident stays.
//
// Boxes are in pixels of the network's input, as edges: pixel p spans [p, p + 1]. What lies on the
// bars of a letterboxed picture alone is no object of it.

#include <ATen/core/Tensor.h>

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/probe/record.h"
#include "netdissect/study/classify.h"

namespace netdissect NETDISSECT_PUBLIC {

struct LocalizeOptions {
  int top = 5;                  // scenes reported for each image (Figure 10)
  double overlap = 0.3;         // of boxes of one label, above which the less confident goes
  double min_confidence = 0.1;  // objects below are left out
  bool time = false;            // run the bare forward pass beside, to compare
  PictureKeeper keep;           // makes what is handed on of each picture; none: nothing
  PassOptions pass{8};

  /// Error where an option is out of range.
  void Validate() const;
};

/// A unit and what it detects.
struct Detector {
  int unit = 0;
  std::string label;
  double trust = 0;      // precision or intersection over union, in [0, 1]
  double threshold = 0;  // T_u, an activation
  double full = 0;       // F_u
  double field = 0;      // side of the receptive field, pixels of the network's input
};

/// F_u: the least activation on the unit's `images` top images, of those above its 0.5% quantile;
/// zero where none is.
double FullActivation(const RecordedUnit& unit, int images);

struct DetectorLayer {
  std::string name;
  std::vector<Detector> units;
};

struct LocatedObject {
  std::string label;
  int layer = 0;  // index into the detectors' layers
  int unit = 0;
  double confidence = 0;  // to a thousandth
  cv::Rect2d box;         // pixels of the network's input
};

struct LocatedImage {
  int64_t image = 0;                   // index
  cv::Size size;                       // of the picture, pixels
  cv::Mat picture;                     // what was kept of it; may be empty
  std::vector<RankedClass> scenes;     // highest first; empty where the network has no classes
  std::vector<LocatedObject> objects;  // most confident first
};

/// Finds scenes and objects in preprocessed images.
class Localizer {
 public:
  /// `model` must outlive the localizer. Error where a layer has no positions or a detector is none
  /// of its units.
  Localizer(const Model& model, std::vector<DetectorLayer> layers, const LocalizeOptions& options);

  /// One for each of the images (N, 3, H, W), from one forward pass.
  std::vector<LocatedImage> Locate(const at::Tensor& input) const;

  /// The layers of the network whose outputs See takes, one after the other.
  const std::vector<int>& wanted() const { return wanted_; }

  /// Takes up what output `which` of `wanted` (N, C, H, W) says of the images; after all of them
  /// they need Finish.
  void See(size_t which, const at::Tensor& output, std::vector<LocatedImage>& images) const;
  void Finish(std::vector<LocatedImage>& images) const;

 private:
  struct Layer {
    ReceptiveField field;
    Shape shape;
  };
  void FindObjects(const at::Tensor& maps, size_t layer, std::vector<LocatedObject>& objects) const;

  const Model& model_;
  std::vector<DetectorLayer> detectors_;
  std::vector<Layer> layers_;
  std::vector<int> wanted_;  // layers of the network; the classes last
  bool classifies_ = false;
  LocalizeOptions options_;
};

/// The objects that stay, most confident first; equals in their given order.
std::vector<LocatedObject> SuppressOverlaps(std::vector<LocatedObject> objects, double overlap);

struct LocalizeSummary {
  int64_t images = 0;
  std::vector<SkippedImage> skipped;
  double seconds = 0;       // wall time from inputs to scenes and objects
  double bare_seconds = 0;  // of the forward pass to the class scores alone, with `time`
};

/// Streams the images; `found` gets each in the order of the list.
LocalizeSummary Localize(const Model& model, const std::vector<DetectorLayer>& layers,
                         const ImageSets& images,
                         const std::function<void(const LocatedImage&)>& found,
                         const LocalizeOptions& options = {}, Observer& observer = Silent());

}  // namespace netdissect
