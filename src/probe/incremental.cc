#include "netdissect/probe/incremental.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <atomic>

#include "base/parallel.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"
#include "nn/rows/row_executor.h"
#include "probe/grouping.h"
#include "probe/program.h"

namespace netdissect {
namespace {

// Occluders whose windows are multiplied together: enough to fill matrix products, few enough for a
// core's cache.
constexpr int64_t kMostItems = 48;
// Occluders whose layers above are evaluated together, in LibTorch: enough to fill its products.
constexpr int64_t kUpperItems = 512;

// An occluder to recompute.
struct Occluder {
  int row = 0, column = 0;
};

// What a thread works in while it recomputes a chunk of occluders.
struct Worker {
  std::vector<Windows> windows;  // by layer
};

// What a number of occluders leave for the layers above: whole maps of the boundary.
struct Boundary {
  std::map<int, at::Tensor> maps;  // by layer: (N, H, W, C)
  std::vector<char> changed;       // by item
};

class IncrementalEngine : public OcclusionEngine {
 public:
  IncrementalEngine(const Network& network, const OccluderSet& occluders,
                    const IncrementalOptions& options)
      : network_(OnCpu(network)),
        occluders_(occluders),
        options_(options),
        fields_(TheoreticalFields(network)),
        executor_(network_) {
    // (occluders, patch, patch, C): rows of channels, as all activations here.
    patches_ = occluders.patches().to(at::kCPU).permute({0, 2, 3, 1}).contiguous();
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    workers_.resize(static_cast<size_t>(Threads()));
    scratch_.resize(workers_.size());
    ComputeBase(image, units);
    std::vector<OcclusionResponse> responses(units.size());
    for (const std::vector<size_t>& members :
         GroupUnits(network_, occluders_, units, options_.share)) {
      std::vector<UnitPosition> chosen;
      chosen.reserve(members.size());
      for (size_t i : members) chosen.push_back(units[i]);
      std::vector<OcclusionResponse> group = RespondGroup(Compile(network_, chosen));
      for (size_t i = 0; i < members.size(); ++i) responses[members[i]] = std::move(group[i]);
    }
    return responses;
  }

 private:
  static Network OnCpu(const Network& network) {
    Network copy = network;
    copy.To(at::kCPU);
    return copy;
  }

  int Threads() const { return options_.threads > 0 ? options_.threads : at::get_num_threads(); }

  // Of the input.
  int64_t Channels() const { return network_.input().units; }

  int64_t BytesOf(int layer) const {
    const Shape& shape = network_.layer(layer).shape;
    return int64_t{4} * shape.units * shape.height * shape.width;
  }

  // Activations of the unoccluded image, by the same kernels as the windows.
  void ComputeBase(const at::Tensor& image, const std::vector<UnitPosition>& units) {
    const RowPlan whole = PlanWhole(network_, units);
    base_bytes_ = BytesOf(0);
    for (const RowStep& step : whole.steps) base_bytes_ += BytesOf(step.output);
    const auto check = [&](int64_t bytes) {
      if (bytes > options_.memory) {
        Fail(
            "occlusion: expected a memory bound of at least {}, one image's activations and the "
            "packed weights, found {}",
            FormatBytes(bytes), FormatBytes(options_.memory));
      }
    };
    check(base_bytes_);  // before anything is packed
    const PackedPlan packed = executor_.Pack(whole);
    check(base_bytes_ + executor_.bytes() + packed.bytes);
    base_ = executor_.ComputeWhole(packed, image, scratch_);
    CollectWork();
    upper_base_.clear();
    for (int layer : whole.boundary) {
      const Shape& shape = network_.layer(layer).shape;
      at::Tensor map = at::empty({1, shape.height, shape.width, shape.units}, at::kFloat);
      std::copy(base_[At(layer)].begin(), base_[At(layer)].end(), map.data_ptr<float>());
      upper_base_[layer] = map.permute({0, 3, 1, 2}).contiguous();
    }
    executor_.EvaluateUpper(whole, upper_base_);
  }

  float BaseValue(const UnitPosition& unit) const {
    const auto upper = upper_base_.find(unit.layer);
    if (upper != upper_base_.end()) {
      return upper->second[0][unit.unit][unit.y][unit.x].item<float>();
    }
    return executor_.SourceOf(unit.layer, base_, nullptr).Row(0, unit.y, unit.x)[unit.unit];
  }

