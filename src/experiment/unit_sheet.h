#pragma once
// Sheets of units that an experiment found worth showing: a row for each, its images segmented by
// it.

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"

namespace netdissect {

struct SheetRow {
  std::string caption;
  std::string layer;
  int unit = 0;
  double level = 0;             // activation above which a pixel is shown
  std::vector<int64_t> images;  // indices into the image sets
};

/// The object that a row is about on one of its images, outlined where not empty: (H, W) 8-bit.
using TruthOfRow = std::function<cv::Mat(size_t row, int64_t image)>;

cv::Mat DrawUnitSheet(const Model& model, const ImageSets& images,
                      const std::vector<SheetRow>& rows, const PassOptions& pass,
                      Observer& observer, const TruthOfRow& truth = {});

}  // namespace netdissect
