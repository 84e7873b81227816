#include "nn/kinds/families.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_product.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {

int64_t PlainKind::MultiplyAdds(int64_t /*channels*/, int64_t /*positions*/) const { return 0; }

std::vector<ChannelRun> PlainKind::Divide(const std::vector<char>& wanted) const {
  return {HullOf(wanted)};
}

std::shared_ptr<const PackedWeights> PlainKind::Pack(const ChannelRun& /*run*/,
                                                     const RowKernels& /*kernels*/) const {
  return nullptr;
}

bool PlainKind::HasRows(const std::vector<Shape>& /*inputs*/) const { return true; }

std::optional<Window> PlainKind::SummedWindow() const { return {}; }

std::optional<float> PlainKind::Surroundings() const { return std::nullopt; }

at::Tensor PlainKind::EvaluateTiles(TileTask task) const {
  return Evaluate(std::move(task.inputs), task.shape());
}

Reach PositionwiseKind::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  return Reach::Position();
}

std::optional<float> PositionwiseKind::Surroundings() const { return 0.0f; }

void ChannelwiseKind::MarkChannels(const std::vector<char>& wanted,
                                   const std::vector<std::vector<char>*>& inputs) const {
  for (std::vector<char>* input : inputs) {
    for (size_t c = 0; c < wanted.size(); ++c) {
      if (wanted[c] != 0) (*input)[c] = 1;
    }
  }
}

Shape ElementwiseKind::OutputShape(const std::vector<Shape>& inputs) const {
  Shape out = FirstInput(inputs);
  for (const Shape& in : inputs) {
    out.units = std::max(out.units, in.units);
    out.height = std::max(out.height, in.height);
    out.width = std::max(out.width, in.width);
  }
  const auto fits = [](int size, int whole) { return size == whole || size == 1; };
  for (const Shape& in : inputs) {
    if (!fits(in.units, out.units) || !fits(in.height, out.height) || !fits(in.width, out.width)) {
      FailShapes("of one shape, or of size 1 where others are larger", inputs);
    }
  }
  return out;
}

Reach ElementwiseKind::GetReach(const Shape& input, const Shape& output) const {
  Reach reach;
  if (input.height != output.height) reach.y.step = 0;
  if (input.width != output.width) reach.x.step = 0;
  return reach;
}

std::optional<float> ElementwiseKind::Surroundings() const { return 0.0f; }

void ElementwiseKind::MarkChannels(const std::vector<char>& wanted,
                                   const std::vector<std::vector<char>*>& inputs) const {
  for (std::vector<char>* input : inputs) {
    for (size_t c = 0; c < wanted.size(); ++c) {
      if (wanted[c] != 0) (*input)[input->size() == 1 ? 0 : c] = 1;
    }
  }
}

Reach GlobalKind::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  return Reach::Everything();
}

void GlobalKind::MarkChannels(const std::vector<char>& /*wanted*/,
                              const std::vector<std::vector<char>*>& inputs) const {
  for (std::vector<char>* input : inputs) std::fill(input->begin(), input->end(), char{1});
}

bool GlobalKind::HasRows(const std::vector<Shape>& /*inputs*/) const { return false; }

void GlobalKind::ComputeRows(const RowTask& /*task*/) const {
  Fail("{}: expected a layer that has rows, found one that is computed whole", Name());
}

}  // namespace netdissect
