#pragma once
// Which pixels of a picture are which pixels of the network's input, as the picture was squashed,
// cropped or letterboxed to it (data/preprocess.h). Along each axis the picture is resized, and the
// input shows a part of that, or all of it between bars:
//
//   input  pixel p is the picture's (p + start + 1/2) * picture / resized - 1/2,
//   picture pixel i is the input's  (i + 1/2) * resized / picture - 1/2 - start,
//
// pixel i's centre being at i. All that maps between the two does it by these, so that masks,
// annotations and boxes follow the preprocessing. A pixel of the picture is seen where its centre
// lies in the input; a pixel of the input shows the picture where it is not of a bar.

#include <opencv2/core.hpp>

#include "netdissect/base/public.h"
#include "netdissect/data/preprocess.h"

namespace netdissect NETDISSECT_PUBLIC {

/// One axis; all in pixels.
struct ViewAxis {
  int picture = 1;  // of the picture
  int resized = 1;  // that it is resized to
  int start = 0;    // the first of these that the input has; below 0 where it begins with a bar
  int input = 1;    // of the input

  double PictureFromInput(double p) const { return (p + start + 0.5) * picture / resized - 0.5; }
  double InputFromPicture(double i) const { return (i + 0.5) * resized / picture - 0.5 - start; }
  /// The same of an edge: pixel p lies between p and p + 1.
  double PictureEdge(double edge) const { return (edge + start) * picture / resized; }

  /// The picture's pixels that the input shows; at least one.
  cv::Range Seen() const;
  /// The input's pixels that show the picture; at least one.
  cv::Range Shown() const;
};

struct InputView {
  ViewAxis y, x;

  cv::Size picture() const { return {x.picture, y.picture}; }
  cv::Size input() const { return {x.input, y.input}; }
  cv::Rect Seen() const;   // of the picture
  cv::Rect Shown() const;  // of the input

  /// Whether a part of the picture is not in the input.
  bool CropsPicture() const { return Seen().size() != picture(); }

  /// The same view of that picture drawn, or annotated, at another size.
  InputView At(const cv::Size& size) const;
};

/// How a picture of `picture` pixels comes to the input. Error where the size is none, or resizing
/// it would make more pixels than any picture has.
InputView ViewOf(const InputFormat& format, const cv::Size& picture);

/// The view of a picture that is squashed: all of it, its aspect ratio not kept.
InputView SquashedView(const cv::Size& input, const cv::Size& picture);

}  // namespace netdissect
