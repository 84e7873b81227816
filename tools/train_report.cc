#include "train_report.h"

#include <cmath>

#include "netdissect/base/error.h"
#include "report/provenance.h"

namespace netdissect {
namespace {

// JSON has no NaN.
Json Fraction(double fraction) { return std::isnan(fraction) ? Json() : Json(fraction); }

std::string Decimals(double number) {
  return std::isnan(number) ? "" : fmt::format("{:.4f}", number);
}

Json ToJson(const EpochRecord& epoch) {
  return {{"epoch", epoch.epoch},         {"images", epoch.images},
          {"loss", epoch.loss},           {"train_top1", epoch.train_top1},
          {"top1", Fraction(epoch.top1)}, {"top5", Fraction(epoch.top5)},
          {"rate", epoch.rate},           {"seconds", epoch.seconds}};
}

}  // namespace

Json ToJson(const TrainResult& result) {
  Json epochs = Json::array();
  for (const EpochRecord& epoch : result.epochs) epochs.push_back(ToJson(epoch));
  const double rate =
      result.step_seconds > 0 ? static_cast<double>(result.images) / result.step_seconds : 0.0;
  return {{"top1", Fraction(result.top1)},
          {"top5", Fraction(result.top5)},
          {"counted", result.counted},
          {"epochs", epochs},
          {"steps", result.steps},
          {"images", result.images},
          {"seconds", result.seconds},
          {"images_per_second", rate},
          {"parameters", result.parameters},
          {"left_out", result.left_out},
          {"skipped", ToJson(result.skipped)}};
}

Table CurveTable(const TrainResult& result) {
  Table table;
  table.header = {"epoch", "loss", "train top-1", "top-1", "top-5", "rate", "seconds"};
  for (const EpochRecord& epoch : result.epochs) {
    table.rows.push_back({fmt::format("{}", epoch.epoch), Decimals(epoch.loss),
                          Decimals(epoch.train_top1), Decimals(epoch.top1), Decimals(epoch.top5),
                          fmt::format("{:.3g}", epoch.rate), fmt::format("{:.1f}", epoch.seconds)});
  }
  return table;
}

}  // namespace netdissect
