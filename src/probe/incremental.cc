#include "netdissect/probe/incremental.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/buffer_pool.h"
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
// Occluders whose layers above are evaluated together: enough to fill their products,
// and beyond that no more than caches hold some of.
constexpr int64_t kLeastUpperItems = 32, kMostUpperItems = 512;
constexpr int64_t kUpperBytes = int64_t{64} << 20;

// Windows of a chunk, in bytes, that stay in a core's caches; but at least so many occluders as let
// weights be read few times.
constexpr int64_t kChunkBytes = int64_t{8} << 20;
constexpr int64_t kLeastItems = 4;

// Of a changed position, beside its row: where it is, and a pointer to it and to an output.
constexpr int64_t kChangeBytes = 40;

// An occluder to recompute.
struct Occluder {
  int row = 0, column = 0;
};

// What a thread works in while it recomputes a chunk of occluders.
struct Worker {
  std::vector<Windows> windows;  // by layer
  BufferPool pool;               // of their values

  // Takes windows of so many rows anew.
  void Take(Windows& own, int64_t rows, int channels) {
    own.values = pool.Take(static_cast<size_t>(rows) * static_cast<size_t>(channels));
  }
  void Return(Windows& own) { pool.Return(std::exchange(own.values, {})); }
};

// What a number of occluders leave for the layers above: whole maps of the boundary.
struct Boundary {
  // By layer, channels last in memory.
  std::map<int, at::Tensor> base;  // (1, C, H, W) of the unoccluded image
  std::map<int, at::Tensor> maps;  // (N, C, H, W)
  std::vector<char> changed;       // by item
  std::vector<float> values;       // by unit, of those above: without an occluder
  int64_t batch = 0;               // of items that are evaluated together
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
      std::vector<OcclusionResponse> group =
          RespondGroup(Compile(network_, MembersOf(units, members)));
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
  int Channels() const { return network_.input().units; }

  int64_t BytesOf(int layer) const {
    const Shape& shape = network_.layer(layer).shape;
    return int64_t{4} * shape.units * shape.height * shape.width;
  }

  // Activations of the unoccluded image, by the same kernels as the windows.
  void ComputeBase(const at::Tensor& image, const std::vector<UnitPosition>& units) {
    const RowPlan whole = PlanWhole(network_, units);
    base_bytes_ = BytesOf(0);
    for (const RowStep& step : whole.steps) {
      base_bytes_ += BytesOf(step.output);
      if (executor_.IsKeptBefore(step)) base_bytes_ += BytesOf(step.layer);
    }
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
    std::vector<int> layers;
    for (const UnitPosition& unit : units) layers.push_back(unit.layer);
    upper_base_ = BaseMapsOf(whole);
    executor_.EvaluateUpper(whole, layers, upper_base_);
    check(base_bytes_ + executor_.bytes() + packed.bytes);
  }

  // (1, C, H, W) of a plan's boundary, by layer.
  std::map<int, at::Tensor> BaseMapsOf(const RowPlan& plan) const {
    std::map<int, at::Tensor> maps;
    for (int layer : plan.boundary) {
      const Shape& shape = network_.layer(layer).shape;
      at::Tensor map = at::empty({1, shape.height, shape.width, shape.units}, at::kFloat);
      std::copy(base_[At(layer)].begin(), base_[At(layer)].end(), map.data_ptr<float>());
      maps[layer] = map.permute({0, 3, 1, 2});
    }
    return maps;
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
    if (list.empty()) return responses;
    const PackedPlan packed = executor_.Pack(program.plan);
    const int64_t left =
        std::max<int64_t>(options_.memory - base_bytes_ - executor_.bytes() - packed.bytes, 0);
    const auto total = static_cast<int64_t>(list.size());
    // Layers above take half of the memory left: a quarter for the boundary of a round, a quarter
    // for what is computed from a batch of it.
    int64_t round = total, upper_bytes = 0;
    Boundary boundary;
    if (!program.plan.upper.empty()) {
      const int64_t live = LiveBytes(program.plan);
      int64_t kept = 0;
      for (int layer : program.plan.boundary) kept += BytesOf(layer);
      const auto fit = [&](int64_t items, int64_t each) {
        return std::clamp<int64_t>(std::min(items, left / 4 / std::max<int64_t>(each, 1)), 1,
                                   total);
      };
      boundary.batch = fit(std::clamp(kUpperBytes / live, kLeastUpperItems, kMostUpperItems), live);
      round = fit(kMostUpperItems, kept);
      upper_bytes = boundary.batch * live + round * kept;
      PrepareBoundary(program, round, boundary);
    }
    // Every thread has a part of a round.
    const int64_t share = (round + Threads() - 1) / Threads();
    const int64_t chunk =
        std::min(ChunkSize(program, list, left - upper_bytes), std::max<int64_t>(share, 1));
    for (int64_t begin = 0; begin < total; begin += round) {
      const std::vector<Occluder> part(list.begin() + begin,
                                       list.begin() + std::min(total, begin + round));
      RunRound(packed, program, part, chunk, boundary, responses);
    }
    CollectWork();
    return responses;
  }

