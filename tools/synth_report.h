#pragma once
// The synthetic world for people: how often each class is seen, and a sheet of every category.

#include <opencv2/core.hpp>

#include "netdissect/data/dataset.h"
#include "report/table.h"
#include "world/synthetic_set.h"

namespace netdissect {

/// Classes by number of instances, the most frequent first, as in Figure 9b: rank, instances, share
/// of the images, and the categories that the class is informative for.
Table FrequencyTable(const SyntheticSetResult& result);

/// The first pictures of every category with their label maps below, and what colour is what. The
/// set is one of WriteSyntheticSets'; its list's pictures are read.
cv::Mat SceneSheet(const Dataset& scenes, int examples = 3);

/// The first pictures of every object.
cv::Mat ObjectSheet(const Dataset& objects, int examples = 2);

/// A label map in colours, one for each class, black where there is none.
cv::Mat ColorOfClasses(const cv::Mat& classes);

}  // namespace netdissect
