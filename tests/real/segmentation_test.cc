// Feature maps of the original Places-AlexNet put on their pictures through the geometry of the
// built-in network: the unit's masks lie on what all five pictures have, faces.

#include "netdissect/probe/segmentation.h"

#include <gtest/gtest.h>

#include <vector>

#include "netdissect/data/decode.h"
#include "nn/alexnet.h"
#include "probe/map_file.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

class RealSegmentation : public RealData<> {};

TEST_F(RealSegmentation, MasksLieOnTheFaces) {
  const Path folder = folder_ / "places_alexnet_unit49";
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  const LayerGeometry geometry = GeometryOf(network, network.Find("conv5"));
  // Around each face, by eye.
  const std::vector<std::vector<cv::Rect>> faces = {
      {{40, 40, 65, 110}, {160, 30, 70, 120}},
      {{155, 20, 85, 125}},
      {{50, 28, 75, 67}},
      {{95, 85, 70, 107}},
      {{100, 45, 70, 100}, {25, 35, 75, 110}, {175, 85, 60, 90}}};
  for (size_t i = 0; i < faces.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const cv::Mat picture = DecodeImage(folder / ("image" + number + ".jpg"));
    const at::Tensor map = ReadMapFile(folder / ("feature" + number + ".csv"), geometry.shape, -1);
    const cv::Mat mask = MaskByUpsampling(geometry, map, 0.4 * map.max().item<float>(),
                                          SquashedView({227, 227}, picture.size()));
    cv::Mat outside = mask.clone();
    for (const cv::Rect& face : faces[i]) {
      EXPECT_GT(cv::countNonZero(mask(face)), face.area() / 20) << "picture " << number;
      outside(face) = 0;
    }
    EXPECT_LT(cv::countNonZero(outside), cv::countNonZero(mask) / 20) << "picture " << number;
  }
}

}  // namespace
}  // namespace netdissect
