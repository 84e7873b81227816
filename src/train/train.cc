#include "train/train.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/clock.h"
#include "base/digest.h"
#include "data/label_match.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/nn/convolution_check.h"
#include "nn/graph_file.h"
#include "nn/input_object.h"
#include "train/accuracy.h"
#include "train/checkpoint.h"
#include "train/image_cache.h"
#include "train/start.h"
#include "train/training_labels.h"

namespace netdissect {
namespace {

// Keep the random numbers of one purpose apart from those of another.
constexpr uint64_t kOrder = 0x6f72646572, kVariation = 0x76617279;

constexpr size_t kNamed = 10;  // images left out that are warned of; the result has them all

// One thread for LibTorch's and BLAS's own loops, since shards run beside each other.
class OneThread {
 public:
  OneThread() : before_(at::get_num_threads()) { SetThreads(1); }
  ~OneThread() { SetThreads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

// What reaches the network has to fit it: else it would fail in the middle of its first step.
void RequireFormat(const Network& network, const InputFormat& format) {
  const Shape& input = network.input();
  const Shape shape{format.channels(), format.height, format.width};
  if (input == shape) return;
  Fail("layer {}: expected images in the network's input of {}, found a format of {}",
       network.layer(0).name, ToString(input), ToString(shape));
}

// A network's graph with its layers by their names, so that what differs can be named.
Json LayersByName(const Json& graph) {
  Json network = {{"(input)", graph.at("input")}};
  for (Json layer : graph.at("layers")) {
    const auto name = layer.at("name").get<std::string>();
    layer.erase("name");
    network[name] = std::move(layer);
  }
  return network;
}

Json DigestOfMean(const InputFormat& format) {
  if (!format.mean_image.defined()) return {};
  const at::Tensor mean = format.mean_image.contiguous();
  return Digest().Add(mean.data_ptr(), static_cast<size_t>(mean.nbytes())).Hex();
}

Json SettingsOf(const Json& graph, const InputFormat& format, const Dataset& train,
                const Dataset& held_out, const TrainOptions& options) {
  Json settings = {
      {"network", LayersByName(graph)},
      {"batch normalisation", options.batch_norm},
      {"images", fmt::format("{} of digest {}", train.images.size(), DigestOf(train))},
      {"held-out images",
       fmt::format("{} of digest {}", held_out.images.size(), DigestOf(held_out))},
      {"mean", format.mean},
      {"mean image", DigestOfMean(format)},
      {"scale", format.scale},
      {"order", ToJson(format).at("order")},
      {"epochs", options.minutes > 0 ? 0 : options.epochs},
      {"minutes", options.minutes},
      {"batch", options.batch},
      {"shard", options.shard},
      {"rate", options.rate},
      {"momentum", options.momentum},
      {"decay", options.decay},
      {"schedule", options.schedule == Schedule::kCosine ? "cosine" : "step"},
      {"warmup", options.warmup},
      {"dropout", options.dropout ? Json(*options.dropout) : Json("the network's own")},
      {"label smoothing", options.label_smoothing},
      {"crop", options.augment.crop},
      {"mirror", options.augment.mirror},
      {"jitter", options.augment.jitter},
      {"seed", options.seed}};
  if (const std::string resizing = ResizingOf(format); !resizing.empty()) {
    settings["resizing"] = resizing;
  }
  return settings;
}

class Training {
 public:
  Training(const Network& network, const InputFormat& format, const Dataset& train,
           const Dataset& held_out, const TrainOptions& options, Observer& observer)
      : options_(options),
        observer_(observer),
        labels_(CollectTrainingLabels(train, held_out, observer)),
        held_out_(held_out),
        trainee_(StartOf(network, {labels_.count, options.batch_norm, options.seed}),
                 {options.batch_norm, options.dropout, options.label_smoothing, options.seed}),
        graph_(ToJson(trainee_.network())),
        settings_(SettingsOf(graph_, format, train, held_out, options)),
        augmenter_(format, options.augment),
        cache_(labels_.images, CacheOptionsOf()),
        workers_(options.threads) {
    const auto images = static_cast<int64_t>(labels_.images.size());
    batch_ = std::min<int64_t>(options_.batch, images);
    epoch_steps_ = images / batch_;
  }

  TrainResult Run() {
    Resume();
    start_ = saved_ = Clock::now();
    earlier_seconds_ = state_.seconds;
    bool stopped = false;
    while (!stopped && Progress() < 1) {
      Step();
      const bool ends = state_.step % epoch_steps_ == 0;
      if (ends || Progress() >= 1) EndEpoch();
      Report();
      stopped = observer_.StopRequested();
      if (SecondsSince(saved_) > 60 * options_.checkpoint_minutes) TrySave();
    }
    // At the end too, so that results that cannot be written are not lost.
    if (!options_.checkpoint.empty()) {
      WriteCheckpoint(options_.checkpoint, trainee_, settings_, state_);
    }
    return Result(Progress() >= 1);
  }

 private:
  CacheOptions CacheOptionsOf() const {
    const InputFormat& format = augmenter_.format();
    CacheOptions cache;
    cache.bytes = options_.cache;
    cache.threads = options_.threads;
    cache.ahead = 4 * int64_t{options_.batch};
    // More pixels than a crop needs to fill the input would only take room.
    if (ResizingOf(format).empty()) {  // others need the aspect ratio, or all pixels
      cache.largest = static_cast<int>(
          std::ceil(std::max(format.height, format.width) / options_.augment.crop));
    }
    cache.strict = options_.strict;
    return cache;
  }

  TrainBounds Bounds() const {
    constexpr int64_t kMostImages = 1'000'000'000'000'000;  // that any training sees
    TrainBounds bounds;
    bounds.steps = options_.minutes > 0 ? kMostImages / batch_ : options_.epochs * epoch_steps_;
    bounds.epoch_steps = epoch_steps_;
    bounds.batch = batch_;
    return bounds;
  }

  void Resume() {
    std::error_code ignored;
    const Path &latest = options_.checkpoint, previous = PreviousCheckpoint(latest);
    if (!options_.resume) {
      std::filesystem::remove(previous, ignored);
    } else if (!TakeUp(latest) && TakeUp(previous)) {
      std::filesystem::rename(previous, latest, ignored);  // the damaged one is of no use
    }
    // The rest of the epoch under way, and the whole next one, so that decoding runs on.
    ExpectEpoch(state_.step / epoch_steps_, state_.step % epoch_steps_);
  }

  // Whether training goes on from the file; where it is there, and training does not, a warning.
  bool TakeUp(const Path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return false;
    try {
      state_ = ReadCheckpoint(file, settings_, Bounds(), trainee_);
      return true;
    } catch (const DamagedCheckpoint& damaged) {
      const bool last = file != options_.checkpoint ||
                        !std::filesystem::exists(PreviousCheckpoint(file), ignored);
      observer_.Warning(fmt::format("{}: damaged, training {}", damaged.what(),
                                    last ? "starts again" : "goes on from the checkpoint before"));
      return false;
    }
  }

  // A full disk may have room again by the next time.
  void TrySave() {
    saved_ = Clock::now();
    if (options_.checkpoint.empty()) return;
    try {
      WriteCheckpoint(options_.checkpoint, trainee_, settings_, state_);
    } catch (const Error& error) {
      observer_.Warning(fmt::format("no checkpoint, training goes on: {}", error.what()));
    }
  }

  double Seconds() const { return earlier_seconds_ + SecondsSince(start_); }

  // Share of the training that is done.
  double Progress() const {
    if (options_.minutes > 0) return std::min(1.0, state_.seconds / (60 * options_.minutes));
    return static_cast<double>(state_.step) /
           static_cast<double>(int64_t{options_.epochs} * epoch_steps_);
  }

  void Report() {
    if (options_.minutes > 0) {
      const auto total = static_cast<int64_t>(60 * options_.minutes);
      observer_.Progress("seconds of training",
                         std::min(total, static_cast<int64_t>(state_.seconds)), total);
    } else {
      observer_.Progress("images", state_.step * batch_, options_.epochs * epoch_steps_ * batch_);
    }
  }

  // The images of an epoch, in its random order; from `first` on they are still to be taken.
  void ExpectEpoch(int64_t epoch, int64_t first) {
    const auto count = static_cast<int64_t>(labels_.images.size());
    std::vector<int64_t> order(static_cast<size_t>(count));
    std::iota(order.begin(), order.end(), int64_t{0});
    Random random(options_.seed, kOrder, epoch);
    Shuffle(order, random);
    order.resize(static_cast<size_t>(epoch_steps_ * batch_));  // whole batches
    order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first * batch_));
    cache_.Expect(order);
    order_.insert(order_.end(), order.begin(), order.end());
  }

