#pragma once
// A trained network as files that LoadModel reads.

#include <string>

#include "netdissect/base/file.h"
#include "netdissect/base/json.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/alexnet.h"
#include "netdissect/train/train.h"

namespace netdissect {

/// Writes FOLDER/NAME.safetensors, FOLDER/NAME_labels.txt where the classes have names, and last
/// FOLDER/NAME.json, which LoadModel reads. `training` is the record that the descriptor keeps.
void WriteTrainedNetwork(const Path& folder, const std::string& name,
                         const AlexNetOptions& architecture, const InputFormat& format,
                         const TrainResult& result, const Json& training);

}  // namespace netdissect
