#include "netdissect/nn/model.h"

#include <optional>

#include "base/digest.h"
#include "base/explain.h"
#include "base/json.h"
#include "netdissect/base/error.h"
#include "netdissect/data/dataset.h"
#include "nn/alexnet.h"
#include "nn/caffe.h"
#include "nn/graph_file.h"
#include "nn/input_object.h"
#include "nn/network_file.h"
#include "nn/onnx/onnx.h"
#include "nn/safetensors.h"
#include "nn/torchscript/torchscript.h"

namespace netdissect {
namespace {

// With the file's number of classes, taken from fc8, so that the descriptor need not repeat it.
AlexNetOptions ReadAlexNetOptions(const JsonObject& descriptor) {
  AlexNetOptions options;
  descriptor.OneOf("architecture", {"alexnet"});
  options.width = descriptor.Number("width", 1.0);
  options.fc = descriptor.Integer("fc", options.fc);
  options.classes = descriptor.Integer("classes", options.classes);
  if (descriptor.Has("norm")) {
    if (!descriptor.Value("norm").is_boolean()) {
      descriptor.Complain("norm",
                          "expected true or false, found " + descriptor.Value("norm").dump());
    }
    options.norm = descriptor.Value("norm").get<bool>();
  }
  const int seed = descriptor.Integer("seed", 0);
  if (seed < 0) descriptor.Complain("seed", fmt::format("expected 0 or more, found {}", seed));
  options.seed = static_cast<uint64_t>(seed);
  return options;
}

// No file stands behind it: what is wrong with it is the descriptor's.
Network BuildRandom(const JsonObject& descriptor, const AlexNetOptions& options) {
  try {
    return BuildAlexNet(options);
  } catch (const Error& error) {
    Fail("{}: {}", descriptor.file().string(), error.what());
  }
}

Network ReadNetwork(const JsonObject& descriptor, const std::string& format, const Shape& input) {
  if (format == "caffe") {
    return ReadCaffe(descriptor.ExistingPath("graph"), descriptor.ExistingPath("weights"), input);
  }
  if (format == "onnx") return ReadOnnx(descriptor.ExistingPath("weights"), input);
  if (format == "torchscript") return ReadTorchScript(descriptor.ExistingPath("weights"), input);
  if (format == "safetensors" && descriptor.Has("graph")) {
    const Path weights = descriptor.ExistingPath("weights");
    return NetworkFrom(ReadJson(descriptor.ExistingPath("graph")), ReadSafeTensors(weights),
                       descriptor.ExistingPath("graph"));
  }
  AlexNetOptions options = ReadAlexNetOptions(descriptor);
  if (input.height == input.width) options.size = input.height;
  if (format == "random") return BuildRandom(descriptor, options);
  const Path weights = descriptor.ExistingPath("weights");
  const SafeTensors tensors = ReadSafeTensors(weights);
  const auto last = tensors.tensors.find("fc8.weight");
  if (!descriptor.Has("classes") && last != tensors.tensors.end() && last->second.dim() == 2) {
    options.classes = static_cast<int>(last->second.size(0));
  }
  return LoadAlexNet(options, tensors, weights);
}

// What LibTorch says of tensors in a file names no file.
Network ReadNetworkOf(const JsonObject& descriptor, const std::string& format, const Shape& input) {
  try {
    return ReadNetwork(descriptor, format, input);
  } catch (...) {
    RethrowAbout(descriptor.file(), "a network that can be built");
  }
}

// The layer that the descriptor says, before what the file says.
void SetScores(const JsonObject& descriptor, Network& network) {
  if (!descriptor.Has("output")) return;
  const std::string name = descriptor.String("output");
  try {
    const Shape& shape = network.layer(network.Find(name)).shape;
    if (shape.height != 1 || shape.width != 1) {
      Fail("expected a layer of class scores, found {} of {}", name, ToString(shape));
    }
  } catch (const Error& error) {
    descriptor.Complain("output", error.what());
  }
  std::vector<std::string> outputs = {name};
  for (const std::string& other : network.outputs()) {
    if (other != name) outputs.push_back(other);
  }
  network.SetOutputs(outputs);
}

std::string DigestOf(const Network& network, const InputFormat& input) {
  Digest digest;
  digest.Add(network.ComputeDigest());
  const int order = static_cast<int>(input.order);
  digest.Add(&order, sizeof order);
  digest.Add(input.mean.data(), sizeof input.mean).Add(input.scale.data(), sizeof input.scale);
  if (input.mean_image.defined()) {
    const at::Tensor mean = input.mean_image.contiguous();
    digest.Add(mean.data_ptr(), static_cast<size_t>(mean.nbytes()));
  }
  const std::string resizing = ResizingOf(input);
  if (!resizing.empty()) digest.Add(resizing);
  return digest.Hex();
}

}  // namespace

Model LoadModel(const Path& path) {
  RequireDescriptor(path);
  const JsonObject descriptor = JsonObject::Read(path);
  const std::string format =
      descriptor.OneOf("format", {"caffe", "onnx", "torchscript", "safetensors", "random"});
  const JsonObject input_object = descriptor.Object("input");
  const InputFormat input = ReadInputFormat(input_object);
  const Shape shape{input.channels(), input.height, input.width};
  Network network = ReadNetworkOf(descriptor, format, shape);
  if (network.input() != shape) {
    input_object.Complain(network.input().units == shape.units ? "size" : "order",
                          fmt::format("expected the network's input of {}, found {}",
                                      ToString(network.input()), ToString(shape)));
  }
  SetScores(descriptor, network);
  std::vector<std::string> classes;
  if (descriptor.Has("labels")) {
    classes = ReadLabels(descriptor.ExistingPath("labels"));
    const std::optional<int> scores = network.scores();
    if (scores && static_cast<int>(classes.size()) != network.layer(*scores).shape.units) {
      descriptor.Complain(
          "labels", fmt::format("expected {} class names, one for each output of {}, found {}",
                                network.layer(*scores).shape.units, network.layer(*scores).name,
                                classes.size()));
    }
  }
  const std::string name = descriptor.String("name", path.stem().string());
  descriptor.Has("training");  // for people, both
  descriptor.Has("about");
  descriptor.RequireKnownKeys();
  std::string digest = DigestOf(network, input);
  return {name, std::move(network), input, std::move(classes), std::move(digest)};
}

}  // namespace netdissect
