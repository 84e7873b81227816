// Incremental occlusion against full passes: real networks, real images, whole maps.

#include "netdissect/probe/incremental.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"
#include "netdissect/nn/model.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

struct LayersCase {
  std::string network;
  std::string images;
  std::vector<std::string> layers;  // low, middle and top
};

void PrintTo(const LayersCase& each, std::ostream* out) { *out << each.network; }

class RealOcclusion : public RealData<testing::TestWithParam<LayersCase>> {};

// The unit that fires most in the middle of the map, in a corner and on a border of it.
std::vector<UnitPosition> Units(const Network& network, int layer, const at::Tensor& image) {
  const at::Tensor maps = network.Forward(image.unsqueeze(0), {layer})[0][0];
  const auto height = static_cast<int>(maps.size(1)), width = static_cast<int>(maps.size(2));
  std::vector<UnitPosition> units;
  const std::vector<std::pair<int, int>> places = {
      {height / 2, width / 2}, {0, 0}, {height - 1, width / 3}};
  for (const auto& [y, x] : places) {
    const at::Tensor column = maps.select(1, y).select(1, x);
    units.push_back({layer, static_cast<int>(column.argmax().item<int64_t>()), y, x});
  }
  return units;
}

TEST_P(RealOcclusion, EqualsFullPassesOverWholeMaps) {
  const LayersCase& each = GetParam();
  const Model model = LoadModel(folder_ / "networks" / (each.network + ".json"));
  const Dataset set = LoadDataset(folder_ / "datasets" / (each.images + ".json"));
  // Every sixth position along each axis: the reference takes a full pass for each occluder.
  OcclusionOptions occlusion;
  occlusion.stride = 18;
  const OccluderSet occluders(model.input, occlusion);
  const auto reference = MakeReferenceEngine(model.network, occluders);
  const auto incremental = MakeIncrementalEngine(model.network, occluders);
  double largest = 0;
  int changed = 0, compared = 0;
  for (size_t image = 3; image < set.images.size() && image < 1000; image += 400) {
    const at::Tensor input = Preprocess(DecodeImage(set.images[image].path), model.input);
    std::vector<UnitPosition> units;
    for (const std::string& layer : each.layers) {
      for (const UnitPosition& unit : Units(model.network, model.network.Find(layer), input)) {
        units.push_back(unit);
      }
    }
    const auto expected = reference->Respond(input, units);
    const auto found = incremental->Respond(input, units);
    for (size_t i = 0; i < units.size(); ++i) {
      const double activation = std::abs(static_cast<double>(expected[i].original));
      const double difference =
          (expected[i].change - found[i].change).abs().max().item<double>() / activation;
      largest = std::max(largest, difference);
      EXPECT_LE(difference, 1e-5) << each.network << ", unit " << i << " of image " << image;
      changed += expected[i].change.abs().max().item<double>() > 0 ? 1 : 0;
      ++compared;
    }
  }
  // The sparse grid misses some units at the border; to compare zeros alone would prove nothing.
  EXPECT_GE(changed, compared * 3 / 4);
  std::printf("%s: largest difference %.2g of the activation\n", each.network.c_str(), largest);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, RealOcclusion,
    testing::Values(
        LayersCase{"alexnet_imagenet_conv", "imagenet", {"pool1", "pool2", "conv4", "pool5"}},
        LayersCase{"alexnet_places100", "places", {"pool1", "pool2", "conv4", "pool5", "fc8"}},
        LayersCase{
            "squeezenet11_imagenet", "imagenet", {"pool1", "fire5/concat", "fire9/concat", "prob"}},
        LayersCase{"squeezenet11_places365", "places", {"pool1", "fire5/concat", "fire9/concat"}}),
    [](const auto& each) { return each.param.network; });

}  // namespace
}  // namespace netdissect
