#include "nn/graph_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/channel_norm.h"
#include "nn/kinds/channel_reduction.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/crop.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/extremum.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/group_norm.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pad.h"
#include "nn/kinds/pixel_shuffle.h"
#include "nn/kinds/pixel_unshuffle.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/product.h"
#include "nn/kinds/rearrangement.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/resize.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {
namespace {

Pooling AveragePooling() {
  Pooling pooling;
  pooling.method = Pooling::Method::kAverage;
  return pooling;
}

// By their names, with parameters that are still to be read.
const std::map<std::string, AnyKind>& Kinds() {
  static const std::map<std::string, AnyKind> kinds = [] {
    std::map<std::string, AnyKind> all;
    for (int f = 0; f <= static_cast<int>(Pointwise::Function::kRound); ++f) {
      const Pointwise kind(static_cast<Pointwise::Function>(f));
      all.emplace(kind.Name(), kind);
    }
    for (int m = 0; m <= static_cast<int>(ChannelReduction::Method::kNorm2); ++m) {
      const ChannelReduction kind(static_cast<ChannelReduction::Method>(m));
      all.emplace(kind.Name(), kind);
    }
    for (const AnyKind& kind : std::vector<AnyKind>{
             Affine{},
             AveragePooling(),
             ChannelNorm{},
             ChannelSelection{},
             Concatenation{},
             Convolution{},
             Crop{},
             Dropout{},
             Extremum(true),
             Extremum(false),
             Flatten{},
             GlobalAveragePooling{},
             GlobalAveragePooling(true, false),
             GlobalAveragePooling(false, true),
             GlobalMaxPooling{},
             GlobalMaxPooling(true, false),
             GlobalMaxPooling(false, true),
             GroupNorm{},
             InnerProduct{},
             LocalResponseNorm{},
             Pad{},
             PixelShuffle{},
             PixelUnshuffle{},
             Pooling{},
             Product{},
             Rearrangement{},
             Relu{},
             Resize{},
             Softmax{},
             Softmax(true),
             Sum{},
             TransposedConvolution{},
         }) {
      all.emplace(kind->Name(), kind);
    }
    return all;
  }();
  return kinds;
}

constexpr const char* kInfinity = "infinity";
constexpr const char* kMinusInfinity = "-infinity";

class GraphWriter : public ParameterVisitor {
 public:
  explicit GraphWriter(Json& layer) : layer_(layer) {}

  void Visit(const char* name, const char* /*digest*/, ParameterRef value) override {
    layer_[name] = std::visit([](const auto* number) { return Write(*number); }, value);
  }
  void VisitWeight(const char* name, at::Tensor& weight) override {
    if (weight.defined()) layer_["weights"].push_back(name);
  }

 private:
  template <typename Value>
  static Json Write(const Value& value) {
    return value;
  }
  // JSON has no number for it.
  static Json Write(const float& value) {
    if (std::isinf(value)) return value > 0 ? kInfinity : kMinusInfinity;
    return value;
  }
  static Json Write(const Choice& choice) {
    return choice.words[static_cast<size_t>(choice.value)];
  }
  static Json Write(const Extent& value) { return {value.y, value.x}; }
  static Json Write(const Padding& value) {
    return {value.top, value.left, value.bottom, value.right};
  }

