// Products with matrices, reductions and normalisations of ONNX.

#include "nn/import/reductions.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "nn/import/elementwise.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/onnx/graph.h"

namespace netdissect {
namespace {

at::Tensor Matrix(const OnnxGraph& graph, const OnnxNode& node, int index) {
  const at::Tensor weight = graph.FloatConstant(node, index);
  if (weight.dim() != 2) {
    FailUnsupported("weight \"{}\": expected 2 dimensions, found {}", node.Input(index),
                    weight.dim());
  }
  return weight;
}

void ImportGemm(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  if (x.axes.size() != 2) {
    Fail("expected a first input of (N, C), found {}", ToString(SizesOf(x.axes)));
  }
  if (node.Int("transA", 0) != 0) FailUnsupported("attribute transA: only 0 is supported");
  at::Tensor weight = Matrix(graph, node, 1);
  if (node.Int("transB", 0) == 0) weight = weight.t();
  weight = weight * node.Float("alpha", 1);
  node.Int("broadcast", 1);  // of the first version; what does not fit is an error below
  const float beta = node.Float("beta", 1);
  at::Tensor bias = graph.OptionalConstant(node, 2);
  if (bias.defined()) {
    const bool row = bias.dim() <= 1 || (bias.dim() == 2 && bias.size(0) == 1);
    if (!row || (bias.numel() != 1 && bias.numel() != weight.size(0))) {
      Fail("input \"{}\": expected a row of {} numbers, found {}", node.Input(2), weight.size(0),
           fmt::join(bias.sizes().vec(), " x "));
    }
    bias = (bias * beta).reshape({-1}).expand({weight.size(0)}).contiguous();
  }
  graph.Set(node, Multiply(graph.builder(), node.Output(), x, weight, bias));
}

void ImportMatMul(OnnxGraph& graph, const OnnxNode& node) {
  if (!graph.IsView(node, 0)) FailUnsupported("a constant times what is computed");
  if (graph.IsView(node, 1)) FailUnsupported("a product of two matrices that are computed");
  graph.Set(node, Multiply(graph.builder(), node.Output(), graph.Input(node, 0),
                           Matrix(graph, node, 1).t(), {}));
}

Reduction ReductionOf(const std::string& op) {
  if (op == "ReduceMax") return Reduction::kMax;
  if (op == "ReduceMin") return Reduction::kMin;
  if (op == "ReduceSum") return Reduction::kSum;
  if (op == "ReduceL2") return Reduction::kNorm2;
  return Reduction::kMean;
}

void ImportReduce(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  std::vector<int64_t> axes = graph.Numbers(node, 1, "axes", {});
  const bool keep = node.Int("keepdims", 1) != 0;
  const bool nothing = node.Int("noop_with_empty_axes", 0) != 0;
  if (axes.empty() && nothing) return graph.Set(node, graph.builder().Alias(node.Output(), x));
  if (axes.empty()) {
    for (size_t i = 0; i < x.axes.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  graph.Set(node, Reduce(graph.builder(), node.Output(), ReductionOf(node.op()), x, axes, keep));
}

void ImportSoftmax(OnnxGraph& graph, const OnnxNode& node) {
  View x = graph.Input(node, 0);
  const int64_t axis = node.Int("axis", graph.opset() < 13 ? 1 : -1);
  const bool log = node.op() == "LogSoftmax";
  if (graph.opset() < 13) {
    // Until version 13 all axes from this one on are one.
    const size_t first = AxisAt(axis, x.axes.size());
    for (size_t i = first + 1; i < x.axes.size(); ++i) {
      if (!x.axes[i].empty()) {
        FailUnsupported("attribute axis: a softmax over several axes of {} is not supported",
                        ToString(SizesOf(x.axes)));
      }
    }
  }
  graph.Set(node, SoftmaxAlong(graph.builder(), node.Output(), x, axis, log));
}

void ImportBatchNormalization(OnnxGraph& graph, const OnnxNode& node) {
  if (node.Int("training_mode", 0) != 0) {
    FailUnsupported("attribute training_mode: only 0 is supported");
  }
  if (node.Int("spatial", 1) != 1) FailUnsupported("attribute spatial: only 1 is supported");
  node.Int("is_test", 1);     // of the first versions
  node.Float("momentum", 0);  // of training
  node.Ints("consumed_inputs", {});
  const View& x = graph.Input(node, 0);
  at::Tensor numbers[4];  // scale, shift, mean, variance
  for (int i = 0; i < 4; ++i) {
    numbers[i] = graph.FloatConstant(node, i + 1);
    const int64_t units = graph.builder().ShapeOf(x).units;
    if (numbers[i].sizes().vec() != std::vector<int64_t>{units}) {
      Fail("input \"{}\": expected {} numbers, found {}", node.Input(i + 1), units,
           fmt::join(numbers[i].sizes().vec(), " x "));
    }
  }
  graph.Set(node,
            NormalizeBatch(graph.builder(), node.Output(), x, numbers[0], numbers[1], numbers[2],
                           numbers[3], static_cast<double>(node.Float("epsilon", 1e-5f))));
}

void ImportLayerNormalization(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  const size_t axis = AxisAt(node.Int("axis", -1), x.axes.size());
  node.Int("stash_type", 1);  // float32 is what everything is computed in
  graph.Set(node, NormalizeLayer(graph.builder(), node.Output(), x,
                                 static_cast<int64_t>(x.axes.size() - axis),
                                 graph.OptionalConstant(node, 1), graph.OptionalConstant(node, 2),
                                 node.Float("epsilon", 1e-5f)));
}

// Each channel by itself; each group of channels where the second axis is a part of them, as
// PyTorch writes its group normalisation.
void ImportInstanceNormalization(OnnxGraph& graph, const OnnxNode& node) {
  GraphBuilder& builder = graph.builder();
  const View x = builder.Unpadded(graph.Input(node, 0));
  node.Ints("consumed_inputs", {});
  const float epsilon = node.Float("epsilon", 1e-5f);
  const at::Tensor scale = graph.FloatConstant(node, 1), shift = graph.FloatConstant(node, 2);
  const Shape& shape = builder.ShapeOf(x);
  if (x.axes.size() < 2 || !IsBatch(x.axes[0]) || !IsOnly(x.axes[1], Origin::kC)) {
    FailUnsupported("expected (N, C, ...), found {}", ToString(SizesOf(x.axes)));
  }
  const int64_t groups = SizeOf(x.axes[1]);
  // The slowest part: what counts faster is behind it.
  const bool slowest = x.axes[1].empty() || (x.axes[1].size() == 1 &&
                                             x.axes[1][0].size * x.axes[1][0].inner == shape.units);
  if (!slowest) {
    FailUnsupported("groups of channels that are not beside each other");
  }
  for (const at::Tensor& numbers : {scale, shift}) {
    if (numbers.sizes().vec() != std::vector<int64_t>{groups}) {
      Fail("expected {} numbers as scale and shift, found {}", groups,
           ToString(numbers.sizes().vec()));
    }
  }
  const at::Tensor each_scale = scale.repeat_interleave(shape.units / groups),
                   each_shift = shift.repeat_interleave(shape.units / groups);
  graph.Set(node,
            NormalizeGroups(builder, node.Output(), x, groups, each_scale, each_shift, epsilon));
}

void ImportGroupNormalization(OnnxGraph& graph, const OnnxNode& node) {
  const View x = WithChannelsSecond(graph.builder(), graph.Input(node, 0));
  const int64_t groups = node.Int("num_groups", 0);
  const int64_t units = graph.builder().ShapeOf(x).units;
  if (groups < 1 || units % groups != 0) {
    Fail("attribute num_groups: expected a divisor of {} channels, found {}", units, groups);
  }
  at::Tensor scale = graph.FloatConstant(node, 1), shift = graph.FloatConstant(node, 2);
  if (graph.opset() < 21) {  // one number for each group
    scale = scale.repeat_interleave(units / groups);
    shift = shift.repeat_interleave(units / groups);
  }
  node.Int("stash_type", 1);
  graph.Set(node, NormalizeGroups(graph.builder(), node.Output(), x, groups, scale, shift,
                                  node.Float("epsilon", 1e-5f)));
}

// x / max(|x|, nothing) along an axis.
void ImportLpNormalization(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  if (node.Int("p", 2) != 2) FailUnsupported("attribute p: only 2 is supported");
  const int64_t axis = node.Int("axis", -1);
  GraphBuilder& builder = graph.builder();
  const View norm = Reduce(builder, node.Output() + "/norm", Reduction::kNorm2, x, {axis}, true);
  graph.Set(node, Combine(builder, node.Output(), Arithmetic::kDivide, x, norm));
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxReductionHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"BatchNormalization", ImportBatchNormalization},
      {"Gemm", ImportGemm},
      {"GroupNormalization", ImportGroupNormalization},
      {"InstanceNormalization", ImportInstanceNormalization},
      {"LayerNormalization", ImportLayerNormalization},
      {"LogSoftmax", ImportSoftmax},
      {"LpNormalization", ImportLpNormalization},
      {"MatMul", ImportMatMul},
      {"ReduceL2", ImportReduce},
      {"ReduceMax", ImportReduce},
      {"ReduceMean", ImportReduce},
      {"ReduceMin", ImportReduce},
      {"ReduceSum", ImportReduce},
      {"Softmax", ImportSoftmax}};
  return handlers;
}

}  // namespace netdissect
