#include "netdissect/nn/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <iterator>

#include "base/digest.h"
#include "base/parallel.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/kinds/input.h"
#include "nn/kinds/shape_check.h"
#include "nn/kinds/softmax.h"
#include "nn/planar.h"
#include "nn/rows/row_forward.h"
#include "nn/rows/weight_store.h"

namespace netdissect {
namespace {

// What decides what a layer computes, but for its weights.
class DigestText : public ParameterVisitor {
 public:
  void Visit(const char* /*name*/, const char* digest, ParameterRef value) override {
    if (digest == nullptr) return;
    text_ += digest;
    std::visit([this](const auto* number) { Append(*number); }, value);
  }
  void VisitWeight(const char* /*name*/, at::Tensor& /*weight*/) override {}

  const std::string& text() const { return text_; }

 private:
  void Append(int value) { text_ += fmt::format("{}", value); }
  void Append(float value) { text_ += fmt::format("{}", value); }
  void Append(bool value) { text_ += fmt::format("{}", value); }
  void Append(const Extent& value) { text_ += fmt::format("{}x{}", value.y, value.x); }
  void Append(const Padding& value) {
    text_ += fmt::format("{},{},{},{}", value.top, value.left, value.bottom, value.right);
  }
  void Append(const std::vector<float>& values) {
    text_ += fmt::format("{}", fmt::join(values, ","));
  }
  void Append(const std::vector<int>& values) {
    text_ += fmt::format("{}", fmt::join(values, ","));
  }
  void Append(const Choice& choice) { text_ += choice.words[static_cast<size_t>(choice.value)]; }

  std::string text_;
};

std::string Describe(const Layer& layer) {
  std::string text = layer.kind->Name() + ToString(layer.shape);
  for (int input : layer.inputs) text += fmt::format(" <{}", input);
  DigestText parameters;
  layer.kind.Visited(parameters);
  return text + parameters.text();
}

// Of the output of a layer that is to be called `name`.
Shape CheckedShape(const std::string& name, const AnyKind& kind, const std::vector<Shape>& inputs) {
  Shape shape;
  try {
    shape = kind->OutputShape(inputs);
  } catch (const Error& error) {
    Fail("layer {}: {}", name, error.what());
  }
  if (int64_t{shape.units} * shape.height * shape.width > kMostValues) {
    Fail("layer {}: an output of {} is larger than netdissect handles", name, ToString(shape));
  }
  return shape;
}

// Whether a kind's weights are what a network holds; then it is the same kind there, too.
bool IsAsStored(const AnyKind& kind, const at::Device& device) {
  bool stored = true;
  ForEachWeight(kind, [&](const std::string&, const at::Tensor& weight) {
    stored = stored && weight.device() == device && weight.scalar_type() == at::kFloat &&
             weight.is_contiguous();
  });
  return stored;
}

}  // namespace

Network::Network(const Shape& input, const std::string& input_name)
    : packed_(std::make_shared<WeightStore>()) {
  if (input.units < 1 || input.height < 1 || input.width < 1) {
    Fail("layer {}: expected an input of positive size, found {}", input_name, ToString(input));
  }
  layers_.push_back({input_name, Input{}, {}, input});
  index_of_[input_name] = 0;
}

int Network::Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs) {
  if (name.empty()) Fail("layer {} of {}: expected a name, found none", size(), KindName(kind));
  if (Has(name)) Fail("layer {}: another layer bears this name", name);
  std::vector<Shape> shapes;
  for (int input : inputs) {
    if (input < 0 || input >= size()) {
      Fail("layer {}: expected inputs among the {} layers before it, found {}", name, size(),
           input);
    }
    shapes.push_back(layer(input).shape);
  }
  const Shape shape = CheckedShape(name, kind, shapes);
  if (!IsAsStored(kind, device_)) {
    kind = MapWeights(kind, [&](const std::string&, const at::Tensor& weight) {
      return weight.to(device_, at::kFloat).contiguous();
    });
  }
  layers_.push_back({name, std::move(kind), inputs, shape});
  index_of_[name] = size() - 1;
  return size() - 1;
}

void Network::Bind(const std::string& name, int index) {
  if (index < 0 || index >= size()) Fail("layer {}: bound to layer {} of {}", name, index, size());
  index_of_[name] = index;
}

void Network::Truncate(int size) {
  layers_.erase(layers_.begin() + size, layers_.end());
  for (auto it = index_of_.begin(); it != index_of_.end();) {
    it = it->second >= size ? index_of_.erase(it) : std::next(it);
  }
}

void Network::MarkFolded(const std::string& name, int into) {
  index_of_.erase(name);
  folded_into_[name] = into;
}

void Network::SetOutputs(std::vector<std::string> names) {
  for (const std::string& name : names) Find(name);
  outputs_ = std::move(names);
}

std::optional<int> Network::scores() const {
  if (outputs_.empty()) return std::nullopt;
  const int first = Find(outputs_.front());
  const Shape& shape = layer(first).shape;
  if (shape.height != 1 || shape.width != 1) return std::nullopt;
  return first;
}

int Network::Find(const std::string& name) const {
  if (const auto found = index_of_.find(name); found != index_of_.end()) return found->second;
  if (const auto folded = folded_into_.find(name); folded != folded_into_.end()) {
    Fail("layer {}: its output is folded into that of layer {}: ask for that one", name,
         layer(folded->second).name);
  }
  for (const UnreadPart& part : unread_) {
    const auto& names = part.names;
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    Fail("layer {}: it was not read, since {}: {}", name, part.from, part.why);
  }
  std::vector<std::string> known, all;
  for (const Layer& layer : layers_) known.push_back(layer.name);
  for (const auto& [other, index] : index_of_) all.push_back(other);
  const std::string closest = Closest(name, all);
  Fail("layer {}: no such layer{}; the layers are: {}", name,
       closest.empty() ? "" : " (did you mean " + closest + "?)", Join(known));
}

