#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "netdissect/probe/operators.h"
#include "nn/kinds/kind.h"
#include "nn/summary.h"
#include "nn/tiles/compute_tiles.h"
#include "probe/grouping.h"
#include "probe/tile_layout.h"

namespace netdissect {
namespace {

// Activations read on the device, to be copied to the host once. What each is of is known there.
class Readings {
 public:
  struct Of {
    size_t unit = 0;
    GridCell cell;
  };

  /// The numbers of `values` at `places`, one for each of `of`.
  void Add(const at::Tensor& values, const std::vector<int64_t>& places,
           const std::vector<Of>& of) {
    if (places.empty()) return;
    const at::Tensor index = at::tensor(places, at::kLong).to(values.device());
    read_.push_back(values.flatten().index_select(0, index));
    of_.insert(of_.end(), of.begin(), of.end());
  }

  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (read_.empty()) return;
    const at::Tensor values = at::cat(read_).to(at::kCPU);
    for (size_t i = 0; i < of_.size(); ++i) visit(of_[i], values.data_ptr<float>()[i]);
  }

 private:
  std::vector<at::Tensor> read_;
  std::vector<Of> of_;
};

class OperatorEngine : public OcclusionEngine {
 public:
  OperatorEngine(const Network& network, const OccluderSet& occluders,
                 const OperatorOptions& options)
      : network_(network),
        occluders_(occluders),
        options_(options),
        fields_(TheoreticalFields(network)),
        patches_(occluders.patches().to(network.device())) {
    network_.SetForward(ForwardBy::kLibTorch);
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    ComputeBase(image, units);
    std::vector<OcclusionResponse> responses = Originals(units);
    for (const std::vector<size_t>& members :
         GroupUnits(network_, occluders_, units, options_.share)) {
      const Program program = Compile(network_, MembersOf(units, members), StepsOf::kAll);
      RespondGroup(program).ForEach([&](const Readings::Of& of, float value) {
        OcclusionResponse& response = responses[members[of.unit]];
        response.change
            .data_ptr<float>()[int64_t{of.cell.row} * occluders_.columns() + of.cell.column] =
            value - response.original;
      });
    }
    for (const UnitPosition& unit : units) {
      ++work_.pairs;
      work_.occluders += occluders_.CountMeeting(fields_[At(unit.layer)], unit.y, unit.x);
    }
    return responses;
  }

 private:
  // Activations of the unoccluded image, of the layers that steps store.
  void ComputeBase(const at::Tensor& image, const std::vector<UnitPosition>& units) {
    std::vector<int> layers = {0};
    for (const RowStep& step : PlanWhole(network_, units, StepsOf::kAll).steps) {
      layers.push_back(step.output);
      work_.macs += MultiplyAdds(network_, step.layer);
    }
    held_ = HeldBytes(network_, occluders_, units);
    if (held_ > options_.memory) {
      Fail(
          "occlusion: expected a memory bound of at least {}, one image's activations and the "
          "occluders, found {}",
          FormatBytes(held_), FormatBytes(options_.memory));
    }
    base_.assign(At(network_.size()), {});
    network_.Forward(image.unsqueeze(0).to(network_.device()), layers,
                     [&](size_t which, const at::Tensor& output) {
                       base_[At(layers[which])] = BaseRows(output);
                     });
  }

  // Activations without an occluder, and no change.
  std::vector<OcclusionResponse> Originals(const std::vector<UnitPosition>& units) const {
    Readings readings;
    std::vector<OcclusionResponse> responses;
    for (size_t u = 0; u < units.size(); ++u) {
      const UnitPosition& unit = units[u];
      const Shape& shape = network_.layer(unit.layer).shape;
      const int64_t row = 1 + int64_t{unit.y} * shape.width + unit.x;
      readings.Add(base_[At(unit.layer)], {row * shape.units + unit.unit}, {{u, {}}});
      responses.push_back({0, at::zeros({occluders_.rows(), occluders_.columns()}, at::kFloat)});
    }
    readings.ForEach(
        [&](const Readings::Of& of, float value) { responses[of.unit].original = value; });
    return responses;
  }

