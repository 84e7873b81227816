#pragma once
// The "input" object of a network descriptor: what brings a picture to the network. Its keys are
// said in nn/model.h.

#include <string>

#include "base/json.h"
#include "netdissect/data/preprocess.h"

namespace netdissect {

InputFormat ReadInputFormat(const JsonObject& input);

/// The same object as it would be written, keys with their defaults left out but for size, order,
/// mean and scale; of a mean image "mean" is {"image": its digest}, which cannot be read back.
Json ToJson(const InputFormat& format);

/// How pictures are resized, in words of the descriptor; "" as long as it says nothing of it. Part
/// of a network's digest, by which its results are found.
std::string ResizingOf(const InputFormat& format);

}  // namespace netdissect
