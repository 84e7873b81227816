#include "netdissect/probe/incremental.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <atomic>
#include <exception>
#include <mutex>

#include "netdissect/base/error.h"
#include "netdissect/base/parallel.h"
#include "netdissect/base/text.h"
#include "probe/executor.h"
#include "probe/grouping.h"
#include "probe/program.h"
#include "probe/windows.h"

namespace netdissect {
namespace {

// Occluders whose windows are multiplied together: enough to fill matrix products, few enough for a
// core's cache.
constexpr int64_t kMostItems = 48;

// An occluder to recompute.
struct Occluder {
  int row = 0, column = 0;
};

// A thread's memory while it recomputes a chunk of occluders.
struct Worker {
  std::vector<Windows> windows;  // by layer
  Scratch scratch;
};

class IncrementalEngine : public OcclusionEngine {
 public:
  IncrementalEngine(const Network& network, const OccluderSet& occluders,
                    const IncrementalOptions& options)
      : network_(OnCpu(network)),
        occluders_(occluders),
        options_(options),
        fields_(TheoreticalFields(network)),
        cache_(network_) {
    // (occluders, patch, patch, 3): rows of channels, as all activations here.
    patches_ = occluders.patches().to(at::kCPU).permute({0, 2, 3, 1}).contiguous();
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    const Program whole = Compile(network_, units, true, &cache_);
    ComputeBase(image, whole);
    std::vector<OcclusionResponse> responses(units.size());
    for (const std::vector<size_t>& members :
         GroupUnits(network_, occluders_, units, options_.share)) {
      std::vector<UnitPosition> chosen;
      for (size_t i : members) chosen.push_back(units[i]);
      const Program program = Compile(network_, chosen, false, &cache_);
      std::vector<OcclusionResponse> group = RespondGroup(program);
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

  RowSource SourceOf(int layer, const std::vector<Windows>* windows) const {
    const Shape& shape = network_.layer(layer).shape;
    return {base_[At(layer)].data(), windows == nullptr ? nullptr : &(*windows)[At(layer)],
            shape.height, shape.width, shape.units};
  }

  std::vector<RowSource> SourcesOf(const Step& step, const std::vector<Windows>* windows) const {
    std::vector<RowSource> sources;
    for (int input : network_.layer(step.layer).inputs) sources.push_back(SourceOf(input, windows));
    return sources;
  }

  // Runs `work(thread)` on every thread; an exception of any is thrown here.
  template <typename Work>
  void OnAllThreads(const Work& work) const {
    std::exception_ptr error;
    std::mutex mutex;
    ParallelFor(0, Threads(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t thread = begin; thread < end; ++thread) {
        try {
          work(static_cast<int>(thread));
        } catch (...) {
          const std::lock_guard<std::mutex> lock(mutex);
          error = std::current_exception();
        }
      }
    });
    if (error) std::rethrow_exception(error);
  }

  // Activations of the unoccluded image, by the same kernels as the windows.
  void ComputeBase(const at::Tensor& image, const Program& whole) {
    const Shape& input = network_.input();
    base_.assign(At(network_.size()), {});
    int64_t bytes = int64_t{input.units} * input.height * input.width * 4;
    for (const Step& step : whole.steps) {
      const Shape& shape = network_.layer(step.output).shape;
      bytes += int64_t{shape.units} * shape.height * shape.width * 4;
    }
    if (bytes > options_.memory) {
      Fail("occlusion: expected a memory bound of at least {}, one image's activations, found {}",
           FormatBytes(bytes), FormatBytes(options_.memory));
    }
    base_bytes_ = bytes;
    const at::Tensor rows = image.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
    const float* pixels = rows.data_ptr<float>();
    base_[0].assign(pixels, pixels + rows.numel());
    workers_.resize(static_cast<size_t>(Threads()));
    for (const Step& step : whole.steps) {
      const Shape& shape = network_.layer(step.output).shape;
      std::vector<float>& out = base_[At(step.output)];
      out.resize(static_cast<size_t>(shape.units) * At(shape.height) * At(shape.width));
      const std::vector<RowSource> sources = SourcesOf(step, nullptr);
      const int bands = std::min(shape.height, Threads());
      OnAllThreads([&](int thread) {
        if (thread >= bands) return;
        const int begin = shape.height * thread / bands;
        const int end = shape.height * (thread + 1) / bands;
        const Rect band = {{begin, end - 1}, {0, shape.width - 1}};
        Execute(network_, whole, step, sources, {{0, band}},
                out.data() + int64_t{begin} * shape.width * shape.units,
                workers_[At(thread)].scratch);
      });
    }
    CollectWork();
    upper_base_.clear();
    if (whole.upper.empty()) return;
    std::vector<Windows> none;
    EvaluateUpper(whole, nullptr, {0}, upper_base_);
  }

  // Full evaluation of the layers that see all positions, for `items` of a chunk (or the base
  // alone).
  void EvaluateUpper(const Program& program, const std::vector<Windows>* windows,
                     const std::vector<int>& items, std::map<int, at::Tensor>& values) const {
    for (int layer : program.boundary) {
      const Shape& shape = network_.layer(layer).shape;
      const auto count = static_cast<int64_t>(items.size());
      at::Tensor maps = at::empty({count, shape.height, shape.width, shape.units}, at::kFloat);
      const std::vector<float>& base = base_[At(layer)];
      for (size_t n = 0; n < items.size(); ++n) {
        float* out = maps.data_ptr<float>() + n * base.size();
        std::copy(base.begin(), base.end(), out);
        if (windows == nullptr) continue;
        const Rect& changed = (*windows)[At(layer)].changed[At(items[n])];
        const RowSource source = SourceOf(layer, windows);
        for (int y = changed.y.start; y <= changed.y.end; ++y) {
          for (int x = changed.x.start; x <= changed.x.end; ++x) {
            std::copy_n(source.Row(items[n], y, x), shape.units,
                        out + (int64_t{y} * shape.width + x) * shape.units);
          }
        }
      }
      values[layer] = maps.permute({0, 3, 1, 2}).contiguous();
    }
    for (int index : program.upper) {
      std::vector<at::Tensor> inputs;
      for (int input : network_.layer(index).inputs) inputs.push_back(values.at(input));
      values[index] = Evaluate(network_.layer(index), inputs);
    }
  }

  float BaseValue(const UnitPosition& unit) const {
    const auto upper = upper_base_.find(unit.layer);
    if (upper != upper_base_.end()) {
      return upper->second[0][unit.unit][unit.y][unit.x].item<float>();
    }
    return SourceOf(unit.layer, nullptr).Row(0, unit.y, unit.x)[unit.unit];
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
        const Rect patch = PatchOf(occluders_, row, column);
        if (program.See(0, patch).empty()) continue;
        list.push_back({row, column});
      }
    }
    const int64_t chunk = ChunkSize(program, list);
    const auto total = static_cast<int64_t>(list.size());
    const int64_t chunks = (total + chunk - 1) / chunk;
    std::atomic<int64_t> next{0};
    OnAllThreads([&](int thread) {
      for (int64_t c = next++; c < chunks; c = next++) {
        const std::vector<Occluder> part(list.begin() + c * chunk,
                                         list.begin() + std::min(total, (c + 1) * chunk));
        RunChunk(program, part, workers_[At(thread)], responses);
      }
    });
    CollectWork();
    return responses;
  }

