#include "nn/kinds/inner_product.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/linear.h>

#include "base/clock.h"
#include "nn/kinds/channel_parts.h"
#include "nn/kinds/group_runs.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/dense_product.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {

std::string InnerProduct::Name() const { return "inner product"; }

void InnerProduct::Visit(ParameterVisitor& visitor) {
  visitor.Visit("units", nullptr, &units);
  visitor.VisitWeight("weight", weight);
  visitor.VisitWeight("bias", bias);
}

Shape InnerProduct::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("units", units);
  RequireWeight("weight", weight, {units, int64_t{in.units} * in.height * in.width});
  if (bias.defined()) RequireWeight("bias", bias, {units});
  return {units, 1, 1};
}

int64_t InnerProduct::MultiplyAdds(int64_t channels, int64_t positions) const {
  return channels * positions * weight.size(1);
}

at::Tensor InnerProduct::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor x = inputs.front().flatten(1);
  return (TakesDenseProduct(x, weight) ? DenseProduct(x, weight, bias)
                                       : at::linear(x, weight, bias))
      .view({x.size(0), units, 1, 1});
}

bool InnerProduct::HasRows(const std::vector<Shape>& inputs) const {
  return inputs.front().height == 1 && inputs.front().width == 1;
}

std::vector<ChannelRun> InnerProduct::Divide(const std::vector<char>& wanted) const {
  return DivideGroups(1, wanted);
}

std::shared_ptr<const PackedWeights> InnerProduct::Pack(const ChannelRun& run,
                                                        const RowKernels& kernels) const {
  const at::Tensor w = weight.to(at::kCPU), b = bias.defined() ? bias.to(at::kCPU) : at::Tensor();
  const float* values = w.data_ptr<float>();
  const float* biases = b.defined() ? b.data_ptr<float>() : nullptr;
  const int64_t depth = w.size(1);
  return std::make_shared<const PackedWeights>(PackWeights(
      kernels, run.count, static_cast<int>(depth),
      [&](int column, int k) { return values[(run.first + column) * depth + k]; },
      [&](int column) { return biases == nullptr ? 0.0f : biases[run.first + column]; }));
}

void InnerProduct::ComputeRows(const RowTask& task) const {
  std::vector<const float*>& rows = task.scratch.pointers;
  rows.clear();
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    rows.push_back(task.sources.front().Row(item, y, x));
  });
  RowProduct product;
  product.rows = rows.data();
  product.count = static_cast<int64_t>(rows.size());
  product.runs = 1;
  product.length = task.sources.front().channels;
  product.stride = task.pitch;
  product.rectification = task.rectification;
  const auto start = Clock::now();
  for (const PackedRun& run : task.runs) {
    product.out = task.out + run.channels.first;
    Multiply(task.kernels, product, *run.weights);
    task.scratch.macs += product.count * run.weights->depth * run.weights->columns;
  }
  task.scratch.product_seconds += SecondsSince(start);
}

at::Tensor InnerProduct::EvaluateTiles(TileTask task) const {
  if (AreAll(task.runs, units)) return Evaluate(std::move(task.inputs), task.output);
  const at::Tensor x = task.inputs.front().flatten(1);
  return JoinRuns(task.runs, units, [&](const ChannelRun& run) {
    const at::Tensor biases = bias.defined() ? bias.narrow(0, run.first, run.count) : bias;
    return at::linear(x, weight.narrow(0, run.first, run.count), biases)
        .view({x.size(0), run.count, 1, 1});
  });
}

Recording InnerProduct::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
