#include "report/summary/headline.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "report/summary/findings.h"
#include "report/summary/paper.h"

namespace netdissect {
namespace {

std::string AccuracySentence(const Results& results) {
  std::vector<std::string> parts;
  for (const ReadResult* classify : results.Of(ResultKind::kClassify)) {
    const auto top1 = NumberAt(classify->json, "top1");
    if (!top1) continue;
    parts.push_back(fmt::format("{} names {} of {}", classify->network(), PercentText(top1),
                                SetNames(*classify, " and ")));
  }
  if (parts.empty()) return "How well the networks classify was not measured: netdissect classify.";
  return Join(parts, "; ") + " rightly.";
}

std::string FieldSentence(const Results& results) {
  std::vector<std::string> parts;
  for (const ReadResult* fields : results.Of(ResultKind::kFields)) {
    const auto top = TopLayer(*fields);
    const auto mean = top ? NumberAt(top->value, "mean") : std::nullopt;
    if (!mean) continue;
    parts.push_back(fmt::format("{:.0f} of {:.0f} pixels in {} of {}", *mean,
                                top->value.value("theoretical_size", 0.0), top->name,
                                fields->network()));
  }
  if (parts.empty()) return "Receptive fields were not measured: netdissect rf.";
  return "How much of the image units look at, of what they could: " + Join(parts, ", ") +
         " (the paper: 72 of 195 in pool5).";
}

std::string DetectorSentence(const Results& results) {
  std::vector<std::string> parts;
  for (const std::string& network : results.networks()) {
    const ReadResult* labels = results.Of(ResultKind::kLabels, network);
    const auto top = labels ? TopLayer(*labels) : std::nullopt;
    if (!top) continue;
    const LabelledUnits found = LabelsOf(top->value);
    if (found.labelled == 0) continue;
    parts.push_back(fmt::format("{} of {} units of {} in {} bear one of {} labels, best {}",
                                found.labelled, found.units, top->name, network, found.labels,
                                found.best));
  }
  if (parts.empty()) return "No units have labels yet: netdissect annotate.";
  return "What units detect: " + Join(parts, "; ") + ".";
}

std::string MinimalSentence(const Results& results) {
  std::vector<std::string> parts;
  for (const ReadResult* simplify : results.Of(ResultKind::kSimplify)) {
    if (const auto kept = MeanKept(*simplify)) {
      parts.push_back(fmt::format("{} of the pixels are enough for {} on {} pictures ({} segments)",
                                  PercentText(kept), simplify->network(),
                                  simplify->json["images"].size(),
                                  simplify->json.value("segments", "")));
    }
  }
  if (parts.empty()) return "Minimal images were not made: netdissect simplify.";
  return "How much of a picture keeps its class: " + Join(parts, "; ") + ".";
}

std::string EmergenceSentence(const Results& results) {
  std::vector<std::string> parts;
  for (const ReadResult* emergence : results.Of(ResultKind::kEmergence)) {
    const Json& of = emergence->json.at("correlations");
    const auto frequent = NumberAt(of, "frequency_units/pearson");
    const auto informative = NumberAt(of, "units_informative/pearson");
    if (frequent && informative) {
      parts.push_back(
          fmt::format("{}: r = {:.2f} and {:.2f}", emergence->network(), *informative, *frequent));
    }
  }
  if (parts.empty()) {
    return "Whether what units detect follows what tells scenes apart was not measured: netdissect "
           "emergence.";
  }
  return "How many units detect an object goes with how many scenes it tells apart, and with how "
         "frequent it is: " +
         Join(parts, "; ") + " (the paper: 0.84 and 0.54).";
}

// A figure of the paper: what a network has of it.
using Measured = std::function<std::string(const std::string& network)>;

class PaperRows {
 public:
  explicit PaperRows(const Results& results) : networks_(results.networks()) {
    table_.header = {"figure", "of what", "paper"};
    table_.header.insert(table_.header.end(), networks_.begin(), networks_.end());
    table_.header.emplace_back("why they differ");
  }

  // None where no network has it.
  void Add(const std::string& figure, const std::string& what, const std::string& paper,
           const Measured& measured, const std::string& why) {
    std::vector<std::string> row = {figure, what, paper};
    bool known = false;
    for (const std::string& network : networks_) {
      row.push_back(measured(network));
      known = known || !row.back().empty();
    }
    row.push_back(why);
    if (known) table_.rows.push_back(std::move(row));
  }

  Table table() && { return std::move(table_); }

