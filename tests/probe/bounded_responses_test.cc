#include "probe/bounded_responses.h"

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

namespace netdissect {
namespace {

// Says of each unit its number, and remembers how many were asked for together.
class CountingEngine : public OcclusionEngine {
 public:
  std::vector<OcclusionResponse> Respond(const at::Tensor&,
                                         const std::vector<UnitPosition>& units) override {
    together.push_back(units.size());
    std::vector<OcclusionResponse> responses;
    for (const UnitPosition& unit : units) {
      responses.push_back({static_cast<float>(unit.unit), at::Tensor()});
    }
    return responses;
  }

  std::vector<size_t> together;
};

TEST(BoundedResponses, AsManyTogetherAsFitAndEachOnceInItsOrder) {
  InputFormat format;
  format.height = format.width = 20;
  OcclusionOptions options;
  options.patch = 10;
  options.stride = 5;
  const OccluderSet occluders(format, options);
  const int64_t grid = int64_t{occluders.rows()} * occluders.columns() * int64_t{sizeof(float)};
  const std::vector<UnitPosition> units = {{0, 4}, {0, 2}, {0, 9}, {1, 0}, {1, 7}, {2, 1}, {2, 3}};
  const std::vector<float> expected = {4, 2, 9, 0, 7, 1, 3};
  const std::pair<int64_t, std::vector<size_t>> parts[] = {
      {0, {1, 1, 1, 1, 1, 1, 1}},   {3 * grid, {3, 3, 1}},
      {3 * grid - 1, {2, 2, 2, 1}}, {7 * grid, {7}},
      {int64_t{1} << 60, {7}},
  };
  for (const auto& [memory, sizes] : parts) {
    CountingEngine engine;
    std::vector<float> found;
    RespondWithin(memory, engine, occluders, at::Tensor(), units,
                  [&](size_t index, const OcclusionResponse& response) {
                    EXPECT_EQ(index, found.size());
                    found.push_back(response.original);
                  });
    EXPECT_EQ(found, expected);
    EXPECT_EQ(engine.together, sizes) << memory;
  }
}

}  // namespace
}  // namespace netdissect
