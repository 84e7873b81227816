#pragma once
// Results of training: train.json, the curve as CSV and as a picture, and the descriptor by which
// other commands load the network.

#include "netdissect/base/json.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/train.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/table.h"

namespace netdissect {

/// Keys of train.json: top1, top5 (fractions; null where no image is held out), counted, epochs[],
/// steps, images, seconds, images_per_second (of steps alone), parameters, left_out, skipped.
Json ToJson(const TrainResult& result);

/// An epoch a row.
Table CurveTable(const TrainResult& result);

/// Loss, and accuracy on training and held-out images, over the epochs.
cv::Mat DrawCurve(const TrainResult& result, const std::string& title);

/// Writes FOLDER/NAME.safetensors, FOLDER/NAME_labels.txt where the classes have names, and last
/// FOLDER/NAME.json, which LoadModel reads. `training` is the record that the descriptor keeps.
void WriteTrainedNetwork(const Path& folder, const std::string& name,
                         const AlexNetOptions& architecture, const InputFormat& format,
                         const TrainResult& result, const Json& training);

}  // namespace netdissect
