#pragma once
// What all results say of single units, one card each: what people browse.

#include "base/json.h"
#include "report/summary/picture_store.h"
#include "report/summary/results.h"

namespace netdissect {

/// {"networks": [{"name", "layers": [{"name", "theoretical"}]}],
///  "units": [{"n", "l" (indices of network and layer), "unit",
///             "size", "interval", "silent"                      from rf
///             "label", "group", "source", "precision", "iou", "annotators", "answers"
///                                                               from annotate
///             "ap", "jaccard"                                   from evaluate
///             "top": [values, highest first], "images": [names] from record
///             "row" (tiles: top images segmented), "tiles"      from segment
///             "field", "pipeline"                               pictures of rf}]}
/// What is not known of a unit is left out. Units that none of rf, annotate, segment and evaluate
/// says anything of have no card. Pictures that are missing are warned of, with a count.
Json UnitCards(const Results& results, PictureStore& pictures, Observer& observer);

}  // namespace netdissect
