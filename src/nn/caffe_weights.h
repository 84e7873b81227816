#pragma once
// The weights of a caffemodel, by layer name.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "data/caffe.pb.h"
#include "netdissect/base/file.h"

namespace netdissect {

class CaffeWeights {
 public:
  explicit CaffeWeights(const Path& caffemodel);

  /// Error unless the layer has exactly `count` blobs.
  void ExpectBlobs(const std::string& layer, int count) const;

  /// Blob `index` of a layer as float32 of the given shape. Leading ones do not count: older files
  /// have four dimensions always. Error names file, layer and both shapes.
  at::Tensor Blob(const std::string& layer, int index, const std::vector<int64_t>& shape) const;

 private:
  Path file_;
  caffe::NetParameter net_;
  // Of the last layer of that name, as Caffe copies them.
  std::map<std::string, const google::protobuf::RepeatedPtrField<caffe::BlobProto>*> blobs_;
};

}  // namespace netdissect
