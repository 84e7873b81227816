#pragma once
// Results of training: train.json, and the curve as CSV and as a picture.

#include "base/json.h"
#include "report/drawing.h"
#include "report/table.h"
#include "train/train.h"

namespace netdissect {

/// Keys of train.json: top1, top5 (fractions; null where no image is held out), counted, epochs[],
/// steps, images, seconds, images_per_second (of steps alone), parameters, left_out, skipped.
Json ToJson(const TrainResult& result);

/// An epoch a row.
Table CurveTable(const TrainResult& result);

/// Loss, and accuracy on training and held-out images, over the epochs.
Drawing DrawCurve(const TrainResult& result, const std::string& title);

}  // namespace netdissect
