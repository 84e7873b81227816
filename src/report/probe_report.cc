#include "report/probe_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/plot.h"

namespace netdissect {
namespace {

constexpr size_t kTop = 5;  // what top5 means

Json IntervalJson(const ProportionInterval& interval) { return {interval.low, interval.high}; }

std::string PercentText(double share) { return fmt::format("{:.1f}%", 100 * share); }

std::string IntervalText(const ProportionInterval& interval) {
  return fmt::format("{:.1f}-{:.1f}%", 100 * interval.low, 100 * interval.high);
}

int64_t RowSum(const std::vector<int64_t>& answers) {
  int64_t sum = 0;
  for (int64_t count : answers) sum += count;
  return sum;
}

Json ClassJson(const ProbeResult& result, size_t label, const std::vector<std::string>& classes) {
  std::vector<int64_t> answers = result.confusion[label];
  const int64_t correct = answers[label], total = RowSum(answers);
  answers[label] = 0;
  const auto other = std::max_element(answers.begin(), answers.end());
  Json json = {{"accuracy", nullptr}, {"interval", nullptr}, {"test", total}};
  if (total > 0) {
    json["accuracy"] = static_cast<double>(correct) / static_cast<double>(total);
    json["interval"] = IntervalJson(WilsonInterval(correct, total));
  }
  json["taken_for"] =
      *other > 0 ? Json(classes[static_cast<size_t>(other - answers.begin())]) : Json(nullptr);
  return json;
}

Json ProbedLayerJson(const ProbedLayer& layer, const std::vector<std::string>& classes) {
  const ProbeResult& result = layer.result;
  Json costs = Json::array();
  for (const CostPoint& point : result.choice.curve) {
    costs.push_back(
        {{"cost", point.cost},
         {"accuracy", static_cast<double>(point.correct) / static_cast<double>(result.choice.rows)},
         {"unfinished", point.unfinished}});
  }
  Json per_class = Json::object();
  for (size_t c = 0; c < classes.size(); ++c) per_class[classes[c]] = ClassJson(result, c, classes);
  const bool has_top5 = classes.size() > kTop;
  return {{"accuracy", result.accuracy()},
          {"interval", IntervalJson(result.interval())},
          {"top5", has_top5 ? Json(result.top5()) : Json(nullptr)},
          {"interval5", has_top5 ? IntervalJson(result.interval5()) : Json(nullptr)},
          {"cost", result.choice.cost},
          {"cost_at_end", result.choice.at_end},
          {"costs", std::move(costs)},
          {"train", result.train},
          {"test", result.test},
          {"features", result.features},
          {"constant", result.constant},
          {"units", layer.units},
          {"height", layer.height},
          {"width", layer.width},
          {"reused", layer.reused},
          {"unfinished", result.unfinished},
          {"per_class", std::move(per_class)}};
}

// Of all networks, in the order in which they are first named.
std::vector<std::string> ProbedLayers(const std::vector<ProbedNetwork>& networks) {
  std::vector<std::string> names;
  for (const ProbedNetwork& network : networks) {
    for (const ProbedLayer& layer : network.layers) {
      if (std::find(names.begin(), names.end(), layer.name) == names.end()) {
        names.push_back(layer.name);
      }
    }
  }
  return names;
}

BarSeries AccuracySeries(const ProbedNetwork& network, const std::vector<std::string>& layers,
                         size_t number) {
  BarSeries series;
  series.name = network.name;
  series.color = SeriesColor(number);
  for (const std::string& name : layers) {
    const auto layer = std::find_if(network.layers.begin(), network.layers.end(),
                                    [&](const ProbedLayer& each) { return each.name == name; });
    if (layer == network.layers.end()) {
      series.values.push_back(std::numeric_limits<double>::quiet_NaN());
      series.intervals.emplace_back();
      continue;
    }
    const ProportionInterval interval = layer->result.interval();
    series.values.push_back(100 * layer->result.accuracy());
    series.intervals.emplace_back(100 * interval.low, 100 * interval.high);
  }
  return series;
}

}  // namespace

double ChanceOf(const ProbeResult& result) {
  int64_t most = 0;
  for (const std::vector<int64_t>& answers : result.confusion) {
    most = std::max(most, RowSum(answers));
  }
  return static_cast<double>(most) / static_cast<double>(result.test);
}

Json ToJson(const ProbedNetwork& network, const std::vector<std::string>& classes) {
  Json layers = Json::object();
  for (const ProbedLayer& layer : network.layers) {
    layers[layer.name] = ProbedLayerJson(layer, classes);
  }
  return {{"chance", ChanceOf(network.layers.front().result)},
          {"classes", classes},
          {"layers", std::move(layers)}};
}

Table ProbeTable(const std::vector<ProbedNetwork>& networks) {
  Table table;
  table.header = {"network", "layer", "features", "accuracy", "95% interval",
                  "top-5",   "cost",  "train",    "test"};
  for (const ProbedNetwork& network : networks) {
    for (const ProbedLayer& layer : network.layers) {
      const ProbeResult& result = layer.result;
      table.rows.push_back({network.name, layer.name, fmt::format("{}", result.features),
                            PercentText(result.accuracy()), IntervalText(result.interval()),
                            result.confusion.size() > kTop ? PercentText(result.top5()) : "",
                            fmt::format("{:g}", result.choice.cost),
                            fmt::format("{}", result.train), fmt::format("{}", result.test)});
    }
  }
  return table;
}

Table ConfusionTable(const ProbeResult& result, const std::vector<std::string>& classes) {
  Table table;
  table.header = {"class"};
  table.header.insert(table.header.end(), classes.begin(), classes.end());
  for (size_t c = 0; c < classes.size(); ++c) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(classes[c]);
    for (int64_t count : result.confusion[c]) row.push_back(fmt::format("{}", count));
  }
  return table;
}

