#include "netdissect/nn/model.h"

#include <cmath>
#include <limits>

#include "base/digest.h"
#include "base/explain.h"
#include "base/json.h"
#include "netdissect/base/error.h"
#include "netdissect/data/dataset.h"
#include "nn/alexnet.h"
#include "nn/caffe.h"
#include "nn/graph_file.h"
#include "nn/network_file.h"
#include "nn/onnx/onnx.h"
#include "nn/safetensors.h"
#include "nn/torchscript/torchscript.h"

namespace netdissect {
namespace {

float FloatOf(const JsonObject& object, const std::string& key, double number) {
  if (!(std::abs(number) <= std::numeric_limits<float>::max())) {
    object.Complain(key, fmt::format("expected numbers of 32 bits, found {}", number));
  }
  return static_cast<float>(number);
}

std::array<float, 3> Triple(const JsonObject& object, const std::string& key) {
  const std::vector<double> numbers = object.Numbers(key);
  if (numbers.size() != 3) {
    object.Complain(key, fmt::format("expected 3 numbers, found {}", numbers.size()));
  }
  std::array<float, 3> triple{};
  for (size_t i = 0; i < triple.size(); ++i) triple[i] = FloatOf(object, key, numbers[i]);
  return triple;
}

InputFormat ReadInputFormat(const JsonObject& input) {
  InputFormat format;
  if (input.Value("size").is_array()) {
    const std::vector<int> size = input.Integers("size");
    if (size.size() != 2) input.Complain("size", "expected one number or [height, width]");
    format.height = size[0];
    format.width = size[1];
  } else {
    format.height = format.width = input.Integer("size");
  }
  if (format.height < 1 || format.width < 1 || format.height > 8192 || format.width > 8192) {
    input.Complain("size", fmt::format("expected 1 to 8192 pixels, found {} x {}", format.height,
                                       format.width));
  }
  if (input.Has("order")) {
    format.order =
        input.OneOf("order", {"BGR", "RGB"}) == "RGB" ? ChannelOrder::kRgb : ChannelOrder::kBgr;
  }
  if (input.Has("mean")) {
    if (input.Value("mean").is_string()) {
      format.mean_image =
          ReadMeanImage(input.ExistingPath("mean"), format.height, format.width, format.order);
    } else {
      format.mean = Triple(input, "mean");
    }
  }
  if (input.Has("scale")) {
    if (input.Value("scale").is_array()) {
      format.scale = Triple(input, "scale");
    } else {
      const float scale = FloatOf(input, "scale", input.Number("scale"));
      format.scale = {scale, scale, scale};
    }
    for (float scale : format.scale) {
      if (!(std::isfinite(scale) && scale != 0)) {
        input.Complain("scale",
                       fmt::format("expected a finite number other than 0, found {}", scale));
      }
    }
  }
  return format;
}

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
  Network network = ReadNetworkOf(descriptor, format, {3, input.height, input.width});
  if (network.input() != Shape{3, input.height, input.width}) {
    input_object.Complain("size",
                          fmt::format("expected the network's input of {}, found 3 x {} x {}",
                                      ToString(network.input()), input.height, input.width));
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