  // Memory that the layers above take for one occluder, at most at a time, their boundary included.
  int64_t LiveBytes(const RowPlan& plan) const {
    std::map<int, int> users;
    for (int index : plan.upper) {
      for (int input : network_.layer(index).inputs) ++users[input];
    }
    int64_t live = 0, most = 0;
    for (int layer : plan.boundary) live += BytesOf(layer);
    for (int index : plan.upper) {
      live += BytesOf(index);
      int64_t work = 0;  // what LibTorch may take beside the output: its inputs once more
      for (int input : network_.layer(index).inputs) work += BytesOf(input);
      most = std::max(most, live + work);
      for (int input : network_.layer(index).inputs) {
        if (--users[input] == 0) live -= BytesOf(input);
      }
      if (users[index] == 0) live -= BytesOf(index);
    }
    return most;
  }

  void PrepareBoundary(const Program& program, int64_t items, Boundary& boundary) const {
    boundary.base = BaseMapsOf(program.plan);
    for (const auto& [layer, map] : boundary.base) {
      boundary.maps[layer] = at::empty({items, map.size(2), map.size(3), map.size(1)}, at::kFloat)
                                 .permute({0, 3, 1, 2});
    }
    std::map<int, at::Tensor> values = boundary.base;
    executor_.EvaluateUpper(program.plan, LayersOf(program), values);
    for (const UnitPosition& unit : program.units) {
      boundary.values.push_back(
          IsUpper(program, unit.layer)
              ? values.at(unit.layer)[0][unit.unit][unit.y][unit.x].item<float>()
              : 0);
    }
  }

  static std::vector<int> LayersOf(const Program& program) {
    std::vector<int> layers;
    for (const UnitPosition& unit : program.units) layers.push_back(unit.layer);
    return layers;
  }

  // As many occluders as the memory left allows each thread, and no more than fill a product or a
  // core's caches.
  int64_t ChunkSize(const Program& program, const std::vector<Occluder>& list, int64_t left) const {
    const int64_t each = WindowBytes(program, list);
    const int64_t most = std::min(left / Threads(), std::max(kChunkBytes, kLeastItems * each));
    return std::clamp<int64_t>(most / each, 1, kMostItems);
  }

  // Memory of one occluder's windows and pointers, at most.
  int64_t WindowBytes(const Program& program, const std::vector<Occluder>& list) const {
    std::vector<int64_t> areas(program.plan.steps.size(), 0);
    int64_t patch_area = 0;
    for (const Occluder& occluder : list) {
      const Rect patch = PatchOf(occluders_, occluder.row, occluder.column);
      patch_area = std::max<int64_t>(patch_area, program.See(0, patch).area());
      const std::vector<Rect> reached = ReachedBy(network_, program, patch);
      for (size_t s = 0; s < reached.size(); ++s) {
        areas[s] = std::max<int64_t>(areas[s], reached[s].area());
      }
    }
    PoolSize pool;
    std::vector<PoolSize::Buffer> buffers(At(network_.size()));
    buffers[0] = pool.Take(static_cast<size_t>(patch_area * Channels()));
    int64_t most_beside = 0;  // pointers, and what is added
    for (size_t s = 0; s < areas.size(); ++s) {
      const RowStep& step = program.plan.steps[s];
      buffers[At(step.output)] =
          pool.Take(static_cast<size_t>(areas[s]) * At(network_.layer(step.output).shape.units));
      for (int layer : program.done[s]) pool.Return(buffers[At(layer)]);
      int64_t beside = 0;
      if (network_.layer(step.layer).kind->SummedWindow().has_value()) {
        const int input = network_.layer(step.layer).inputs.front();
        const int64_t changes = input == 0 ? patch_area : AreaOf(program, areas, input);
        beside = changes * (int64_t{4} * network_.layer(input).shape.units + kChangeBytes);
      } else {
        for (const Reach& reach : step.reaches) {
          beside =
              std::max<int64_t>(beside, int64_t{8} * areas[s] * reach.y.size() * reach.x.size());
        }
      }
      most_beside = std::max(most_beside, beside);
    }
    return std::max<int64_t>(1, static_cast<int64_t>(pool.total()) * 4 + most_beside);
  }