  // The order of this epoch and the next is known; what is done with is forgotten.
  void KeepOrder() {
    const auto left = static_cast<int64_t>(order_.size()) - taken_ + forgotten_;
    if (left > epoch_steps_ * batch_) return;
    order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(taken_ - forgotten_));
    forgotten_ = taken_;
    ExpectEpoch(state_.step / epoch_steps_ + 1, 0);
  }

  ShardGradient ComputeShard(int64_t begin, int64_t end) const {
    const InputFormat& format = augmenter_.format();
    const auto epoch = state_.step / epoch_steps_;
    at::Tensor pixels =
        at::empty({end - begin, format.height, format.width, format.channels()}, at::kFloat);
    std::vector<int64_t> targets;
    for (int64_t place = begin; place < end; ++place) {
      const int64_t position = taken_ + place;
      const int64_t image = order_[static_cast<size_t>(position - forgotten_)];
      const cv::Mat bgr = cache_.Take(position);
      if (bgr.empty()) continue;
      Random random(options_.seed, kVariation, epoch, image);
      augmenter_.Write(bgr, random, pixels[static_cast<int64_t>(targets.size())].data_ptr<float>());
      targets.push_back(labels_.images[static_cast<size_t>(image)].label);
    }
    if (targets.empty()) return {};
    const auto images = static_cast<int64_t>(targets.size());
    const at::Tensor input = pixels.narrow(0, 0, images).permute({0, 3, 1, 2});
    return trainee_.Differentiate(input, at::tensor(targets, at::kLong),
                                  static_cast<double>(batch_), state_.step, begin);
  }

