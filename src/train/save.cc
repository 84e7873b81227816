#include "train/save.h"

#include "netdissect/base/error.h"
#include "nn/input_object.h"
#include "nn/safetensors.h"

namespace netdissect {

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
  descriptor["input"] = ToJson(format);
  descriptor["training"] = training;
  WriteJson(folder / (name + ".json"), descriptor);
}

}  // namespace netdissect
