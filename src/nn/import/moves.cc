#include "nn/import/moves.h"

#include <algorithm>
#include <numeric>

#include "nn/import/not_supported.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/crop.h"
#include "nn/kinds/flatten.h"

namespace netdissect {
namespace {

// What people may ask for by name is a layer of its own: (N, C) of all values in the layer's order,
// and channels in another order.
View AliasOrMake(GraphBuilder& graph, const std::string& name, const View& x, Axes axes) {
  const Shape& shape = graph.ShapeOf(x);
  if (axes.size() == 2 && IsBatch(axes[0]) && shape.height * shape.width != 1) {
    Axis all;
    for (const Axis& axis : LayerAxes(shape)) {
      if (!IsBatch(axis)) all.insert(all.end(), axis.begin(), axis.end());
    }
    if (axes[1] == all) {
      const View flat = graph.Add(name, Flatten{}, {x.layer});
      return graph.Alias(name, flat, FlatAxes(graph.ShapeOf(flat)));
    }
  }
  const Axes whole = LayerAxes(shape);
  const bool reordered = axes.size() == 4 && axes[0] == whole[0] && axes[1] != whole[1] &&
                         IsOnly(axes[1], Origin::kC) && axes[2] == whole[2] && axes[3] == whole[3];
  const View view = graph.Alias(name, x, std::move(axes));
  return reordered ? graph.Plain(view) : view;
}

// The parts of C along all axes, as the axes count them: with `chosen` in place of an axis, they
// are the channels of a new layer.
View SelectChannels(GraphBuilder& graph, const std::string& name, const View& x, size_t axis,
                    const std::vector<int64_t>& indices) {
  std::vector<int64_t> channels = {0};
  std::vector<int64_t> sizes;  // of the new layer's parts, by axis
  for (size_t i = 0; i < x.axes.size(); ++i) {
    Axis of_channels;
    for (const AxisPart& part : x.axes[i]) {
      if (part.of == Origin::kC) of_channels.push_back(part);
    }
    std::vector<int64_t> places = PlacesAlong(of_channels, {1, 1, 1});
    if (i == axis) {
      std::vector<int64_t> chosen;
      for (const int64_t index : indices) chosen.push_back(places[static_cast<size_t>(index)]);
      places = std::move(chosen);
    }
    std::vector<int64_t> longer;
    for (const int64_t channel : channels) {
      for (const int64_t place : places) longer.push_back(channel + place);
    }
    channels = std::move(longer);
    sizes.push_back(static_cast<int64_t>(places.size()));
  }
  ChannelSelection selection;
  selection.channels.assign(channels.begin(), channels.end());
  Axes axes;
  int64_t inner = static_cast<int64_t>(channels.size());
  for (size_t i = 0; i < x.axes.size(); ++i) {
    inner /= sizes[i];
    Axis renewed;
    if (sizes[i] != 1) renewed.push_back({Origin::kC, sizes[i], inner});
    for (const AxisPart& part : x.axes[i]) {
      if (part.of != Origin::kC) renewed.push_back(part);
    }
    axes.push_back(std::move(renewed));
  }
  return graph.Add(name, selection, {x.layer}, std::move(axes));
}

// Along the whole of H or W, in equal steps.
View SelectPositions(GraphBuilder& graph, const std::string& name, const View& x, size_t axis,
                     const std::vector<int64_t>& indices) {
  const Shape& shape = graph.ShapeOf(x);
  const int64_t step = indices.size() > 1 ? indices[1] - indices[0] : 1;
  bool even = step > 0;
  for (size_t i = 1; i < indices.size(); ++i) even = even && indices[i] - indices[i - 1] == step;
  const Origin of = x.axes[axis].front().of;
  const int whole = of == Origin::kH ? shape.height : shape.width;
  if (!even || !(x.axes[axis] == WholeAxis(of, whole))) {
    FailUnsupported("a selection of positions in uneven steps");
  }
  Crop crop;
  crop.size = {shape.height, shape.width};
  crop.step = {1, 1};
  crop.start = {0, 0};
  const auto count = static_cast<int>(indices.size());
  const auto first = static_cast<int>(indices.front());
  if (of == Origin::kH) {
    crop.start.y = first;
    crop.step.y = static_cast<int>(step);
    crop.size.y = count;
  } else {
    crop.start.x = first;
    crop.step.x = static_cast<int>(step);
    crop.size.x = count;
  }
  Axes axes = x.axes;
  axes[axis] = WholeAxis(of, count);
  return graph.Add(name, crop, {x.layer}, std::move(axes));
}

}  // namespace

size_t AxisAt(int64_t axis, size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) {
    Fail("axis: expected {} to {}, found {}", -count, count - 1, axis);
  }
  return static_cast<size_t>(axis < 0 ? axis + count : axis);
}

