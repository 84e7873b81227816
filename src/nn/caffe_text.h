#pragma once
// The text of a prototxt as a message.

#include <string>
#include <vector>

#include "data/caffe.pb.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// A field of the text that the schema does not have and that may change what the network computes.
struct UnknownField {
  std::string field;
  int line = 0;     // from 1
  int layer = -1;   // index in NetParameter::layer, or -1
  int layers = -1;  // index in NetParameter::layers (V1), or -1
};

struct CaffeText {
  caffe::NetParameter net;
  std::vector<UnknownField> unknown;
};

/// Error with file, line and column where the text cannot be parsed.
CaffeText ReadCaffeText(const Path& prototxt);

}  // namespace netdissect
