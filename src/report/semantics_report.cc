#include "report/semantics_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/text.h"
#include "report/consensus_report.h"
#include "report/lettering.h"
#include "report/plot.h"
#include "report/taxonomy_json.h"

namespace netdissect {
namespace {

constexpr double kNormal = 1.959964;  // of a 95% interval

Json LayerJson(const LayerSemantics& layer, const Taxonomy& taxonomy) {
  Json json = {{"units", layer.units}, {"no_label", layer.no_label}, {"precision", nullptr},
               {"interval", nullptr},  {"groups", Json::object()},   {"levels", Json::object()}};
  if (layer.precision) {
    const double half = kNormal * layer.precision->error;
    json["precision"] = layer.precision->value;
    json["interval"] = {layer.precision->value - half, layer.precision->value + half};
  }
  for (size_t i = 0; i < layer.groups.size(); ++i) {
    json["groups"][taxonomy.groups[i].name] = layer.groups[i];
  }
  const std::vector<double> levels = LevelsOf(layer.groups, taxonomy);
  for (size_t i = 0; i < levels.size(); ++i) json["levels"][SemanticLevels()[i]] = levels[i];
  return json;
}

std::string UnitsText(double count) { return fmt::format("{:.1f}", count); }

// Of all networks, in the order in which they are first named.
std::vector<std::string> LayerNames(const std::vector<NetworkSemantics>& networks) {
  std::vector<std::string> names;
  for (const NetworkSemantics& network : networks) {
    for (const LayerSemantics& layer : network.layers) {
      if (std::find(names.begin(), names.end(), layer.name) == names.end()) {
        names.push_back(layer.name);
      }
    }
  }
  return names;
}

// A value for each layer of each network; none where a network lacks the layer.
std::vector<BarSeries> SeriesOf(const std::vector<NetworkSemantics>& networks,
                                const std::vector<std::string>& layers,
                                const std::function<double(const LayerSemantics&)>& value_of) {
  std::vector<BarSeries> series;
  for (const NetworkSemantics& network : networks) {
    BarSeries& one = series.emplace_back();
    one.name = network.name;
    one.color = SeriesColor(series.size() - 1);
    for (const std::string& name : layers) {
      const auto layer =
          std::find_if(network.layers.begin(), network.layers.end(),
                       [&](const LayerSemantics& each) { return each.name == name; });
      one.values.push_back(layer == network.layers.end() ? std::numeric_limits<double>::quiet_NaN()
                                                         : value_of(*layer));
    }
  }
  return series;
}

// Wide enough for bars and the layers' names.
int PlotWidth(const std::vector<std::string>& layers, size_t networks) {
  constexpr double kBar = 14, kWidestName = 110, kAxes = 80;
  double part = kBar * static_cast<double>(networks) + 10;
  for (const std::string& name : layers) {
    part = std::max(part, std::min(kWidestName, TextWidth(name, {12, false, InkColor()}) + 8));
  }
  return static_cast<int>(
      std::max(240.0, std::ceil(kAxes + part * static_cast<double>(layers.size()))));
}

double PercentOf(double count, const LayerSemantics& layer) {
  return layer.units == 0 ? 0 : 100 * count / layer.units;
}

// One plot of the kind of Figure 8.
struct SharePlot {
  std::string title;
  std::function<double(const LayerSemantics&)> units;
};

Drawing DrawShares(const std::string& title, const std::vector<NetworkSemantics>& networks,
                   std::vector<SharePlot> plots, size_t columns) {
  const std::vector<std::string> layers = LayerNames(networks);
  const bool has_unlabelled =
      std::any_of(networks.begin(), networks.end(), [](const NetworkSemantics& network) {
        return std::any_of(network.layers.begin(), network.layers.end(),
                           [](const LayerSemantics& layer) { return layer.no_label > 0; });
      });
  if (has_unlabelled) {
    plots.push_back(
        {"no label", [](const LayerSemantics& layer) -> double { return layer.no_label; }});
  }
  struct Shown {
    std::string title;
    std::vector<BarSeries> series;
  };
  std::vector<Shown> shown;
  std::vector<std::string> empty;
  double largest = 0;
  for (const SharePlot& plot : plots) {
    double most = 0;
    std::vector<BarSeries> series = SeriesOf(networks, layers, [&](const LayerSemantics& layer) {
      const double share = PercentOf(plot.units(layer), layer);
      most = std::max(most, share);
      return share;
    });
    largest = std::max(largest, most);
    if (most > 0) {
      shown.push_back({plot.title, std::move(series)});
    } else {
      empty.push_back(plot.title);
    }
  }
  constexpr double kStep = 20;
  std::vector<Drawing> rows, row;
  for (size_t i = 0; i < shown.size(); ++i) {
    Plot axes;
    axes.title = shown[i].title;
    axes.y = "% of the layer's units";
    axes.y_high = std::max(kStep, std::ceil(largest / kStep) * kStep);  // the same of all
    axes.width = PlotWidth(layers, networks.size());
    axes.height = 210;
    row.push_back(DrawPlot(GroupedBars(std::move(axes), layers, shown[i].series)));
    if (row.size() < columns && i + 1 < shown.size()) continue;
    rows.push_back(Beside(std::move(row), 4));
    row.clear();
  }
  double width = 560;  // of the heading at least
  for (const Drawing& each : rows) width = std::max(width, each.width);
  const std::string none = empty.empty() ? "" : " (no units: " + Join(empty) + ")";
  rows.insert(rows.begin(), DrawHeading(title + none, SeriesOf(networks, {}, {}), width));
  return Framed(Stacked(std::move(rows), 0));
}

}  // namespace

Json ToJson(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy,
            const LabelAgreement& agreement) {
  Json list = Json::array();
  for (const NetworkSemantics& network : networks) {
    Json layers = Json::object();
    for (const LayerSemantics& layer : network.layers) {
      layers[layer.name] = LayerJson(layer, taxonomy);
    }
    list.push_back({{"name", network.name},
                    {"digest", network.digest},
                    {"layers", std::move(layers)},
                    {"agreement", ToJson(network.agreement)}});
  }
  return {{"taxonomy", ToJson(taxonomy)},
          {"networks", std::move(list)},
          {"agreement", ToJson(agreement)}};
}

Table SemanticsTable(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy) {
  Table table;
  table.header = {"network", "layer", "units", "precision", "+-"};
  for (const std::string& level : SemanticLevels()) table.header.push_back(level);
  table.header.emplace_back("no label");
  for (const NetworkSemantics& network : networks) {
    for (const LayerSemantics& layer : network.layers) {
      std::vector<std::string> row = {network.name, layer.name, fmt::format("{}", layer.units)};
      const bool known = layer.precision.has_value();
      row.push_back(known ? fmt::format("{:.1f}%", 100 * layer.precision->value) : "");
      row.push_back(known ? fmt::format("{:.1f}%", 100 * kNormal * layer.precision->error) : "");
      for (const double level : LevelsOf(layer.groups, taxonomy)) row.push_back(UnitsText(level));
      row.push_back(fmt::format("{}", layer.no_label));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table GroupTable(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy) {
  Table table;
  table.header = {"network", "layer", "units"};
  for (const SemanticGroup& group : taxonomy.groups) table.header.push_back(group.name);
  table.header.emplace_back("no label");
  for (const NetworkSemantics& network : networks) {
    for (const LayerSemantics& layer : network.layers) {
      std::vector<std::string> row = {network.name, layer.name, fmt::format("{}", layer.units)};
      for (const double count : layer.groups) row.push_back(UnitsText(count));
      row.push_back(fmt::format("{}", layer.no_label));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Drawing DrawSemanticPrecision(const std::vector<NetworkSemantics>& networks) {
  const std::vector<std::string> layers = LayerNames(networks);
  const auto percent = [](const LayerSemantics& layer, double errors) {
    return layer.precision ? 100 * (layer.precision->value + errors * layer.precision->error)
                           : std::numeric_limits<double>::quiet_NaN();
  };
  std::vector<BarSeries> series =
      SeriesOf(networks, layers, [&](const LayerSemantics& layer) { return percent(layer, 0); });
  const std::vector<BarSeries> low = SeriesOf(
      networks, layers, [&](const LayerSemantics& layer) { return percent(layer, -kNormal); });
  const std::vector<BarSeries> high = SeriesOf(
      networks, layers, [&](const LayerSemantics& layer) { return percent(layer, kNormal); });
  for (size_t s = 0; s < series.size(); ++s) {
    for (size_t i = 0; i < layers.size(); ++i) {
      series[s].intervals.emplace_back(low[s].values[i], high[s].values[i]);
    }
  }
  Plot axes;
  axes.y = "mean precision, %";
  axes.y_high = 100;
  axes.width = std::max(420, PlotWidth(layers, 2 * networks.size()));
  axes.height = 300;
  const double width = axes.width;
  return Framed(Stacked({DrawHeading("Precision of the units' labels", series, width),
                         DrawPlot(GroupedBars(std::move(axes), layers, series))},
                        0));
}

Drawing DrawGroups(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy) {
  std::vector<SharePlot> plots;
  for (size_t i = 0; i < taxonomy.groups.size(); ++i) {
    plots.push_back(
        {taxonomy.groups[i].name, [i](const LayerSemantics& layer) { return layer.groups[i]; }});
  }
  return DrawShares("What units detect", networks, std::move(plots), 3);
}

Drawing DrawLevels(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy) {
  std::vector<SharePlot> plots;
  for (size_t i = 0; i < SemanticLevels().size(); ++i) {
    plots.push_back({SemanticLevels()[i] + " level", [i, &taxonomy](const LayerSemantics& layer) {
                       return LevelsOf(layer.groups, taxonomy)[i];
                     }});
  }
  return DrawShares("Levels of what units detect", networks, std::move(plots), 4);
}

}  // namespace netdissect
