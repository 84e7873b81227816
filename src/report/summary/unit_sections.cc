// Sections on units: receptive fields (Figures 3 and 4, Table 2), detectors (Figures 5 and 6),
// semantics (Figures 7 and 8), emergence (Figure 9), units as segmenters (Figure 11).

#include <algorithm>

#include "base/json_number.h"
#include "netdissect/data/decode.h"
#include "report/figure.h"
#include "report/summary/paper.h"
#include "report/summary/section.h"

namespace netdissect {
namespace {

// The first file of a layer's units whose name ends so.
std::optional<Path> UnitPicture(const ReadResult& fields, const std::string& layer,
                                const char* ending) {
  const Json& value = fields.json.at("layers").at(layer);
  for (const Json& unit : value.at("units")) {
    const Path file = FieldFileIn(fields.file.parent_path(), value.value("maps", ""), layer,
                                  WholeNumber<int>(unit.at("unit")), ending);
    if (Exists(file)) return file;
  }
  return std::nullopt;
}

Table FieldSizes(const std::vector<const ReadResult*>& all) {
  Table table{{"network"}, {}};
  std::vector<std::string>& header = table.header;
  for (const ReadResult* fields : all) {
    for (const auto& [layer, value] : fields->json.at("layers").items()) {
      if (std::find(header.begin(), header.end(), layer) == header.end()) header.push_back(layer);
    }
  }
  const auto add = [&](const std::string& name,
                       const std::function<std::string(const std::string&)>& cell) {
    std::vector<std::string> row = {name};
    for (size_t i = 1; i < header.size(); ++i) row.push_back(cell(header[i]));
    const auto known = [](const std::string& text) { return !text.empty(); };
    if (std::any_of(row.begin() + 1, row.end(), known)) table.rows.push_back(std::move(row));
  };
  const auto of_paper = [](const std::string& layer) {
    return std::find_if(kPaperFields.begin(), kPaperFields.end(),
                        [&](const PaperField& field) { return field.layer == layer; });
  };
  const auto in_theory = [](const ReadResult& fields, const std::string& layer) {
    const Json& layers = fields.json.at("layers");
    return layers.contains(layer) ? NumberText(NumberAt(layers[layer], "theoretical_size"), 0)
                                  : std::string();
  };
  // Said once of networks of one geometry.
  const auto is_of_paper = [&](const ReadResult& fields) {
    return std::all_of(header.begin() + 1, header.end(), [&](const std::string& layer) {
      const auto paper = of_paper(layer);
      const std::string size = in_theory(fields, layer);
      return size.empty() ||
             (paper != kPaperFields.end() && size == NumberText(paper->theoretical, 0));
    });
  };
  for (const ReadResult* fields : all) {
    if (!is_of_paper(*fields)) {
      add(fields->network() + ", in theory",
          [&](const std::string& layer) { return in_theory(*fields, layer); });
    }
    const bool gradient = fields->kind == ResultKind::kGradientFields;
    add(fields->network() + (gradient ? ", by gradient" : ""),
        [&](const std::string& layer) { return FieldSizeText(*fields, layer); });
  }
  add("in theory (paper)", [&](const std::string& layer) {
    const auto paper = of_paper(layer);
    return paper == kPaperFields.end() ? "" : NumberText(paper->theoretical, 0);
  });
  add("paper, Places-CNN", [&](const std::string& layer) {
    const auto paper = of_paper(layer);
    return paper == kPaperFields.end() ? "" : MeanText(paper->places, paper->places_std);
  });
  add("paper, ImageNet-CNN", [&](const std::string& layer) {
    const auto paper = of_paper(layer);
    return paper == kPaperFields.end() ? "" : MeanText(paper->imagenet, paper->imagenet_std);
  });
  return table;
}

// Mean sizes at other thresholds and from fewer images, of the layers' last: the others are in
// sensitivity.csv.
Table SensitivityOf(const ReadResult& fields) {
  Table table{{"layer", "threshold"}, {}};
  const auto top = TopLayer(fields);
  if (!top || !top->value.contains("sensitivity")) return table;
  const Json& sensitivity = top->value["sensitivity"];
  for (const Json& k : sensitivity.at("k")) table.header.push_back("K = " + k.dump());
  for (size_t t = 0; t < sensitivity.at("thresholds").size(); ++t) {
    std::vector<std::string> row = {
        top->name, fmt::format("{:.2f}", sensitivity["thresholds"][t].get<double>())};
    for (const Json& mean : sensitivity.at("mean")[t]) {
      row.push_back(mean.is_number() ? fmt::format("{:.1f}", mean.get<double>()) : "");
    }
    row.resize(table.header.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

Section FieldSection(const Results& results, PictureStore& pictures) {
  Section section("fields", "Receptive fields: how much of the image units look at",
                  "Section 3.2, Figures 3 and 4, Table 2");
  std::vector<const ReadResult*> all;
  for (const ReadResult* fields : results.Of(ResultKind::kFields)) {
    if (fields->json.contains("layers")) all.push_back(fields);  // not of a single picture
  }
  std::vector<const ReadResult*> with_gradients = all;
  for (const ReadResult* fields : results.Of(ResultKind::kGradientFields)) {
    if (!fields->json.contains("layers")) continue;
    with_gradients.push_back(fields);
    section.MadeBy(*fields);
  }
  if (with_gradients.empty()) {
    section.Missing("netdissect rf --layer LAYER --sample 24");
    return section;
  }
  section.Add("Table 2: sizes in pixels of the network's input, mean and deviation over units",
              FieldSizes(with_gradients));
  if (with_gradients.size() > all.size()) {
    section.Text(
        "By gradient: where the mean absolute gradient of a unit with respect to the input exceeds "
        "the same share of its maximum (Luo et al. 2016).");
  }
  if (all.empty()) return section;
  std::vector<std::string> says;
  for (const ReadResult* fields : all) {
    const auto top = TopLayer(*fields);
    if (!top) continue;
    const auto mean = NumberAt(top->value, "mean"), most = NumberAt(top->value, "theoretical_size");
    if (!mean || !most) continue;
    says.push_back(fmt::format("{}'s {} looks at {:.0f} pixels of the {:.0f} that it could",
                               fields->network(), top->name, *mean, *most));
  }
  section.Says(says);
  section.Text(
      "A unit's discrepancy is how much it changes when a small patch of noise covers part of a "
      "picture; the maps of its top images are aligned where it looks, averaged, and cut at a "
      "share of their maximum (the threshold). Why this threshold? Below are the mean sizes at "
      "others, and from fewer images a unit.");
  for (const ReadResult* fields : all) {
    section.Plot(pictures, *fields, "sensitivity",
                 fields->network() + ": mean size by threshold and by number of images");
    section.Add(fields->network() + ": mean size in pixels by threshold and by number of images",
                SensitivityOf(*fields));
    if (const auto top = TopLayer(*fields)) {
      section.Photo(pictures, UnitPicture(*fields, top->name, kPipelineEnding),
                    "Figure 3: how a field comes about: three pictures, two of the occluders on "
                    "each, where the unit changes, and the aligned mean");
    }
    std::vector<cv::Mat> row;
    for (const auto& [layer, value] : fields->json.at("layers").items()) {
      if (const auto file = UnitPicture(*fields, layer, ".png")) row.push_back(DecodeImage(*file));
    }
    if (!row.empty()) {
      section.Photo(pictures, Row(row),
                    fmt::format("Figure 4: averaged fields of {}, a unit of each layer, above the "
                                "patches of its top images",
                                fields->network()));
    }
    section.MadeBy(*fields);
  }
  section.Differs(
      "Other networks on other images; and the paper says neither its threshold nor "
      "what its occluders show. One threshold serves all layers here.");
  return section;
}

Section DetectorSection(const Results& results, PictureStore& pictures) {
  Section section("detectors", "What units detect", "Section 3.3, Figures 5 and 6");
  Table counts{{"network", "layer", "units", "labelled", "labels", "mean precision", "from"}, {}};
  std::vector<std::string> says;
  for (const ReadResult* labels : results.Of(ResultKind::kLabels)) {
    section.MadeBy(*labels);
    for (const auto& [layer, value] : labels->json.at("layers").items()) {
      const LabelledUnits found = LabelsOf(value);
      counts.rows.push_back({labels->network(), layer, std::to_string(found.units),
                             std::to_string(found.labelled), std::to_string(found.labels),
                             PercentText(found.precision), found.source});
    }
    if (const auto top = TopLayer(*labels)) {
      const LabelledUnits found = LabelsOf(top->value);
      says.push_back(fmt::format("{} of the {} units of {}'s {} bear one of {} labels",
                                 found.labelled, found.units, labels->network(), top->name,
                                 found.labels));
    }
  }
  section.Add("Units with a label", counts);
  for (const ReadResult* labels : results.Of(ResultKind::kLabels)) {
    section.Photo(pictures, labels->Beside("labels/best_units.png"),
                  fmt::format("{}: the units that fit their object best, top images segmented by "
                              "the unit, the object outlined",
                              labels->network()));
    if (const auto top = TopLayer(*labels)) {
      section.Plot(pictures, *labels, "labels/" + FileNameOf(top->name),
                   fmt::format("{}, {}: units by label", labels->network(), top->name));
    }
  }
  section.Says(says);
  section.Differs(
      "People named the paper's units; labels by ground truth know only what is "
      "annotated, and their precision is a lower bound where annotation is incomplete.");
  if (section.empty()) section.Missing("netdissect annotate auto --layer LAYER");
  return section;
}

Section SemanticsSection(const Results& results, PictureStore& pictures) {
  Section section("semantics", "From elements to objects", "Section 3.3, Figures 7 and 8");
  for (const ReadResult* semantics : results.Of(ResultKind::kSemantics)) {
    section.MadeBy(*semantics);
    section.Add(*semantics, "semantics",
                "Mean precision of labels, and units of each level: low is simple elements and "
                "colours, mid textures and shapes, high objects and scenes");
    section.Plot(pictures, *semantics, "figure7", "Figure 7: mean precision by layer");
    section.Plot(pictures, *semantics, "figure8", "Figure 8: units of each group, by layer");
    section.Plot(pictures, *semantics, "figure8_levels", "The same by level");
    section.Add(*semantics, "groups", "Units of each group");
    std::vector<std::string> says;
    for (const Json& network : semantics->json.at("networks")) {
      const Json& layers = network.at("layers");
      if (layers.size() < 2) continue;
      const auto share = [](const Json& layer) {
        const double units = layer.at("units").get<double>();
        return units > 0 ? layer.at("levels").value("high", 0.0) / units : 0.0;
      };
      const auto first = layers.begin(), last = std::prev(layers.end());
      says.push_back(fmt::format("{}: objects and scenes are {} of {}'s units and {} of {}'s",
                                 network.at("name").get<std::string>(), PercentText(share(*first)),
                                 first.key(), PercentText(share(*last)), last.key()));
    }
    section.Says(says);
  }
  section.Differs(
      "The paper's groups were chosen by people. Ground truth knows objects, and "
      "materials where the image set says which they are: it finds few low-level units.");
  if (section.empty()) section.Missing("netdissect semantics --labels FOLDER");
  return section;
}

Section EmergenceSection(const Results& results, PictureStore& pictures) {
  Section section("emergence", "Which objects emerge, and why", "Section 4.1, Figure 9");
  std::vector<std::string> says;
  for (const ReadResult* emergence : results.Of(ResultKind::kEmergence)) {
    const Json& correlations = emergence->json.at("correlations");
    const auto frequency = NumberAt(correlations, "frequency_units/pearson");
    const auto informative = NumberAt(correlations, "units_informative/pearson");
    const auto least = NumberAt(correlations, "difference/interval/0");
    section.MadeBy(*emergence);
    if (!frequency || !informative) continue;
    const bool clear = least && *least > 0;
    says.push_back(fmt::format(
        "{}: units that detect an object go with how informative it is (r = {:.2f}) {} with how "
        "frequent it is (r = {:.2f}){}",
        emergence->network(), *informative, clear ? "more than" : "and", *frequency,
        clear ? "" : ", a difference within its noise"));
  }
  section.Says(says);
  for (const ReadResult* emergence : results.Of(ResultKind::kEmergence)) {
    section.Add(*emergence, "correlations",
                "Correlations over objects, with 95% intervals: frequency with units, units with "
                "informative categories, their difference, and the second given the first");
    section.Plot(pictures, *emergence, "figure9",
                 "Figure 9b to d: objects by frequency, units that detect them, and scene "
                 "categories that they tell best");
    section.Plot(pictures, *emergence, "figure9_correlations",
                 "Units over frequency and over informative categories");
    section.Add(*emergence, "categories", "The objects that tell each category best");
    section.Photo(pictures, emergence->Beside("figure9a.png"),
                  emergence->network() + ", Figure 9a: units by the object that they detect", 1200);
  }
  section.Differs(
      "Units, objects and categories are others, and labels by ground truth name fewer "
      "units than people do; objects on few images are told by chance more easily.");
  if (section.empty()) section.Missing("netdissect emergence --labels FOLDER");
  return section;
}

Section QualitySection(const Results& results, PictureStore& pictures) {
  Section section("quality", "Units as segmenters", "Section 4.2, Figure 11");
  std::vector<std::string> says;
  for (const ReadResult* quality : results.Of(ResultKind::kQuality)) {
    Table table{{"object", "layer", "unit", "units", "AP", "Jaccard"}, {}};
    for (const Json& object : quality->json.at("objects")) {
      table.rows.push_back({object.at("label"), object.at("layer"), object.at("unit").dump(),
                            object.at("units").dump(), PercentText(NumberAt(object, "ap"), 1),
                            PercentText(NumberAt(object, "jaccard"), 1)});
    }
    if (const auto mean = NumberAt(quality->json, "mean_ap")) {
      says.push_back(fmt::format(
          "{}: the best unit for each of {} objects segments it with an average precision of {} "
          "on average",
          quality->network(), table.rows.size(), PercentText(mean)));
    }
    section.Add(quality->network() + ": each object by its best unit", table);
    section.Photo(pictures, quality->Beside("evaluate/examples.png"),
                  quality->network() +
                      ", Figure 11a: segmented by the unit, the annotated outline "
                      "on it");
    section.Plot(pictures, *quality, "evaluate/precision_recall",
                 quality->network() + ", Figure 11b: precision and recall of pixels");
    section.Plot(pictures, *quality, "evaluate/ap_histogram",
                 quality->network() + ", Figure 11c: objects by average precision");
    section.MadeBy(*quality);
  }
  section.Says(says);
  section.Differs("Other objects and images, and others who label the units.");
  if (section.empty()) section.Missing("netdissect evaluate --layer LAYER");
  return section;
}

}  // namespace netdissect