std::vector<size_t> AxesAt(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<size_t> places;
  for (const int64_t axis : axes) places.push_back(AxisAt(axis, rank));
  std::sort(places.begin(), places.end());
  if (std::adjacent_find(places.begin(), places.end()) != places.end()) {
    Fail("axes: expected each axis once, found {}", fmt::join(axes, ", "));
  }
  return places;
}

View Reshape(GraphBuilder& graph, const std::string& name, const View& padded,
             const std::vector<int64_t>& sizes) {
  const View x = graph.Unpadded(padded);
  std::optional<Axes> axes = Reshaped(x.axes, sizes, graph.batch());
  if (!axes) {
    FailUnsupported("shape: {} cannot be seen as {}", ToString(SizesOf(x.axes)), ToString(sizes));
  }
  return AliasOrMake(graph, name, x, std::move(*axes));
}

View Permute(GraphBuilder& graph, const std::string& name, const View& padded,
             const std::vector<int64_t>& order) {
  const View x = graph.Unpadded(padded);
  if (order.size() != x.axes.size()) {
    Fail("expected an order of {} axes, found {}", x.axes.size(), fmt::join(order, ", "));
  }
  AxesAt(order, x.axes.size());
  Axes axes;
  for (const int64_t axis : order) axes.push_back(x.axes[AxisAt(axis, x.axes.size())]);
  return graph.Alias(name, x, std::move(axes));
}

View Squeeze(GraphBuilder& graph, const std::string& name, const View& padded,
             const std::vector<int64_t>& asked) {
  const View x = graph.Unpadded(padded);
  const std::vector<size_t> taken = AxesAt(asked, x.axes.size());
  Axes axes;
  for (size_t i = 0; i < x.axes.size(); ++i) {
    const bool named = std::binary_search(taken.begin(), taken.end(), i);
    if (named && !x.axes[i].empty()) {
      Fail("axes: expected axes of size 1, found {} of {}", i, ToString(SizesOf(x.axes)));
    }
    if (asked.empty() ? !x.axes[i].empty() : !named) axes.push_back(x.axes[i]);
  }
  return graph.Alias(name, x, std::move(axes));
}

View Unsqueeze(GraphBuilder& graph, const std::string& name, const View& padded,
               const std::vector<int64_t>& asked) {
  const View x = graph.Unpadded(padded);
  Axes axes = x.axes;
  for (const size_t axis : AxesAt(asked, x.axes.size() + asked.size())) {
    axes.insert(axes.begin() + static_cast<ptrdiff_t>(std::min(axis, axes.size())), Axis{});
  }
  return graph.Alias(name, x, std::move(axes));
}

View FlattenFrom(GraphBuilder& graph, const std::string& name, const View& x, int64_t axis) {
  const std::vector<int64_t> sizes = SizesOf(x.axes);
  const size_t first =
      axis == static_cast<int64_t>(sizes.size()) ? sizes.size() : AxisAt(axis, sizes.size());
  const auto product = [&](size_t from, size_t to) {
    return std::accumulate(sizes.begin() + static_cast<ptrdiff_t>(from),
                           sizes.begin() + static_cast<ptrdiff_t>(to), int64_t{1},
                           std::multiplies<>());
  };
  return Reshape(graph, name, x, {product(0, first), product(first, sizes.size())});
}

View FlattenBetween(GraphBuilder& graph, const std::string& name, const View& x, int64_t first,
                    int64_t last) {
  const std::vector<int64_t> sizes = SizesOf(x.axes);
  const size_t from = AxisAt(first, sizes.size()), to = AxisAt(last, sizes.size());
  std::vector<int64_t> flat(sizes.begin(), sizes.begin() + static_cast<ptrdiff_t>(from));
  int64_t product = 1;
  for (size_t i = from; i <= to; ++i) product *= sizes[i];
  flat.push_back(product);
  flat.insert(flat.end(), sizes.begin() + static_cast<ptrdiff_t>(to) + 1, sizes.end());
  return Reshape(graph, name, x, flat);
}

