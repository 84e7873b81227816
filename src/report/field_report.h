#pragma once
// Results of empirical receptive fields: rf.json, maps, Table 2, and pictures as in Figures 3
// and 4.

#include <functional>

#include "base/json.h"
#include "netdissect/nn/model.h"
#include "netdissect/probe/receptive_field.h"
#include "report/field_method.h"
#include "report/table.h"

namespace netdissect {

/// What a map is of: "|occluded - original|".
std::string MeasureText(FieldMethod method, Discrepancy discrepancy);

/// A layer's value in rf.json: theoretical_size, mean, std, threshold, stride, patch, k,
/// sensitivity, units[], each with the 95% interval of its size. The units' images are `images`.
Json ToJson(const LayerFields& layer, const FieldOptions& options,
            const OcclusionOptions& occlusion, const ImageSets& images,
            FieldMethod method = FieldMethod::kOcclusion);

struct NetworkFields {
  std::string network;
  std::vector<LayerFields> layers;
  FieldMethod method = FieldMethod::kOcclusion;
};

/// Table 2: theoretical sizes, then a row of mean +- deviation for each network; a column for every
/// layer's name. Networks whose sizes differ have each a row of theoretical sizes. Where there are
/// gradients, rows name their methods; where a network's gradients follow its occlusion, a row of
/// the rank correlation of the units' sizes follows them (report/field_comparison.h).
Table FieldTable(const std::vector<NetworkFields>& networks);

/// The pixels of image `index`: (3, H, W) 0..255 in the network's order.
using PixelSource = std::function<at::Tensor(int64_t index)>;

/// Figure 4: the averaged field with its outline and size, above the patches of the unit's top
/// images that the field covers.
cv::Mat DrawField(const LayerFields& layer, const UnitField& unit, const FieldOptions& options,
                  const PixelSource& pixels, ChannelOrder order);

/// What a picture of a pipeline shows.
struct PipelineView {
  size_t images = 4;
  int examples = 3;  // of occluders, for each image
  int side = 0;      // pixels of every picture; 0 = those of the network's input
};

/// Figure 3: for some top images the image, examples of occluders and the discrepancy map, and the
/// calibrated mean.
cv::Mat DrawPipeline(const Model& model, OcclusionEngine& engine, const OccluderSet& occluders,
                     int layer, const LayerFields& fields, const UnitField& unit,
                     const FieldOptions& options, const ImageSource& image,
                     const PipelineView& view = {});

/// The discrepancy map (pixels) of one picture, beside and over it, the theoretical field drawn.
cv::Mat DrawDiscrepancy(const cv::Mat& picture, const at::Tensor& map, const std::string& caption,
                        const Interval& field_y, const Interval& field_x);

}  // namespace netdissect
