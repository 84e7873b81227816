#include "train/save.h"

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/input_object.h"
#include "nn/safetensors.h"

namespace netdissect {

void RequireStorable(const InputFormat& format, const std::string& what) {
  if (!format.mean_image.defined()) return;
  Fail("{}: expected a mean for each channel, found a mean image", what);
}

void RequireNetworkName(const std::string& name) {
  constexpr size_t kLongest = 200;  // bytes; a file's name may have 255, with its ending
  if (FindNoUtf8(name) != std::string::npos) Fail("expected a name in UTF-8");
  if (name.empty() || FileNameOf(name) != name) {
    Fail("expected a name of a file, without slashes and not beginning with a dot, found \"{}\"",
         Excerpt(name));
  }
  if (name.size() > kLongest) {
    Fail("expected a name of at most {} bytes, found {}", kLongest, name.size());
  }
  for (const char* taken : {"train", "checkpoint", "checkpoint.previous"}) {
    if (name == taken) Fail("\"{}\" is the name of another file of train", name);
  }
}

std::vector<std::string> WriteTrainedNetwork(const Path& folder, const std::string& name,
                                             const InputFormat& format, const TrainResult& result,
                                             const Json& training) {
  RequireStorable(format, name);
  // Without its descriptor a network of old and new files is none.
  std::error_code error;
  std::filesystem::remove(folder / (name + ".json"), error);
  std::vector<std::string> files = {name + ".safetensors", name + ".graph.json"};
  WriteSafeTensors(folder / files[0], result.weights);
  WriteJson(folder / files[1], result.graph);
  Json descriptor = {
      {"name", name}, {"format", "safetensors"}, {"graph", files[1]}, {"weights", files[0]}};
  if (!result.classes.empty()) {
    std::string labels;
    for (const std::string& label : result.classes) labels += label + "\n";
    files.push_back(name + "_labels.txt");
    WriteFile(folder / files.back(), labels);
    descriptor["labels"] = files.back();
  }
  descriptor["input"] = ToJson(format);
  descriptor["training"] = training;
  files.push_back(name + ".json");
  WriteJson(folder / files.back(), descriptor);
  return files;
}

}  // namespace netdissect
