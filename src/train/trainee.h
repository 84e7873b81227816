#pragma once
// A network in training: its parameters, their momentum, and running statistics where convolutions
// are normalised. Activations are channels-last, in which LibTorch's convolutions are several times
// faster than in its usual layout.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/workers.h"
#include "netdissect/nn/network.h"
#include "nn/safetensors.h"

namespace netdissect {

struct TraineeOptions {
  bool batch_norm = true;
  std::optional<double> dropout;  // of all dropout layers; none: each layer's own rate
  double label_smoothing = 0;
  uint64_t seed = 0;  // of dropout
};

struct SgdStep {
  double rate = 0;
  double momentum = 0;
  double decay = 0;
};

/// What a shard adds to a step.
struct ShardGradient {
  std::vector<at::Tensor> gradients;         // by parameter; contiguous
  std::vector<at::Tensor> means, variances;  // by normalised layer
  double loss = 0;                           // summed over images
  int64_t right = 0;                         // images whose highest score is their class
  int64_t images = 0;
};

class Trainee {
 public:
  /// Starts with the weights of `network`, one that StartOf has made.
  Trainee(const Network& network, const TraineeOptions& options);

  /// Gradient of the loss summed over a shard, divided by `divisor`. `input` is (N, C, H, W) in
  /// channels-last layout, `targets` (N) int64; `step` and the `place` of the shard's first image
  /// in its batch fix what is dropped. From any thread.
  ShardGradient Differentiate(const at::Tensor& input, const at::Tensor& targets, double divisor,
                              int64_t step, int64_t place) const;

  /// One step of gradient descent with the sum of the shards' gradients, in their order.
  void Update(const std::vector<ShardGradient>& shards, const SgdStep& step, Workers& workers);

  /// The weights of the plain network, running statistics folded in.
  SafeTensors Folded() const;

  /// All that training changes, by name; shares memory.
  std::map<std::string, at::Tensor> State() const;
  /// Error, naming `file`, where a tensor is missing or of another shape.
  void Restore(const SafeTensors& state, const Path& file);

  const Network& network() const { return network_; }

  static constexpr double kEpsilon = 1e-5;  // added to variances
  static constexpr double kTracking = 0.1;  // weight of a shard in the running statistics

 private:
  struct Parameter {
    std::string name;
    at::Tensor value, momentum;
    bool decays = false;
  };
  // Of one layer: indices into parameters_.
  struct LayerParameters {
    std::map<std::string, int> weights;  // of its kind, by name
    int scale = -1, shift = -1;          // of its normalisation, or none
    int norm = -1;                       // index into means_ and variances_
  };
  // A piece of a parameter that one thread updates.
  struct Piece {
    size_t parameter = 0;
    int64_t begin = 0, end = 0;
  };

  int AddParameter(const std::string& name, const at::Tensor& value, bool decays);
  at::Tensor Mask(double rate, const Shape& shape, int64_t images, int layer, int64_t step,
                  int64_t place) const;
  void UpdatePiece(const Piece& piece, const std::vector<ShardGradient>& shards,
                   const SgdStep& step);

  Network network_;
  TraineeOptions options_;
  int scores_ = 0;           // layer
  std::vector<int> needed_;  // layers that the scores need, in order
  std::vector<Parameter> parameters_;
  std::vector<LayerParameters> of_layer_;
  std::vector<std::string> norm_names_;
  std::vector<at::Tensor> means_, variances_;
  std::vector<Piece> pieces_;
};

}  // namespace netdissect
