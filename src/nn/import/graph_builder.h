#pragma once
// A Network in the making, and what the tensors of the file that it is read from mean in it.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "netdissect/nn/network.h"
#include "nn/import/axes.h"

namespace netdissect {

/// A tensor of the file: a layer's output, seen along other axes.
struct View {
  int layer = 0;
  Axes axes;
  Padding zeros;     // around it, which a Pad has promised and the next layer may take up
  std::string name;  // in the file: what a layer that is made for it is called

  bool padded() const {
    return zeros.top != 0 || zeros.left != 0 || zeros.bottom != 0 || zeros.right != 0;
  }
};

class GraphBuilder {
 public:
  /// `axes` are those of the input in the file, whose batch size is `batch`, or 0 where it is free.
  GraphBuilder(const Shape& input, const std::string& name, Axes axes, int64_t batch);

  const View& input() const { return input_; }
  int64_t batch() const { return batch_; }
  const Network& network() const { return network_; }
  const Shape& ShapeOf(const View& view) const { return network_.layer(view.layer).shape; }

  /// A layer on others, whose output bears `name` (or one made from it, where it is taken).
  View Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs);
  /// The same with other axes than (N, C, H, W).
  View Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs, Axes axes);

  /// Another name for what `view` sees, along other axes.
  View Alias(const std::string& name, View view, Axes axes);
  View Alias(const std::string& name, View view);

  /// The layer whose output is what `view` sees, as (N, C, H, W): of four axes as they are, of two
  /// without positions. It is made where there is none. NotSupported of other numbers of axes, or
  /// where the first is not the batch.
  int LayerOf(const View& view);
  /// The same, seen as (N, C, H, W), or (N, C) where it has two axes.
  View Plain(const View& view);
  /// Of four axes alone.
  View Plain4d(const View& view);
  /// What a Pad has promised made true by a layer.
  View Unpadded(const View& view);

  /// Takes back the layers from number `size` on.
  void TakeBack(int size);

  /// The layer has taken up what the Pad has promised: it has no output of its own.
  void TakeUp(const View& padded, int by);

  /// With what the file calls outputs, and affine layers folded. `names` are other names of
  /// tensors, for those that nothing else bears.
  Network Finish(const std::vector<View>& outputs,
                 const std::vector<std::pair<std::string, std::string>>& names);

 private:
  std::string FreeName(const std::string& name) const;
  int Make(const View& view);

  int64_t batch_ = 0;
  Network network_;
  View input_;
  std::map<std::string, int> made_;      // what LayerOf has made, by layer and axes
  std::map<std::string, int> taken_up_;  // names of padded tensors
};

}  // namespace netdissect