View Select(GraphBuilder& graph, const std::string& name, const View& padded, size_t axis,
            const std::vector<int64_t>& indices) {
  const View x = graph.Unpadded(padded);
  const Axis& along = x.axes[axis];
  if (indices.empty()) FailUnsupported("a selection of nothing");
  if (std::any_of(along.begin(), along.end(),
                  [](const AxisPart& p) { return p.of == Origin::kN; })) {
    FailUnsupported("a selection of images of the batch");
  }
  const int64_t size = SizeOf(along);
  bool all = static_cast<int64_t>(indices.size()) == size;
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < 0 || indices[i] >= size) {
      Fail("expected an index below {}, found {}", size, indices[i]);
    }
    all = all && indices[i] == static_cast<int64_t>(i);
  }
  if (all) return graph.Alias(name, x);
  if (IsOnly(along, Origin::kC)) return SelectChannels(graph, name, x, axis, indices);
  if (IsOnly(along, Origin::kH) || IsOnly(along, Origin::kW)) {
    return SelectPositions(graph, name, x, axis, indices);
  }
  FailUnsupported("a selection along channels and positions as one axis");
}

View Slice(GraphBuilder& graph, const std::string& name, const View& x, size_t axis, int64_t begin,
           int64_t end, int64_t step) {
  if (IsBatch(x.axes[axis])) {
    if (begin == 0 && step == 1 && end >= int64_t{1} << 30) return graph.Alias(name, x);
    FailUnsupported("a selection of images of the batch");
  }
  if (step < 1) FailUnsupported("a slice in steps of {}", step);
  const int64_t size = SizeOf(x.axes[axis]);
  const auto clamped = [&](int64_t place) {
    if (place < 0) place = std::max(place, -size) + size;
    return std::min(place, size);
  };
  std::vector<int64_t> indices;
  for (int64_t i = clamped(begin); i < clamped(end); i += step) indices.push_back(i);
  return Select(graph, name, x, axis, indices);
}

View Concatenate(GraphBuilder& graph, const std::string& name, const std::vector<View>& views,
                 int64_t axis) {
  if (views.empty()) Fail("expected inputs, found none");
  const size_t rank = views.front().axes.size();
  const size_t place = AxisAt(axis, rank);
  std::vector<View> parts;
  bool as_they_are = true;  // whole channels along the axis, the same along the others
  for (const View& view : views) {
    if (view.axes.size() != rank) {
      Fail("expected inputs with equally many dimensions, found {} and {}",
           ToString(SizesOf(views.front().axes)), ToString(SizesOf(view.axes)));
    }
    parts.push_back(graph.Unpadded(view));
    for (size_t i = 0; i < rank; ++i) {
      const Axis& of = parts.back().axes[i];
      as_they_are = as_they_are &&
                    (i == place ? of == WholeAxis(Origin::kC, graph.ShapeOf(parts.back()).units)
                                : of == parts.front().axes[i]);
    }
  }
  if (!as_they_are) {
    if (place != 1) FailUnsupported("axis: only channels are concatenated, found axis {}", axis);
    for (View& part : parts) part = graph.Plain(part);
  }
  std::vector<int> layers;
  int units = 0;
  for (const View& part : parts) {
    layers.push_back(part.layer);
    units += graph.ShapeOf(part).units;
  }
  Axes axes = parts.front().axes;
  axes[place] = WholeAxis(Origin::kC, units);
  return graph.Add(name, Concatenation{}, layers, std::move(axes));
}

View Expand(GraphBuilder& graph, const std::string& name, const View& x,
            const std::vector<int64_t>& sizes) {
  const std::vector<int64_t> own = SizesOf(x.axes);
  bool same = sizes.size() <= own.size();
  for (size_t i = 0; same && i < sizes.size(); ++i) {
    const int64_t asked = sizes[sizes.size() - 1 - i];
    same = asked == 1 || asked == -1 || asked == own[own.size() - 1 - i];
  }
  if (!same) FailUnsupported("copies of {} up to {}", ToString(own), ToString(sizes));
  return graph.Alias(name, x);
}

}  // namespace netdissect
