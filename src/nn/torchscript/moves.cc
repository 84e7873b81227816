// What moves numbers in PyTorch: views, permutations, slices, concatenations.

#include "nn/import/moves.h"

#include <ATen/core/Tensor.h>

#include <limits>
#include <numeric>

#include "nn/import/not_supported.h"
#include "nn/torchscript/call.h"

namespace netdissect::torchscript {
namespace {

// Another look at the same numbers: what changes them in place changes this, too.
Value Same(const Call& call, View view, const char* input = "self") {
  const Seen& seen = call.InputSeen(input);
  if (view.layer != seen.view.layer) return Fresh(std::move(view));
  return Seen{std::move(view), seen.storage};
}

std::vector<Value> ReshapeTo(const Call& call) {
  const char* sizes = call.Has("shape") ? "shape" : "size";
  return {Same(call, Reshape(call.graph(), call.name(), call.Input(), call.Ints(sizes)))};
}

std::vector<Value> Flatten(const Call& call) {
  return {Same(call, FlattenBetween(call.graph(), call.name(), call.Input(), call.Int("start_dim"),
                                    call.Int("end_dim")))};
}

std::vector<Value> PermuteBy(const Call& call) {
  return {Same(call, Permute(call.graph(), call.name(), call.Input(), call.Ints("dims")))};
}

std::vector<Value> Transpose(const Call& call) {
  const size_t rank = call.Input().axes.size();
  std::vector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[AxisAt(call.Int("dim0"), rank)], order[AxisAt(call.Int("dim1"), rank)]);
  return {Same(call, Permute(call.graph(), call.name(), call.Input(), order))};
}

std::vector<Value> SqueezeAxes(const Call& call) {
  const View& x = call.Input();
  if (!call.Has("dim")) return {Same(call, Squeeze(call.graph(), call.name(), x, {}))};
  // An axis of another size stays.
  std::vector<int64_t> axes;
  for (const int64_t axis : call.Ints("dim")) {
    if (x.axes[AxisAt(axis, x.axes.size())].empty()) axes.push_back(axis);
  }
  if (axes.empty()) return {Same(call, call.graph().Alias(call.name(), x))};
  return {Same(call, Squeeze(call.graph(), call.name(), x, axes))};
}

std::vector<Value> UnsqueezeAxis(const Call& call) {
  return {Same(call, Unsqueeze(call.graph(), call.name(), call.Input(), {call.Int("dim")}))};
}

std::vector<Value> Identity(const Call& call) {
  return {Same(call, call.graph().Alias(call.name(), call.Input()))};
}

// A copy: what changes it in place changes nothing else.
std::vector<Value> Copy(const Call& call) {
  return {Fresh(call.graph().Alias(call.name(), call.Input()))};
}

// Types of floating point are one here; others are not supported.
std::vector<Value> To(const Call& call) {
  if (!call.IsNone("dtype")) {
    const auto type = static_cast<at::ScalarType>(call.Int("dtype"));
    if (!at::isFloatingType(type)) {
      FailUnsupported("argument dtype: only floating types are supported here, found {}",
                      at::toString(type));
    }
  }
  return Identity(call);
}

std::vector<Value> Cat(const Call& call) {
  const std::vector<View> views = call.Inputs("tensors");
  if (views.size() == 1) return {Fresh(call.graph().Alias(call.name(), views[0]))};
  return {Fresh(Concatenate(call.graph(), call.name(), views, call.Int("dim")))};
}

std::vector<int64_t> Places(int64_t begin, int64_t count) {
  std::vector<int64_t> places(static_cast<size_t>(count));
  std::iota(places.begin(), places.end(), begin);
  return places;
}

std::vector<Value> Parts(const Call& call, const std::vector<int64_t>& sizes) {
  const View& x = call.Input();
  const size_t axis = AxisAt(call.Int("dim"), x.axes.size());
  auto parts = std::make_shared<std::vector<Value>>();
  int64_t begin = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 1) FailUnsupported("a part of no places");
    parts->push_back(Fresh(Select(call.graph(), fmt::format("{}/{}", call.name(), i), x, axis,
                                  Places(begin, sizes[i]))));
    begin += sizes[i];
  }
  return {Value(parts)};
}

// Parts of `each` places, the last with what is left.
std::vector<int64_t> Equal(int64_t size, int64_t each) {
  if (size < 1 || each < 1) FailUnsupported("a split of the batch");
  std::vector<int64_t> sizes;
  for (int64_t begin = 0; begin < size; begin += each)
    sizes.push_back(std::min(each, size - begin));
  return sizes;
}