  // As many occluders as the memory left allows each thread, and no more than fill a product.
  int64_t ChunkSize(const Program& program, const std::vector<Occluder>& list) const {
    int64_t most = 1;
    for (const Occluder& occluder : list) {
      most = std::max(most, WindowBytes(program, occluder));
    }
    const int64_t left = std::max<int64_t>(options_.memory - base_bytes_, 0);
    return std::clamp<int64_t>(left / (Threads() * most), 1, kMostItems);
  }

  // Memory of one occluder's windows, pointers and full maps.
  int64_t WindowBytes(const Program& program, const Occluder& occluder) const {
    std::vector<Rect> reached(At(network_.size()));
    reached[0] = program.See(0, PatchOf(occluders_, occluder.row, occluder.column));
    int64_t bytes = reached[0].area() * int64_t{12}, most_pointers = 0;
    for (const Step& step : program.steps) {
      const Rect rect = ReachOf(program, step, reached);
      reached[At(step.layer)] = reached[At(step.output)] = rect;
      bytes += int64_t{rect.area()} * network_.layer(step.output).shape.units * 4;
      if (const auto* conv = std::get_if<Convolution>(&network_.layer(step.layer).kind)) {
        most_pointers = std::max<int64_t>(
            most_pointers, int64_t{rect.area()} * conv->kernel.y * conv->kernel.x * 8);
      }
    }
    for (const std::vector<int>* layers : {&program.boundary, &program.upper}) {
      for (int layer : *layers) {
        const Shape& shape = network_.layer(layer).shape;
        bytes += int64_t{8} * shape.units * shape.height * shape.width;
      }
    }
    return bytes + most_pointers;
  }

