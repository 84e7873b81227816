#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Over all positions, or all along one axis.
class GlobalPoolingKind : public PlainKind {
 public:
  bool over_y = true, over_x = true;

  GlobalPoolingKind() = default;
  GlobalPoolingKind(bool y, bool x) : over_y(y), over_x(x) {}

  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  Recording RecordedAs() const override;

 protected:
  /// `what` and the axis, where it is one.
  std::string NameOf(const char* what) const;
  /// Axes of a tensor.
  std::vector<int64_t> Axes() const;
  /// `pool(rows, out)` for each line of positions that is pooled, then for what it made of these.
  template <typename Pool>
  void PoolRows(const RowTask& task, const Pool& pool) const;
};

/// Mean.
struct GlobalAveragePooling : GlobalPoolingKind {
  using GlobalPoolingKind::GlobalPoolingKind;
  std::string Name() const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
};

/// Maximum.
struct GlobalMaxPooling : GlobalPoolingKind {
  using GlobalPoolingKind::GlobalPoolingKind;
  std::string Name() const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
};

}  // namespace netdissect
