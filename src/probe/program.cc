#include "probe/program.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

namespace netdissect {
namespace {

bool Contains(const std::vector<Rect>& rects, const Rect& rect) {
  return std::any_of(rects.begin(), rects.end(), [&](const Rect& r) {
    return r.y.start == rect.y.start && r.y.end == rect.y.end && r.x.start == rect.x.start &&
           r.x.end == rect.x.end;
  });
}

Rect Whole(const Shape& shape) { return {{0, shape.height - 1}, {0, shape.width - 1}}; }

// True of layers that are, or stand on, a layer that sees all positions.
std::vector<char> UpperLayers(const Network& network) {
  std::vector<char> upper(At(network.size()), 0);
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    upper[At(i)] = IsGlobal(layer.kind);
    for (int input : layer.inputs) upper[At(i)] = upper[At(i)] | upper[At(input)];
  }
  return upper;
}

// Marks the channels of a layer's inputs that its wanted channels read.
void SpreadChannels(const Network& network, int index, std::vector<ChannelNeed>& channels) {
  const Layer& layer = network.layer(index);
  const std::vector<char>& wanted = channels[At(index)].wanted;
  const auto input = [&](size_t k) -> std::vector<char>& {
    return channels[At(layer.inputs[k])].wanted;
  };
  const auto merge = [&](std::vector<char>& into, size_t to, size_t from, size_t count) {
    for (size_t c = 0; c < count; ++c) into[to + c] |= wanted[from + c];
  };
  if (const auto* conv = std::get_if<Convolution>(&layer.kind)) {
    const size_t out = wanted.size() / At(conv->groups), in = input(0).size() / At(conv->groups);
    for (size_t g = 0; g < At(conv->groups); ++g) {
      const auto begin = wanted.begin() + static_cast<std::ptrdiff_t>(g * out);
      if (std::none_of(begin, begin + static_cast<std::ptrdiff_t>(out), [](char w) { return w; })) {
        continue;
      }
      std::fill_n(input(0).begin() + static_cast<std::ptrdiff_t>(g * in), in, char{1});
    }
  } else if (const auto* norm = std::get_if<LocalResponseNorm>(&layer.kind)) {
    const int before = (norm->size - 1) / 2, after = norm->size - 1 - before;
    const auto count = static_cast<int>(wanted.size());
    for (int c = 0; c < count; ++c) {
      if (wanted[At(c)] == 0) continue;
      for (int n = std::max(0, c - before); n <= std::min(count - 1, c + after); ++n) {
        input(0)[At(n)] = 1;
      }
    }
  } else if (std::holds_alternative<Concatenation>(layer.kind)) {
    size_t from = 0;
    for (size_t k = 0; k < layer.inputs.size(); ++k) {
      const size_t count = input(k).size();
      merge(input(k), 0, from, count);
      from += count;
    }
  } else if (std::holds_alternative<Softmax>(layer.kind)) {
    std::fill(input(0).begin(), input(0).end(), char{1});
  } else {
    for (size_t k = 0; k < layer.inputs.size(); ++k) merge(input(k), 0, 0, wanted.size());
  }
}

void FindHull(ChannelNeed& need) {
  const auto first = std::find(need.wanted.begin(), need.wanted.end(), 1);
  const auto last = std::find(need.wanted.rbegin(), need.wanted.rend(), 1);
  if (first == need.wanted.end()) return;
  need.first = static_cast<int>(first - need.wanted.begin());
  need.count = static_cast<int>(need.wanted.rend() - last) - need.first;
}

// Runs of wanted channels inside one group; gaps that cost less than another run are computed too.
std::vector<ConvolutionPart> Divide(const Convolution& conv, const std::vector<char>& wanted,
                                    int layer, WeightCache* cache) {
  constexpr int kGap = 8;
  const int out = conv.units / conv.groups;
  std::vector<ConvolutionPart> parts;
  const auto add = [&](int first, int count, int group) {
    ConvolutionPart part;
    part.first = first;
    part.group = group;
    if (cache != nullptr && count == out) {
      part.weights = &cache->Group(layer, group);
    } else {
      part.own = std::make_shared<PackedWeights>();
      part.own->columns = count;
      if (cache != nullptr) *part.own = cache->Columns(layer, first, count);
      part.weights = part.own.get();
    }
    parts.push_back(std::move(part));
  };
  for (int group = 0; group < conv.groups; ++group) {
    const auto begin = wanted.begin() + static_cast<std::ptrdiff_t>(group) * out;
    const auto many = std::count(begin, begin + out, char{1});
    if (many == 0) continue;
    if (4 * many > 3 * out) {
      add(group * out, out, group);
      continue;
    }
    for (int c = group * out; c < (group + 1) * out;) {
      if (wanted[At(c)] == 0) {
        ++c;
        continue;
      }
      int end = c + 1;  // past the run
      for (int n = end; n < std::min(end + kGap, (group + 1) * out); ++n) {
        if (wanted[At(n)] != 0) end = n + 1;
      }
      add(c, end - c, group);
      c = end;
    }
  }
  return parts;
}

}  // namespace

WeightCache::WeightCache(const Network& network)
    : network_(network),
      weights_(At(network.size())),
      biases_(At(network.size())),
      groups_(At(network.size())) {
  for (int i = 0; i < network.size(); ++i) {
    const auto* conv = std::get_if<Convolution>(&network.layer(i).kind);
    if (conv == nullptr) continue;
    // (units, ky, kx, channels): a tap's channels beside each other, as rows of activations are.
    weights_[At(i)] = conv->weight.to(at::kCPU).permute({0, 2, 3, 1}).contiguous();
    biases_[At(i)] = conv->bias.defined() ? conv->bias.to(at::kCPU).contiguous()
                                          : at::zeros({conv->units}, at::kFloat);
    groups_[At(i)].resize(At(conv->groups));
  }
}

