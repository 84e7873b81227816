// What `rf` and `localize` do, in C++:
//
//   example NETWORK.json IMAGES.json LAYER
//
// The images are annotated. Prints the measured receptive fields of two units, and the objects that
// the layer's units find on the first images.

#include <iostream>
#include <memory>

#include "netdissect/netdissect.h"

namespace {

using namespace netdissect;

/// The units that fire most.
std::vector<FieldRequest::Unit> StrongestUnits(const RecordedLayer& layer, size_t count) {
  std::vector<FieldRequest::Unit> units;
  for (size_t u = 0; u < layer.units.size(); ++u) {
    units.push_back({static_cast<int>(u), layer.units[u].top});
  }
  std::stable_sort(units.begin(), units.end(), [](const auto& a, const auto& b) {
    return a.top.front().value > b.top.front().value;
  });
  units.resize(std::min(units.size(), count));
  return units;
}

void MeasureTwoFields(const Model& model, const ImageSets& images, const RecordedLayer& layer) {
  FieldRequest request{layer.name, model.network.Find(layer.name), StrongestUnits(layer, 2)};
  const OccluderSet occluders(model.input, {});
  const std::unique_ptr<OcclusionEngine> engine = MakeIncrementalEngine(model.network, occluders);
  FieldOptions options;
  options.k = 2;
  const auto input = [&](int64_t i) {
    return Preprocess(DecodeImage(images[i].path), model.input);
  };
  const auto print = [](const LayerFields& fields, const UnitField& unit) {
    std::cout << fields.name << " unit " << unit.unit << ": " << unit.size << " of "
              << fields.theoretical.y.size() << " pixels, map of " << unit.map.sizes() << "\n";
  };
  MeasureFields(model.network, *engine, occluders, {request}, input, print, options);
}

void FindObjects(const Model& model, const ImageSets& images, const RecordResult& record) {
  LabelOptions label;
  label.min_images = 1;
  const UnitLabelsResult labels = LabelUnits(model, images, record, label);
  DetectorLayer detectors{record.layers.front().name, {}};
  for (const UnitLabel& unit : labels.layers.front().units) {
    if (unit.label.empty() || !unit.precision) continue;
    const RecordedUnit& recorded = record.layers.front().units[static_cast<size_t>(unit.unit)];
    detectors.units.push_back({unit.unit, unit.label, *unit.precision, recorded.quantile,
                               FullActivation(recorded, label.top), 80});
  }
  const auto print = [&](const LocatedImage& located) {
    std::cout << images[located.image].name << ": "
              << model.classes[static_cast<size_t>(located.scenes.front().index)] << ";";
    for (const LocatedObject& object : located.objects) std::cout << " " << object.label;
    std::cout << "\n";
  };
  Localize(model, {detectors}, images, print);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    SetThreads(0);
    AvoidWrongConvolutions();
    const Model model = LoadModel(argv[1]);
    const ImageSets images{LoadDataset(argv[2])};
    const RecordResult record = Record(model, images, {argv[3]});
    std::cout << Version() << ": " << record.recorded << " images\n";
    MeasureTwoFields(model, images, record.layers.front());
    FindObjects(model, images, record);
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
