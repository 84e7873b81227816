#include "nn/rows/row_forward.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <atomic>

#include "base/buffer_pool.h"
#include "base/parallel.h"
#include "nn/kinds/kind.h"
#include "nn/rows/forward_plan.h"
#include "nn/rows/weight_store.h"

namespace netdissect {
namespace {

// Positions multiplied together: enough for weights to be read few times, few enough for what they
// see to stay in a core's cache.
constexpr int kPositions = 512;
// What a thread takes through several layers at a time: so many bytes of the largest of them, in
// no more than so many images.
constexpr int64_t kBytesTogether = int64_t{2} << 20;
constexpr int64_t kMostTogether = 8, kMuchSmaller = 4;

// Consecutive steps, [begin, end).
struct Stretch {
  size_t begin = 0, end = 0;
};

class Pass {
 public:
  // What is wanted is handed out image by image, by `each`, or by Run for all images.
  Pass(const Network& network, const std::map<int, at::Tensor>& given,
       const std::vector<int>& wanted, const RowKernels& kernels,
       const Network::ImageVisitor* each = nullptr)
      : network_(network),
        kernels_(kernels),
        wanted_(wanted),
        each_(each),
        images_(given.begin()->second.size(0)),
        threads_(at::in_parallel_region() ? 1 : at::get_num_threads()),
        given_(LayersOf(given)),
        plan_(PlanForward(network, given_, wanted, kernels)),
        steps_(plan_.steps),
        maps_(At(network.size())) {
    for (const auto& [layer, values] : given) {
      maps_[At(layer)] = values.permute({0, 2, 3, 1}).contiguous();
    }
  }

  void Run(const Network::OutputVisitor& visit = {}) {
    for (int layer : given_) HandOut(layer, visit);
    for (size_t begin = 0; begin < steps_.size();) {
      const Stretch stretch = StretchFrom(begin);
      if (steps_[begin].by_rows) {
        Compute(stretch);
      } else {
        Evaluate(steps_[begin]);
      }
      if (!HandsOutOnTheWay(stretch)) HandOut(steps_[stretch.end - 1].output, visit);
      begin = stretch.end;
      for (size_t i = 0; i < maps_.size(); ++i) {
        if (plan_.last_user[i] < static_cast<int>(begin)) maps_[i].reset();
      }
    }
  }

 private:
  // A few images on their way through a stretch, on one thread.
  struct Worker {
    Scratch scratch;
    BufferPool pool;
    std::vector<std::vector<float>> values;  // by layer: what nobody reads after the stretch
    std::vector<Span> spans;
    std::vector<RowSource> sources;
  };

  static std::vector<int> LayersOf(const std::map<int, at::Tensor>& given) {
    std::vector<int> layers;
    for (const auto& entry : given) layers.push_back(entry.first);
    return layers;
  }

  bool IsWanted(int layer) const {
    return std::find(wanted_.begin(), wanted_.end(), layer) != wanted_.end();
  }

  // Wanted for all images at once.
  bool IsWantedWhole(int layer) const { return each_ == nullptr && IsWanted(layer); }

  // As far as a thread can take an image without another thread's results.
  Stretch StretchFrom(size_t begin) const {
    Stretch stretch = {begin, begin + 1};
    if (!steps_[begin].by_rows || images_ < threads_) return stretch;
    int64_t largest = LargestOf(steps_[begin]);
    while (stretch.end < steps_.size() && steps_[stretch.end].by_rows &&
           !IsWantedWhole(steps_[stretch.end - 1].output)) {
      const int64_t size = LargestOf(steps_[stretch.end]);
      // Of smaller maps more images are taken together, so that weights are read less often.
      if (kMuchSmaller * size <= largest && size < kBytesTogether) break;
      largest = std::max(largest, size);
      ++stretch.end;
    }
    return stretch;
  }

  // Whether an output is written and read in the stretch alone.
  bool IsPassing(const Stretch& stretch, int layer) const {
    if (IsWanted(layer) && !HandsOutOnTheWay(stretch)) return false;
    return plan_.first_writer[At(layer)] >= static_cast<int>(stretch.begin) &&
           plan_.last_user[At(layer)] < static_cast<int>(stretch.end);
  }

  // In bytes, of what a step reads and writes.
  int64_t LargestOf(const ForwardStep& step) const {
    int64_t largest = SizeOf(plan_.homes[At(step.output)].layer);
    for (int input : network_.layer(step.layer).inputs) largest = std::max(largest, SizeOf(input));
    return largest * int64_t{sizeof(float)};
  }

