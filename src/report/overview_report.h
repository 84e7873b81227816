#pragma once
// What the page of an annotation's overview asks its server for.

#include "base/json.h"
#include "study/answer_overview.h"

namespace netdissect {

/// {"task", "network", "wanted", "units_done", "units", "answers", "refused", "skipped",
/// "agreement": {"label", "group_alpha", "crossed"}, "seconds_median", "annotators": [{"name",
/// "answers", "refused", "seconds_median", "last"}], "per_unit": [{"layer", "unit", "answers",
/// "label"}]}; what nobody can say yet is null.
Json ToJson(const Assignment& assignment, const AnswerOverview& overview);

}  // namespace netdissect
