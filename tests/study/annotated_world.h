#pragma once
// Pictures with annotated objects, a network for them, and what a unit says of every pixel,
// computed the slow way.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "netdissect/data/annotation.h"
#include "netdissect/data/decode.h"
#include "probe/small_model.h"
#include "probe/unit_map.h"

namespace netdissect {

/// Objects of five names as polygons anywhere, also outside of the picture.
inline std::string RandomLabelMe(int height, int width, uint64_t seed) {
  Random random(seed, 99);
  std::string xml = fmt::format(
      "<annotation><imagesize><nrows>{}</nrows><ncols>{}</ncols></imagesize>", height, width);
  for (uint64_t i = 0, count = 2 + random.Below(5); i < count; ++i) {
    const std::string name =
        std::vector<std::string>{"sky", "Trees", "car", "lamp", "bed"}.at(random.Below(5));
    xml += "<object><name>" + name + "</name><polygon>";
    for (uint64_t corner = 0; corner < 3 + random.Below(3); ++corner) {
      xml += fmt::format("<pt><x>{}</x><y>{}</y></pt>",
                         static_cast<int>(random.Below(static_cast<uint64_t>(width) + 20)) - 10,
                         static_cast<int>(random.Below(static_cast<uint64_t>(height) + 20)) - 10);
    }
    xml += "</polygon></object>";
  }
  return xml + "</annotation>";
}

/// `count` pictures. Of every seven the third has no annotation, and the fifth one without objects;
/// annotations may be of another size than their picture.
inline Dataset AnnotatedPictures(const ScratchFolder& scratch, const std::string& name, int count,
                                 uint64_t seed) {
  Dataset set = RandomPictures(scratch, name, count, seed);
  const Path truth = scratch.path() / (name + "_truth");
  for (int i = 0; i < count; ++i) {
    if (i % 7 == 2) continue;
    const cv::Mat picture = DecodeImage(set.images[static_cast<size_t>(i)].path);
    const int scale = i % 3 == 0 ? 2 : 1;
    const std::string xml =
        i % 7 == 4 ? "<annotation><imagesize><nrows>9</nrows><ncols>70</ncols></imagesize>"
                     "</annotation>"
                   : RandomLabelMe(picture.rows * scale, picture.cols * scale,
                                   seed * 1000 + static_cast<uint64_t>(i));
    WriteFile(truth / fmt::format("{}_{}.xml", name, i), xml);
  }
  set.annotations = AnnotationSource{"labelme", truth, "", {}, {}, {}};
  return set;
}

/// One annotated image for one unit.
struct PixelScores {
  int64_t image = 0;
  cv::Mat scores;                  // (H, W) float32
  std::vector<std::string> names;  // of what is seen, row by row; "" where nothing is
};

/// Image by image through the network, and pixel by pixel.
inline std::vector<PixelScores> SlowScores(const Model& model, const Dataset& set,
                                           const std::string& layer_name, int unit) {
  const int layer = model.network.Find(layer_name);
  const ReceptiveField field = TheoreticalFields(model.network)[static_cast<size_t>(layer)];
  const AnnotationReader reader(set);
  std::vector<PixelScores> all;
  for (size_t i = 0; i < set.images.size(); ++i) {
    const std::optional<Annotation> annotation = reader.Read(i);
    if (!annotation) continue;
    const at::Tensor input = Preprocess(DecodeImage(set.images[i].path), model.input);
    const at::Tensor map =
        model.network.Forward(input.unsqueeze(0), {layer})[0][0][unit].contiguous();
    PixelScores scores;
    scores.image = static_cast<int64_t>(i);
    const InputView view = SquashedView({model.input.width, model.input.height},
                                        {annotation->width, annotation->height});
    UnitMapScaler(field, model.network.layer(layer).shape, view)(map.data_ptr<float>(),
                                                                 scores.scores);
    const cv::Mat visible = VisibleObjects(*annotation, annotation->height, annotation->width);
    for (int y = 0; y < visible.rows; ++y) {
      for (int x = 0; x < visible.cols; ++x) {
        const int object = visible.at<int>(y, x);
        scores.names.push_back(object < 0 ? ""
                                          : annotation->objects[static_cast<size_t>(object)].name);
      }
    }
    all.push_back(std::move(scores));
  }
  return all;
}

}  // namespace netdissect
