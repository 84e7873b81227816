#pragma once
// V1, the layer format of 2013 to 2015.

#include "data/caffe.pb.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// The same layer in the newer format, without weights. Error for V0, the format before V1.
caffe::LayerParameter UpgradeV1(const Path& file, const caffe::V1LayerParameter& v1);

/// Error where the layer is V0.
void RefuseV0(const Path& file, const caffe::V1LayerParameter& v1);

}  // namespace netdissect
