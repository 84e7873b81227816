#include "nn/rows/row_executor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "base/parallel.h"
#include "nn/kinds/kind.h"
#include "nn/rows/row_forward.h"
#include "nn/rows/weight_store.h"

namespace netdissect {

RowExecutor::RowExecutor(const Network& network, const RowKernels& kernels)
    : network_(network), kernels_(kernels) {}

PackedPlan RowExecutor::Pack(const RowPlan& plan) {
  PackedPlan packed{plan, {}, 0};
  for (const RowStep& step : plan.steps) {
    const AnyKind& kind = network_.layer(step.layer).kind;
    std::vector<PackedRun> runs;
    for (const ChannelRun& run : step.runs) {
      runs.push_back({run, run.common ? network_.packed().Get(kind, run, kernels_)
                                      : kind->Pack(run, kernels_)});
      const PackedWeights* weights = runs.back().weights.get();
      if (weights != nullptr && !run.common) packed.bytes += weights->bytes();
    }
    packed.runs.push_back(std::move(runs));
  }
  return packed;
}

int64_t RowExecutor::bytes() const { return network_.packed().bytes(); }

RowSource RowExecutor::SourceOf(int layer, const BaseMaps& base,
                                const std::vector<Windows>* windows) const {
  const Shape& shape = network_.layer(layer).shape;
  return {base[At(layer)].data(),
          windows == nullptr ? nullptr : &(*windows)[At(layer)],
          shape.height,
          shape.width,
          shape.units,
          0};
}

std::vector<RowSource> RowExecutor::SourcesOf(const RowStep& step, const BaseMaps& base,
                                              const std::vector<Windows>* windows) const {
  std::vector<RowSource> sources;
  for (int input : network_.layer(step.layer).inputs) {
    sources.push_back(SourceOf(input, base, windows));
  }
  return sources;
}

void RowExecutor::Compute(const PackedPlan& packed, size_t number,
                          const std::vector<RowSource>& sources, const std::vector<Span>& spans,
                          const float* unchanged, float* out, Scratch& scratch) const {
  const RowStep& step = packed.plan.steps[number];
  const Layer& layer = network_.layer(step.layer);
  RowTask task = TaskOf(packed, number, sources, spans, out, scratch);
  task.rectification = step.rectification;
  task.unchanged = unchanged;
  layer.kind->ComputeRows(task);
}

RowTask RowExecutor::TaskOf(const PackedPlan& packed, size_t number,
                            const std::vector<RowSource>& sources, const std::vector<Span>& spans,
                            float* out, Scratch& scratch) const {
  const int layer = packed.plan.steps[number].layer;
  const Shape& shape = network_.layer(layer).shape;
  return {
      kernels_, shape, sources,     spans,  packed.runs[number], packed.plan.channels[At(layer)],
      {},       out,   shape.units, scratch};
}

const float* RowExecutor::UnchangedOf(const RowStep& step, const BaseMaps& base) const {
  const bool adds = network_.layer(step.layer).kind->SummedWindow().has_value();
  return adds ? base[At(step.layer)].data() : nullptr;
}

bool RowExecutor::IsKeptBefore(const RowStep& step) const {
  return step.output != step.layer && network_.layer(step.layer).kind->SummedWindow().has_value();
}

BaseMaps RowExecutor::ComputeWhole(const PackedPlan& packed, const at::Tensor& image,
                                   std::vector<Scratch>& scratch) const {
  BaseMaps maps(At(network_.size()));
  const at::Tensor rows = image.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
  const float* pixels = rows.data_ptr<float>();
  maps[0].assign(pixels, pixels + rows.numel());
  const auto threads = static_cast<int>(scratch.size());
  for (size_t s = 0; s < packed.plan.steps.size(); ++s) {
    const RowStep& step = packed.plan.steps[s];
    const Shape& shape = network_.layer(step.output).shape;
    const auto make = [&](int layer) -> std::vector<float>& {
      maps[At(layer)].resize(At(shape.units) * At(shape.height) * At(shape.width));
      return maps[At(layer)];
    };
    std::vector<float>& out = make(step.output);
    float* before = IsKeptBefore(step) ? make(step.layer).data() : nullptr;
    const std::vector<RowSource> sources = SourcesOf(step, maps, nullptr);
    const int bands = std::min(shape.height, threads);
    ParallelFor(0, bands, 1, [&](int64_t from, int64_t to) {
      for (auto band = static_cast<int>(from); band < static_cast<int>(to); ++band) {
        const int begin = shape.height * band / bands, end = shape.height * (band + 1) / bands;
        const Rect rect = {{begin, end - 1}, {0, shape.width - 1}};
        const int64_t first = int64_t{begin} * shape.width * shape.units;
        if (before == nullptr) {
          Compute(packed, s, sources, {{0, rect}}, nullptr, out.data() + first, scratch[At(band)]);
          continue;
        }
        const std::vector<Span> spans = {{0, rect}};
        network_.layer(step.layer)
            .kind->ComputeRows(
                TaskOf(packed, s, sources, spans, before + first, scratch[At(band)]));
        for (int64_t row = first; row < first + int64_t{rect.area()} * shape.units;
             row += shape.units) {
          kernels_.rectify(before + row, step.rectification, shape.units, out.data() + row);
        }
      }
    });
  }
  return maps;
}

void RowExecutor::EvaluateUpper(const RowPlan& plan, const std::vector<int>& wanted,
                                std::map<int, at::Tensor>& values) const {
  std::map<int, at::Tensor> found;
  std::vector<int> above;
  for (int layer : wanted) {
    if (std::find(plan.upper.begin(), plan.upper.end(), layer) != plan.upper.end()) {
      if (found.emplace(layer, at::Tensor()).second) above.push_back(layer);
    } else if (values.count(layer) != 0) {
      found[layer] = values.at(layer);
    }
  }
  if (!above.empty()) {
    ForwardByRows(
        network_, values, above,
        [&](size_t which, const at::Tensor& output) { found[above[which]] = output; }, kernels_);
  }
  values = std::move(found);
}

}  // namespace netdissect
