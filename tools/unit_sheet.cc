#include "unit_sheet.h"

#include <algorithm>
#include <limits>

#include "netdissect/probe/segmentation.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/quality_report.h"
#include "netdissect/report/segment_report.h"

namespace netdissect {

cv::Mat DrawUnitSheet(const Model& model, const std::vector<SheetRow>& rows, Pictures& pictures,
                      int batch, Console& console, const TruthOfRow& truth) {
  std::vector<LayerMaps> wanted;  // a "layer" for each row: rows may be of one layer
  for (const SheetRow& row : rows) {
    UnitMaps maps;
    maps.unit = row.unit;
    for (const int64_t image : row.images) maps.images.push_back({image, 0, {}});
    wanted.push_back({row.layer, model.network.Find(row.layer), {std::move(maps)}});
  }
  SegmentOptions options;
  options.batch = batch;
  const auto input = [&](int64_t image) { return Preprocess(pictures(image), model.input); };
  wanted = CollectMaps(model.network, std::move(wanted), input, options, console);
  console.EndLine();
  std::vector<cv::Mat> drawn;
  for (size_t i = 0; i < rows.size(); ++i) {
    const LayerGeometry geometry = GeometryOf(model.network, wanted[i].layer);
    std::vector<cv::Mat> tiles;
    for (const UnitOnImage& item : wanted[i].units.front().images) {
      const cv::Mat picture = pictures(item.image);
      // Of a unit that seldom fires the threshold is 0: everything above it counts.
      const double level = std::max(rows[i].level, std::numeric_limits<double>::min());
      const cv::Mat mask = MaskByUpsampling(geometry, item.map, level, picture.size());
      const cv::Mat object = truth ? truth(i, item.image) : cv::Mat();
      tiles.push_back(object.empty() ? SegmentTile(picture, mask)
                                     : QualityTile(picture, mask, object));
    }
    drawn.push_back(SegmentRow(rows[i].caption, tiles));
  }
  return Framed(Column(drawn, 6));
}

}  // namespace netdissect
