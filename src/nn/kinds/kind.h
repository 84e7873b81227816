#pragma once
// What every kind of layer says of itself. A kind is one file of this folder; nothing has a
// default, so that the compiler refuses a kind that leaves something out. Files that read networks
// name the kinds that they make: onnx_*.cc, caffe_layers.cc, alexnet.cc, graph_file.cc.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/nn/layer.h"
#include "nn/kinds/parameters.h"
#include "nn/kinds/window.h"
#include "nn/rows/channels.h"

namespace netdissect {

struct PackedWeights;
struct RowKernels;
struct RowTask;
struct TileTask;

/// How units are found among others when layers are recorded that nobody has named.
enum class Recording {
  kAlways,
  kNever,         // normalisations and the like: its input is recorded
  kUnlessJoined,  // not where its output goes into concatenations alone: it is found in these
  kJoins,         // a concatenation: recorded, and so its inputs need not be
  kPassesOn       // not recorded; its input is joined where its output is
};

class LayerKind {
 public:
  virtual ~LayerKind() = default;

  /// For people, in digests and in stored graphs: "max pooling".
  virtual std::string Name() const = 0;

  /// Everything it is made of.
  virtual void Visit(ParameterVisitor& visitor) = 0;

  /// Checks parameters and weights against the inputs' shapes. The Error says what was expected and
  /// what was found; who calls names the layer.
  virtual Shape OutputShape(const std::vector<Shape>& inputs) const = 0;

  /// What an output position sees of an input of this shape.
  virtual Reach GetReach(const Shape& input, const Shape& output) const = 0;

  /// Marks the channels of each input that the wanted output channels read.
  virtual void MarkChannels(const std::vector<char>& wanted,
                            const std::vector<std::vector<char>*>& inputs) const = 0;

  /// Of `channels` of the output at `positions` of them, for one image.
  virtual int64_t MultiplyAdds(int64_t channels, int64_t positions) const = 0;

  /// The output in LibTorch operations, on any device. Inputs that nobody else holds may be
  /// overwritten.
  virtual at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const = 0;

  // By the processor's kernels, which compute some channels at some positions.

  /// False where nothing is gained by it for inputs of these shapes: then the layer, and what
  /// stands on it, is computed whole by Evaluate, and the rest is not called.
  virtual bool HasRows(const std::vector<Shape>& inputs) const = 0;

  /// The channels to compute so that the wanted ones are, in runs that are cheapest.
  virtual std::vector<ChannelRun> Divide(const std::vector<char>& wanted) const = 0;

  /// What a run is multiplied by; nothing where the kind has no matrix.
  virtual std::shared_ptr<const PackedWeights> Pack(const ChannelRun& run,
                                                    const RowKernels& kernels) const = 0;

  virtual void ComputeRows(const RowTask& task) const = 0;

  /// The window of a layer that sums up what each tap gives. Its rows are then computed as those of
  /// an unchanged image, RowTask::unchanged, to which is added what the changed positions of its
  /// one input give. Nothing where rows are computed anew.
  virtual std::optional<Window> SummedWindow() const = 0;

  // In LibTorch operations on tiles: positions of a rectangle, at a place of its own for each item.

  /// What lies around the inputs, for tiles that reach beyond their borders. Nothing where tiles
  /// cannot be computed from what their positions see: they are whole maps then, as the inputs are.
  virtual std::optional<float> Surroundings() const = 0;

  virtual at::Tensor EvaluateTiles(TileTask task) const = 0;

  virtual Recording RecordedAs() const = 0;
};

}  // namespace netdissect