  void Step() {
    KeepOrder();
    const auto began = Clock::now();
    const int64_t count = (batch_ + options_.shard - 1) / options_.shard;
    std::vector<ShardGradient> shards(static_cast<size_t>(count));
    workers_.Run(count, [&](int64_t i) {  // of equal size, but for one image
      shards[static_cast<size_t>(i)] = ComputeShard(i * batch_ / count, (i + 1) * batch_ / count);
    });
    taken_ += batch_;
    NoteSkipped();
    const auto empty = [](const ShardGradient& shard) { return shard.images == 0; };
    shards.erase(std::remove_if(shards.begin(), shards.end(), empty), shards.end());
    Judge(shards);
    const double epoch = static_cast<double>(state_.step + 1) / static_cast<double>(epoch_steps_);
    rate_ = RateAt(options_, epoch, Progress());
    trainee_.Update(shards, {rate_, options_.momentum, options_.decay}, workers_);
    ++state_.step;
    state_.step_seconds += SecondsSince(began);
    state_.seconds = Seconds();
  }

  // Takes note of the step's loss; ends a training that has gone wrong.
  void Judge(const std::vector<ShardGradient>& shards) {
    double loss = 0;
    int64_t images = 0;
    for (const ShardGradient& shard : shards) {
      loss += shard.loss;
      images += shard.images;
      state_.epoch_right += shard.right;
    }
    if (images == 0) {
      if (state_.skipped.size() == labels_.images.size()) {
        Fail("expected training images, found none that can be read: {}",
             state_.skipped.begin()->second);
      }
      return;
    }
    state_.epoch_loss += loss;
    state_.epoch_images += images;
    state_.images += images;
    const double guessing = std::log(static_cast<double>(labels_.count));
    if (const auto wrong = state_.watch.See(loss / static_cast<double>(images), guessing)) {
      Fail(
          "step {}: expected {}: training has diverged at a learning rate of {:.4g}; try a lower "
          "rate or a longer warm-up",
          state_.step + 1, *wrong, rate_);
    }
  }

