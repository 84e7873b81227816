#pragma once
// A trained network as files that LoadModel reads.

#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/file.h"
#include "netdissect/data/preprocess.h"
#include "train/train.h"

namespace netdissect {

/// Error, beginning with `what`, where a descriptor cannot say the format: a mean image.
void RequireStorable(const InputFormat& format, const std::string& what);

/// Error where this cannot be the name of a network beside the files that training writes: it has
/// to be one of a file, in UTF-8 and not too long.
void RequireNetworkName(const std::string& name);

/// Writes FOLDER/NAME.safetensors, FOLDER/NAME.graph.json, FOLDER/NAME_labels.txt where the classes
/// have names, and last FOLDER/NAME.json, which LoadModel reads; an earlier one goes first.
/// `training` is the record that the descriptor keeps. Returns the files' names.
std::vector<std::string> WriteTrainedNetwork(const Path& folder, const std::string& name,
                                             const InputFormat& format, const TrainResult& result,
                                             const Json& training);

}  // namespace netdissect
