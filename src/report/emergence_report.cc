#include "report/emergence_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace netdissect {
namespace {

// The paper's own (Section 4.1).
constexpr double kPaperFrequencyUnits = 0.54, kPaperUnitsInformative = 0.84;

Json Maybe(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json ToJson(const BootstrapInterval& interval) {
  return interval.samples == 0 ? Json() : Json{interval.low, interval.high};
}

Json ToJson(const CorrelationEstimate& estimate) {
  Json json = {{"pearson", Maybe(estimate.pearson)},
               {"spearman", Maybe(estimate.spearman)},
               {"interval", ToJson(estimate.interval)},
               {"interval_over_units", ToJson(estimate.over_units)},
               {"interval_over_images", ToJson(estimate.over_images)},
               {"spearman_interval", ToJson(estimate.spearman_interval)},
               {"p", Maybe(estimate.p)},
               {"spearman_p", Maybe(estimate.spearman_p)}};
  // Bootstrap samples in which a series did not vary.
  if (estimate.interval.undefined > 0) json["undefined_samples"] = estimate.interval.undefined;
  return json;
}

std::string Text(const CorrelationEstimate& estimate) {
  if (!estimate.pearson) return "-";
  std::string text = fmt::format("{:.2f}", *estimate.pearson);
  if (estimate.interval.samples > 0) {
    text += fmt::format(" [{:.2f}, {:.2f}]", estimate.interval.low, estimate.interval.high);
  }
  return text;
}

int64_t AllUnits(const NetworkEmergence& network) {
  int64_t units = network.labelled + network.unlabelled;
  for (const UnmatchedLabel& label : network.unmatched) units += label.units;
  return units;
}

size_t MostUnits(const NetworkEmergence& network) {
  return static_cast<size_t>(std::max_element(network.units.begin(), network.units.end()) -
                             network.units.begin());
}

}  // namespace

Json ToJson(const EmergenceResult& result, const NetworkEmergence& network,
            const EmergenceOptions& options) {
  Json objects = Json::array();
  for (size_t i = 0; i < result.objects.size(); ++i) {
    objects.push_back({{"name", result.objects[i].name},
                       {"frequency", static_cast<int64_t>(result.frequency[i])},
                       {"images", result.objects[i].images},
                       {"units", static_cast<int64_t>(network.units[i])},
                       {"informative", static_cast<int64_t>(result.informative[i])}});
  }
  Json unmatched = Json::array();
  for (const UnmatchedLabel& label : network.unmatched) {
    unmatched.push_back({{"label", label.label}, {"units", label.units}, {"images", label.images}});
  }
  Json categories = Json::array();
  for (const CategoryObjects& category : result.categories) {
    Json best = Json::array();
    for (const ObjectScore& score : category.best) {
      best.push_back({{"object", result.objects[static_cast<size_t>(score.object)].name},
                      {"score", score.score}});
    }
    categories.push_back(
        {{"category", result.category_names[static_cast<size_t>(category.category)]},
         {"images", category.images},
         {"best", std::move(best)}});
  }
  Json zipf;
  if (result.zipf) {
    zipf = {{"exponent", -result.zipf->slope},
            {"standard_error", result.zipf->standard_error},
            {"interval", result.zipf_interval.samples == 0
                             ? Json()
                             : Json{-result.zipf_interval.high, -result.zipf_interval.low}}};
  }
  return {
      {"measure", NameOf(options.informativeness.measure)},
      {"min_images", options.min_images},
      {"min_category", options.informativeness.min_category},
      {"resamples", options.resamples},
      {"permutations", options.permutations},
      {"units", AllUnits(network)},
      {"units_with_object", network.labelled},
      {"units_without_label", network.unlabelled},
      {"correlations",
       {{"frequency_units", ToJson(network.frequency_units)},
        {"units_informative", ToJson(network.units_informative)},
        {"difference", ToJson(network.difference)},
        {"partial", ToJson(network.partial)}}},
      {"paper",
       {{"frequency_units", kPaperFrequencyUnits}, {"units_informative", kPaperUnitsInformative}}},
      {"zipf", std::move(zipf)},
      {"unmatched", std::move(unmatched)},
      {"rare_objects", result.rare_objects},
      {"categories_left_out", result.left_out_categories},
      {"categories", std::move(categories)},
      {"objects", std::move(objects)}};
}

Json ToJson(const PresenceModel& model) {
  Json objects = Json::array();
  for (const ObjectImportance& object : model.objects) {
    objects.push_back({{"object", model.names[static_cast<size_t>(object.object)]},
                       {"drop", object.drop},
                       {"standard_error", object.deviation}});
  }
  return {{"images", model.images},
          {"categories", model.categories},
          {"accuracy", static_cast<double>(model.right) / static_cast<double>(model.images)},
          {"interval", {model.interval.low, model.interval.high}},
          {"largest_category", model.chance},
          {"best_object", model.names[static_cast<size_t>(model.best_object)]},
          {"best_object_accuracy", model.best_accuracy},
          {"importance", std::move(objects)}};
}

Table EmergenceTable(const EmergenceResult& result) {
  Table table;
  table.header = {"object", "images", "frequency"};
  for (const NetworkEmergence& network : result.networks) {
    table.header.push_back("units, " + network.name);
  }
  table.header.emplace_back("informative");
  for (size_t i = 0; i < result.objects.size(); ++i) {
    std::vector<std::string> row = {result.objects[i].name,
                                    fmt::format("{}", result.objects[i].images),
                                    fmt::format("{:.0f}", result.frequency[i])};
    for (const NetworkEmergence& network : result.networks) {
      row.push_back(fmt::format("{:.0f}", network.units[i]));
    }
    row.push_back(fmt::format("{:.0f}", result.informative[i]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table CorrelationTable(const EmergenceResult& result) {
  Table table;
  table.header = {"",
                  "units",
                  "no object",
                  "objects",
                  "most units",
                  "frequency, units",
                  "units, informative",
                  "difference",
                  "partial"};
  for (const NetworkEmergence& network : result.networks) {
    const auto objects =
        std::count_if(network.units.begin(), network.units.end(), [](double n) { return n > 0; });
    const size_t most = MostUnits(network);
    table.rows.push_back(
        {network.name, fmt::format("{}", AllUnits(network)), fmt::format("{}", network.unlabelled),
         fmt::format("{}", objects),
         network.units[most] > 0
             ? fmt::format("{} ({:.0f})", result.objects[most].name, network.units[most])
             : "-",
         Text(network.frequency_units), Text(network.units_informative), Text(network.difference),
         Text(network.partial)});
  }
  table.rows.push_back({"paper (Places-CNN pool5)", "256", "115", "", "",
                        fmt::format("{:.2f}", kPaperFrequencyUnits),
                        fmt::format("{:.2f}", kPaperUnitsInformative),
                        fmt::format("{:.2f}", kPaperUnitsInformative - kPaperFrequencyUnits), ""});
  return table;
}

Table CategoryTable(const EmergenceResult& result) {
  Table table;
  table.header = {"category", "images", "object", "score", "second", "score", "third", "score"};
  for (const CategoryObjects& category : result.categories) {
    std::vector<std::string> row = {result.category_names[static_cast<size_t>(category.category)],
                                    fmt::format("{}", category.images)};
    for (const ObjectScore& score : category.best) {
      row.push_back(result.objects[static_cast<size_t>(score.object)].name);
      row.push_back(fmt::format("{:.3f}", score.score));
    }
    row.resize(table.header.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table PresenceTable(const PresenceModel& model) {
  constexpr size_t kShown = 10;
  const auto percent = [](double share) { return fmt::format("{:.1f}%", 100 * share); };
  Table table;
  table.header = {"categories told by", "accuracy", "interval"};
  table.rows.push_back(
      {fmt::format("all {} objects", model.objects.size()),
       percent(static_cast<double>(model.right) / static_cast<double>(model.images)),
       percent(model.interval.low) + " to " + percent(model.interval.high)});
  table.rows.push_back({model.names[static_cast<size_t>(model.best_object)] + " alone",
                        percent(model.best_accuracy), ""});
  table.rows.push_back({"none: the largest category", percent(model.chance), ""});
  for (size_t i = 0; i < std::min(kShown, model.objects.size()); ++i) {
    const ObjectImportance& object = model.objects[i];
    table.rows.push_back({"lost without " + model.names[static_cast<size_t>(object.object)],
                          percent(object.drop),
                          fmt::format("+- {:.1f}%", 100 * 1.959964 * object.deviation)});
  }
  return table;
}

}  // namespace netdissect
