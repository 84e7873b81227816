#pragma once
// Figure 1: what the layers of networks prefer. A column for each network, a row for each of its
// layers: the images with the largest sum of activations, each framed in the colour of its set.

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/probe/record.h"

namespace netdissect {

/// One layer of one network.
struct PreferenceRow {
  std::string layer;
  std::vector<double> share;      // of each set among all top images of the layer
  std::vector<cv::Mat> pictures;  // 8-bit BGR, highest first; empty where it cannot be read
  std::vector<size_t> sets;       // of each picture: index of the set
};

struct PreferenceColumn {
  std::string network;
  std::vector<PreferenceRow> rows;
};

/// The first `count` top images of every layer, squashed to squares as the network sees them.
/// `picture_of` reads an image of the list, and is asked once for each.
PreferenceColumn PreferenceOf(const std::string& network, const RecordResult& record, size_t count,
                              const std::function<cv::Mat(int64_t image)>& picture_of);

/// `sets` are the names of the image sets, for the legend.
cv::Mat DrawPreference(const std::vector<PreferenceColumn>& columns,
                       const std::vector<std::string>& sets);

}  // namespace netdissect
