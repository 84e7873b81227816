#include "report/simplify_report.h"

#include <fmt/format.h>

#include <map>

#include "base/json_number.h"
#include "base/statistics.h"
#include "report/classify_report.h"
#include "report/provenance.h"

namespace netdissect {
namespace {

double Share(int64_t count, int64_t total) {
  return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
}

std::string Percent(double fraction) { return fmt::format("{:.0f}%", 100 * fraction); }

Json ToJson(const ProportionInterval& interval) { return {interval.low, interval.high}; }

Json CategoryJson(const KeptCategory& category) {
  Json objects = Json::object();
  for (const KeptObject& object : category.objects) {
    objects[object.object] = {
        {"kept", Share(object.kept, category.images)},
        {"kept_if_present", Share(object.kept, object.present)},
        {"present", object.present},
        {"interval", ToJson(WilsonInterval(object.kept, object.present))},
        {"kept_interval", ToJson(WilsonInterval(object.kept, category.images))},
        {"kept_images", object.kept},
        {"chance_if_present", object.chance / static_cast<double>(object.present)}};
  }
  return {{"images", category.images},
          {"kept_fraction", category.kept_fraction},
          {"segments", category.segments},
          {"kept_segments", category.kept_segments},
          {"objects", objects}};
}

}  // namespace

std::string CategoryOf(const SimplifiedImage& image, const Model& model, const Dataset& set) {
  const int label = set.images[static_cast<size_t>(image.image)].label;
  return label >= 0 && static_cast<size_t>(label) < set.labels.size()
             ? set.labels[static_cast<size_t>(label)]
             : ClassName(model, image.target);
}

Json ToJson(const SimplifiedImage& image, const Model& model, const Dataset& set) {
  const auto name_of = [&](int segment) -> const std::string& {
    return image.segments[static_cast<size_t>(segment)].name;
  };
  Json segments = Json::array(), steps = Json::array(), kept = Json::array();
  for (const Segment& segment : image.segments) {
    segments.push_back({{"name", segment.name},
                        {"object", segment.object.empty() ? Json(nullptr) : Json(segment.object)},
                        {"fraction", segment.fraction}});
  }
  const MinimalImage& minimal = image.minimal;
  for (const Removal& step : minimal.steps) {
    steps.push_back({{"segment", name_of(step.segment)}, {"probability", step.probability}});
  }
  for (int segment : minimal.kept) kept.push_back(name_of(segment));
  Json json = {{"image", set.images[static_cast<size_t>(image.image)].name},
               {"label", CategoryOf(image, model, set)},
               {"class", ClassName(model, image.target)},
               {"target", image.target},
               {"predicted", image.predicted},
               {"probability", minimal.probability},
               {"segments", segments},
               {"steps", steps},
               {"kept", kept},
               {"kept_fraction", image.kept_fraction()}};
  if (minimal.refused) {
    json["refused"] = {{"segment", name_of(minimal.refused->segment)},
                       {"probability", minimal.refused->probability},
                       {"class", ClassName(model, minimal.refused_first)},
                       {"target", minimal.refused_first}};
  }
  json["passes"] = minimal.passes;
  json["seconds"] = image.seconds;
  return json;
}

SimplifiedImage SimplifiedImageFrom(const Json& json, int64_t index) {
  SimplifiedImage image;
  image.image = index;
  image.target = WholeNumber<int>(json.at("target"));
  image.predicted = WholeNumber<int>(json.at("predicted"));
  std::map<std::string, int> number_of;
  for (const Json& segment : json.at("segments")) {
    const Json& object = segment.at("object");
    image.segments.push_back({segment.at("name").get<std::string>(),
                              object.is_null() ? "" : object.get<std::string>(),
                              segment.at("fraction").get<double>()});
    number_of.emplace(image.segments.back().name, static_cast<int>(image.segments.size()) - 1);
  }
  const auto removal_of = [&](const Json& removal) {
    return Removal{number_of.at(removal.at("segment").get<std::string>()),
                   removal.at("probability").get<double>()};
  };
  MinimalImage& minimal = image.minimal;
  minimal.target = image.target;
  minimal.probability = json.at("probability").get<double>();
  for (const Json& step : json.at("steps")) minimal.steps.push_back(removal_of(step));
  for (const Json& kept : json.at("kept")) {
    minimal.kept.push_back(number_of.at(kept.get<std::string>()));
  }
  if (json.contains("refused")) {
    minimal.refused = removal_of(json["refused"]);
    minimal.refused_first = WholeNumber<int>(json["refused"].at("target"));
  }
  minimal.passes = WholeNumber<int64_t>(json.at("passes"));
  image.seconds = json.at("seconds").get<double>();
  return image;
}

Json ToJson(const std::vector<KeptCategory>& categories) {
  Json json = Json::object();
  for (const KeptCategory& category : categories) json[category.name] = CategoryJson(category);
  return json;
}

Json ToJson(const SimplifySummary& summary, const SimplifyOptions& options) {
  const bool labelled = options.target == SimplifyOptions::Target::kLabel;
  const bool annotated = options.segments == SimplifyOptions::Segments::kAnnotated;
  return {{"target", labelled ? "label" : "predicted"},
          {"segments", annotated ? "annotated" : "auto"},
          {"not_correct", summary.wrong},
          {"without_class", summary.without_class},
          {"without_annotation", summary.without_annotation},
          {"out_of_view", summary.out_of_view},
          {"skipped", ToJson(summary.skipped)}};
}

Table KeptObjectTable(const std::vector<KeptCategory>& categories, int64_t present, size_t rows) {
  Table table;
  table.header = {"category",        "object", "images", "present",     "kept",
                  "kept if present", "95%",    "chance", "kept of all", "95% of all"};
  for (const KeptCategory& category : categories) {
    size_t shown = 0;
    for (const KeptObject& object : category.objects) {
      if (object.present < present) continue;
      if (rows != 0 && ++shown > rows) break;
      const auto range = [&](int64_t total) {
        const ProportionInterval interval = WilsonInterval(object.kept, total);
        return fmt::format("{:.0f}-{:.0f}%", 100 * interval.low, 100 * interval.high);
      };
      table.rows.push_back({category.name, object.object, fmt::format("{}", category.images),
                            fmt::format("{}", object.present), fmt::format("{}", object.kept),
                            Percent(Share(object.kept, object.present)), range(object.present),
                            Percent(object.chance / static_cast<double>(object.present)),
                            Percent(Share(object.kept, category.images)), range(category.images)});
    }
  }
  return table;
}

Table KeptFractionTable(const std::vector<KeptCategory>& categories,
                        const std::vector<KeptCategory>& all) {
  Table table;
  table.header = {"category", "images", "segments", "kept", "pixels kept"};
  const auto add = [&](const KeptCategory& category) {
    table.rows.push_back({category.name, fmt::format("{}", category.images),
                          fmt::format("{:.1f}", category.segments),
                          fmt::format("{:.1f}", category.kept_segments),
                          fmt::format("{:.1f}%", 100 * category.kept_fraction)});
  };
  for (const KeptCategory& category : categories) add(category);
  if (categories.size() > 1) {
    for (const KeptCategory& whole : all) add(whole);
  }
  return table;
}

}  // namespace netdissect
