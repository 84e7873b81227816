#include "experiment/unit_sheet.h"

#include <algorithm>
#include <limits>

#include "netdissect/probe/segmentation.h"
#include "report/figure.h"
#include "report/quality_report.h"
#include "report/segment_report.h"

namespace netdissect {

cv::Mat DrawUnitSheet(const Model& model, const ImageSets& images,
                      const std::vector<SheetRow>& rows, const PassOptions& pass,
                      Observer& observer, const TruthOfRow& truth) {
  std::vector<UnitOnImages> wanted;
  std::vector<LayerGeometry> geometries;
  std::vector<std::vector<cv::Mat>> tiles;
  for (const SheetRow& row : rows) {
    wanted.push_back({model.network.Find(row.layer), row.unit, row.images});
    geometries.push_back(GeometryOf(model.network, wanted.back().layer));
    tiles.emplace_back(row.images.size());
  }
  const auto draw = [&](size_t row, size_t place, const at::Tensor& map, const cv::Mat& picture) {
    // Of a unit that seldom fires the threshold is 0: everything above it counts.
    const double level = std::max(rows[row].level, std::numeric_limits<double>::min());
    const InputView view = ViewOf(model.input, picture.size());
    const cv::Mat mask = MaskByUpsampling(geometries[row], map, level, view);
    cv::Mat object = truth ? truth(row, rows[row].images[place]) : cv::Mat();
    if (!object.empty() && view.CropsPicture()) {
      const cv::Rect seen = view.At(object.size()).Seen();
      cv::Mat in_view = cv::Mat::zeros(object.size(), object.type());
      object(seen).copyTo(in_view(seen));
      object = in_view;
    }
    tiles[row][place] =
        object.empty() ? SegmentTile(picture, mask) : QualityTile(picture, mask, object);
  };
  VisitUnitMaps(model, images, wanted, draw, pass, observer);
  std::vector<cv::Mat> drawn;
  for (size_t i = 0; i < rows.size(); ++i) {
    drawn.push_back(SegmentRow(rows[i].caption, tiles[i]));
  }
  return Framed(Column(drawn, 6));
}

}  // namespace netdissect
