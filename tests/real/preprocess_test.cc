// Photographs as torchvision 0.14 resizes and crops them (Resize(256), CenterCrop(224), by PIL).

#include "netdissect/data/preprocess.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "netdissect/data/decode.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

class RealPreprocess : public RealData<> {};

// Number k: channel k % 3 of R, G, B at row 37 k + 11, column 91 k + 5, modulo 224.
TEST_F(RealPreprocess, PhotographsAreTorchvisionsPixels) {
  const struct {
    const char* picture;
    Interpolation interpolation;
    std::vector<int> values;
  } cases[] = {
      {"scenes_hd/images/art_gallery/sun_aapkwuiejgvqlmlu.jpg",
       Interpolation::kBilinear,
       {188, 111, 145, 186, 160, 152, 169, 185, 182, 39,
        156, 163, 156, 185, 121, 161, 64,  146, 169, 175}},
      {"scenes_hd/images/art_gallery/sun_aapkwuiejgvqlmlu.jpg",
       Interpolation::kBicubic,
       {188, 110, 147, 185, 160, 152, 169, 188, 182, 38,
        156, 163, 156, 185, 120, 163, 61,  146, 169, 175}},
      {"ade20k/images/ADE_val_00000001.jpg",
       Interpolation::kBilinear,
       {96, 158, 142, 69, 53, 129, 93, 151, 65, 141, 122, 28, 90, 158, 131, 129, 155, 25, 91, 101}},
      {"ade20k/images/ADE_val_00000001.jpg",
       Interpolation::kBicubic,
       {96,  158, 141, 69,  53,  130, 93,  151, 63, 138,
        119, 23,  90,  160, 131, 128, 154, 25,  91, 101}}};
  for (const auto& each : cases) {
    InputFormat format;
    format.height = format.width = 224;
    format.order = ChannelOrder::kRgb;
    format.resize = ResizeMode::kCrop;
    format.side = 256;
    format.interpolation = each.interpolation;
    format.antialias = true;
    const at::Tensor values = Squash(DecodeImage(folder_ / each.picture), format);
    for (size_t k = 0; k < each.values.size(); ++k) {
      const auto row = static_cast<int64_t>((37 * k + 11) % 224);
      const auto column = static_cast<int64_t>((91 * k + 5) % 224);
      // A grey level, since another version of libjpeg may round otherwise.
      EXPECT_NEAR(values[static_cast<int64_t>(k % 3)][row][column].item<double>(), each.values[k],
                  1)
          << each.picture << " " << k;
    }
  }
}

}  // namespace
}  // namespace netdissect