  // Of the step that stores a layer.
  static int64_t AreaOf(const Program& program, const std::vector<int64_t>& areas, int layer) {
    for (size_t s = 0; s < areas.size(); ++s) {
      if (program.plan.steps[s].output == layer) return areas[s];
    }
    return 0;
  }

  void PlacePatches(const Program& program, const std::vector<Occluder>& list,
                    Worker& worker) const {
    Windows& windows = worker.windows[0];
    windows.Begin(list.size());
    const int patch = occluders_.patch();
    int64_t rows = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      windows.stored[i] = windows.changed[i] =
          program.See(0, PatchOf(occluders_, list[i].row, list[i].column));
      windows.offsets[i] = rows;
      rows += windows.stored[i].area();
    }
    const int channels = Channels();
    worker.Take(windows, rows, channels);
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
                int64_t chunk, Boundary& boundary, std::vector<OcclusionResponse>& responses) {
    const auto total = static_cast<int64_t>(list.size());
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
    for (Windows& windows : worker.windows) worker.Return(windows);
    PlacePatches(program, list, worker);
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
      worker.Take(windows, rows, network_.layer(step.output).shape.units);
      if (!spans.empty()) {
        executor_.Compute(packed, s, executor_.SourcesOf(step, base_, &worker.windows), spans,
                          UnchangedOf(step), windows.values.data(), scratch);
        if (options_.cut) {
          CutBack(executor_.SourceOf(step.output, base_, nullptr),
                  program.plan.channels[At(step.output)], windows);
        }
      }
      for (int layer : program.done[s]) worker.Return(worker.windows[At(layer)]);
    }
  }

  // Behind what sees everything all has changed: sums are taken anew.
  const float* UnchangedOf(const RowStep& step) const {
    const ReceptiveField& field = fields_[At(step.layer)];
    if (field.y.everything && field.x.everything) return nullptr;
    return executor_.UnchangedOf(step, base_);
  }

  void Write(const Occluder& occluder, float change, OcclusionResponse& response) const {
    response.change
        .data_ptr<float>()[int64_t{occluder.row} * occluders_.columns() + occluder.column] = change;
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
        const float value = source.Row(static_cast<int>(i), unit.y, unit.x)[unit.unit];
        Write(list[i], value - responses[u].original, responses[u]);
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
        float* out = boundary.maps.at(layer).data_ptr<float>() + item * base.size();
        std::copy(base.begin(), base.end(), out);
        PutWindow(executor_.SourceOf(layer, base_, &worker.windows), static_cast<int>(i), out);
      }
    }
  }

  // An item's changed rows into a map (H, W, C).
  static void PutWindow(const RowSource& source, int item, float* map) {
    const Rect& changed = source.windows->changed[At(item)];
    for (int y = changed.y.start; y <= changed.y.end && !changed.empty(); ++y) {
      const ptrdiff_t first = ptrdiff_t{y} * source.width + changed.x.start;
      std::copy_n(source.Row(item, y, changed.x.start), changed.x.size() * source.channels,
                  map + first * source.channels);
    }
  }

  // Units of layers above, for the items that these see a change of.
  void ReadUpperUnits(const Program& program, const std::vector<Occluder>& list,
                      const Boundary& boundary, std::vector<OcclusionResponse>& responses) const {
    std::vector<int64_t> items;
    for (size_t i = 0; i < list.size(); ++i) {
      if (boundary.changed[i] != 0) items.push_back(static_cast<int64_t>(i));
    }
    const auto total = static_cast<int64_t>(items.size());
    for (int64_t begin = 0; begin < total; begin += boundary.batch) {
      const std::vector<int64_t> batch(items.begin() + begin,
                                       items.begin() + std::min(total, begin + boundary.batch));
      const auto count = static_cast<int64_t>(batch.size());
      std::map<int, at::Tensor> values;
      for (const auto& [layer, maps] : boundary.maps) {
        // Usually all have changed, and lie beside each other.
        values[layer] = batch.back() - batch.front() + 1 == count
                            ? maps.narrow(0, batch.front(), count)
                            : maps.index_select(0, at::tensor(batch, at::kLong));
      }
      executor_.EvaluateUpper(program.plan, LayersOf(program), values);
      for (size_t u = 0; u < program.units.size(); ++u) {
        const UnitPosition& unit = program.units[u];
        if (!IsUpper(program, unit.layer)) continue;
        const at::Tensor read = values.at(unit.layer)
                                    .select(1, unit.unit)
                                    .select(1, unit.y)
                                    .select(1, unit.x)
                                    .contiguous();
        for (size_t n = 0; n < batch.size(); ++n) {
          Write(list[static_cast<size_t>(batch[n])], read.data_ptr<float>()[n] - boundary.values[u],
                responses[u]);
        }
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