Drawing DrawProbeAccuracy(const std::vector<ProbedNetwork>& networks) {
  const std::vector<std::string> layers = ProbedLayers(networks);
  std::vector<BarSeries> series;
  for (const ProbedNetwork& network : networks) {
    series.push_back(AccuracySeries(network, layers, series.size()));
  }
  Plot axes;
  axes.y = "% of test images right";
  axes.y_high = 100;
  axes.height = 320;
  axes.width = static_cast<int>(
      std::clamp<size_t>(layers.size() * (40 + 30 * networks.size()) + 80, 420, 1600));
  const double width = axes.width;
  Plot plot = GroupedBars(std::move(axes), layers, series);
  plot.levels.push_back(
      {100 * ChanceOf(networks.front().layers.front().result), MutedColor(), "largest class"});
  return Framed(Stacked({DrawHeading("Linear classifiers on layers' features", series, width),
                         DrawPlot(std::move(plot))},
                        0));
}

Drawing DrawProbeCosts(const ProbedNetwork& network) {
  Plot plot;
  plot.title = "Cost by cross-validation: " + network.name;
  plot.x = "log10 of the cost C";
  plot.y = "% of held-out training images right";
  plot.y_high = 100;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ProbedLayer& layer : network.layers) {
    PlotCurve curve;
    curve.color = SeriesColor(plot.curves.size());
    curve.name = layer.name;
    for (const CostPoint& point : layer.result.choice.curve) {
      const double x = std::log10(point.cost);
      low = std::min(low, x);
      high = std::max(high, x);
      curve.points.emplace_back(x, 100 * static_cast<double>(point.correct) /
                                       static_cast<double>(layer.result.choice.rows));
    }
    plot.curves.push_back(std::move(curve));
  }
  plot.x_low = low;
  plot.x_high = high;
  return Framed(DrawPlot(std::move(plot)));
}

}  // namespace netdissect
