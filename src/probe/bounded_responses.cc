#include "probe/bounded_responses.h"

#include <algorithm>

namespace netdissect {

void RespondWithin(int64_t memory, OcclusionEngine& engine, const OccluderSet& occluders,
                   const at::Tensor& image, const std::vector<UnitPosition>& units,
                   const ResponseSink& sink) {
  const int64_t grid = int64_t{occluders.rows()} * occluders.columns() * int64_t{sizeof(float)};
  const auto together = static_cast<size_t>(std::max<int64_t>(1, memory / grid));
  for (size_t begin = 0; begin < units.size(); begin += together) {
    const size_t count = std::min(together, units.size() - begin);
    const auto first = units.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<OcclusionResponse> responses =
        engine.Respond(image, {first, first + static_cast<std::ptrdiff_t>(count)});
    for (size_t i = 0; i < count; ++i) sink(begin + i, responses[i]);
  }
}

}  // namespace netdissect
