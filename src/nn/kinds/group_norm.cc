#include "nn/kinds/group_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/group_norm.h>

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"
#include "nn/kinds/group_runs.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string GroupNorm::Name() const { return "group normalisation"; }

void GroupNorm::Visit(ParameterVisitor& visitor) {
  visitor.Visit("groups", " ", &groups);
  visitor.Visit("epsilon", " ", &epsilon);
  visitor.VisitWeight("scale", scale);
  visitor.VisitWeight("shift", shift);
}

Shape GroupNorm::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("groups", groups);
  if (in.units % groups != 0) {
    Fail("expected groups that divide {} units, found {}", in.units, groups);
  }
  RequireNormalisation(epsilon, scale, shift, in.units);
  return in;
}

Reach GroupNorm::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  Reach reach = Reach::Everything();
  reach.y.step = reach.x.step = 1;
  return reach;
}

void GroupNorm::MarkChannels(const std::vector<char>& wanted,
                             const std::vector<std::vector<char>*>& inputs) const {
  MarkGroups(groups, wanted, *inputs.front());
}

at::Tensor GroupNorm::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  // Of channels-last memory, sums are less exact on a CPU.
  return at::group_norm(inputs.front().contiguous(), groups, scale, shift, epsilon);
}

bool GroupNorm::HasRows(const std::vector<Shape>& /*inputs*/) const { return true; }

void GroupNorm::ComputeRows(const RowTask& task) const {
  const RowSource& source = task.sources.front();
  const int channels = source.channels, each = channels / groups;
  const double count = static_cast<double>(each) * source.height * source.width;
  std::vector<double> sums(At(channels)), mean(At(groups)), factor(At(groups));
  // `term(value, channel)` of all positions, summed for each group.
  const auto total = [&](int item, const auto& term, std::vector<double>& totals) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int y = 0; y < source.height; ++y) {
      for (int x = 0; x < source.width; ++x) {
        const float* row = source.Row(item, y, x);
        for (int c = 0; c < channels; ++c) sums[At(c)] += term(row[c], c);
      }
    }
    std::fill(totals.begin(), totals.end(), 0.0);
    for (int c = 0; c < channels; ++c) totals[At(c / each)] += sums[At(c)];
  };
  std::vector<double> means(At(channels));
  std::vector<float> scales(At(channels)), shifts(At(channels));
  int prepared = -1;
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    if (item != prepared) {
      total(
          item, [](float value, int) { return static_cast<double>(value); }, mean);
      for (int c = 0; c < channels; ++c) means[At(c)] = mean[At(c / each)] / count;
      total(
          item,
          [&](float value, int c) {
            const double away = value - means[At(c)];
            return away * away;
          },
          factor);
      for (int c = 0; c < channels; ++c) {
        const double own = scale.defined() ? scale.data_ptr<float>()[c] : 1;
        const double by = own / std::sqrt(factor[At(c / each)] / count + epsilon);
        scales[At(c)] = static_cast<float>(by);
        shifts[At(c)] = static_cast<float>((shift.defined() ? shift.data_ptr<float>()[c] : 0) -
                                           means[At(c)] * by);
      }
      prepared = item;
    }
    task.kernels.affine(source.Row(item, y, x) + task.hull.first, scales.data() + task.hull.first,
                        shifts.data() + task.hull.first, task.hull.count, out);
    out += task.pitch;
  });
}

Recording GroupNorm::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
