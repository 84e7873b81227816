#include "report/overview_report.h"

namespace netdissect {
namespace {

Json NumberOrNull(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

Json ToJson(const Assignment& assignment, const AnswerOverview& overview) {
  Json annotators = Json::array(), units = Json::array();
  for (const AnswerOverview::Annotator& each : overview.annotators) {
    annotators.push_back({{"name", each.name},
                          {"answers", each.answers},
                          {"refused", each.refused},
                          {"seconds_median", NumberOrNull(each.seconds_median)},
                          {"last", TextOrNull(each.last)}});
  }
  for (const AnswerOverview::Unit& each : overview.units) {
    units.push_back({{"layer", each.layer},
                     {"unit", each.unit},
                     {"answers", each.answers},
                     {"label", TextOrNull(each.label)}});
  }
  return {{"task", assignment.task().id},
          {"network", assignment.task().network},
          {"wanted", assignment.options().answers},
          {"units_done", overview.units_done},
          {"units", assignment.task().units.size()},
          {"answers", overview.answers},
          {"refused", overview.refused},
          {"skipped", overview.skipped},
          {"agreement",
           {{"label", NumberOrNull(overview.same_label)},
            {"group_alpha", NumberOrNull(overview.group_alpha)},
            {"crossed", NumberOrNull(overview.same_crossed)}}},
          {"seconds_median", NumberOrNull(overview.seconds_median)},
          {"annotators", std::move(annotators)},
          {"per_unit", std::move(units)}};
}

}  // namespace netdissect
