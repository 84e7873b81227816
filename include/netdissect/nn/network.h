#pragma once
// A directed acyclic graph of named layers with their weights, in topological order. Layer 0 is the
// input. Every layer's output is addressable by name; what the network is for, its class scores
// above all, is said by the file that it comes from, not by the order of its layers.

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/nn/layer.h"

namespace netdissect NETDISSECT_PUBLIC {

/// What a file holds beside the layers that were read, since it is no kind of layer that we know.
struct UnreadPart {
  std::string from;  // the first operator: `node "priors" (PriorBox)`
  std::string why;   // what is not supported
  std::vector<std::string>
      names;  // of the outputs that are not there: its own, and what needs them
};

class WeightStore;  // nn/rows/weight_store.h

/// How a forward pass is computed on a CPU: by kernels for this processor, or in LibTorch's
/// operations, as it is on other devices. Both give the same but for rounding.
enum class ForwardBy { kRowKernels, kLibTorch };

/// A layer's output for one image: channel c at position p, row by row, is
/// values[c * channel_step + p * position_step].
struct ImageMaps {
  const float* values;
  int64_t channels, height, width;
  int64_t channel_step, position_step;
};

class Network {
 public:
  explicit Network(const Shape& input, const std::string& input_name = "data");

  /// Appends a layer whose output bears `name`; returns its index. The output's shape is derived.
  /// Error, naming the layer, what was expected and what was found, where the layer's parameters or
  /// weights do not fit its inputs, or the name is taken by another layer.
  int Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs);

  /// `name` (re)bound to the output of layer `index`: after Caffe's in-place relu4 on conv4, both
  /// names mean the rectified output. The name that the layer was added under stays its name in
  /// tables.
  void Bind(const std::string& name, int index);

  /// Takes back the layers from number `size` on, with the names that mean them: of a file's layer
  /// that turns out not to be supported after it was begun.
  void Truncate(int size);

  /// `name` is folded into another layer and has no output of its own; asking for it is an error
  /// that says so.
  void MarkFolded(const std::string& name, int into);

  /// What was not read of the file that the network comes from. Its names mean nothing but errors
  /// that say why.
  void SetUnread(UnreadPart what) { unread_.push_back(std::move(what)); }
  const std::vector<UnreadPart>& unread() const { return unread_; }

  /// The layer whose output `name` means; Error with the closest name and the list of layers.
  int Find(const std::string& name) const;
  bool Has(const std::string& name) const { return index_of_.count(name) != 0; }

  /// The names that the network's outputs bear, the most important first. Error where one is
  /// unknown.
  void SetOutputs(std::vector<std::string> names);
  const std::vector<std::string>& outputs() const { return outputs_; }

  /// The layer of class scores: the first output, where it has no positions (H = W = 1).
  std::optional<int> scores() const;

  const std::vector<Layer>& layers() const { return layers_; }
  const Layer& layer(int index) const { return layers_[static_cast<size_t>(index)]; }
  const Shape& input() const { return layers_.front().shape; }
  int size() const { return static_cast<int>(layers_.size()); }
  /// All names, each with the index it is bound to.
  const std::map<std::string, int>& names() const { return index_of_; }

  /// Outputs (N, C, H, W) of the wanted layers for `input` (N, C, H, W), computing only the layers
  /// that they need and keeping no activation longer than needed. Moves `input` to device() first.
  std::vector<at::Tensor> Forward(const at::Tensor& input, const std::vector<int>& wanted) const;

  /// The same, each output handed out as soon as it is computed, `which` being its place in
  /// `wanted`, and dropped once nobody needs it: memory does not hold all wanted outputs at once.
  /// What the visitor keeps a reference to stays as it is.
  using OutputVisitor = std::function<void(size_t which, const at::Tensor& output)>;
  void Forward(const at::Tensor& input, const std::vector<int>& wanted,
               const OutputVisitor& visit) const;

  /// The same, image by image, each as soon as it is computed, while it is in a processor's cache:
  /// `visit` is called from any thread, for several images at once, and only looks.
  using ImageVisitor = std::function<void(size_t which, int64_t image, const ImageMaps& maps)>;
  void ForwardEach(const at::Tensor& input, const std::vector<int>& wanted,
                   const ImageVisitor& visit) const;

  /// Row kernels, unless it is said otherwise. What is not float32 or has gradients is LibTorch's.
  void SetForward(ForwardBy by) { forward_ = by; }
  ForwardBy forward() const { return forward_; }

  /// The layers that `wanted` need, themselves included, in order.
  std::vector<int> Needed(const std::vector<int>& wanted) const;

  /// Moves the weights.
  void To(const at::Device& device);
  const at::Device& device() const { return device_; }

  /// Digest of graph and weights: equal where the computation is.
  std::string ComputeDigest() const;

  /// Weights as row kernels read them, which copies of the network share.
  WeightStore& packed() const { return *packed_; }

  /// Computes as `other` does, and shares what is packed of layers that both have.
  void ComputeAs(const Network& other) {
    packed_ = other.packed_;
    forward_ = other.forward_;
  }

 private:
  // Error where `input` is not as the network expects it.
  bool IsByRows(const at::Tensor& input) const;
  void ForwardByLibTorch(const at::Tensor& input, const std::vector<int>& wanted,
                         const OutputVisitor& visit) const;

  std::vector<Layer> layers_;
  std::shared_ptr<WeightStore> packed_;
  ForwardBy forward_ = ForwardBy::kRowKernels;
  std::map<std::string, int> index_of_;
  std::map<std::string, int> folded_into_;
  std::vector<std::string> outputs_;
  std::vector<UnreadPart> unread_;
  at::Device device_{at::kCPU};
};

/// The layer of class scores; Error that says what to do where there is none.
int ScoreLayer(const Network& network);

/// What goes into the softmax of the class scores; these themselves where they come from none.
int LogitLayer(const Network& network);

/// Output of one layer for its inputs (one tensor for each), as Network::Forward computes it.
at::Tensor Evaluate(const Layer& layer, const std::vector<at::Tensor>& inputs);

}  // namespace netdissect