  Json& layer_;
};

// A member of an object; Error where there is none.
const Json& Member(const Json& object, const std::string& key) {
  if (!object.is_object() || !object.contains(key)) {
    Fail("expected a key \"{}\", found none", key);
  }
  return object.at(key);
}

std::string Word(const Json& object, const std::string& key) {
  const Json& value = Member(object, key);
  if (!value.is_string()) Fail("{}: expected a word, found {}", key, Shown(value));
  return value.get<std::string>();
}

int Integer(const Json& value, const std::string& key) {
  const bool fits = value.is_number_integer() &&
                    value.get<double>() >= std::numeric_limits<int>::min() &&
                    value.get<double>() <= std::numeric_limits<int>::max();
  if (!fits) Fail("{}: expected an integer, found {}", key, Shown(value));
  return value.get<int>();
}

float Number(const Json& value, const std::string& key) {
  if (value == kInfinity) return std::numeric_limits<float>::infinity();
  if (value == kMinusInfinity) return -std::numeric_limits<float>::infinity();
  constexpr double kMost = std::numeric_limits<float>::max();
  if (!value.is_number() || !(std::abs(value.get<double>()) <= kMost)) {
    Fail("{}: expected a number, found {}", key, Shown(value));
  }
  return static_cast<float>(value.get<double>());
}

const Json& List(const Json& object, const std::string& key) {
  const Json& value = Member(object, key);
  if (!value.is_array()) Fail("{}: expected a list, found {}", key, Shown(value));
  return value;
}

class GraphReader : public ParameterVisitor {
 public:
  // Weights that were found are added to `used`.
  GraphReader(const std::string& name, const Json& layer, const SafeTensors& weights, size_t& used)
      : name_(name), layer_(layer), weights_(weights), used_(used) {}

  void Visit(const char* name, const char* /*digest*/, ParameterRef value) override {
    std::visit([&](auto* number) { Read(name, *number); }, value);
  }

  void VisitWeight(const char* name, at::Tensor& weight) override {
    if (!layer_.contains("weights")) return;
    for (const Json& listed : List(layer_, "weights")) {
      if (listed != name) continue;
      const auto found = weights_.tensors.find(name_ + "." + name);
      if (found == weights_.tensors.end()) {
        Fail("expected a tensor {}.{}, found none", name_, name);
      }
      weight = found->second;
      ++used_;
    }
  }

 private:
  std::vector<int> Integers(const char* name, size_t count) const {
    const Json& list = List(layer_, name);
    if (list.size() != count) {
      Fail("{}: expected {} integers, found {}", name, count, Shown(list));
    }
    std::vector<int> integers;
    for (const Json& value : list) integers.push_back(Integer(value, name));
    return integers;
  }

  void Read(const char* name, int& value) const { value = Integer(Member(layer_, name), name); }
  void Read(const char* name, float& value) const { value = Number(Member(layer_, name), name); }
  void Read(const char* name, bool& value) const {
    const Json& json = Member(layer_, name);
    if (!json.is_boolean()) Fail("{}: expected true or false, found {}", name, Shown(json));
    value = json.get<bool>();
  }
  void Read(const char* name, Extent& value) const {
    const std::vector<int> numbers = Integers(name, 2);
    value = {numbers[0], numbers[1]};
  }
  void Read(const char* name, Padding& value) const {
    const std::vector<int> numbers = Integers(name, 4);
    value = {numbers[0], numbers[1], numbers[2], numbers[3]};
  }
  void Read(const char* name, std::vector<float>& values) const {
    values.clear();
    for (const Json& value : List(layer_, name)) values.push_back(Number(value, name));
  }
  void Read(const char* name, std::vector<int>& values) const {
    values.clear();
    for (const Json& value : List(layer_, name)) values.push_back(Integer(value, name));
  }
  void Read(const char* name, Choice& choice) const {
    const std::string word = Word(layer_, name);
    const auto& words = choice.words;
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
      Fail("{}: expected one of {}, found {}", name, fmt::join(words, ", "), word);
    }
    choice.value = static_cast<int>(found - words.begin());
  }

  const std::string& name_;
  const Json& layer_;
  const SafeTensors& weights_;
  size_t& used_;
};