PackedWeights WeightCache::Columns(int layer, int first, int count) const {
  const at::Tensor& weight = weights_[At(layer)];
  const auto depth = static_cast<int>(weight.numel() / weight.size(0));
  const float* w = weight.data_ptr<float>();
  const float* b = biases_[At(layer)].data_ptr<float>();
  return PackWeights(
      count, depth, [&](int column, int k) { return w[int64_t{first + column} * depth + k]; },
      [&](int column) { return b[first + column]; });
}

const PackedWeights& WeightCache::Group(int layer, int group) {
  std::unique_ptr<PackedWeights>& packed = groups_[At(layer)][At(group)];
  if (!packed) {
    const auto& conv = std::get<Convolution>(network_.layer(layer).kind);
    const int out = conv.units / conv.groups;
    packed = std::make_unique<PackedWeights>(Columns(layer, group * out, out));
  }
  return *packed;
}

Program Compile(const Network& network, const std::vector<UnitPosition>& units, bool whole,
                WeightCache* cache) {
  Program program;
  program.units = units;
  program.channels.resize(At(network.size()));
  program.sight.resize(At(network.size()));
  const std::vector<char> upper = UpperLayers(network);
  std::vector<int> wanted;
  std::vector<char> is_target(At(network.size()), 0);
  for (const UnitPosition& unit : units) {
    wanted.push_back(unit.layer);
    is_target[At(unit.layer)] = 1;
  }
  const std::vector<int> needed = network.Needed(wanted);
  std::vector<char> is_needed(At(network.size()), 0);
  std::vector<int> users(At(network.size()), 0);  // among the needed
  for (int i : needed) {
    program.channels[At(i)].wanted.assign(At(network.layer(i).shape.units), whole ? 1 : 0);
    is_needed[At(i)] = 1;
    for (int input : network.layer(i).inputs) ++users[At(input)];
  }

  // What the units see, from above to below.
  std::vector<char> is_boundary(At(network.size()), 0);
  const auto add_sight = [&](int layer, const Rect& rect) {
    std::vector<Rect>& sight = program.sight[At(layer)];
    if (!rect.empty() && !Contains(sight, rect)) sight.push_back(rect);
  };
  for (const UnitPosition& unit : units) {
    program.channels[At(unit.layer)].wanted[At(unit.unit)] = 1;
    add_sight(unit.layer, whole ? Whole(network.layer(unit.layer).shape)
                                : Rect{{unit.y, unit.y}, {unit.x, unit.x}});
  }
  for (auto it = needed.rbegin(); it != needed.rend(); ++it) {
    const Layer& layer = network.layer(*it);
    for (int input : layer.inputs) {
      const Shape& shape = network.layer(input).shape;
      if (upper[At(*it)] != 0) {
        std::fill(program.channels[At(input)].wanted.begin(),
                  program.channels[At(input)].wanted.end(), char{1});
        add_sight(input, Whole(shape));
        if (upper[At(input)] == 0) is_boundary[At(input)] = 1;
        continue;
      }
      for (const Rect& rect : program.sight[At(*it)]) {
        add_sight(input, whole ? Whole(shape) : BackwardCone(layer.kind, rect, shape));
      }
    }
    if (upper[At(*it)] == 0) SpreadChannels(network, *it, program.channels);
    FindHull(program.channels[At(*it)]);
  }

  for (size_t n = 0; n < needed.size(); ++n) {
    const int i = needed[n];
    if (is_boundary[At(i)] != 0) program.boundary.push_back(i);
    if (upper[At(i)] != 0) {
      program.upper.push_back(i);
      continue;
    }
    if (i == 0) continue;
    Step step;
    step.layer = step.output = i;
    const LayerKind& kind = network.layer(i).kind;
    if (const auto* relu = std::get_if<Relu>(&kind)) {
      // Done on the way where a convolution below has no other reader.
      const int below = network.layer(i).inputs[0];
      if (!program.steps.empty() && !relu->slopes.defined()) {
        Step& last = program.steps.back();
        if (last.layer == below && last.output == below && users[At(below)] == 1 &&
            is_target[At(below)] == 0 && is_boundary[At(below)] == 0 &&
            std::holds_alternative<Convolution>(network.layer(below).kind)) {
          last.output = i;
          last.rectify = true;
          last.slope = relu->slope;
          continue;
        }
      }
    }
    if (const auto* conv = std::get_if<Convolution>(&kind)) {
      step.parts = Divide(*conv, program.channels[At(i)].wanted, i, cache);
    }
    program.steps.push_back(std::move(step));
  }
  return program;
}

int64_t CountMultiplyAdds(const Network& network, const Program& program, const Rect& patch) {
  std::vector<Rect> reached(At(network.size()));
  reached[0] = program.See(0, patch);
  int64_t macs = 0;
  for (const Step& step : program.steps) {
    const Layer& layer = network.layer(step.layer);
    Rect cone;
    for (int input : layer.inputs) {
      cone = Hull(cone, ForwardCone(layer.kind, reached[At(input)], layer.shape));
    }
    const Rect rect = program.See(step.output, cone);
    reached[At(step.layer)] = reached[At(step.output)] = rect;
    if (step.parts.empty() || rect.empty()) continue;
    const auto& conv = std::get<Convolution>(layer.kind);
    const int64_t depth = conv.weight.numel() / conv.units;
    for (const ConvolutionPart& part : step.parts) {
      macs += int64_t{rect.area()} * depth * part.weights->columns;
    }
  }
  return macs;
}

}  // namespace netdissect