 private:
  const std::vector<std::string>& networks_;
  Table table_;
};

// The number at a place of a network's result, as text.
Measured At(const Results& results, ResultKind kind, const std::string& pointer,
            const std::function<std::string(std::optional<double>)>& text) {
  return [=, &results](const std::string& network) {
    const ReadResult* result = results.Of(kind, network);
    return result ? text(NumberAt(result->json, pointer)) : std::string();
  };
}

std::string Percent(std::optional<double> share) { return PercentText(share); }
std::string TwoDigits(std::optional<double> number) { return NumberText(number, 2); }

// "67% of places", for each set that the network classifies.
std::string Top1Of(const Results& results, const std::string& network) {
  std::vector<std::string> parts;
  for (const ReadResult* classify : results.AllOf(ResultKind::kClassify, network)) {
    const auto top1 = NumberAt(classify->json, "top1");
    if (!top1) continue;
    parts.push_back(fmt::format("{} of {}", PercentText(top1), SetNames(*classify, " and ")));
  }
  return Join(parts);
}

void AddFieldRows(const Results& results, PaperRows& rows) {
  const std::string why =
      "other networks and images; the paper leaves threshold and occluders open";
  const auto size = [&](const std::string& network, const std::string& layer) {
    const ReadResult* fields = results.Of(ResultKind::kFields, network);
    const std::string text = fields ? FieldSizeText(*fields, layer) : "";
    if (text.empty()) return text;
    return fmt::format("{} of {:.0f}", text,
                       fields->json["layers"][layer].value("theoretical_size", 0.0));
  };
  std::vector<std::string> others;
  for (const ReadResult* fields : results.Of(ResultKind::kFields)) {
    const Json layers = fields->json.value("layers", Json::object());
    for (const auto& [layer, value] : layers.items()) {
      const bool in_paper =
          std::any_of(kPaperFields.begin(), kPaperFields.end(),
                      [&name = layer](const PaperField& paper) { return paper.layer == name; });
      if (!in_paper && std::find(others.begin(), others.end(), layer) == others.end()) {
        others.push_back(layer);
      }
    }
  }
  for (const PaperField& paper : kPaperFields) {
    const std::string layer = paper.layer;
    rows.Add(
        "Table 2", "receptive field of " + layer + ", pixels",
        fmt::format("{} of {:.0f} (Places-CNN), {} (ImageNet-CNN)",
                    MeanText(paper.places, paper.places_std), paper.theoretical,
                    MeanText(paper.imagenet, paper.imagenet_std)),
        [&](const std::string& network) { return size(network, layer); }, why);
  }
  for (const std::string& layer : others) {
    rows.Add(
        "Table 2", "receptive field of " + layer + ", pixels", "",
        [&](const std::string& network) { return size(network, layer); },
        "no such layer in the paper");
  }
}

}  // namespace

std::vector<std::string> FiveSentences(const Results& results) {
  return {AccuracySentence(results), FieldSentence(results), DetectorSentence(results),
          MinimalSentence(results), EmergenceSentence(results)};
}

Table PaperTable(const Results& results) {
  PaperRows rows(results);
  rows.Add(
      "Section 2", "top-1", PercentText(kPaperPlacesTop1, 1) + " (Places-CNN, scenes)",
      [&](const std::string& network) { return Top1Of(results, network); },
      "other networks and categories");
  rows.Add(
      "Section 2", "linear SVM on features, on scenes",
      PercentText(kPaperImageNetSvm, 1) + " (ImageNet-CNN)",
      [&](const std::string& network) {
        const ReadResult* probe = results.Of(ResultKind::kProbe, network);
        const auto top = probe ? TopLayer(*probe) : std::nullopt;
        if (!top) return std::string();
        return fmt::format("{} ({})", PercentText(NumberAt(top->value, "accuracy")), top->name);
      },
      "other categories and training images");
  for (const PaperPreference& paper : kPaperPreference) {
    rows.Add(
        "Figure 1", fmt::format("object images among the 100 that {} likes most", paper.layer),
        fmt::format("{} (ImageNet-CNN), {} (Places-CNN)", PercentText(paper.imagenet_cnn),
                    PercentText(paper.places_cnn)),
        [&](const std::string& network) {
          const ReadResult* record = WidestRecord(results, network);
          if (!record || record->provenance.images.size() < 2) return std::string();
          const std::string& set = LastSet(*record);
          const auto share = ShareOfSet(*record, paper.layer, set);
          return share ? PercentText(share) + " " + set : std::string();
        },
        "other image sets; what is shared depends on their sizes and contents");
  }
  rows.Add(
      "Section 3.1", "pixels that a minimal image keeps", "",
      [&](const std::string& network) {
        const ReadResult* simplify = results.Of(ResultKind::kSimplify, network);
        const auto kept = simplify ? MeanKept(*simplify) : std::nullopt;
        return kept ? fmt::format("{} ({} images)", PercentText(kept),
                                  simplify->json["images"].size())
                    : std::string();
      },
      "the paper gives none");
  for (const PaperKept& paper : kPaperKept) {
    rows.Add(
        "Section 3.1", fmt::format("minimal {}s that keep the {}", paper.category, paper.object),
        PercentText(paper.share),
        [&](const std::string& network) {
          const ReadResult* simplify = results.Of(ResultKind::kSimplify, network);
          if (!simplify) return std::string();
          const std::string place = fmt::format("categories/{}", paper.category);
          const auto kept =
              NumberAt(simplify->json, fmt::format("{}/objects/{}/kept", place, paper.object));
          if (!kept) return std::string();
          return fmt::format("{} of {}", PercentText(kept),
                             NumberText(NumberAt(simplify->json, place + "/images"), 0));
        },
        "other images; annotations that leave objects out");
  }
  AddFieldRows(results, rows);
  const auto labelled = [&](const std::string& network) {
    const ReadResult* labels = results.Of(ResultKind::kLabels, network);
    const auto top = labels ? TopLayer(*labels) : std::nullopt;
    if (!top) return std::string();
    const LabelledUnits found = LabelsOf(top->value);
    return fmt::format("{} of {} ({})", found.labelled, found.units, top->name);
  };
  rows.Add("Section 3.3", "units with a label in the top layer", "", labelled,
           "the paper gives figures by group alone");
  rows.Add("Section 4.1", "r of frequency and units", NumberText(kPaperFrequencyUnits, 2),
           At(results, ResultKind::kEmergence, "correlations/frequency_units/pearson", TwoDigits),
           "other objects, and others who label the units");
  rows.Add("Section 4.1", "r of units and informative categories",
           NumberText(kPaperUnitsInformative, 2),
           At(results, ResultKind::kEmergence, "correlations/units_informative/pearson", TwoDigits),
           "other objects, and others who label the units");
  rows.Add("Figure 11", "mean average precision over objects", "",
           At(results, ResultKind::kQuality, "mean_ap", Percent), "the paper gives examples alone");
  return std::move(rows).table();
}

}  // namespace netdissect