  int64_t SizeOf(int layer) const {
    const Shape& shape = network_.layer(layer).shape;
    return int64_t{shape.units} * shape.height * shape.width;
  }

  // Whether images of a stretch are handed out by the threads that take them through it.
  bool HandsOutOnTheWay(const Stretch& stretch) const {
    return each_ != nullptr && steps_[stretch.begin].by_rows && !InBands();
  }

  // Where images are fewer than threads, one is divided.
  bool InBands() const { return images_ < threads_; }

  void HandOut(int layer, const Network::OutputVisitor& visit) {
    if (!IsWanted(layer)) return;
    if (each_ != nullptr) {
      const float* values = maps_[At(layer)].data_ptr<float>();
      const int64_t size = SizeOf(layer);
      ParallelFor(0, images_, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) HandOutImage(layer, i, values + i * size);
      });
      return;
    }
    for (size_t which = 0; which < wanted_.size(); ++which) {
      if (wanted_[which] == layer) visit(which, maps_[At(layer)].permute({0, 3, 1, 2}));
    }
  }

  void HandOutImage(int layer, int64_t image, const float* values) const {
    const Shape& shape = network_.layer(layer).shape;
    for (size_t which = 0; which < wanted_.size(); ++which) {
      if (wanted_[which] != layer) continue;
      (*each_)(which, image, {values, shape.units, shape.height, shape.width, 1, shape.units});
    }
  }

  void Evaluate(const ForwardStep& step) {
    const Layer& layer = network_.layer(step.layer);
    std::vector<at::Tensor> inputs;
    for (int input : layer.inputs) inputs.push_back(maps_[At(input)].permute({0, 3, 1, 2}));
    maps_[At(step.output)] =
        layer.kind->Evaluate(std::move(inputs), layer.shape).permute({0, 2, 3, 1}).contiguous();
  }

  void Compute(const Stretch& stretch) {
    std::vector<char> passing(maps_.size(), 0);
    int64_t largest = 1;
    for (size_t s = stretch.begin; s < stretch.end; ++s) {
      const int output = plan_.homes[At(steps_[s].output)].layer;
      const Shape& shape = network_.layer(output).shape;
      passing[At(output)] = IsPassing(stretch, output) ? 1 : 0;
      largest = std::max<int64_t>(largest, SizeOf(output) * int64_t{sizeof(float)});
      if (passing[At(output)] == 0 && !maps_[At(output)].defined()) {
        maps_[At(output)] =
            network_.packed().maps().Take({images_, shape.height, shape.width, shape.units});
      }
    }
    // Images of a task; where they are fewer than threads, bands of one.
    const int64_t share = std::max<int64_t>(images_ / threads_, 1);
    const int64_t together =
        std::clamp<int64_t>(kBytesTogether / largest, 1, std::min(kMostTogether, share));
    const bool in_bands = InBands();
    const int height = network_.layer(steps_[stretch.begin].output).shape.height;
    const int64_t bands = in_bands ? std::min<int64_t>(threads_, height) : 1;
    const int64_t groups = (images_ + together - 1) / together, tasks = groups * bands;
    std::atomic<int64_t> next{0};
    ParallelFor(0, std::min<int64_t>(threads_, tasks), 1, [&](int64_t from, int64_t to) {
      for (; from < to; ++from) {
        Worker worker;
        worker.values.resize(maps_.size());
        for (int64_t task = next++; task < tasks; task = next++) {
          const int64_t first = task / bands * together, band = task % bands;
          const Range images = {static_cast<int>(first),
                                static_cast<int>(std::min(first + together, images_)) - 1};
          for (size_t s = stretch.begin; s < stretch.end; ++s) {
            Range rows = {0, network_.layer(steps_[s].output).shape.height - 1};
            if (in_bands) {
              rows = {static_cast<int>(height * band / bands),
                      static_cast<int>(height * (band + 1) / bands) - 1};
            }
            ComputeStep(s, images, rows, passing, worker);
            if (HandsOutOnTheWay(stretch)) HandOutImages(steps_[s], images, passing, worker);
          }
        }
      }
    });
  }

  // What is wanted is in no other layer's place.
  void HandOutImages(const ForwardStep& step, const Range& images, const std::vector<char>& passing,
                     Worker& worker) const {
    if (!IsWanted(step.output)) return;
    const int64_t size = SizeOf(step.output);
    std::vector<float>& own = worker.values[At(step.output)];
    const float* values = passing[At(step.output)] != 0
                              ? own.data()
                              : maps_[At(step.output)].data_ptr<float>() + images.start * size;
    for (int i = 0; i < images.size(); ++i) {
      HandOutImage(step.output, images.start + i, values + i * size);
    }
    if (passing[At(step.output)] != 0 && plan_.readers[At(step.output)] == 0) {
      worker.pool.Return(std::move(own));
      own = {};
    }
  }

