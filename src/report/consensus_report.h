#pragma once
// How far annotators agree, and the units on which they do not: for a second look.

#include <string>
#include <vector>

#include "base/json.h"
#include "report/table.h"
#include "study/agreement.h"
#include "study/answer_book.h"

namespace netdissect {

/// {"kappa", "alpha", "crossed" (null where there is none), "units" that two or more answered,
/// "single": answered by one, "crossed_units"}
Json ToJson(const LabelAgreement& agreement);

/// {"given", "taken", "replaced", "skipped", "uncrossed", "repeated"}
Json ToJson(const AnswerCounts& counts);

/// A row for each: kappa, alpha and crossed, with their units.
struct NamedAgreement {
  std::string name;
  LabelAgreement agreement;
};
Table AgreementTable(const std::vector<NamedAgreement>& agreements);

/// Units of which annotators say no label or group by majority, or whose precisions are far apart:
/// those with more of these first, then those with precisions further apart; at most `count`
/// (0 = all).
Table SecondLookTable(const std::vector<LayerLabels>& layers, size_t count);

/// How many such units there are.
int64_t CountDoubts(const std::vector<LayerLabels>& layers);

}  // namespace netdissect
