// rf --dry-run: what would be computed, and about how long it would take.

#include "base/clock.h"
#include "base/text.h"
#include "experiment/rf.h"
#include "nn/summary.h"

namespace netdissect {
namespace {

// Of all layers that an image's units are of.
double PassMacs(const Network& network, const std::vector<UnitPosition>& units) {
  std::vector<int> layers;
  for (const UnitPosition& unit : units) layers.push_back(unit.layer);
  double macs = 0;
  for (int needed : network.Needed(layers)) {
    macs += static_cast<double>(MultiplyAdds(network, needed));
  }
  return macs;
}

// Multiply-adds to compute for one image: the occluders' and the unoccluded pass.
double CostOf(const RfExperiment& options, const Network& network,
              const std::vector<UnitPosition>& units, const OcclusionPlan& plan) {
  if (options.engine == OcclusionBy::kFull) return plan.full_macs;
  return plan.macs + PassMacs(network, units);
}

// Seconds a multiply-add, measured on some images of the list.
double MeasureRate(OcclusionEngine& engine, const ImageSource& image,
                   const std::vector<ImageUnits>& work, const std::vector<double>& costs) {
  constexpr size_t kSamples = 3;
  if (work.empty()) return 0;
  engine.Respond(image(work[0].image), {work[0].units[0]});  // packs the weights
  double seconds = 0, cost = 0;
  for (size_t i = 0; i < std::min(kSamples, work.size()); ++i) {
    const size_t at = i * work.size() / kSamples;
    const at::Tensor input = image(work[at].image);
    const auto start = Clock::now();
    engine.Respond(input, work[at].units);
    seconds += SecondsSince(start);
    cost += costs[at];
  }
  return seconds / cost;
}

// One network's requests, the engine that would answer them, and the images.
struct Plan {
  const RfExperiment& options;
  const Model& model;
  const RfSetup& setup;
  OcclusionEngine& engine;
  const ImageSource& image;
  Observer& observer;
};

OcclusionPlan PlanOfImage(const Plan& plan, const std::vector<UnitPosition>& units) {
  const Network& network = plan.model.network;
  const OccluderSet& occluders = plan.setup.occluders();
  if (EngineOn(plan.options, network) == OcclusionBy::kOperators) {
    return PlanOperators(network, occluders, units, OperatorsOf(plan.options));
  }
  return PlanOcclusion(network, occluders, units, IncrementalOf(plan.options));
}

std::vector<std::string> RowOfOcclusion(const Plan& plan, const std::string& name,
                                        const std::vector<FieldRequest>& requests) {
  const std::vector<ImageUnits> work = UnitsByImage(requests, plan.options.field);
  OcclusionPlan total;
  std::vector<double> costs;
  double cost = 0;
  for (const ImageUnits& item : work) {
    const OcclusionPlan of_image = PlanOfImage(plan, item.units);
    total += of_image;
    costs.push_back(CostOf(plan.options, plan.model.network, item.units, of_image));
    cost += costs.back();
    plan.observer.Progress("images planned", static_cast<int64_t>(costs.size()),
                           static_cast<int64_t>(work.size()));
  }
  const double seconds = cost * MeasureRate(plan.engine, plan.image, work, costs);
  return {name,
          fmt::format("{}", total.pairs),
          fmt::format("{}", total.occluders),
          fmt::format("{}", total.windows),
          fmt::format("{:.3g}", cost),
          fmt::format("{:.3g}", total.full_macs),
          fmt::format("1/{:.0f}", total.full_macs / std::max(cost, 1.0)),
          FormatDuration(seconds)};
}

// Each layer by itself; then all of them, as they are computed: image by image, units of several
// layers together where that is cheaper.
Table PlanOfOcclusion(const Plan& plan) {
  Table table;
  table.header = {plan.model.name, "pairs",       "occluders", "recomputed",
                  "multiply-adds", "full passes", "share",     "about"};
  const std::vector<FieldRequest>& requests = plan.setup.requests();
  for (const FieldRequest& request : requests) {
    table.rows.push_back(RowOfOcclusion(plan, request.name, {request}));
  }
  if (requests.size() > 1) table.rows.push_back(RowOfOcclusion(plan, "together", requests));
  return table;
}

// A forward pass for an image, a backward pass of about as much for each of its units.
Table PlanOfGradient(const Plan& plan) {
  Table table;
  table.header = {plan.model.name, "pairs", "forward passes", "multiply-adds", "about"};
  for (const FieldRequest& request : plan.setup.requests()) {
    const std::vector<ImageUnits> work = UnitsByImage({request}, plan.options.field);
    const double pass = PassMacs(plan.model.network, {UnitPosition{request.layer, 0, 0, 0}});
    std::vector<double> costs;
    double cost = 0;
    size_t pairs = 0;
    for (const ImageUnits& item : work) {
      pairs += item.units.size();
      costs.push_back(pass * static_cast<double>(1 + item.units.size()));
      cost += costs.back();
    }
    const double seconds = cost * MeasureRate(plan.engine, plan.image, work, costs);
    table.rows.push_back({request.name, fmt::format("{}", pairs), fmt::format("{}", work.size()),
                          fmt::format("{:.3g}", cost), FormatDuration(seconds)});
  }
  return table;
}

}  // namespace

std::vector<Table> PlanRf(const RfExperiment& options, Observer& observer) {
  options.Validate();
  const ImageSets images = FieldImages(options);
  std::vector<Table> tables;
  ForEachNetwork(options, "rf", observer, [&](const NetworkRun& run) {
    const Model& model = run.model;
    const RfSetup setup(options, run, images, observer);
    const PixelSource pixels = FieldPixels(options, images, model.input);
    const ImageSource image = [&](int64_t i) { return Normalize(pixels(i), model.input); };
    const auto engine = MakeEngine(options, model.network, setup.occluders());
    const Plan plan{options, model, setup, *engine, image, observer};
    tables.push_back(options.method == FieldMethod::kGradient ? PlanOfGradient(plan)
                                                              : PlanOfOcclusion(plan));
  });
  return tables;
}

}  // namespace netdissect
