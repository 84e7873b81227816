#include "nn/rows/forward_plan.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/kind.h"
#include "nn/rows/row_plan.h"
#include "nn/rows/weight_store.h"

namespace netdissect {
namespace {

class Planner {
 public:
  Planner(const Network& network, const std::vector<int>& given, const std::vector<int>& wanted,
          const RowKernels& kernels)
      : network_(network), given_(given), wanted_(wanted), kernels_(kernels) {
    const size_t layers = At(network.size());
    plan_.homes.resize(layers);
    plan_.readers.assign(layers, 0);
    plan_.first_writer.assign(layers, 0);
    plan_.last_user.assign(layers, -1);
  }

  ForwardPlan Plan() {
    MakeSteps();
    PlaceInConcatenations();
    return std::move(plan_);
  }

 private:
  bool IsWanted(int layer) const {
    return std::find(wanted_.begin(), wanted_.end(), layer) != wanted_.end();
  }

  bool IsGiven(int layer) const {
    return std::find(given_.begin(), given_.end(), layer) != given_.end();
  }

  // Layers to compute, in order.
  std::vector<int> Missing() const {
    std::vector<char> needed(At(network_.size()), 0);
    for (int layer : wanted_) needed[At(layer)] = 1;
    std::vector<int> missing;
    for (int i = network_.size() - 1; i >= 0; --i) {
      if (needed[At(i)] == 0 || IsGiven(i)) continue;
      if (i == 0) Fail("forward pass: expected the input among what is given, found none");
      missing.push_back(i);
      for (int input : network_.layer(i).inputs) needed[At(input)] = 1;
    }
    std::reverse(missing.begin(), missing.end());
    return missing;
  }

  void MakeSteps() {
    const std::vector<int> missing = Missing();
    for (int i : missing) {
      for (int input : network_.layer(i).inputs) ++plan_.readers[At(input)];
    }
    for (int i : missing) {
      if (!DoneByTheLast(i)) plan_.steps.push_back(StepOf(i));
    }
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const int output = plan_.steps[s].output, number = static_cast<int>(s);
      plan_.homes[At(output)] = {output, 0};
      plan_.first_writer[At(output)] = plan_.last_user[At(output)] = number;
      for (int input : network_.layer(plan_.steps[s].layer).inputs) {
        plan_.last_user[At(input)] = number;
      }
    }
  }

  // A rectification that the step before can do on its way.
  bool DoneByTheLast(int layer) {
    if (plan_.steps.empty()) return false;
    ForwardStep& last = plan_.steps.back();
    if (!last.by_rows || last.output != last.layer || plan_.readers[At(last.layer)] != 1 ||
        IsWanted(last.layer)) {
      return false;
    }
    last.rectification = DoneOnTheWay(network_, layer, last.layer);
    if (last.rectification.done) last.output = layer;
    return last.rectification.done;
  }

  ForwardStep StepOf(int number) const {
    const Layer& layer = network_.layer(number);
    ForwardStep step;
    step.layer = step.output = number;
    std::vector<Shape> shapes;
    for (int input : layer.inputs) shapes.push_back(network_.layer(input).shape);
    // What is multiplied without windows is a product of the whole batch, by weights as they are.
    step.by_rows = layer.kind->HasRows(shapes) && !layer.kind.Is<InnerProduct>();
    if (!step.by_rows) return step;
    if (SuitsWinograd(layer.kind, layer.shape)) {
      step.winograd = network_.packed().GetWinograd(layer.kind, kernels_);
      return step;
    }
    for (const ChannelRun& run : layer.kind->Divide(std::vector<char>(At(layer.shape.units), 1))) {
      step.runs.push_back({run, network_.packed().Get(layer.kind, run, kernels_)});
    }
    return step;
  }

  // What a concatenation alone reads is written into it, not copied.
  void PlaceInConcatenations() {
    std::vector<const ForwardStep*> makers(At(network_.size()), nullptr);
    for (const ForwardStep& step : plan_.steps) makers[At(step.output)] = &step;
    // From above to below, so that concatenations of concatenations find where they are.
    for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step) {
      const Layer& layer = network_.layer(step->layer);
      if (!layer.kind.Is<Concatenation>() || !step->by_rows) continue;
      const auto has_own_maker = [&](int input) {
        const ForwardStep* maker = makers[At(input)];
        return maker != nullptr && maker->by_rows && plan_.readers[At(input)] == 1 &&
               !IsWanted(input);
      };
      step->in_place = std::all_of(layer.inputs.begin(), layer.inputs.end(), has_own_maker);
      if (!step->in_place) continue;
      Home home = plan_.homes[At(step->output)];
      for (int input : layer.inputs) {
        plan_.homes[At(input)] = home;
        home.channel += network_.layer(input).shape.units;
        int& first = plan_.first_writer[At(home.layer)];
        first = std::min(first, plan_.first_writer[At(input)]);
      }
    }
  }

  const Network& network_;
  const std::vector<int>& given_;
  const std::vector<int>& wanted_;
  const RowKernels& kernels_;
  ForwardPlan plan_;
};

}  // namespace

ForwardPlan PlanForward(const Network& network, const std::vector<int>& given,
                        const std::vector<int>& wanted, const RowKernels& kernels) {
  return Planner(network, given, wanted, kernels).Plan();
}

}  // namespace netdissect
