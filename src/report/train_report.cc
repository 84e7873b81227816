#include "netdissect/report/train_report.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "netdissect/base/error.h"
#include "netdissect/report/provenance.h"

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

// Round-trips through decimal as short as possible: 0.0171, not 0.017100000753998756.
double Shortest(float number) { return std::stod(fmt::format("{}", number)); }

template <size_t n>
Json Numbers(const std::array<float, n>& numbers) {
  Json json = Json::array();
  for (const float number : numbers) json.push_back(Shortest(number));
  return json;
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

void WriteTrainedNetwork(const Path& folder, const std::string& name,
                         const AlexNetOptions& architecture, const InputFormat& format,
                         const TrainResult& result, const Json& training) {
  if (format.mean_image.defined()) {
    Fail("{}: expected a mean for each channel, found a mean image", name);
  }
  WriteSafeTensors(folder / (name + ".safetensors"), result.weights);
  Json descriptor = {{"name", name},
                     {"format", "safetensors"},
                     {"weights", name + ".safetensors"},
                     {"architecture", "alexnet"},
                     {"width", architecture.width},
                     {"fc", architecture.fc},
                     {"norm", architecture.norm}};
  if (!result.classes.empty()) {
    std::string labels;
    for (const std::string& label : result.classes) labels += label + "\n";
    WriteFile(folder / (name + "_labels.txt"), labels);
    descriptor["labels"] = name + "_labels.txt";
  }
  descriptor["input"] = {{"size", format.height},
                         {"order", format.order == ChannelOrder::kRgb ? "RGB" : "BGR"},
                         {"mean", Numbers(format.mean)},
                         {"scale", Numbers(format.scale)}};
  descriptor["training"] = training;
  WriteJson(folder / (name + ".json"), descriptor);
}

}  // namespace netdissect
