#pragma once
// The minimal images of an image set (Section 3.1), one after another: memory does not depend on
// their number.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/data/dataset.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "netdissect/study/minimal_image.h"
#include "netdissect/study/segments.h"

namespace netdissect NETDISSECT_PUBLIC {

struct SimplifyOptions {
  enum class Target { kLabel, kPredicted };
  enum class Segments { kAutomatic, kAnnotated };
  /// The class to keep: the image's label, where images that the network takes for another class
  /// are left out (Section 3.1), or what the network takes the image for.
  Target target = Target::kLabel;
  Segments segments = Segments::kAutomatic;
  AutomaticOptions automatic;
  AnnotatedOptions annotated;
  MinimalImageOptions minimal;
  PassOptions pass;  // strict: an unreadable annotation is an Error too
};

/// What became of one image.
struct SimplifiedImage {
  int64_t image = 0;              // index into the set's images
  int target = 0;                 // the class to keep
  int predicted = 0;              // the network's first; if another than the target, that is all
  std::vector<Segment> segments;  // of the whole image
  MinimalImage minimal;
  double seconds = 0;  // for segments, bases and removals

  bool correct() const { return predicted == target; }
  /// Share of the image's pixels in the kept segments.
  double kept_fraction() const;
};

/// What it was made of, for those who draw it.
struct SimplifyDetail {
  at::Tensor values;  // (C, H, W), 0..255 in the network's order
  Segmentation segmentation;
  at::Tensor bases;  // (S, C, H, W)
};

/// Keeps finished images, so that a run can go on where an earlier one ended. `key` is a digest of
/// all that decides the result: network, pixels, class, annotation and options.
class SimplifyStore {
 public:
  virtual ~SimplifyStore() = default;
  /// The image as it was saved under this key, if it was.
  virtual std::optional<SimplifiedImage> Find(int64_t image, const std::string& key);
  /// `detail` is nothing for an image that is not classified correctly.
  virtual void Save(const SimplifiedImage& image, const std::string& key,
                    const SimplifyDetail* detail);
};

/// Gets each image that is classified correctly, in the order of the list: they are not collected.
using SimplifySink = std::function<void(const SimplifiedImage& image)>;

struct SimplifySummary {
  int64_t images = 0;         // handed out
  int64_t wrong = 0;          // taken for another class than their label's
  int64_t without_class = 0;  // whose label is none of the network's classes, or that have none,
                              // where the label is the target
  int64_t without_annotation = 0;
  int64_t out_of_view = 0;  // annotated objects that are seen on their picture, not in the input
  int64_t reused = 0;       // found in the store, the wrong ones included
  std::vector<SkippedImage> skipped;
  double seconds = 0;
};

/// Error where the label is the target and no image has one, or annotations are asked for and the
/// set has none. Stopped, after an image, where the observer asks for it.
SimplifySummary Simplify(const Model& model, const Dataset& set, const SimplifyOptions& options,
                         SimplifyStore& store, const SimplifySink& sink,
                         Observer& observer = Silent());

}  // namespace netdissect