  std::vector<OcclusionResponse> RespondGroup(const Program& program) {
    std::vector<OcclusionResponse> responses;
    for (const UnitPosition& unit : program.units) {
      responses.push_back(
          {BaseValue(unit), at::zeros({occluders_.rows(), occluders_.columns()}, at::kFloat)});
      ++work_.pairs;
      work_.occluders += occluders_.CountMeeting(fields_[At(unit.layer)], unit.y, unit.x);
    }
    std::vector<Occluder> list;
    for (int row = 0; row < occluders_.rows(); ++row) {
      for (int column = 0; column < occluders_.columns(); ++column) {
        if (program.See(0, PatchOf(occluders_, row, column)).empty()) continue;
        list.push_back({row, column});
      }
    }
    const PackedPlan packed = executor_.Pack(program.plan);
    const int64_t left =
        std::max<int64_t>(options_.memory - base_bytes_ - executor_.bytes() - packed.bytes, 0);
    const auto total = static_cast<int64_t>(list.size());
    // Layers above take as many occluders at a time as half of the memory left holds.
    int64_t round = total, upper_bytes = 0;
    if (const int64_t each = UpperBytes(program.plan); each > 0) {
      round = std::min(total, std::clamp<int64_t>(left / 2 / each, 1, kUpperItems));
      upper_bytes = round * each;
    }
    const int64_t chunk = ChunkSize(program, list, left - upper_bytes);
    for (int64_t begin = 0; begin < total; begin += round) {
      const std::vector<Occluder> part(list.begin() + begin,
                                       list.begin() + std::min(total, begin + round));
      RunRound(packed, program, part, chunk, responses);
    }
    CollectWork();
    return responses;
  }

  // Memory of one occluder's maps for the layers above and of what these make of them.
  int64_t UpperBytes(const RowPlan& plan) const {
    int64_t bytes = 0;
    // As they are filled in, the changed ones of them, and these in LibTorch's layout.
    for (int layer : plan.boundary) bytes += 3 * BytesOf(layer);
    for (int layer : plan.upper) bytes += 2 * BytesOf(layer);
    return bytes;
  }

  // As many occluders as the memory left allows each thread, and no more than fill a product.
  int64_t ChunkSize(const Program& program, const std::vector<Occluder>& list, int64_t left) const {
    int64_t most = 1;
    for (const Occluder& occluder : list) most = std::max(most, WindowBytes(program, occluder));
    return std::clamp<int64_t>(left / (Threads() * most), 1, kMostItems);
  }

  // Memory of one occluder's windows and pointers.
  int64_t WindowBytes(const Program& program, const Occluder& occluder) const {
    std::vector<Rect> reached(At(network_.size()));
    reached[0] = program.See(0, PatchOf(occluders_, occluder.row, occluder.column));
    int64_t bytes = int64_t{4} * reached[0].area() * Channels(), most_pointers = 0;
    for (const RowStep& step : program.plan.steps) {
      const Rect rect =
          ReachOf(network_, program, step, [&](int layer) { return reached[At(layer)]; });
      reached[At(step.layer)] = reached[At(step.output)] = rect;
      bytes += int64_t{rect.area()} * network_.layer(step.output).shape.units * 4;
      const Window window = network_.layer(step.layer).kind->GetReach().window;
      most_pointers = std::max<int64_t>(
          most_pointers, int64_t{8} * rect.area() * window.y.kernel * window.x.kernel);
    }
    return bytes + most_pointers;
  }

  void PlacePatches(const Program& program, const std::vector<Occluder>& list,
                    Windows& windows) const {
    windows.Begin(list.size());
    const int patch = occluders_.patch();
    int64_t rows = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      windows.stored[i] = windows.changed[i] =
          program.See(0, PatchOf(occluders_, list[i].row, list[i].column));
      windows.offsets[i] = rows;
      rows += windows.stored[i].area();
    }
    const int64_t channels = Channels();
    windows.values.resize(static_cast<size_t>(rows * channels));
    for (size_t i = 0; i < list.size(); ++i) {
      const Rect& rect = windows.stored[i];
      const int y0 = list[i].row * occluders_.stride(), x0 = list[i].column * occluders_.stride();
      const float* source =
          patches_.data_ptr<float>() +
          (int64_t{list[i].row} * occluders_.columns() + list[i].column) * patch * patch * channels;
      float* out = windows.values.data() + windows.offsets[i] * channels;
      for (int y = rect.y.start; y <= rect.y.end; ++y) {
        out = std::copy_n(source + (int64_t{y - y0} * patch + rect.x.start - x0) * channels,
                          rect.x.size() * channels, out);
      }
    }
  }

