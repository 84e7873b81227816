#include "train/save.h"

#include <array>

#include "netdissect/base/error.h"
#include "nn/safetensors.h"

namespace netdissect {
namespace {

// Round-trips through decimal as short as possible: 0.0171, not 0.017100000753998756.
double Shortest(float number) { return std::stod(fmt::format("{}", number)); }

template <size_t n>
Json Numbers(const std::array<float, n>& numbers) {
  Json json = Json::array();
  for (const float number : numbers) json.push_back(Shortest(number));
  return json;
}

}  // namespace

void RequireStorable(const InputFormat& format, const std::string& what) {
  if (!format.mean_image.defined()) return;
  Fail("{}: expected a mean for each channel, found a mean image", what);
}

void WriteTrainedNetwork(const Path& folder, const std::string& name, const InputFormat& format,
                         const TrainResult& result, const Json& training) {
  RequireStorable(format, name);
  WriteSafeTensors(folder / (name + ".safetensors"), result.weights);
  WriteJson(folder / (name + ".graph.json"), result.graph);
  Json descriptor = {{"name", name},
                     {"format", "safetensors"},
                     {"graph", name + ".graph.json"},
                     {"weights", name + ".safetensors"}};
  if (!result.classes.empty()) {
    std::string labels;
    for (const std::string& label : result.classes) labels += label + "\n";
    WriteFile(folder / (name + "_labels.txt"), labels);
    descriptor["labels"] = name + "_labels.txt";
  }
  const bool square = format.height == format.width;
  descriptor["input"] = {{"size", square ? Json(format.height) : Json{format.height, format.width}},
                         {"order", format.order == ChannelOrder::kRgb ? "RGB" : "BGR"},
                         {"mean", Numbers(format.mean)},
                         {"scale", Numbers(format.scale)}};
  descriptor["training"] = training;
  WriteJson(folder / (name + ".json"), descriptor);
}

}  // namespace netdissect
