#include "nn/rows/row_plan.h"

#include <algorithm>

#include "nn/kinds/convolution.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {
namespace {

// True of layers that are, or stand on, a layer that has no rows.
std::vector<char> UpperLayers(const Network& network) {
  std::vector<char> upper(At(network.size()), 0);
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    const bool stands_on_one = std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                           [&](int input) { return upper[At(input)] != 0; });
    std::vector<Shape> shapes;
    for (int input : layer.inputs) shapes.push_back(network.layer(input).shape);
    upper[At(i)] = stands_on_one || !layer.kind->HasRows(shapes) ? 1 : 0;
  }
  return upper;
}

}  // namespace

Rectification DoneOnTheWay(const Network& network, int above, int below) {
  const AnyKind& kind = network.layer(below).kind;
  const bool on_the_way = kind.Is<Convolution>() || kind.Is<InnerProduct>() ||
                          kind.Is<TransposedConvolution>() || kind.Is<Sum>();
  if (!on_the_way || network.layer(above).inputs[0] != below) return {};
  const auto* relu = network.layer(above).kind.As<Relu>();
  if (relu != nullptr && !relu->slopes.defined()) return {true, relu->slope};
  const auto* clip = network.layer(above).kind.As<Pointwise>();
  if (clip == nullptr || clip->function != PointwiseFunction::kClip || clip->a != 0) {
    return {};
  }
  return {true, 0, clip->b};
}

std::vector<Reach> ReachesOf(const Network& network, int layer) {
  const Layer& own = network.layer(layer);
  std::vector<Reach> reaches;
  for (int input : own.inputs) {
    reaches.push_back(own.kind->GetReach(network.layer(input).shape, own.shape));
  }
  return reaches;
}

RowPlan PlanRows(const Network& network, const std::vector<std::vector<char>>& wanted,
                 StepsOf steps) {
  RowPlan plan;
  const std::vector<char> upper =
      steps == StepsOf::kRows ? UpperLayers(network) : std::vector<char>(At(network.size()), 0);
  std::vector<int> targets;
  for (int i = 0; i < network.size(); ++i) {
    if (!wanted[At(i)].empty()) targets.push_back(i);
  }
  const std::vector<int> needed = network.Needed(targets);
  std::vector<int> users(At(network.size()), 0);  // among the needed
  std::vector<std::vector<char>> channels = wanted;
  for (int i : needed) {
    channels[At(i)].resize(At(network.layer(i).shape.units), 0);
    for (int input : network.layer(i).inputs) ++users[At(input)];
  }

  // Channels, from above to below. What has no rows is computed whole.
  std::vector<char> is_boundary(At(network.size()), 0);
  plan.channels.resize(At(network.size()));
  for (auto it = needed.rbegin(); it != needed.rend(); ++it) {
    const Layer& layer = network.layer(*it);
    std::vector<std::vector<char>*> inputs;
    for (int input : layer.inputs) {
      inputs.push_back(&channels[At(input)]);
      if (upper[At(*it)] == 0) continue;
      std::fill(inputs.back()->begin(), inputs.back()->end(), char{1});
      if (upper[At(input)] == 0) is_boundary[At(input)] = 1;
    }
    if (upper[At(*it)] == 0) layer.kind->MarkChannels(channels[At(*it)], inputs);
    plan.channels[At(*it)] = HullOf(channels[At(*it)]);
  }

  for (int i : needed) {
    if (is_boundary[At(i)] != 0) plan.boundary.push_back(i);
    if (upper[At(i)] != 0) {
      plan.upper.push_back(i);
      continue;
    }
    if (i == 0) continue;
    const AnyKind& kind = network.layer(i).kind;
    if (!plan.steps.empty()) {
      // Done on the way where what is multiplied below has no other reader.
      RowStep& last = plan.steps.back();
      const int below = last.layer;
      if (last.output == below && users[At(below)] == 1 && wanted[At(below)].empty() &&
          is_boundary[At(below)] == 0) {
        last.rectification = DoneOnTheWay(network, i, below);
        if (last.rectification.done) {
          last.output = i;
          continue;
        }
      }
    }
    plan.steps.push_back({i, i, kind->Divide(channels[At(i)]), ReachesOf(network, i), {}});
  }
  return plan;
}

}  // namespace netdissect
