#pragma once
// Units as segmenters (Figure 11): evaluate.json, a table, curves, and pictures.

#include <opencv2/core.hpp>
#include <vector>

#include "base/json.h"
#include "netdissect/study/unit_quality.h"
#include "report/drawing.h"
#include "report/table.h"

namespace netdissect {

/// Keys of evaluate.json: layers{NAME}: units[]: {unit, label, ap, jaccard, best_jaccard,
/// best_threshold, ...}, objects[], mean_ap (over objects, each by its best unit). What cannot be
/// computed is null.
Json ToJson(const UnitQualityResult& result, const QualityOptions& options);

/// A row for each object by its best unit, highest AP first.
Table ObjectTable(const UnitQualityResult& result);

/// A row for each unit.
Table QualityTable(const UnitQualityResult& result);

/// Figure 11b: precision against recall of the best units of the first `count` objects.
Drawing DrawCurves(const UnitQualityResult& result, size_t count);

/// Figure 11c: how many objects have which AP, each by its best unit.
Drawing DrawApHistogram(const UnitQualityResult& result);

/// One picture of Figure 11a: segmented by the unit, the object's outline as annotated on it.
cv::Mat QualityTile(const cv::Mat& picture, const cv::Mat& mask, const cv::Mat& truth);

/// The unit of a result that an object names.
const UnitQuality& BestUnit(const UnitQualityResult& result, const ObjectQuality& object);

}  // namespace netdissect
