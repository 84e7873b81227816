#include "nn/caffe_weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/caffe_v1.h"

namespace netdissect {
namespace {

std::vector<int64_t> Dims(const caffe::BlobProto& blob) {
  if (blob.has_shape()) return {blob.shape().dim().begin(), blob.shape().dim().end()};
  return {blob.num(), blob.channels(), blob.height(), blob.width()};
}

std::vector<int64_t> WithoutLeadingOnes(const std::vector<int64_t>& dims) {
  return {std::find_if(dims.begin(), dims.end(), [](int64_t dim) { return dim != 1; }), dims.end()};
}

std::string ShapeText(const std::vector<int64_t>& dims) {
  std::vector<std::string> words;
  for (const int64_t dim : dims) words.push_back(std::to_string(dim));
  return words.empty() ? "a single number" : Join(words, " x ");
}

}  // namespace

CaffeWeights::CaffeWeights(const Path& caffemodel) : file_(caffemodel) {
  const std::string bytes = ReadFile(caffemodel);
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    Fail("{}: expected at most 2 GiB, found {}", file_.string(),
         FormatBytes(static_cast<int64_t>(bytes.size())));
  }
  if (!net_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    Fail(
        "{}: expected a caffemodel, found one that is cut off or damaged, or another format "
        "({} bytes)",
        file_.string(), bytes.size());
  }
  for (const caffe::V1LayerParameter& layer : net_.layers()) {
    RefuseV0(file_, layer);
    if (layer.blobs_size() != 0) blobs_[layer.name()] = &layer.blobs();
  }
  for (const caffe::LayerParameter& layer : net_.layer()) {
    if (layer.blobs_size() != 0) blobs_[layer.name()] = &layer.blobs();
  }
}

void CaffeWeights::ExpectBlobs(const std::string& layer, int count) const {
  const auto blobs = blobs_.find(layer);
  if (blobs == blobs_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : blobs_) names.push_back(name);
    const std::string closest = Closest(layer, names);
    Fail("{}: expected weights of layer \"{}\", found those of {} other layers{}", file_.string(),
         layer, names.size(), closest.empty() ? "" : " (\"" + closest + "\"?)");
  }
  if (blobs->second->size() != count) {
    Fail("{}: layer \"{}\": expected {} blobs of weights, found {}", file_.string(), layer, count,
         blobs->second->size());
  }
}

at::Tensor CaffeWeights::Blob(const std::string& layer, int index,
                              const std::vector<int64_t>& shape) const {
  const caffe::BlobProto& blob = blobs_.at(layer)->Get(index);
  const std::vector<int64_t> dims = Dims(blob);
  if (WithoutLeadingOnes(dims) != WithoutLeadingOnes(shape)) {
    Fail("{}: layer \"{}\": blob {}: expected {}, found {}", file_.string(), layer, index,
         ShapeText(shape), ShapeText(dims));
  }
  // The product may be beyond 64 bits, the number of values in the file is not.
  double expected = 1;
  for (const int64_t dim : shape) expected *= static_cast<double>(dim);
  const bool is_double = blob.double_data_size() != 0;
  const int count = is_double ? blob.double_data_size() : blob.data_size();
  if (expected != static_cast<double>(count)) {
    Fail("{}: layer \"{}\": blob {}: expected {:.0f} numbers for {}, found {}", file_.string(),
         layer, index, expected, ShapeText(shape), count);
  }
  at::Tensor weights = at::empty(shape, at::kFloat);
  float* values = weights.data_ptr<float>();
  if (is_double) {
    std::transform(blob.double_data().begin(), blob.double_data().end(), values,
                   [](double value) { return static_cast<float>(value); });
  } else {
    std::copy(blob.data().begin(), blob.data().end(), values);
  }
  if (!at::isfinite(weights).all().item<bool>()) {
    Fail("{}: layer \"{}\": blob {}: expected finite weights, found NaN or infinity",
         file_.string(), layer, index);
  }
  return weights;
}

}  // namespace netdissect