  // Recomputes the occluders of `list`, chunk by chunk on all threads, then the layers above, where
  // there are any, for all of them at once.
  void RunRound(const PackedPlan& packed, const Program& program, const std::vector<Occluder>& list,
                int64_t chunk, std::vector<OcclusionResponse>& responses) {
    Boundary boundary;
    const auto total = static_cast<int64_t>(list.size());
    for (int layer : program.plan.boundary) {
      const Shape& shape = network_.layer(layer).shape;
      boundary.maps[layer] = at::empty({total, shape.height, shape.width, shape.units}, at::kFloat);
    }
    boundary.changed.assign(list.size(), 0);
    const int64_t chunks = (total + chunk - 1) / chunk;
    std::atomic<int64_t> next{0};
    ParallelFor(0, Threads(), 1, [&](int64_t from, int64_t to) {
      for (int64_t thread = from; thread < to; ++thread) {
        for (int64_t c = next++; c < chunks; c = next++) {
          const int64_t first = c * chunk;
          const std::vector<Occluder> part(list.begin() + first,
                                           list.begin() + std::min(total, first + chunk));
          Worker& worker = workers_[static_cast<size_t>(thread)];
          RunChunk(packed, program, part, worker, scratch_[static_cast<size_t>(thread)]);
          ReadUnits(program, part, worker, responses);
          FillBoundary(program.plan, worker, first, part.size(), boundary);
        }
      }
    });
    if (!program.plan.upper.empty()) ReadUpperUnits(program, list, boundary, responses);
  }

  void RunChunk(const PackedPlan& packed, const Program& program, const std::vector<Occluder>& list,
                Worker& worker, Scratch& scratch) const {
    worker.windows.resize(At(network_.size()));
    PlacePatches(program, list, worker.windows[0]);
    std::vector<Span> spans;
    for (size_t s = 0; s < program.plan.steps.size(); ++s) {
      const RowStep& step = program.plan.steps[s];
      Windows& windows = worker.windows[At(step.output)];
      windows.Begin(list.size());
      spans.clear();
      int64_t rows = 0;
      for (size_t i = 0; i < list.size(); ++i) {
        const Rect rect = ReachOf(network_, program, step,
                                  [&](int layer) { return worker.windows[At(layer)].changed[i]; });
        windows.stored[i] = windows.changed[i] = rect;
        windows.offsets[i] = rows;
        rows += rect.area();
        if (!rect.empty()) spans.push_back({static_cast<int>(i), rect});
      }
      windows.values.resize(static_cast<size_t>(rows) *
                            At(network_.layer(step.output).shape.units));
      if (spans.empty()) continue;
      executor_.Compute(packed, s, executor_.SourcesOf(step, base_, &worker.windows), spans,
                        windows.values.data(), scratch);
      if (options_.cut) {
        CutBack(executor_.SourceOf(step.output, base_, nullptr),
                program.plan.channels[At(step.output)], windows);
      }
    }
  }

  void Write(const Occluder& occluder, float value, OcclusionResponse& response) const {
    response.change
        .data_ptr<float>()[int64_t{occluder.row} * occluders_.columns() + occluder.column] =
        value - response.original;
  }

  static bool IsUpper(const Program& program, int layer) {
    const std::vector<int>& upper = program.plan.upper;
    return std::find(upper.begin(), upper.end(), layer) != upper.end();
  }

  // Units of layers that have windows.
  void ReadUnits(const Program& program, const std::vector<Occluder>& list, const Worker& worker,
                 std::vector<OcclusionResponse>& responses) const {
    for (size_t u = 0; u < program.units.size(); ++u) {
      const UnitPosition& unit = program.units[u];
      if (IsUpper(program, unit.layer)) continue;
      const RowSource source = executor_.SourceOf(unit.layer, base_, &worker.windows);
      const std::vector<Rect>& changed = worker.windows[At(unit.layer)].changed;
      for (size_t i = 0; i < list.size(); ++i) {
        if (!changed[i].Holds(unit.y, unit.x)) continue;
        Write(list[i], source.Row(static_cast<int>(i), unit.y, unit.x)[unit.unit], responses[u]);
      }
    }
  }

