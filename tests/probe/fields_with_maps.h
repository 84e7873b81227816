#pragma once
// MeasureFields, with the maps that its sink is given kept in the results.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "netdissect/probe/receptive_field.h"

namespace netdissect {

inline std::vector<LayerFields> MeasureWithMaps(const Network& network, OcclusionEngine& engine,
                                                const OccluderSet& occluders,
                                                const std::vector<FieldRequest>& requests,
                                                const ImageSource& image,
                                                const FieldOptions& options = {}) {
  std::map<std::pair<std::string, int>, at::Tensor> maps;
  std::vector<LayerFields> layers = MeasureFields(
      network, engine, occluders, requests, image,
      [&](const LayerFields& layer, const UnitField& unit) {
        maps[{layer.name, unit.unit}] = unit.map;
      },
      options);
  for (LayerFields& layer : layers) {
    for (UnitField& unit : layer.units) unit.map = maps.at({layer.name, unit.unit});
  }
  return layers;
}

}  // namespace netdissect