  void NoteSkipped() {
    for (const SkippedImage& image : cache_.NewlySkipped()) {
      if (!state_.skipped.emplace(image.image, image.reason).second) continue;
      if (state_.skipped.size() <= kNamed) observer_.Warning("left out " + image.reason);
    }
  }

  void EndEpoch() {
    EpochRecord epoch;
    const auto images = static_cast<double>(std::max<int64_t>(1, state_.epoch_images));
    epoch.epoch = static_cast<int>((state_.step + epoch_steps_ - 1) / epoch_steps_);
    epoch.images = state_.epoch_images;
    epoch.loss = state_.epoch_loss / images;
    epoch.train_top1 = static_cast<double>(state_.epoch_right) / images;
    epoch.rate = rate_;
    const Accuracy accuracy = Validate(trainee_.Folded());
    epoch.top1 = accuracy.top1;
    epoch.top5 = accuracy.top5;
    state_.seconds = epoch.seconds = Seconds();
    state_.epochs.push_back(epoch);
    state_.epoch_images = state_.epoch_right = 0;
    state_.epoch_loss = 0;
    if (options_.on_epoch) options_.on_epoch(epoch);
  }

  Accuracy Validate(const SafeTensors& weights) {
    if (held_out_.images.empty()) {
      constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
      return {kNone, kNone, 0, {}};
    }
    PassOptions pass;
    pass.batch = options_.shard;
    pass.threads = options_.threads;
    pass.strict = options_.strict;
    const Network network = NetworkFrom(graph_, weights, "the network in training");
    return MeasureAccuracy(network, augmenter_.format(), held_out_, labels_.held_out_targets, pass,
                           workers_);
  }

  TrainResult Result(bool finished) {
    TrainResult result;
    result.finished = finished;
    result.graph = graph_;
    result.weights = trainee_.Folded();
    for (auto& [name, tensor] : result.weights.tensors) {
      if (options_.half) tensor = tensor.to(at::kHalf);
      result.parameters += tensor.numel();
    }
    result.classes = labels_.names;
    result.epochs = state_.epochs;
    result.steps = state_.step;
    result.images = state_.images;
    result.seconds = state_.seconds;
    result.step_seconds = state_.step_seconds;
    result.left_out = labels_.left_out;
    for (const auto& [image, reason] : state_.skipped) result.skipped.push_back({image, reason});
    if (!finished) return result;
    const Accuracy accuracy = Validate(result.weights);
    result.top1 = accuracy.top1;
    result.top5 = accuracy.top5;
    result.counted = accuracy.counted;
    for (const SkippedImage& image : accuracy.skipped) {
      if (result.skipped.size() < kNamed) observer_.Warning("left out " + image.reason);
      result.skipped.push_back(image);
    }
    return result;
  }

  const TrainOptions& options_;
  Observer& observer_;
  const TrainingLabels labels_;
  const Dataset& held_out_;
  Trainee trainee_;
  const Json graph_;
  const Json settings_;
  const Augmenter augmenter_;
  mutable ImageCache cache_;
  Workers workers_;
  int64_t batch_ = 0;
  int64_t epoch_steps_ = 0;
  TrainState state_;
  double rate_ = 0;
  std::vector<int64_t> order_;  // images of the positions from `forgotten_`
  int64_t taken_ = 0;           // images taken out of the cache
  int64_t forgotten_ = 0;
  Clock::time_point start_, saved_;
  double earlier_seconds_ = 0;
};

}  // namespace

TrainResult Train(const Network& network, const InputFormat& format, const Dataset& train,
                  const Dataset& held_out, const TrainOptions& options, Observer& observer) {
  options.Validate();
  RequireFormat(network, format);
  RequireRightConvolutions();
  const OneThread one_thread;
  return Training(network, format, train, held_out, options, observer).Run();
}

}  // namespace netdissect
