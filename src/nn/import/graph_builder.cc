#include "nn/import/graph_builder.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "nn/fold.h"
#include "nn/import/not_supported.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/pad.h"
#include "nn/kinds/pixel_shuffle.h"
#include "nn/kinds/pixel_unshuffle.h"
#include "nn/kinds/rearrangement.h"

namespace netdissect {
namespace {

// Whether each origin's parts come in the order in which they count: then the view's channels are
// the layer's, in the layer's order.
bool IsNatural(const Axes& axes) {
  for (const Origin origin : {Origin::kC, Origin::kH, Origin::kW}) {
    int64_t inner = -1;
    for (const Axis& axis : axes) {
      for (const AxisPart& part : axis) {
        if (part.of != origin) continue;
        if (inner != -1 && part.inner * part.size != inner) return false;
        inner = part.inner;
      }
    }
  }
  return true;
}

// Whether the numbers come one after the other as they do in (N, C, H, W).
bool IsInOrder(const Axes& axes) {
  Origin last = Origin::kN;
  for (const Axis& axis : axes) {
    for (const AxisPart& part : axis) {
      if (part.of < last) return false;
      last = part.of;
    }
  }
  return IsNatural(axes);
}

std::string KeyOf(int layer, const Axes& axes) {
  std::string key = std::to_string(layer);
  for (const Axis& axis : axes) {
    key += " |";
    for (const AxisPart& part : axis) {
      key += fmt::format(" {}:{}:{}", static_cast<int>(part.of), part.size, part.inner);
    }
  }
  return key;
}

bool IsIdentity(const std::vector<int>& channels) {
  for (size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] != static_cast<int>(i)) return false;
  }
  return true;
}

// Of channels alone.
std::vector<int> ChannelsAlong(const Axis& axis) {
  const std::vector<int64_t> places = PlacesAlong(axis, {1, 1, 1});
  return {places.begin(), places.end()};
}

// `axis` as the whole of `origin` and then a part of size r and of origin C; r, or 0 where it is
// not.
int64_t ShuffledOver(const Axis& axis, Origin origin, int size) {
  if (axis.size() != 2 || !(axis[0] == AxisPart{origin, size, 1})) return 0;
  return axis[1].of == Origin::kC ? axis[1].size : 0;
}

// The parts of `axes` as a Rearrangement of a layer's (C, H, W).
Rearrangement RearrangementOf(const Axes& axes) {
  std::vector<AxisPart> parts;
  for (const Axis& axis : axes) parts.insert(parts.end(), axis.begin(), axis.end());
  std::vector<int> natural(parts.size());
  std::iota(natural.begin(), natural.end(), 0);
  std::stable_sort(natural.begin(), natural.end(), [&](int a, int b) {
    const AxisPart &p = parts[static_cast<size_t>(a)], &q = parts[static_cast<size_t>(b)];
    return p.of != q.of ? p.of < q.of : p.inner > q.inner;
  });
  Rearrangement rearrangement;
  rearrangement.order.resize(parts.size());
  for (size_t i = 0; i < natural.size(); ++i) {
    const auto place = static_cast<size_t>(natural[i]);
    rearrangement.sizes.push_back(static_cast<int>(parts[place].size));
    rearrangement.order[place] = static_cast<int>(i);
  }
  rearrangement.result = {static_cast<int>(SizeOf(axes[0])), static_cast<int>(SizeOf(axes[1])),
                          static_cast<int>(SizeOf(axes[2]))};
  return rearrangement;
}

}  // namespace

GraphBuilder::GraphBuilder(const Shape& input, const std::string& name, Axes axes, int64_t batch)
    : batch_(batch), network_(input, name) {
  input_ = {0, std::move(axes), {}, name};
}

std::string GraphBuilder::FreeName(const std::string& name) const {
  std::string free = name;
  for (int i = 2; network_.Has(free); ++i) free = fmt::format("{}:{}", name, i);
  return free;
}

View GraphBuilder::Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs,
                       Axes axes) {
  const int layer = network_.Add(FreeName(name), std::move(kind), inputs);
  return {layer, std::move(axes), {}, name};
}

