#pragma once
// An image's segments, of which the minimal image keeps as few as it can (Section 3.1). Masks are
// soft, between 0 and 1, and sum to 1 at every pixel.

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/annotation.h"

namespace netdissect NETDISSECT_PUBLIC {

struct Segment {
  std::string name;     // its own: "region 3", "edge 1"; "bed", "bed 2", "remainder"
  std::string object;   // the annotated object; empty for what is none
  double fraction = 0;  // of the image's pixels, soft ones in part
};

struct Segmentation {
  std::vector<Segment> segments;
  at::Tensor masks;  // (segments, height, width) float32
};

/// Regions of similar colour and the edges between them. The paper does not say how it finds them;
/// numbers without a source here are ours, and give 20 to 80 segments on most photographs.
struct AutomaticOptions {
  enum class Regions { kGraph, kSlic };
  Regions regions = Regions::kGraph;  // Felzenszwalb and Huttenlocher 2004, or superpixels (SLIC)
  int most_regions = 30;    // graph: the scale is the finest with so many; SLIC: about so many
  double smallest = 0.005;  // of the image's pixels; smaller regions join a neighbour
  double sigma = 0.5;       // pixels: smoothing before the regions of the graph
  int most_edges = 20;      // the longest
  int shortest_edge = 20;   // pixels along the edge
  double canny_low = 100;   // Canny's thresholds of hysteresis
  double canny_high = 200;  //   on the gradient of the grey image, 0..255
  int dilation = 7;         // pixels: width of an edge's mask (original toolkit: 7 x 7); odd

  /// Error where an option is out of range.
  void Validate() const;
};

/// Segments of an 8-bit BGR image: regions, then edges. Edges are Canny's, taken apart where they
/// meet, each chain dilated. Where masks overlap, each gets an equal part of the pixel. An image
/// without structure is one segment.
Segmentation AutomaticSegments(const cv::Mat& bgr, const AutomaticOptions& options = {});

struct AnnotatedOptions {
  bool by_class = false;  // one segment for all objects of a name, instead of one for each object
};

/// The annotated objects as they are seen, nearest on top, at any size; objects of which nothing is
/// seen are none. What no object covers is the last segment, "remainder".
Segmentation AnnotatedSegments(const Annotation& annotation, int height, int width,
                               const AnnotatedOptions& options = {});

/// The same in a network's input that shows the picture by this view: what is cropped away is none,
/// and bars belong to the remainder.
Segmentation AnnotatedSegments(const Annotation& annotation, const InputView& view,
                               const AnnotatedOptions& options = {});

}  // namespace netdissect
