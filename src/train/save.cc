#include "netdissect/train/save.h"

#include <array>

#include "netdissect/base/error.h"
#include "netdissect/nn/safetensors.h"

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