  Readings RespondGroup(const Program& program) {
    Readings readings;
    const TileLayout layout(network_, program, occluders_);
    std::vector<TileMap> maps;
    for (int layer = 0; layer < network_.size(); ++layer) {
      maps.emplace_back(network_.layer(layer).shape, base_[At(layer)]);
    }
    for (const std::vector<GridCell>& batch :
         layout.Batches(options_.memory - held_, network_.device())) {
      RunBatch(program, layout, batch, maps);
      ReadUnits(program, batch, maps, readings);
      work_.macs += layout.MultiplyAdds(batch);
    }
    return readings;
  }

  void RunBatch(const Program& program, const TileLayout& layout,
                const std::vector<GridCell>& batch, std::vector<TileMap>& maps) const {
    for (TileMap& map : maps) map.Clear();
    TileLayout::Places places = layout.PlacesOf(batch, network_.device());
    std::vector<int64_t> numbers;
    for (const GridCell& cell : batch) {
      numbers.push_back(int64_t{cell.row} * occluders_.columns() + cell.column);
    }
    const at::Tensor which = at::tensor(numbers, at::kLong).to(network_.device());
    maps[0].Set(std::move(places.patches), patches_.index_select(0, which));
    for (size_t s = 0; s < program.plan.steps.size(); ++s) {
      const RowStep& step = program.plan.steps[s];
      const Tiles& tiles = places.steps[s];
      if (tiles.height > 0) ComputeTiles(network_, step, tiles, maps);
      for (int done : program.done[s]) maps[At(done)].Clear();
    }
  }

  // Of the occluders that lie in a unit's theoretical receptive field: what the others leave is
  // rounding.
  void ReadUnits(const Program& program, const std::vector<GridCell>& batch,
                 const std::vector<TileMap>& maps, Readings& readings) const {
    for (size_t u = 0; u < program.units.size(); ++u) {
      const UnitPosition& unit = program.units[u];
      const TileMap& map = maps[At(unit.layer)];
      if (map.is_base()) continue;
      const ReceptiveField& field = fields_[At(unit.layer)];
      const Interval rows = occluders_.Meeting(field.y.At(unit.y), occluders_.rows());
      const Interval columns = occluders_.Meeting(field.x.At(unit.x), occluders_.columns());
      const Tiles& tiles = map.tiles();
      std::vector<int64_t> places;
      std::vector<Readings::Of> of;
      for (size_t n = 0; n < batch.size(); ++n) {
        const GridCell& cell = batch[n];
        if (cell.row < rows.start || cell.row > rows.end || cell.column < columns.start ||
            cell.column > columns.end) {
          continue;
        }
        const int64_t y = unit.y - tiles.y[n], x = unit.x - tiles.x[n];
        if (y < 0 || y >= tiles.height || x < 0 || x >= tiles.width) continue;
        const int64_t row = (static_cast<int64_t>(n) * tiles.height + y) * tiles.width + x;
        places.push_back(row * network_.layer(unit.layer).shape.units + unit.unit);
        of.push_back({u, cell});
      }
      readings.Add(map.values(), places, of);
    }
  }

  Network network_;
  const OccluderSet& occluders_;
  const OperatorOptions options_;
  const std::vector<ReceptiveField> fields_;
  const at::Tensor patches_;
  std::vector<at::Tensor> base_;  // by layer (nn/tiles/tile_map.h); none of those not stored
  int64_t held_ = 0;              // bytes of it and of the patches
};

}  // namespace

void OperatorOptions::Validate() const {
  if (memory < 1) Fail("occlusion: expected memory of at least 1 byte, found {}", memory);
}

std::unique_ptr<OcclusionEngine> MakeOperatorEngine(const Network& network,
                                                    const OccluderSet& occluders,
                                                    const OperatorOptions& options) {
  options.Validate();
  return std::make_unique<OperatorEngine>(network, occluders, options);
}

}  // namespace netdissect
