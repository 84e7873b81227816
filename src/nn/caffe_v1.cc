#include "nn/caffe_v1.h"

#include <map>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

using caffe::V1LayerParameter;

std::string TypeOf(V1LayerParameter::LayerType type) {
  static const std::map<V1LayerParameter::LayerType, std::string> names = {
      {V1LayerParameter::ABSVAL, "AbsVal"},
      {V1LayerParameter::ACCURACY, "Accuracy"},
      {V1LayerParameter::ARGMAX, "ArgMax"},
      {V1LayerParameter::BNLL, "BNLL"},
      {V1LayerParameter::CONCAT, "Concat"},
      {V1LayerParameter::CONTRASTIVE_LOSS, "ContrastiveLoss"},
      {V1LayerParameter::CONVOLUTION, "Convolution"},
      {V1LayerParameter::DATA, "Data"},
      {V1LayerParameter::DECONVOLUTION, "Deconvolution"},
      {V1LayerParameter::DROPOUT, "Dropout"},
      {V1LayerParameter::DUMMY_DATA, "DummyData"},
      {V1LayerParameter::ELTWISE, "Eltwise"},
      {V1LayerParameter::EUCLIDEAN_LOSS, "EuclideanLoss"},
      {V1LayerParameter::EXP, "Exp"},
      {V1LayerParameter::FLATTEN, "Flatten"},
      {V1LayerParameter::HDF5_DATA, "HDF5Data"},
      {V1LayerParameter::HDF5_OUTPUT, "HDF5Output"},
      {V1LayerParameter::HINGE_LOSS, "HingeLoss"},
      {V1LayerParameter::IM2COL, "Im2col"},
      {V1LayerParameter::IMAGE_DATA, "ImageData"},
      {V1LayerParameter::INFOGAIN_LOSS, "InfogainLoss"},
      {V1LayerParameter::INNER_PRODUCT, "InnerProduct"},
      {V1LayerParameter::LRN, "LRN"},
      {V1LayerParameter::MEMORY_DATA, "MemoryData"},
      {V1LayerParameter::MULTINOMIAL_LOGISTIC_LOSS, "MultinomialLogisticLoss"},
      {V1LayerParameter::MVN, "MVN"},
      {V1LayerParameter::POOLING, "Pooling"},
      {V1LayerParameter::POWER, "Power"},
      {V1LayerParameter::RELU, "ReLU"},
      {V1LayerParameter::SIGMOID, "Sigmoid"},
      {V1LayerParameter::SIGMOID_CROSS_ENTROPY_LOSS, "SigmoidCrossEntropyLoss"},
      {V1LayerParameter::SILENCE, "Silence"},
      {V1LayerParameter::SLICE, "Slice"},
      {V1LayerParameter::SOFTMAX, "Softmax"},
      {V1LayerParameter::SOFTMAX_LOSS, "SoftmaxWithLoss"},
      {V1LayerParameter::SPLIT, "Split"},
      {V1LayerParameter::TANH, "TanH"},
      {V1LayerParameter::THRESHOLD, "Threshold"},
      {V1LayerParameter::WINDOW_DATA, "WindowData"}};
  const auto found = names.find(type);
  return found == names.end() ? "" : found->second;
}

}  // namespace

void RefuseV0(const Path& file, const V1LayerParameter& v1) {
  if (!v1.has_layer()) return;
  Fail(
      "{}: layer \"{}\" is in the V0 format (layers {{ layer {{ ... }} }}), which is not "
      "supported: convert the file with Caffe's upgrade_net_proto_text or "
      "upgrade_net_proto_binary",
      file.string(), v1.layer().name());
}

caffe::LayerParameter UpgradeV1(const Path& file, const V1LayerParameter& v1) {
  RefuseV0(file, v1);
  caffe::LayerParameter layer;
  layer.set_name(v1.name());
  layer.set_type(TypeOf(v1.type()));
  *layer.mutable_bottom() = v1.bottom();
  *layer.mutable_top() = v1.top();
  *layer.mutable_include() = v1.include();
  *layer.mutable_exclude() = v1.exclude();
  if (v1.has_concat_param()) *layer.mutable_concat_param() = v1.concat_param();
  if (v1.has_convolution_param()) *layer.mutable_convolution_param() = v1.convolution_param();
  if (v1.has_dropout_param()) *layer.mutable_dropout_param() = v1.dropout_param();
  if (v1.has_inner_product_param()) *layer.mutable_inner_product_param() = v1.inner_product_param();
  if (v1.has_lrn_param()) *layer.mutable_lrn_param() = v1.lrn_param();
  if (v1.has_pooling_param()) *layer.mutable_pooling_param() = v1.pooling_param();
  if (v1.has_power_param()) *layer.mutable_power_param() = v1.power_param();
  if (v1.has_slice_param()) *layer.mutable_slice_param() = v1.slice_param();
  if (v1.has_eltwise_param()) *layer.mutable_eltwise_param() = v1.eltwise_param();
  if (v1.has_relu_param()) *layer.mutable_relu_param() = v1.relu_param();
  if (v1.has_softmax_param()) *layer.mutable_softmax_param() = v1.softmax_param();
  return layer;
}

}  // namespace netdissect