std::vector<int> Network::Needed(const std::vector<int>& wanted) const {
  std::vector<bool> needed(layers_.size(), false);
  for (int index : wanted) needed[static_cast<size_t>(index)] = true;
  std::vector<int> order;
  for (int index = size() - 1; index >= 0; --index) {
    if (!needed[static_cast<size_t>(index)]) continue;
    order.push_back(index);
    for (int input : layer(index).inputs) needed[static_cast<size_t>(input)] = true;
  }
  std::reverse(order.begin(), order.end());
  return order;
}

bool Network::IsByRows(const at::Tensor& input) const {
  const Shape& expected = this->input();
  if (input.dim() != 4 || input.size(1) != expected.units || input.size(2) != expected.height ||
      input.size(3) != expected.width) {
    Fail("layer {}: expected an input of N x {}, found {}", layer(0).name, ToString(expected),
         fmt::join(input.sizes().vec(), " x "));
  }
  return forward_ == ForwardBy::kRowKernels && device_.is_cpu() && input.is_cpu() &&
         input.scalar_type() == at::kFloat && !input.requires_grad();
}

void Network::Forward(const at::Tensor& input, const std::vector<int>& wanted,
                      const OutputVisitor& visit) const {
  IsByRows(input) ? ForwardByRows(*this, input, wanted, visit)
                  : ForwardByLibTorch(input, wanted, visit);
}

void Network::ForwardEach(const at::Tensor& input, const std::vector<int>& wanted,
                          const ImageVisitor& visit) const {
  if (IsByRows(input)) return ForwardEachByRows(*this, input, wanted, visit);
  ForwardByLibTorch(input, wanted, [&](size_t which, const at::Tensor& output) {
    const at::Tensor maps = Planar(output);
    const int64_t positions = maps.size(2) * maps.size(3);
    const float* values = maps.data_ptr<float>();
    ParallelFor(0, maps.size(0), 1, [&](int64_t begin, int64_t end) {
      for (int64_t image = begin; image < end; ++image) {
        visit(which, image,
              {values + image * maps.size(1) * positions, maps.size(1), maps.size(2), maps.size(3),
               positions, 1});
      }
    });
  });
}

void Network::ForwardByLibTorch(const at::Tensor& input, const std::vector<int>& wanted,
                                const OutputVisitor& visit) const {
  const std::vector<int> order = Needed(wanted);
  std::vector<int> users(layers_.size(), 0);  // that still have to be computed
  for (int index : order) {
    for (int source : layer(index).inputs) ++users[static_cast<size_t>(source)];
  }
  std::vector<at::Tensor> outputs(layers_.size());
  for (int index : order) {
    const Layer& current = layer(index);
    std::vector<at::Tensor> inputs;
    for (int source : current.inputs) {
      at::Tensor& output = outputs[static_cast<size_t>(source)];
      inputs.push_back(output);
      if (--users[static_cast<size_t>(source)] == 0) output.reset();
    }
    at::Tensor& output = outputs[static_cast<size_t>(index)];
    if (index == 0) {
      output = input.to(device_);
    } else {
      output = current.kind->Evaluate(std::move(inputs), current.shape);
    }
    for (size_t which = 0; which < wanted.size(); ++which) {
      if (wanted[which] == index) visit(which, output);
    }
    if (users[static_cast<size_t>(index)] == 0) output.reset();
  }
}

std::vector<at::Tensor> Network::Forward(const at::Tensor& input,
                                         const std::vector<int>& wanted) const {
  std::vector<at::Tensor> results(wanted.size());
  Forward(input, wanted, [&](size_t which, const at::Tensor& output) { results[which] = output; });
  return results;
}

void Network::To(const at::Device& device) {
  if (device == device_) return;
  device_ = device;
  for (Layer& layer : layers_) {
    layer.kind = MapWeights(layer.kind, [&](const std::string&, const at::Tensor& weight) {
      return weight.to(device);
    });
  }
}

std::string Network::ComputeDigest() const {
  Digest digest;
  for (const Layer& layer : layers_) {
    digest.Add(Describe(layer));
    ForEachWeight(layer.kind, [&](const std::string&, const at::Tensor& weight) {
      const at::Tensor bytes = weight.to(at::kCPU).contiguous();
      digest.Add(bytes.data_ptr(), static_cast<size_t>(bytes.nbytes()));
    });
  }
  return digest.Hex();
}

int ScoreLayer(const Network& network) {
  if (const std::optional<int> scores = network.scores()) return *scores;
  constexpr const char* kAdvice =
      "where another layer has them, \"output\" in the network's descriptor names it";
  if (network.outputs().empty()) {
    if (network.unread().empty()) {
      Fail("expected a layer of class scores, found none; {}", kAdvice);
    }
    const UnreadPart& first = network.unread().front();
    Fail(
        "expected a layer of class scores, found none, since not all of the network was read: {}: "
        "{}; {}",
        first.from, first.why, kAdvice);
  }
  const Layer& output = network.layer(network.Find(network.outputs().front()));
  Fail("layer {}: expected class scores, a number for each class, found {}; {}", output.name,
       ToString(output.shape), kAdvice);
}

int LogitLayer(const Network& network) {
  const int scores = ScoreLayer(network);
  const Layer& layer = network.layer(scores);
  return layer.kind.Is<Softmax>() ? layer.inputs.front() : scores;
}

at::Tensor Evaluate(const Layer& layer, const std::vector<at::Tensor>& inputs) {
  return layer.kind->Evaluate(inputs, layer.shape);
}

}  // namespace netdissect
