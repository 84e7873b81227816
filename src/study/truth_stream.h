#pragma once
// Annotated images and the network's activations on them, batch by batch: what labelling units and
// evaluating them have in common.

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/data/input_view.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "probe/unit_map.h"

namespace netdissect {

/// Numbers for names, in the order in which they are first met.
class NameNumbers {
 public:
  int Add(const std::string& name);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, int> numbers_;
  std::vector<std::string> names_;
};

/// What is seen on one image.
struct ImageTruth {
  int64_t image = 0;  // index into the image sets
  int64_t row = 0;    // of the batch's activations
  InputView view;     // of the annotated picture
  cv::Mat names;      // (H, W) int32, of its pixels that the network sees (view.Seen()): number
                      // of the name of what is there, -1 where nothing is
  std::vector<int> shown;      // the numbers that occur, increasing
  std::vector<int64_t> areas;  // pixels of each of them
};

struct TruthBatch {
  std::vector<ImageTruth> images;  // those with an annotation
};

struct TruthVisitor {
  /// The annotated images of a batch, of which there is at least one.
  std::function<void(const TruthBatch&)> begin;
  /// The activations of layer `which` of those wanted on them: (N, C, H, W) float32 on the CPU.
  std::function<void(const TruthBatch&, size_t which, const at::Tensor& activations)> layer;
  /// What was gathered (nn/pass.h). What was saved has its own numbers of names: `number_of` them
  /// are those of the names here.
  std::function<void(ByteWriter& out)> save;
  std::function<void(ByteReader& in, const std::vector<int>& number_of)> add;
};

struct TruthSummary {
  int64_t annotated = 0;
  int64_t unannotated = 0;
  int64_t out_of_view = 0;  // annotated objects that are seen on their picture, not by the network
  std::vector<SkippedImage> skipped;  // images or annotations that could not be read
  double seconds = 0;                 // wall time of the pass
};

/// Visits batch after batch in the order of the sets, which all have annotations. `names` takes up
/// the names of the objects.
TruthSummary ForEachTruth(const Model& model, const ImageSets& images,
                          const std::vector<int>& layers, const TruthVisitor& visitor,
                          NameNumbers& names, const PassOptions& options, Observer& observer);

/// Warns of annotated objects that no input shows, where there are any.
void ReportOutOfView(Observer& observer, int64_t objects, const Model& model);

/// Scales the layer's maps to what is seen of each of the batch's images.
std::vector<UnitMapScaler> ScalersFor(const Model& model, const std::vector<ReceptiveField>& fields,
                                      int layer, const TruthBatch& batch);

}  // namespace netdissect