void AddLayer(const Json& json, const SafeTensors& weights, size_t& used, Network& network) {
  const std::string name = Word(json, "name"), kind = Word(json, "kind");
  const auto found = Kinds().find(kind);
  if (found == Kinds().end()) {
    std::vector<std::string> known;
    for (const auto& [other, ignored] : Kinds()) known.push_back(other);
    Fail("layer {}: expected a kind of layer ({}), found {}", name, Join(known), kind);
  }
  std::vector<int> inputs;
  AnyKind read = found->second;
  try {
    GraphReader reader(name, json, weights, used);
    read = found->second.Visited(reader);
    for (const Json& input : List(json, "inputs")) {
      if (!input.is_string()) Fail("inputs: expected names of layers, found {}", Shown(input));
      inputs.push_back(-1);
      for (int i = 0; i < network.size(); ++i) {
        if (network.layer(i).name == input.get<std::string>()) inputs.back() = i;
      }
      if (inputs.back() < 0) Fail("inputs: expected layers before it, found {}", Shown(input));
    }
  } catch (const Error& error) {
    Fail("layer {}: {}", name, error.what());
  }
  network.Add(name, read, inputs);
}

Network Read(const Json& graph, const SafeTensors& weights) {
  const Json& input = Member(graph, "input");
  Network network(
      {Integer(Member(input, "units"), "units"), Integer(Member(input, "height"), "height"),
       Integer(Member(input, "width"), "width")},
      Word(input, "name"));
  size_t used = 0;
  for (const Json& layer : List(graph, "layers")) AddLayer(layer, weights, used, network);
  const Json& names = Member(graph, "names");
  if (!names.is_object()) Fail("names: expected an object, found {}", Shown(names));
  std::map<std::string, int> layers;
  for (int i = 0; i < network.size(); ++i) layers[network.layer(i).name] = i;
  for (const auto& [name, layer] : names.items()) {
    const auto found = layer.is_string() ? layers.find(layer.get<std::string>()) : layers.end();
    if (found == layers.end()) Fail("names: {}: expected a layer, found {}", name, Shown(layer));
    network.Bind(name, found->second);
  }
  std::vector<std::string> outputs;
  for (const Json& name : List(graph, "outputs")) {
    if (!name.is_string()) Fail("outputs: expected names, found {}", Shown(name));
    outputs.push_back(name.get<std::string>());
  }
  network.SetOutputs(outputs);
  if (used != weights.tensors.size()) {
    const SafeTensors known = WeightsOf(network);
    for (const auto& [name, ignored] : weights.tensors) {
      if (known.tensors.count(name) == 0) {
        Fail("tensor {}: expected only weights of the graph's layers, found another", name);
      }
    }
  }
  return network;
}

}  // namespace

Json ToJson(const Network& network) {
  const Shape& input = network.input();
  Json graph = {{"input",
                 {{"name", network.layer(0).name},
                  {"units", input.units},
                  {"height", input.height},
                  {"width", input.width}}},
                {"layers", Json::array()},
                {"names", Json::object()},
                {"outputs", network.outputs()}};
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    if (Kinds().count(layer.kind->Name()) == 0) {
      Fail("layer {}: a {} cannot be stored", layer.name, layer.kind->Name());
    }
    Json json = {{"name", layer.name}, {"kind", layer.kind->Name()}, {"inputs", Json::array()}};
    for (int from : layer.inputs) json["inputs"].push_back(network.layer(from).name);
    GraphWriter writer(json);
    layer.kind.Visited(writer);
    graph["layers"].push_back(std::move(json));
  }
  for (const auto& [name, index] : network.names()) {
    if (network.layer(index).name != name) graph["names"][name] = network.layer(index).name;
  }
  return graph;
}

SafeTensors WeightsOf(const Network& network) {
  SafeTensors weights;
  for (const Layer& layer : network.layers()) {
    ForEachWeight(layer.kind, [&](const std::string& name, const at::Tensor& weight) {
      weights.tensors[layer.name + "." + name] = weight;
    });
  }
  return weights;
}

Network NetworkFrom(const Json& graph, const SafeTensors& weights, const Path& file) {
  try {
    return Read(graph, weights);
  } catch (const Error& error) {
    Fail("{}: {}", file.string(), error.what());
  }
}

}  // namespace netdissect
