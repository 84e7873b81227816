// Theoretical receptive fields contain the support of the gradient, for the four real networks.

#include <gtest/gtest.h>

#include "netdissect/nn/model.h"
#include "nn/support_of_gradient.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

class RealFields : public RealData<testing::TestWithParam<std::string>> {};

TEST_P(RealFields, ContainTheSupportOfTheGradient) {
  const Model model = LoadModel(folder_ / "networks" / (GetParam() + ".json"));
  ExpectFieldsContainGradients(model.network, 1, 2);
}

INSTANTIATE_TEST_SUITE_P(Networks, RealFields,
                         testing::Values("alexnet_imagenet_conv", "alexnet_places100",
                                         "squeezenet11_imagenet", "squeezenet11_places365"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace netdissect