View GraphBuilder::Add(const std::string& name, AnyKind kind, const std::vector<int>& inputs) {
  View view = Add(name, std::move(kind), inputs, {});
  view.axes = LayerAxes(ShapeOf(view));
  return view;
}

View GraphBuilder::Alias(const std::string& name, View view, Axes axes) {
  if (!name.empty() && !view.padded() && IsNatural(axes) && !network_.Has(name)) {
    network_.Bind(name, view.layer);
  }
  view.axes = std::move(axes);
  view.name = name;
  return view;
}

View GraphBuilder::Alias(const std::string& name, View view) {
  Axes axes = view.axes;
  return Alias(name, std::move(view), std::move(axes));
}

View GraphBuilder::Unpadded(const View& view) {
  if (!view.padded()) return view;
  View padded = view;
  padded.zeros = {};
  const Padding& p = view.zeros;
  const std::string key = KeyOf(view.layer, view.axes) +
                          fmt::format(" + {} {} {} {}", p.top, p.left, p.bottom, p.right);
  const auto made = made_.find(key);
  if (made != made_.end()) {
    padded.layer = made->second;
  } else {
    Pad pad;
    pad.padding = view.zeros;
    padded = Add(view.name, pad, {view.layer});
    made_[key] = padded.layer;
    taken_up_.erase(view.name);
    if (padded.name == view.name) network_.Bind(view.name, padded.layer);
  }
  // The axes are whole ones: a Pad asks for these.
  padded.axes = LayerAxes(ShapeOf(padded));
  padded.name = view.name;
  return padded;
}

int GraphBuilder::Make(const View& view) {
  const Shape& shape = ShapeOf(view);
  Axes axes = {view.axes[1], view.axes[2], view.axes[3]};
  const Axis rows = WholeAxis(Origin::kH, shape.height);
  const Axis columns = WholeAxis(Origin::kW, shape.width);
  const auto selected = [&](int layer, const Axis& order, const char* suffix = "") {
    ChannelSelection selection;
    selection.channels = ChannelsAlong(order);
    if (IsIdentity(selection.channels)) return layer;
    return Add(view.name + suffix, selection, {layer}).layer;
  };
  if (IsOnly(axes[0], Origin::kC) && axes[1] == rows && axes[2] == columns) {
    return selected(view.layer, axes[0]);
  }
  // Channels that become positions.
  const int64_t factor = ShuffledOver(axes[1], Origin::kH, shape.height);
  if (factor > 1 && factor == ShuffledOver(axes[2], Origin::kW, shape.width) &&
      IsOnly(axes[0], Origin::kC)) {
    Axis order = axes[0];
    order.push_back(axes[1][1]);
    order.push_back(axes[2][1]);
    PixelShuffle shuffle;
    shuffle.factor = static_cast<int>(factor);
    return Add(view.name, shuffle, {selected(view.layer, order, "/channels")}).layer;
  }
  // Positions that become channels.
  if (axes[1].size() == 1 && axes[2].size() == 1 && axes[1][0].of == Origin::kH &&
      axes[2][0].of == Origin::kW && axes[1][0].inner > 1 && axes[1][0].inner == axes[2][0].inner &&
      axes[1][0].size * axes[1][0].inner == shape.height &&
      axes[2][0].size * axes[2][0].inner == shape.width) {
    const int64_t r = axes[1][0].inner;
    Axis order = axes[0];
    for (AxisPart& part : order) {
      if (part.of == Origin::kC) {
        part.inner *= r * r;
      } else {
        part = {Origin::kC, r, part.of == Origin::kH ? r : 1};
      }
    }
    PixelUnshuffle unshuffle;
    unshuffle.factor = static_cast<int>(r);
    const int unshuffled = Add(view.name + "/positions", unshuffle, {view.layer}).layer;
    return selected(unshuffled, order);
  }
  const Axis flat = {
      {Origin::kC, shape.units, 1}, {Origin::kH, shape.height, 1}, {Origin::kW, shape.width, 1}};
  Axis no_ones;
  for (const AxisPart& part : flat) {
    if (part.size != 1) no_ones.push_back(part);
  }
  if (axes[0] == no_ones && axes[1].empty() && axes[2].empty()) {
    return Add(view.name, Flatten{}, {view.layer}).layer;
  }
  return Add(view.name, RearrangementOf(axes), {view.layer}).layer;
}

