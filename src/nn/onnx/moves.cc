// What moves numbers in ONNX: reshapes, permutations, slices, concatenations.

#include "nn/import/moves.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <limits>
#include <numeric>

#include "nn/import/not_supported.h"
#include "nn/onnx/graph.h"

namespace netdissect {
namespace {

void ImportReshape(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  std::vector<int64_t> sizes = graph.Numbers(node, 1, "shape", {});  // of the first version
  const bool allow_zero = node.Int("allowzero", 0) != 0;
  node.Ints("consumed_inputs", {});
  const std::vector<int64_t> own = SizesOf(x.axes);
  for (size_t i = 0; i < sizes.size() && !allow_zero; ++i) {
    if (sizes[i] == 0 && i < own.size()) sizes[i] = own[i];
  }
  graph.Set(node, Reshape(graph.builder(), node.Output(), x, sizes));
}

void ImportFlatten(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node,
            FlattenFrom(graph.builder(), node.Output(), graph.Input(node, 0), node.Int("axis", 1)));
}

void ImportTranspose(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  std::vector<int64_t> reversed(x.axes.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  graph.Set(node, Permute(graph.builder(), node.Output(), x, node.Ints("perm", reversed)));
}

void ImportSqueeze(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, Squeeze(graph.builder(), node.Output(), graph.Input(node, 0),
                          graph.Numbers(node, 1, "axes", {})));
}

void ImportUnsqueeze(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, Unsqueeze(graph.builder(), node.Output(), graph.Input(node, 0),
                            graph.Numbers(node, 1, "axes", {})));
}

void ImportConcat(OnnxGraph& graph, const OnnxNode& node) {
  std::vector<View> views;
  for (int i = 0; i < node.CountInputs(); ++i) {
    if (!graph.IsView(node, i)) FailUnsupported("a concatenation with a constant");
    views.push_back(graph.Input(node, i));
  }
  graph.Set(node, Concatenate(graph.builder(), node.Output(), views, node.Int("axis", 1)));
}

void ImportShape(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<int64_t> sizes = SizesOf(graph.builder().Unpadded(graph.Input(node, 0)).axes);
  const auto rank = static_cast<int64_t>(sizes.size());
  const auto clamped = [&](int64_t place) {
    return std::clamp<int64_t>(place < 0 ? place + rank : place, 0, rank);
  };
  const int64_t begin = clamped(node.Int("start", 0)), end = clamped(node.Int("end", rank));
  graph.Set(node, at::tensor(std::vector<int64_t>(sizes.begin() + begin,
                                                  sizes.begin() + std::max(begin, end)),
                             at::kLong));
}

void ImportSize(OnnxGraph& graph, const OnnxNode& node) {
  int64_t size = 1;
  for (const int64_t s : SizesOf(graph.Input(node, 0).axes)) size *= s;
  graph.Set(node, at::tensor(size, at::kLong));
}

void ImportGather(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  const size_t axis = AxisAt(node.Int("axis", 0), x.axes.size());
  const at::Tensor places = graph.Constant(node, 1);
  std::vector<int64_t> indices = graph.Numbers(node, 1);
  for (int64_t& index : indices) {
    if (index < 0) index += std::max<int64_t>(SizeOf(x.axes[axis]), 0);
  }
  if (places.dim() != 0) {
    return graph.Set(node, Select(graph.builder(), node.Output(), x, axis, indices));
  }
  // One place: the axis goes.
  const View one = Select(graph.builder(), node.Output(), x, axis, indices);
  graph.Set(node, Squeeze(graph.builder(), node.Output(), one, {static_cast<int64_t>(axis)}));
}

void ImportSlice(OnnxGraph& graph, const OnnxNode& node) {
  View x = graph.Input(node, 0);
  const std::vector<int64_t> starts = graph.Numbers(node, 1, "starts", {});
  const std::vector<int64_t> ends = graph.Numbers(node, 2, "ends", {});
  std::vector<int64_t> all(starts.size());
  std::iota(all.begin(), all.end(), 0);
  const std::vector<int64_t> axes = graph.Numbers(node, 3, "axes", all);
  std::vector<int64_t> steps(starts.size(), 1);
  if (!node.Input(4).empty()) steps = graph.Numbers(node, 4);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    Fail("expected equally many starts, ends, axes and steps, found {}, {}, {} and {}",
         starts.size(), ends.size(), axes.size(), steps.size());
  }
  for (size_t i = 0; i < starts.size(); ++i) {
    const std::string name =
        i + 1 < starts.size() ? fmt::format("{}/{}", node.Output(), i) : node.Output();
    x = Slice(graph.builder(), name, x, AxisAt(axes[i], x.axes.size()), starts[i], ends[i],
              steps[i]);
  }
  if (starts.empty()) x = graph.builder().Alias(node.Output(), x);
  graph.Set(node, x);
}

void ImportSplit(OnnxGraph& graph, const OnnxNode& node) {
  const View x = graph.builder().Unpadded(graph.Input(node, 0));
  const size_t axis = AxisAt(node.Int("axis", 0), x.axes.size());
  const int64_t size = SizeOf(x.axes[axis]);
  std::vector<int64_t> parts = graph.Numbers(node, 1, "split", {});
  const int64_t count = node.Int("num_outputs", node.CountOutputs());
  if (parts.empty()) {
    if (size < 1 || count < 1) FailUnsupported("a split of the batch");
    const int64_t each = (size + count - 1) / count;
    for (int64_t begin = 0; begin < size; begin += each) {
      parts.push_back(std::min(each, size - begin));
    }
  }
  if (static_cast<int64_t>(parts.size()) < node.CountOutputs() ||
      std::accumulate(parts.begin(), parts.end(), int64_t{0}) != size) {
    Fail("split: expected {} parts of {} in all, found {}", node.CountOutputs(), size,
         fmt::join(parts, ", "));
  }
  int64_t begin = 0;
  for (int i = 0; i < node.CountOutputs(); ++i) {
    const int64_t part = parts[static_cast<size_t>(i)];
    if (part < 1) FailUnsupported("a part of no places");
    std::vector<int64_t> indices(static_cast<size_t>(part));
    std::iota(indices.begin(), indices.end(), begin);
    begin += part;
    if (node.Output(i).empty()) continue;
    graph.Set(node, Select(graph.builder(), node.Output(i), x, axis, indices), i);
  }
}

void ImportExpand(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node,
            Expand(graph.builder(), node.Output(), graph.Input(node, 0), graph.Numbers(node, 1)));
}

void ImportIdentity(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, graph.builder().Alias(node.Output(), graph.Input(node, 0)));
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxMoveHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"Concat", ImportConcat},      {"Expand", ImportExpand},     {"Flatten", ImportFlatten},
      {"Gather", ImportGather},      {"Identity", ImportIdentity}, {"Reshape", ImportReshape},
      {"Shape", ImportShape},        {"Size", ImportSize},         {"Slice", ImportSlice},
      {"Split", ImportSplit},        {"Squeeze", ImportSqueeze},   {"Transpose", ImportTranspose},
      {"Unsqueeze", ImportUnsqueeze}};
  return handlers;
}

}  // namespace netdissect