int64_t SizeAlong(const Call& call) {
  const View& x = call.Input();
  return SizeOf(x.axes[AxisAt(call.Int("dim"), x.axes.size())]);
}

std::vector<Value> Chunk(const Call& call) {
  const int64_t chunks = std::max<int64_t>(call.Int("chunks"), 1), size = SizeAlong(call);
  return Parts(call, Equal(size, (size + chunks - 1) / chunks));
}

std::vector<Value> Split(const Call& call) {
  const char* sizes = call.Has("split_sizes") ? "split_sizes" : "split_size";
  const std::vector<int64_t> numbers = call.Ints(sizes);
  if (numbers.size() == 1) return Parts(call, Equal(SizeAlong(call), numbers[0]));
  return Parts(call, numbers);
}

std::vector<Value> SliceOf(const Call& call) {
  const View& x = call.Input();
  const int64_t begin = call.IsNone("start") ? 0 : call.Int("start");
  const int64_t end = call.IsNone("end") ? std::numeric_limits<int64_t>::max() : call.Int("end");
  return {Same(call, Slice(call.graph(), call.name(), x, AxisAt(call.Int("dim"), x.axes.size()),
                           begin, end, call.Int("step")))};
}

std::vector<Value> SelectOne(const Call& call) {
  const View& x = call.Input();
  const int64_t dim = call.Int("dim");
  int64_t index = call.Int("index");
  if (index < 0) index += std::max<int64_t>(SizeAlong(call), 0);
  const View one =
      netdissect::Select(call.graph(), call.name(), x, AxisAt(dim, x.axes.size()), {index});
  return {Same(call, Squeeze(call.graph(), call.name(), one, {dim}))};
}

std::vector<Value> Narrow(const Call& call) {
  const View& x = call.Input();
  return {Same(
      call, netdissect::Select(call.graph(), call.name(), x, AxisAt(call.Int("dim"), x.axes.size()),
                               Places(call.Int("start"), call.Int("length"))))};
}

std::vector<Value> IndexSelect(const Call& call) {
  const View& x = call.Input();
  return {Fresh(netdissect::Select(call.graph(), call.name(), x,
                                   AxisAt(call.Int("dim"), x.axes.size()), call.Ints("index")))};
}

std::vector<Value> ExpandTo(const Call& call) {
  return {Same(call, Expand(call.graph(), call.name(), call.Input(), call.Ints("size")))};
}

std::vector<Value> ChannelShuffle(const Call& call) {
  const View x = call.graph().Plain4d(call.Input());
  const Shape shape = call.graph().ShapeOf(x);
  const int64_t groups = call.Int("groups");
  if (groups < 1 || shape.units % groups != 0) {
    Fail("argument groups: expected a divisor of {} channels, found {}", shape.units, groups);
  }
  View split = Reshape(call.graph(), "", x,
                       {kBatch, groups, shape.units / groups, shape.height, shape.width});
  split = Permute(call.graph(), "", split, {0, 2, 1, 3, 4});
  return {Fresh(call.graph().Plain(Reshape(call.graph(), call.name(), split,
                                           {kBatch, shape.units, shape.height, shape.width})))};
}

}  // namespace

const std::map<std::string, Handler>& MoveHandlers() {
  static const std::map<std::string, Handler> handlers = {{"alias", Identity},
                                                          {"cat", Cat},
                                                          {"channel_shuffle", ChannelShuffle},
                                                          {"chunk", Chunk},
                                                          {"clone", Copy},
                                                          {"concat", Cat},
                                                          {"contiguous", Identity},
                                                          {"cpu", Identity},
                                                          {"detach", Identity},
                                                          {"expand", ExpandTo},
                                                          {"flatten", Flatten},
                                                          {"float", Identity},
                                                          {"index_select", IndexSelect},
                                                          {"narrow", Narrow},
                                                          {"permute", PermuteBy},
                                                          {"reshape", ReshapeTo},
                                                          {"select", SelectOne},
                                                          {"slice", SliceOf},
                                                          {"split", Split},
                                                          {"split_with_sizes", Split},
                                                          {"squeeze", SqueezeAxes},
                                                          {"to", To},
                                                          {"transpose", Transpose},
                                                          {"type_as", Identity},
                                                          {"unsafe_chunk", Chunk},
                                                          {"unsafe_split", Split},
                                                          {"unsqueeze", UnsqueezeAxis},
                                                          {"view", ReshapeTo}};
  return handlers;
}

}  // namespace netdissect::torchscript
