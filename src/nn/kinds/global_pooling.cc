#include "nn/kinds/global_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/amax.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

void GlobalPoolingKind::Visit(ParameterVisitor& /*visitor*/) {}

Shape GlobalPoolingKind::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  if (!over_y && !over_x) Fail("expected an axis to pool along, found none");
  return {in.units, over_y ? 1 : in.height, over_x ? 1 : in.width};
}

Reach GlobalPoolingKind::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  const Reach everything = Reach::Everything();
  return {over_y ? everything.y : AxisReach(), over_x ? everything.x : AxisReach()};
}

void GlobalPoolingKind::MarkChannels(const std::vector<char>& wanted,
                                     const std::vector<std::vector<char>*>& inputs) const {
  std::vector<char>& input = *inputs.front();
  for (size_t c = 0; c < wanted.size(); ++c) {
    if (wanted[c] != 0) input[c] = 1;
  }
}

Recording GlobalPoolingKind::RecordedAs() const { return Recording::kAlways; }

std::string GlobalPoolingKind::NameOf(const char* what) const {
  const std::string name = std::string("global ") + what + " pooling";
  return over_y && over_x ? name : name + (over_y ? " along y" : " along x");
}

std::vector<int64_t> GlobalPoolingKind::Axes() const {
  std::vector<int64_t> axes;
  if (over_y) axes.push_back(2);
  if (over_x) axes.push_back(3);
  return axes;
}

// A sum of sums: as exact as one of few terms.
template <typename Pool>
void GlobalPoolingKind::PoolRows(const RowTask& task, const Pool& pool) const {
  const RowSource& source = task.sources.front();
  const auto count = static_cast<size_t>(task.hull.count);
  float* out = task.out + task.hull.first;
  std::vector<const float*> line, lines;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    const Range rows = over_y ? Range{0, source.height - 1} : Range{y, y};
    const Range columns = over_x ? Range{0, source.width - 1} : Range{x, x};
    task.scratch.row.resize(At(rows.size()) * count);
    lines.clear();
    for (int iy = rows.start; iy <= rows.end; ++iy) {
      line.clear();
      for (int ix = columns.start; ix <= columns.end; ++ix) {
        line.push_back(source.Row(item, iy, ix) + task.hull.first);
      }
      float* pooled = task.scratch.row.data() + lines.size() * count;
      pool(line, pooled);
      lines.push_back(pooled);
    }
    pool(lines, out);
    out += task.pitch;
  });
}

std::string GlobalAveragePooling::Name() const { return NameOf("average"); }

at::Tensor GlobalAveragePooling::Evaluate(std::vector<at::Tensor> inputs,
                                          const Shape& /*output*/) const {
  return inputs.front().mean(Axes(), true);
}

void GlobalAveragePooling::ComputeRows(const RowTask& task) const {
  PoolRows(task, [&](const std::vector<const float*>& rows, float* out) {
    const auto count = static_cast<int>(rows.size());
    task.kernels.sum(rows.data(), nullptr, count, 1.0f / static_cast<float>(count), task.hull.count,
                     out);
  });
}

std::string GlobalMaxPooling::Name() const { return NameOf("max"); }

at::Tensor GlobalMaxPooling::Evaluate(std::vector<at::Tensor> inputs,
                                      const Shape& /*output*/) const {
  return at::amax(inputs.front(), Axes(), true);
}

void GlobalMaxPooling::ComputeRows(const RowTask& task) const {
  PoolRows(task, [&](const std::vector<const float*>& rows, float* out) {
    task.kernels.maximum(rows.data(), static_cast<int>(rows.size()), task.hull.count, out);
  });
}

}  // namespace netdissect