  // The maps of the chunk's items, which are numbers first ... first + count - 1 of the round.
  void FillBoundary(const RowPlan& plan, const Worker& worker, int64_t first, size_t count,
                    Boundary& boundary) const {
    for (size_t i = 0; i < count; ++i) {
      const size_t item = static_cast<size_t>(first) + i;
      for (int layer : plan.boundary) {
        if (!worker.windows[At(layer)].changed[i].empty()) boundary.changed[item] = 1;
      }
      if (boundary.changed[item] == 0) continue;
      for (int layer : plan.boundary) {
        const std::vector<float>& base = base_[At(layer)];
        const Shape& shape = network_.layer(layer).shape;
        float* out = boundary.maps.at(layer).data_ptr<float>() + item * base.size();
        std::copy(base.begin(), base.end(), out);
        const Rect& changed = worker.windows[At(layer)].changed[i];
        const RowSource source = executor_.SourceOf(layer, base_, &worker.windows);
        for (int y = changed.y.start; y <= changed.y.end; ++y) {
          for (int x = changed.x.start; x <= changed.x.end; ++x) {
            std::copy_n(source.Row(static_cast<int>(i), y, x), shape.units,
                        out + (int64_t{y} * shape.width + x) * shape.units);
          }
        }
      }
    }
  }

  // Units of layers above, for the items that these see a change of.
  void ReadUpperUnits(const Program& program, const std::vector<Occluder>& list,
                      const Boundary& boundary, std::vector<OcclusionResponse>& responses) const {
    std::vector<int64_t> items;
    for (size_t i = 0; i < list.size(); ++i) {
      if (boundary.changed[i] != 0) items.push_back(static_cast<int64_t>(i));
    }
    if (items.empty()) return;
    const at::Tensor chosen = at::tensor(items, at::kLong);
    std::map<int, at::Tensor> values;
    for (const auto& [layer, maps] : boundary.maps) {
      values[layer] = maps.index_select(0, chosen).permute({0, 3, 1, 2}).contiguous();
    }
    executor_.EvaluateUpper(program.plan, values);
    for (size_t u = 0; u < program.units.size(); ++u) {
      const UnitPosition& unit = program.units[u];
      if (!IsUpper(program, unit.layer)) continue;
      const at::Tensor column =
          values.at(unit.layer).select(1, unit.unit).select(1, unit.y).select(1, unit.x);
      const at::Tensor read = column.contiguous();
      for (size_t n = 0; n < items.size(); ++n) {
        Write(list[static_cast<size_t>(items[n])], read.data_ptr<float>()[n], responses[u]);
      }
    }
  }

  void CollectWork() {
    for (Scratch& scratch : scratch_) {
      work_.macs += scratch.macs;
      work_.product_seconds += scratch.product_seconds;
      scratch.macs = 0;
      scratch.product_seconds = 0;
    }
  }

  const Network network_;
  const OccluderSet& occluders_;
  const IncrementalOptions options_;
  const std::vector<ReceptiveField> fields_;
  RowExecutor executor_;
  at::Tensor patches_;
  BaseMaps base_;
  int64_t base_bytes_ = 0;
  std::map<int, at::Tensor> upper_base_;  // values of layers that see all positions
  std::vector<Worker> workers_;
  std::vector<Scratch> scratch_;
};

}  // namespace

void IncrementalOptions::Validate() const {
  if (memory < 1) Fail("occlusion: expected memory of at least 1 byte, found {}", memory);
  if (threads < 0 || threads > 1024) {
    Fail("occlusion: expected 0 to 1024 threads, found {}", threads);
  }
}

std::unique_ptr<OcclusionEngine> MakeIncrementalEngine(const Network& network,
                                                       const OccluderSet& occluders,
                                                       const IncrementalOptions& options) {
  options.Validate();
  return std::make_unique<IncrementalEngine>(network, occluders, options);
}

}  // namespace netdissect
