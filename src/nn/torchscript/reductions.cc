// Products with matrices, reductions and normalisations of PyTorch.

#include "nn/import/reductions.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "nn/import/elementwise.h"
#include "nn/import/not_supported.h"
#include "nn/torchscript/call.h"

namespace netdissect::torchscript {
namespace {

std::vector<Value> Linear(const Call& call) {
  return {Fresh(Multiply(call.graph(), call.name(), call.Input("input"), call.Tensor("weight"),
                         call.OptionalTensor("bias")))};
}

// beta self + alpha mat1 mat2
std::vector<Value> Addmm(const Call& call) {
  const at::Tensor weight = call.Tensor("mat2").t() * call.Number("alpha");
  const at::Tensor bias = call.Tensor("self") * call.Number("beta");
  return {Fresh(Multiply(call.graph(), call.name(), call.Input("mat1"), weight,
                         bias.reshape({-1}).expand({weight.size(0)}).contiguous()))};
}

std::vector<Value> MatrixProduct(const Call& call) {
  const char* other = call.Has("mat2") ? "mat2" : "other";
  if (call.IsSeen(other)) FailUnsupported("a product of two matrices that are computed");
  const at::Tensor weight = call.Tensor(other);
  if (weight.dim() != 2) FailUnsupported("a product with a constant that is no matrix");
  return {Fresh(Multiply(call.graph(), call.name(), call.Input(), weight.t(), {}))};
}

std::vector<Value> ReduceBy(const Call& call, Reduction what) {
  std::vector<int64_t> axes = call.Has("dim") ? call.Ints("dim") : std::vector<int64_t>{};
  if (axes.empty()) FailUnsupported("a reduction over the batch");
  return {Fresh(Reduce(call.graph(), call.name(), what, call.Input(), axes,
                       call.Has("keepdim") && call.Bool("keepdim")))};
}

template <Reduction WHAT>
std::vector<Value> ReduceOf(const Call& call) {
  return ReduceBy(call, WHAT);
}

// torch.max(x, dim) gives places, too, which nothing can use.
std::vector<Value> MaxOf(const Call& call) {
  if (call.Has("other")) {
    return {Fresh(Combine(call.graph(), call.name(), Arithmetic::kMaximum, call.Input(),
                          call.Input("other")))};
  }
  return {ReduceBy(call, Reduction::kMax)[0], Value(c10::IValue())};
}
std::vector<Value> MinOf(const Call& call) {
  if (call.Has("other")) {
    return {Fresh(Combine(call.graph(), call.name(), Arithmetic::kMinimum, call.Input(),
                          call.Input("other")))};
  }
  return {ReduceBy(call, Reduction::kMin)[0], Value(c10::IValue())};
}

std::vector<Value> Norm(const Call& call) {
  const char* order = call.Has("ord") ? "ord" : "p";
  if (!call.IsNone(order) && call.Number(order) != 2) {
    FailUnsupported("argument {}: only 2 is supported", order);
  }
  return ReduceBy(call, Reduction::kNorm2);
}

std::vector<Value> SoftmaxOf(const Call& call) {
  return {Fresh(SoftmaxAlong(call.graph(), call.name(), call.Input(), call.Int("dim"), false))};
}
std::vector<Value> LogSoftmaxOf(const Call& call) {
  return {Fresh(SoftmaxAlong(call.graph(), call.name(), call.Input(), call.Int("dim"), true))};
}

std::vector<Value> BatchNorm(const Call& call) {
  if (call.Bool("training")) {
    FailUnsupported("traced for training: call model.eval() before the file is made");
  }
  return {Fresh(NormalizeBatch(call.graph(), call.name(), call.Input("input"),
                               call.OptionalTensor("weight"), call.OptionalTensor("bias"),
                               call.Tensor("running_mean"), call.Tensor("running_var"),
                               call.Number("eps")))};
}

std::vector<Value> LayerNorm(const Call& call) {
  const auto count = static_cast<int64_t>(call.Ints("normalized_shape").size());
  return {Fresh(NormalizeLayer(call.graph(), call.name(), call.Input("input"), count,
                               call.OptionalTensor("weight"), call.OptionalTensor("bias"),
                               static_cast<float>(call.Number("eps"))))};
}

std::vector<Value> GroupNorm(const Call& call) {
  const View x = WithChannelsSecond(call.graph(), call.Input("input"));
  return {Fresh(NormalizeGroups(call.graph(), call.name(), x, call.Int("num_groups"),
                                call.OptionalTensor("weight"), call.OptionalTensor("bias"),
                                static_cast<float>(call.Number("eps"))))};
}

std::vector<Value> InstanceNorm(const Call& call) {
  if (!call.Bool("use_input_stats")) return BatchNorm(call);
  const View x = WithChannelsSecond(call.graph(), call.Input("input"));
  return {Fresh(NormalizeGroups(call.graph(), call.name(), x, call.graph().ShapeOf(x).units,
                                call.OptionalTensor("weight"), call.OptionalTensor("bias"),
                                static_cast<float>(call.Number("eps"))))};
}

}  // namespace

const std::map<std::string, Handler>& ReductionHandlers() {
  static const std::map<std::string, Handler> handlers = {{"addmm", Addmm},
                                                          {"amax", ReduceOf<Reduction::kMax>},
                                                          {"amin", ReduceOf<Reduction::kMin>},
                                                          {"batch_norm", BatchNorm},
                                                          {"group_norm", GroupNorm},
                                                          {"instance_norm", InstanceNorm},
                                                          {"layer_norm", LayerNorm},
                                                          {"linalg_vector_norm", Norm},
                                                          {"linear", Linear},
                                                          {"log_softmax", LogSoftmaxOf},
                                                          {"matmul", MatrixProduct},
                                                          {"max", MaxOf},
                                                          {"mean", ReduceOf<Reduction::kMean>},
                                                          {"min", MinOf},
                                                          {"mm", MatrixProduct},
                                                          {"norm", Norm},
                                                          {"softmax", SoftmaxOf},
                                                          {"sum", ReduceOf<Reduction::kSum>}};
  return handlers;
}

}  // namespace netdissect::torchscript