  Rect ReachOf(const Program& program, const Step& step, const std::vector<Rect>& reached) const {
    const Layer& layer = network_.layer(step.layer);
    Rect cone;
    for (int input : layer.inputs) {
      cone = Hull(cone, ForwardCone(layer.kind, reached[At(input)], layer.shape));
    }
    return program.See(step.output, cone);
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
    windows.values.resize(static_cast<size_t>(rows) * 3);
    for (size_t i = 0; i < list.size(); ++i) {
      const Rect& rect = windows.stored[i];
      const int y0 = list[i].row * occluders_.stride(), x0 = list[i].column * occluders_.stride();
      const float* source =
          patches_.data_ptr<float>() +
          (int64_t{list[i].row} * occluders_.columns() + list[i].column) * patch * patch * 3;
      float* out = windows.values.data() + windows.offsets[i] * 3;
      for (int y = rect.y.start; y <= rect.y.end; ++y) {
        out = std::copy_n(source + (int64_t{y - y0} * patch + rect.x.start - x0) * 3,
                          rect.x.size() * 3, out);
      }
    }
  }

  void RunChunk(const Program& program, const std::vector<Occluder>& list, Worker& worker,
                std::vector<OcclusionResponse>& responses) const {
    worker.windows.resize(At(network_.size()));
    PlacePatches(program, list, worker.windows[0]);
    std::vector<Span> spans;
    for (const Step& step : program.steps) {
      const Layer& layer = network_.layer(step.layer);
      Windows& windows = worker.windows[At(step.output)];
      windows.Begin(list.size());
      spans.clear();
      int64_t rows = 0;
      for (size_t i = 0; i < list.size(); ++i) {
        Rect cone;
        for (int input : layer.inputs) {
          cone = Hull(cone,
                      ForwardCone(layer.kind, worker.windows[At(input)].changed[i], layer.shape));
        }
        const Rect rect = program.See(step.output, cone);
        windows.stored[i] = windows.changed[i] = rect;
        windows.offsets[i] = rows;
        rows += rect.area();
        if (!rect.empty()) spans.push_back({static_cast<int>(i), rect});
      }
      windows.values.resize(static_cast<size_t>(rows) * At(layer.shape.units));
      if (spans.empty()) continue;
      Execute(network_, program, step, SourcesOf(step, &worker.windows), spans,
              windows.values.data(), worker.scratch);
      if (options_.cut) {
        CutBack(SourceOf(step.output, nullptr), program.channels[At(step.output)], windows);
      }
    }
    ReadUnits(program, list, worker, responses);
  }

  void ReadUnits(const Program& program, const std::vector<Occluder>& list, const Worker& worker,
                 std::vector<OcclusionResponse>& responses) const {
    std::map<int, at::Tensor> upper;
    std::vector<int> items;  // whose layers above see a change
    if (!program.upper.empty()) {
      for (size_t i = 0; i < list.size(); ++i) {
        const bool changed =
            std::any_of(program.boundary.begin(), program.boundary.end(),
                        [&](int layer) { return !worker.windows[At(layer)].changed[i].empty(); });
        if (changed) items.push_back(static_cast<int>(i));
      }
      if (!items.empty()) EvaluateUpper(program, &worker.windows, items, upper);
    }
    for (size_t u = 0; u < program.units.size(); ++u) {
      const UnitPosition& unit = program.units[u];
      float* change = responses[u].change.data_ptr<float>();
      const float original = responses[u].original;
      const auto write = [&](size_t i, float value) {
        change[int64_t{list[i].row} * occluders_.columns() + list[i].column] = value - original;
      };
      const bool sees_all =
          std::find(program.upper.begin(), program.upper.end(), unit.layer) != program.upper.end();
      if (sees_all) {
        for (size_t n = 0; n < items.size(); ++n) {
          write(At(items[n]),
                upper.at(unit.layer)[static_cast<int64_t>(n)][unit.unit][unit.y][unit.x]
                    .item<float>());
        }
      } else {
        const RowSource source = SourceOf(unit.layer, &worker.windows);
        const std::vector<Rect>& changed = worker.windows[At(unit.layer)].changed;
        for (size_t i = 0; i < list.size(); ++i) {
          if (!changed[i].Holds(unit.y, unit.x)) continue;
          write(i, source.Row(static_cast<int>(i), unit.y, unit.x)[unit.unit]);
        }
      }
    }
  }

  void CollectWork() {
    for (Worker& worker : workers_) {
      work_.macs += worker.scratch.macs;
      work_.product_seconds += worker.scratch.product_seconds;
      worker.scratch.macs = 0;
      worker.scratch.product_seconds = 0;
    }
  }

  const Network network_;
  const OccluderSet& occluders_;
  const IncrementalOptions options_;
  const std::vector<ReceptiveField> fields_;
  WeightCache cache_;
  at::Tensor patches_;
  BaseMaps base_;
  int64_t base_bytes_ = 0;
  std::map<int, at::Tensor> upper_base_;  // values of layers that see all positions
  std::vector<Worker> workers_;
};

}  // namespace

std::unique_ptr<OcclusionEngine> MakeIncrementalEngine(const Network& network,
                                                       const OccluderSet& occluders,
                                                       const IncrementalOptions& options) {
  return std::make_unique<IncrementalEngine>(network, occluders, options);
}

}  // namespace netdissect
