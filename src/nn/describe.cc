#include "nn/describe.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/caffe.h"
#include "nn/network_file.h"
#include "nn/onnx/onnx.h"
#include "nn/torchscript/torchscript.h"

namespace netdissect {
namespace {

struct Reading {
  std::optional<Network> network;
  Shape input;  // of the file; 0 where it leaves it free
  bool channels_last = false;
};

Reading ReadOnnxFile(const Path& file, int size) {
  Reading reading;
  const OnnxInput input = ReadOnnxInput(file);
  reading.input = input.shape;
  reading.channels_last = input.channels_last;
  const auto or_else = [](int value, int otherwise) { return value == 0 ? otherwise : value; };
  reading.network =
      ReadOnnx(file, Shape{or_else(input.shape.units, 3), or_else(input.shape.height, size),
                           or_else(input.shape.width, size)});
  return reading;
}

Reading ReadCaffeFiles(const Path& file, int size) {
  const Path graph = Path(file).replace_extension(".prototxt");
  const Path weights = Path(file).replace_extension(".caffemodel");
  for (const Path& part : {graph, weights}) {
    if (!Exists(part)) {
      Fail("{}: expected graph and weights of a Caffe network beside each other, found no {}",
           file.string(), part.string());
    }
  }
  Reading reading;
  try {
    reading.network = ReadCaffe(graph, weights);
    reading.input = reading.network->input();
  } catch (const Error&) {
    // A data layer, which has no size; another error comes again.
    reading.network = ReadCaffe(graph, weights, Shape{3, size, size});
  }
  return reading;
}

Reading Read(NetworkFile kind, const Path& file, int size) {
  switch (kind) {
    case NetworkFile::kOnnx:
      return ReadOnnxFile(file, size);
    case NetworkFile::kCaffeGraph:
    case NetworkFile::kCaffeWeights:
      return ReadCaffeFiles(file, size);
    case NetworkFile::kTorchScript: {
      Reading reading;
      reading.network = ReadTorchScript(file, {3, size, size});
      return reading;
    }
    default:
      return {};  // weights alone
  }
}

// Layers with a number for each class: without positions, and nothing takes them.
std::vector<std::string> Candidates(const Network& network) {
  std::vector<bool> used(static_cast<size_t>(network.size()), false);
  for (const Layer& layer : network.layers()) {
    for (const int input : layer.inputs) used[static_cast<size_t>(input)] = true;
  }
  std::vector<std::string> names;
  for (int i = network.size() - 1; i > 0; --i) {
    const Shape& shape = network.layer(i).shape;
    if (!used[static_cast<size_t>(i)] && shape.height == 1 && shape.width == 1 && shape.units > 1) {
      names.push_back(network.layer(i).name);
    }
  }
  return names;
}

void DescribeInput(const Reading& reading, int size, Description& description) {
  const Shape& input = reading.input;
  if (input.units == 0 && input.height == 0 && input.width == 0) {
    description.found.push_back("input: the file does not say its size");
  }
  const auto shown = [](int value) {
    return value == 0 ? std::string("free") : std::to_string(value);
  };
  if (input.units != 0)
    description.found.push_back(fmt::format(
        "input: {} channels of {} x {} pixels{}", shown(input.units), shown(input.height),
        shown(input.width), reading.channels_last ? ", channels last (N, H, W, C)" : ""));
  if (input.height == 0 || input.width == 0) {
    description.missing.push_back(
        fmt::format("input.size: the file leaves it free; {} x {} was tried", size, size));
  }
}

void DescribeScores(const Network& network, std::string& output, Description& description) {
  if (const std::optional<int> scores = network.scores()) {
    const Layer& layer = network.layer(*scores);
    description.found.push_back(
        fmt::format("class scores: {}, {} classes", layer.name, layer.shape.units));
    description.missing.push_back(fmt::format(
        "labels: a file with the names of the {} classes, one a line", layer.shape.units));
    return;
  }
  const std::vector<std::string> candidates = Candidates(network);
  if (candidates.empty()) {
    description.found.push_back("class scores: none; what needs none works");
    return;
  }
  output = candidates.front();
  description.found.push_back("class scores: the file names none; candidates: " + Join(candidates));
  description.missing.push_back("output: the layer of class scores, if " + output + " is not it");
}

}  // namespace

Description DescribeNetworkFile(const Path& file, int size) {
  if (!Exists(file)) Fail("{}: no such file", file.string());
  const NetworkFile kind = KindOfFile(file);
  if (kind == NetworkFile::kOther) {
    Fail(
        "{}: expected a network's file (ONNX, Caffe prototxt or caffemodel, TorchScript, "
        "safetensors), found another",
        file.string());
  }
  Description description;
  description.found.push_back(fmt::format("{}: {}", file.string(), NameOfFile(kind)));
  const Reading reading = Read(kind, file, size);
  std::string output;
  if (reading.network) {
    const Network& network = *reading.network;
    DescribeInput(reading, size, description);
    std::vector<std::string> names;
    for (const Layer& layer : network.layers()) names.push_back(layer.name);
    const size_t count = names.size() - 1;
    constexpr size_t kShown = 40;
    if (names.size() > kShown) {
      names.erase(names.begin() + kShown / 2, names.end() - kShown / 2);
      names.insert(names.begin() + kShown / 2, "...");
    }
    description.found.push_back(fmt::format("{} layers: {}", count, Join(names)));
    for (const UnreadPart& part : network.unread()) {
      description.found.push_back(fmt::format("not read: {}: {}", part.from, part.why));
    }
    DescribeScores(network, output, description);
  }
  description.missing.push_back(
      "input.order, input.mean, input.scale, input.resize: as the network was trained; what is "
      "there is usual for such files");
  Shape input = reading.input;
  if (input.height == 0) input.height = size;
  if (input.width == 0) input.width = size;
  if (!reading.network) input = {0, 0, 0};
  description.descriptor = DescriptorFor(kind, file, input, output);
  return description;
}

}  // namespace netdissect
