// rf --dry-run: what would be computed, and about how long it would take.

#include "base/clock.h"
#include "base/text.h"
#include "experiment/picture_cache.h"
#include "experiment/rf.h"
#include "nn/summary.h"

namespace netdissect {
namespace {

// Multiply-adds to compute for one image: the occluders' and the unoccluded pass.
double CostOf(const RfExperiment& options, const Network& network, int layer,
              const OcclusionPlan& plan) {
  if (options.full_passes) return plan.full_macs;
  double base = 0;
  for (int needed : network.Needed({layer})) {
    base += static_cast<double>(MultiplyAdds(network, needed));
  }
  return plan.macs + base;
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

}  // namespace

std::vector<Table> PlanRf(const RfExperiment& options, Observer& observer) {
  options.Validate();
  const ImageSets images = LoadImageSets(options);
  std::vector<Table> tables;
  ForEachNetwork(options, "rf", observer, [&](const NetworkRun& run) {
    const Model& model = run.model;
    const RfSetup setup(options, run, images, observer);
    PictureCache pictures(images);
    const ImageSource image = [&](int64_t i) { return Preprocess(pictures(i), model.input); };
    const auto engine = MakeEngine(options, model.network, setup.occluders());
    Table& table = tables.emplace_back();
    table.header = {model.name,      "pairs",       "occluders", "recomputed",
                    "multiply-adds", "full passes", "share",     "about"};
    for (const FieldRequest& request : setup.requests()) {
      const std::vector<ImageUnits> work = UnitsByImage({request}, options.field);
      OcclusionPlan total;
      std::vector<double> costs;
      double cost = 0;
      for (const ImageUnits& item : work) {
        const OcclusionPlan plan =
            PlanOcclusion(model.network, setup.occluders(), item.units, IncrementalOf(options));
        total += plan;
        costs.push_back(CostOf(options, model.network, request.layer, plan));
        cost += costs.back();
        observer.Progress("images planned", static_cast<int64_t>(costs.size()),
                          static_cast<int64_t>(work.size()));
      }
      const double seconds = cost * MeasureRate(*engine, image, work, costs);
      table.rows.push_back({request.name, fmt::format("{}", total.pairs),
                            fmt::format("{}", total.occluders), fmt::format("{}", total.windows),
                            fmt::format("{:.3g}", cost), fmt::format("{:.3g}", total.full_macs),
                            fmt::format("1/{:.0f}", total.full_macs / std::max(cost, 1.0)),
                            FormatDuration(seconds)});
    }
  });
  return tables;
}

}  // namespace netdissect