int GraphBuilder::LayerOf(const View& padded) {
  View view = Unpadded(padded);
  if (view.axes.size() == 2) view.axes.resize(4);
  if (view.axes.size() != 4) {
    FailUnsupported("expected (N, C, H, W) or (N, C), found {}", ToString(SizesOf(padded.axes)));
  }
  if (!IsBatch(view.axes[0])) {
    FailUnsupported("expected the batch along the first axis alone, found {}",
                    ToString(SizesOf(padded.axes)));
  }
  if (view.axes == LayerAxes(ShapeOf(view))) return view.layer;
  const std::string key = KeyOf(view.layer, view.axes);
  const auto made = made_.find(key);
  if (made != made_.end()) return made->second;
  const int layer = Make(view);
  made_[key] = layer;
  // Made for this tensor: its name means it from now on.
  if (!view.name.empty() && layer != view.layer) network_.Bind(view.name, layer);
  return layer;
}

View GraphBuilder::Plain(const View& view) {
  View plain = view;
  plain.layer = LayerOf(view);
  plain.zeros = {};
  const Shape& shape = ShapeOf(plain);
  plain.axes = view.axes.size() == 2 ? FlatAxes(shape) : LayerAxes(shape);
  return plain;
}

View GraphBuilder::Plain4d(const View& view) {
  if (view.axes.size() != 4) {
    FailUnsupported("expected (N, C, H, W), found {}", ToString(SizesOf(view.axes)));
  }
  return Plain(view);
}

void GraphBuilder::TakeBack(int size) {
  network_.Truncate(size);
  for (auto* layers : {&made_, &taken_up_}) {
    for (auto it = layers->begin(); it != layers->end();) {
      it = it->second >= size ? layers->erase(it) : std::next(it);
    }
  }
}

void GraphBuilder::TakeUp(const View& padded, int by) {
  if (!network_.Has(padded.name)) taken_up_[padded.name] = by;
}

Network GraphBuilder::Finish(const std::vector<View>& outputs,
                             const std::vector<std::pair<std::string, std::string>>& names) {
  std::vector<std::string> output_names;
  std::vector<UnreadPart> unread;
  for (const View& output : outputs) {
    int layer = output.layer;
    if (output.axes.size() == 2 || output.axes.size() == 4) {
      layer = LayerOf(output);
    } else if (!IsInOrder(Unpadded(output).axes)) {
      unread.push_back(
          {fmt::format("output \"{}\"", output.name),
           fmt::format("its {} are a layer's in another order", ToString(SizesOf(output.axes))),
           {output.name}});
      continue;
    }
    network_.Bind(output.name, layer);
    output_names.push_back(output.name);
  }
  // Scores that were left out are not replaced by the next output.
  if (!unread.empty() && unread.front().names.front() == outputs.front().name) output_names.clear();
  for (const auto& [name, tensor] : names) {
    if (name.empty() || network_.Has(name)) continue;
    const auto bound = network_.names().find(tensor);
    if (bound != network_.names().end()) network_.Bind(name, bound->second);
  }
  // Folding follows where layers go: what is folded into a layer is found by its name afterwards.
  std::vector<std::pair<std::string, std::string>> folded_names;
  for (const auto& [name, by] : taken_up_) {
    if (!network_.Has(name)) folded_names.emplace_back(name, network_.layer(by).name);
  }
  for (const auto& [name, into] : folded_names) network_.Bind(name, network_.Find(into));
  network_.SetOutputs(output_names);
  Network folded = FoldAffine(network_);
  for (UnreadPart& part : unread) folded.SetUnread(std::move(part));
  for (const auto& [name, into] : folded_names) {
    if (folded.Has(name)) folded.MarkFolded(name, folded.Find(name));
  }
  return folded;
}

}  // namespace netdissect
