#pragma once
// Occlusion (Section 3.2, Figure 3): how a unit's activation changes when a small patch of the
// image is replaced.
//
// Occluders are patches of `patch` x `patch` pixels on a grid of `stride`: occluder (r, c) covers
// rows r * stride ... r * stride + patch - 1, all of them inside the image; 73 x 73 = 5,329 on 227
// x 227. A unit is read at one fixed position p of its feature map:
//
//   change(r, c) = a_u(p; occluded by (r, c)) - a_u(p; original).
//
// The image is the network's input as it was made of a picture (data/preprocess.h): of what was
// cropped away nothing is covered, and the bars of a letterboxed picture are covered like the rest.
//
// An occluder outside p's theoretical receptive field changes nothing: it is never computed, its
// change is 0.

#include <ATen/core/Tensor.h>

#include <array>
#include <memory>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/nn/network.h"

namespace netdissect NETDISSECT_PUBLIC {

enum class Fill { kNoise, kMean, kColor };

struct OcclusionOptions {
  int patch = 11;                     // pixels (Section 3.2)
  int stride = 3;                     // pixels (Section 3.2)
  Fill fill = Fill::kNoise;           // uniform noise over 0..255, drawn from (seed, position)
  std::array<int, 3> color{0, 0, 0};  // red, green, blue of Fill::kColor
  uint64_t seed = 0;                  // of the noise

  /// Error where an option is out of range for an image of this size.
  void Validate(int height, int width) const;
};

/// Occluders of one run: their grid and what they put over the image.
class OccluderSet {
 public:
  OccluderSet(const InputFormat& format, const OcclusionOptions& options);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  int patch() const { return patch_; }
  int stride() const { return stride_; }
  /// (rows * columns, C, patch, patch): preprocessed pixels of each occluder, row by row.
  const at::Tensor& patches() const { return patches_; }

  /// First and last grid index along one axis of `count` occluders that meet the pixels of `field`;
  /// empty (start > end) where none does.
  Interval Meeting(const Interval& field, int count) const;

  /// Number of occluders that meet the field of position (y, x).
  int64_t CountMeeting(const ReceptiveField& field, int y, int x) const;

 private:
  int rows_, columns_, patch_, stride_;
  at::Tensor patches_;
};

/// A unit at a position of its feature map.
struct UnitPosition {
  int layer = 0;  // index in the network
  int unit = 0;
  int y = 0, x = 0;
};

struct OcclusionResponse {
  float original = 0;  // activation without an occluder
  at::Tensor change;   // (rows, columns) float32: occluded - original
};

/// What an engine has done so far, for benchmarks and progress.
struct OcclusionWork {
  int64_t pairs = 0;           // (unit, image)
  int64_t stored = 0;          // of them, those answered from a file (probe/stored_engine.h)
  int64_t occluders = 0;       // computed, summed over pairs
  int64_t macs = 0;            // multiply-adds of convolutions and inner products
  double product_seconds = 0;  // in matrix products, summed over threads (incremental engine)
};

/// Computes responses; one image after the other: by full passes (MakeReferenceEngine), or
/// incrementally, on a CPU (probe/incremental.h) or on any device (probe/operators.h).
class OcclusionEngine {
 public:
  virtual ~OcclusionEngine() = default;

  /// Responses of the units to all occluders of `image` (3, H, W), preprocessed; one for each unit.
  virtual std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                                 const std::vector<UnitPosition>& units) = 0;

  const OcclusionWork& work() const { return work_; }

 protected:
  OcclusionWork work_;
};

struct ReferenceEngineOptions {
  int batch = 32;           // occluded images a forward pass
  bool everywhere = false;  // also the occluders outside the receptive field: the plain scheme

  /// Error where an option is out of range.
  void Validate() const;
};

/// Full forward passes in LibTorch's operations, one for each occluded image, up to the deepest
/// layer wanted: the slow and obvious way. `occluders` must outlive the engine.
std::unique_ptr<OcclusionEngine> MakeReferenceEngine(const Network& network,
                                                     const OccluderSet& occluders,
                                                     const ReferenceEngineOptions& options = {});

/// Discrepancy in pixels: every pixel of the (height, width) image gets the mean over the occluders
/// that cover it; pixels that none covers get 0. `discrepancy` is (rows, columns).
at::Tensor PixelMap(const at::Tensor& discrepancy, const OccluderSet& occluders, int height,
                    int width);

}  // namespace netdissect
