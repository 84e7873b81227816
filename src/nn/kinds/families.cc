#include "nn/kinds/families.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/rows/row_product.h"

namespace netdissect {

int64_t PlainKind::MultiplyAdds(int64_t /*channels*/, int64_t /*positions*/) const { return 0; }

std::vector<ChannelRun> PlainKind::Divide(const std::vector<char>& wanted) const {
  return {HullOf(wanted)};
}

std::shared_ptr<const PackedWeights> PlainKind::Pack(const ChannelRun& /*run*/,
                                                     const RowKernels& /*kernels*/) const {
  return nullptr;
}

Reach PositionwiseKind::GetReach() const { return Reach::Position(); }

void ChannelwiseKind::MarkChannels(const std::vector<char>& wanted,
                                   const std::vector<std::vector<char>*>& inputs) const {
  for (std::vector<char>* input : inputs) {
    for (size_t c = 0; c < wanted.size(); ++c) {
      if (wanted[c] != 0) (*input)[c] = 1;
    }
  }
}

Reach GlobalKind::GetReach() const { return Reach::Everything(); }

void GlobalKind::MarkChannels(const std::vector<char>& /*wanted*/,
                              const std::vector<std::vector<char>*>& inputs) const {
  for (std::vector<char>* input : inputs) std::fill(input->begin(), input->end(), char{1});
}

void GlobalKind::ComputeRows(const RowTask& /*task*/) const {
  Fail("{}: expected a layer that sees a part of its input, found one that sees everything",
       Name());
}

}  // namespace netdissect