  // Some rows of some images.
  void ComputeStep(size_t number, const Range& images, const Range& rows,
                   const std::vector<char>& passing, Worker& worker) const {
    const ForwardStep& step = steps_[number];
    if (step.in_place) return;
    const Layer& layer = network_.layer(step.layer);
    const Shape& shape = layer.shape;
    worker.sources.clear();
    for (int input : layer.inputs) {
      const Shape& below = network_.layer(input).shape;
      const int64_t size = SizeOf(input);
      const float* base = passing[At(input)] != 0
                              ? worker.values[At(input)].data()
                              : maps_[At(input)].data_ptr<float>() + images.start * size;
      worker.sources.push_back({base, nullptr, below.height, below.width, below.units, size});
    }
    const Home& home = plan_.homes[At(step.output)];
    const int64_t size = SizeOf(home.layer);
    float* out = nullptr;
    if (passing[At(home.layer)] != 0) {
      std::vector<float>& values = worker.values[At(home.layer)];
      if (plan_.first_writer[At(home.layer)] == static_cast<int>(number)) {
        values = worker.pool.Take(static_cast<size_t>(images.size() * size));
      }
      out = values.data();
    } else {
      out = maps_[At(home.layer)].data_ptr<float>() + images.start * size;
    }
    out += home.channel;
    const int64_t pitch = network_.layer(home.layer).shape.units, row = shape.width * pitch;
    const auto compute = [&](float* to) {
      const RowTask task = {
          kernels_,           shape, worker.sources, worker.spans,  step.runs, {0, shape.units},
          step.rectification, to,    pitch,          worker.scratch};
      if (step.winograd != nullptr) {
        ComputeWinograd(task, *step.winograd);
      } else {
        layer.kind->ComputeRows(task);
      }
      worker.spans.clear();
    };
    worker.spans.clear();
    const Range columns = {0, shape.width - 1};
    // In pairs, as Winograd's tiles are.
    const int lines = std::max(2, kPositions / shape.width / 2 * 2);
    if (rows.size() == shape.height && shape.height <= lines) {
      // Whole images, several at a time.
      const int several = lines / shape.height;
      for (int first = 0; first < images.size(); first += several) {
        for (int i = first; i < std::min(first + several, images.size()); ++i) {
          worker.spans.push_back({i, {rows, columns}});
        }
        compute(out + first * size);
      }
    } else {
      for (int i = 0; i < images.size(); ++i) {
        for (int y = rows.start; y <= rows.end; y += lines) {
          worker.spans.push_back({i, {{y, std::min(y + lines - 1, rows.end)}, columns}});
          compute(out + i * size + y * row);
        }
      }
    }
    for (int input : layer.inputs) {
      if (passing[At(input)] == 0 || plan_.last_user[At(input)] != static_cast<int>(number))
        continue;
      worker.pool.Return(std::move(worker.values[At(input)]));
      worker.values[At(input)] = {};
    }
  }

  const Network& network_;
  const RowKernels& kernels_;
  const std::vector<int>& wanted_;
  const Network::ImageVisitor* each_;
  const int64_t images_;
  const int threads_;
  const std::vector<int> given_;
  const ForwardPlan plan_;
  const std::vector<ForwardStep>& steps_;
  std::vector<at::Tensor> maps_;  // by layer: (N, H, W, C)
};

}  // namespace

void ForwardByRows(const Network& network, const at::Tensor& input, const std::vector<int>& wanted,
                   const Network::OutputVisitor& visit, const RowKernels& kernels) {
  ForwardByRows(network, std::map<int, at::Tensor>{{0, input}}, wanted, visit, kernels);
}

void ForwardByRows(const Network& network, const std::map<int, at::Tensor>& given,
                   const std::vector<int>& wanted, const Network::OutputVisitor& visit,
                   const RowKernels& kernels) {
  Pass(network, given, wanted, kernels).Run(visit);
  network.packed().maps().FreeUnused();
}

void ForwardEachByRows(const Network& network, const at::Tensor& input,
                       const std::vector<int>& wanted, const Network::ImageVisitor& visit,
                       const RowKernels& kernels) {
  Pass(network, {{0, input}}, wanted, kernels, &visit).Run();
  network.packed().maps().FreeUnused();
}

}  // namespace netdissect
