// Theoretical receptive fields contain the support of the gradient, for the four real networks.

#include <gtest/gtest.h>

#include <cstdlib>

#include "netdissect/nn/model.h"
#include "nn/support_of_gradient.h"

namespace netdissect {
namespace {

class RealFields : public testing::TestWithParam<std::string> {};

TEST_P(RealFields, ContainTheSupportOfTheGradient) {
  const char* real = std::getenv("NETDISSECT_REAL_DATA");
  if (real == nullptr) GTEST_SKIP() << "NETDISSECT_REAL_DATA is not set";
  const Model model = LoadModel(Path(real) / "networks" / (GetParam() + ".json"));
  ExpectFieldsContainGradients(model.network, 1, 2);
}

INSTANTIATE_TEST_SUITE_P(Networks, RealFields,
                         testing::Values("alexnet_imagenet_conv", "alexnet_places100",
                                         "squeezenet11_imagenet", "squeezenet11_places365"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace netdissect
