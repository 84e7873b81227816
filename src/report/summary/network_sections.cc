// Sections on networks as a whole: Table 1, accuracy (Section 2) and what layers prefer (Figure 1).

#include <algorithm>

#include "base/text.h"
#include "report/summary/paper.h"
#include "report/summary/section.h"

namespace netdissect {
Section ArchitectureSection(const Results& results) {
  Section section("architecture", "The networks", "Table 1");
  for (const ReadResult* info : results.Of(ResultKind::kInfo)) {
    Table table{{"layer", "type", "units", "size", "receptive field", "stride"}, {}};
    double parameters = 0, macs = 0;
    for (const Json& layer : info->json.at("layers")) {
      parameters += layer.value("parameters", 0.0);
      macs += layer.value("macs", 0.0);
      if (layer.at("type") == "input" || layer.at("type") == "relu") continue;
      const Json& field = layer.at("receptive_field");
      table.rows.push_back(
          {layer.at("name"), layer.at("type"), layer.at("units").dump(),
           fmt::format("{} x {}", layer.at("height").dump(), layer.at("width").dump()),
           field.at("size").dump(), field.at("stride").dump()});
    }
    section.Add(fmt::format("{}: {:.1f} million parameters, {:.2f} thousand million multiply-adds "
                            "an image; receptive fields in pixels, by theory",
                            info->network(), parameters / 1e6, macs / 1e9),
                table);
    section.MadeBy(*info);
  }
  section.Says("Layers, numbers of units and the region of the image that each could see at most.");
  if (section.empty()) section.Missing("netdissect info");
  return section;
}

Section AccuracySection(const Results& results, PictureStore& pictures) {
  Section section("accuracy", "How well they classify", "Section 2");
  Table accuracy{{"network", "images", "counted", "top-1", "top-5"}, {}};
  std::vector<std::string> says;
  for (const ReadResult* classify : results.Of(ResultKind::kClassify)) {
    const auto top1 = NumberAt(classify->json, "top1"), top5 = NumberAt(classify->json, "top5");
    section.MadeBy(*classify);
    if (!top1) continue;  // none of its classes is a label
    accuracy.rows.push_back({classify->network(), SetNames(*classify),
                             classify->json.at("images").dump(), PercentText(top1, 1),
                             PercentText(top5, 1)});
    says.push_back(fmt::format("{} names the class of {} of the images of {}", classify->network(),
                               PercentText(top1, 1), SetNames(*classify)));
  }
  section.Add("Accuracy of the networks themselves", accuracy);
  Table probes{{"network", "layer", "features", "accuracy", "95% interval", "chance"}, {}};
  for (const ReadResult* probe : results.Of(ResultKind::kProbe)) {
    for (const auto& [layer, value] : probe->json.at("layers").items()) {
      probes.rows.push_back({probe->network(), layer, value.at("features").dump(),
                             PercentText(NumberAt(value, "accuracy"), 1),
                             fmt::format("{} to {}", PercentText(NumberAt(value, "interval/0"), 1),
                                         PercentText(NumberAt(value, "interval/1"), 1)),
                             PercentText(NumberAt(probe->json, "chance"), 1)});
    }
    section.MadeBy(*probe);
  }
  section.Add(
      "A linear SVM on the features of a layer: the paper has 40.8% for ImageNet-CNN's "
      "features on scenes, and 50.0% for Places-CNN itself",
      probes);
  for (const ReadResult* probe : results.Of(ResultKind::kProbe)) {
    section.Plot(pictures, *probe, "accuracy",
                 probe->network() + ": accuracy of linear SVMs, layer by layer");
  }
  section.Says("How well linear classifiers tell classes apart by layers' features.");
  section.Says(says);
  section.Differs("Other networks; the paper's test is 205 categories of scenes.");
  if (section.empty()) section.Missing("netdissect classify");
  return section;
}

Section PreferenceSection(const Results& results, PictureStore& pictures) {
  Section section("preference", "What layers prefer", "Figure 1");
  Table shares{{"layer"}, {}};
  std::vector<const ReadResult*> records;
  std::vector<std::string> layers;
  for (const std::string& network : results.networks()) {
    const ReadResult* record = WidestRecord(results, network);
    if (!record || record->provenance.images.size() < 2) continue;
    records.push_back(record);
    shares.header.push_back(network);
    for (const auto& [layer, value] : record->json.at("layers").items()) {
      if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(layer);
    }
  }
  if (records.empty()) {
    section.Missing("netdissect record --images SCENES --images OBJECTS");
    return section;
  }
  const std::string set = LastSet(*records.front());
  for (const std::string& layer : layers) {
    std::vector<std::string> row = {layer};
    for (const ReadResult* record : records) {
      row.push_back(PercentText(ShareOfSet(*record, layer, set)));
    }
    shares.rows.push_back(std::move(row));
  }
  shares.header.push_back("paper: ImageNet-CNN");
  shares.header.push_back("paper: Places-CNN");
  for (std::vector<std::string>& row : shares.rows) {
    row.resize(shares.header.size());
    for (const PaperPreference& paper : kPaperPreference) {
      if (row[0] != paper.layer) continue;
      row[row.size() - 2] = PercentText(paper.imagenet_cnn);
      row[row.size() - 1] = PercentText(paper.places_cnn);
    }
  }
  section.Add(fmt::format("Of the 100 images that a layer responds to most, those of {} (the "
                          "paper: of ImageNet)",
                          set),
              shares);
  for (const ReadResult* record : records) {
    section.Photo(pictures, record->Beside("figure1.png"),
                  fmt::format("{}: the images of largest total response, layer by layer, framed in "
                              "the colour of their set",
                              record->network()),
                  900);
    section.MadeBy(*record);
  }
  std::vector<std::string> last;  // of each network
  for (const ReadResult* record : records) {
    const auto top = TopLayer(*record);
    const auto share = top ? ShareOfSet(*record, top->name, set) : std::nullopt;
    if (!share) continue;
    last.push_back(fmt::format("{} at {} of {}", PercentText(share), top->name, record->network()));
  }
  section.Says(fmt::format(
      "Which of the image sets each layer responds to most. Of the favourites {} has {}.", set,
      Join(last)));
  section.Differs(
      "The shares depend on what the two image sets show and on how many images they "
      "have; the paper's have 200,000.");
  return section;
}

}  // namespace netdissect
