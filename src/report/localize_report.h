#pragma once
// Scenes and objects of a picture: localize.json, and Figure 10.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/data/input_view.h"
#include "netdissect/study/localize.h"

namespace netdissect {

/// A box in pixels of a network's input as whole pixels of the picture; never empty.
cv::Rect PictureBox(const cv::Rect2d& box, const InputView& view);

/// An entry of localize.json's "images": image, width, height, classes[]: {class, name, score} and
/// objects[]: {label, layer, unit, confidence, box}; a box is [x, y, width, height] in pixels of
/// the picture.
Json LocatedJson(const LocatedImage& located, const Model& model,
                 const std::vector<DetectorLayer>& layers, const std::string& image,
                 const cv::Size& picture);

/// A picture at the size that it is drawn at.
cv::Mat ForDrawing(const cv::Mat& picture);

/// Figure 10: the picture with the `boxes` most confident objects, and the scenes beside it.
cv::Mat DrawLocated(const LocatedImage& located, const Model& model, const cv::Mat& picture,
                    int boxes);

}  // namespace netdissect
