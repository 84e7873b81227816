#include "netdissect/data/loader.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/parallel.h"
#include "data/squash.h"
#include "netdissect/base/error.h"

namespace netdissect {

void LoaderOptions::Validate() const {
  const auto check = [](const char* name, int value, int most) {
    if (value < 1 || value > most) Fail("{}: expected 1 to {}, found {}", name, most, value);
  };
  check("batch", batch, 1 << 20);
  check("threads", threads, 1 << 10);
  check("batches_ahead", batches_ahead, 1 << 10);
  if (keep_bytes < 1) {
    Fail("keep_bytes: expected at least 1, found {}", keep_bytes);
  }
  decode.Validate();  // else it would be the reason of every skipped image
}

// Image i waits in slot i % window. Workers take images in order and never one whose slot is still
// in use, so that neither memory nor the order of what comes out depends on their number.
struct ImageLoader::State {
  // An image as it waits for its batch: as bytes, a quarter of what its input takes.
  struct Outcome {
    bool done = false;
    cv::Mat squashed;             // empty where the image could not be read
    cv::Size size;                // of the picture
    cv::Mat kept;                 // of the picture
    std::string reason;           // why it could not be read
    std::exception_ptr accident;  // an error that is not the image's: out of memory, say
  };

  State(const ImageSets& image_sets, std::vector<int64_t> chosen_images,
        const InputFormat& input_format, const LoaderOptions& loader_options)
      : images(image_sets),
        chosen(std::move(chosen_images)),
        format(input_format),
        options(loader_options) {
    options.Validate();
    format.Validate();
    const int64_t window = std::min(int64_t{options.batch} * options.batches_ahead, count());
    slots.resize(static_cast<size_t>(window));
    const int64_t useful = std::min(int64_t{options.threads}, window);
    workers.reserve(static_cast<size_t>(useful));
    try {
      for (int64_t i = 0; i < useful; ++i) workers.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      Stop();
      Fail("threads: {} of {} could not be started: {}", useful, options.threads, error.what());
    }
  }

  ~State() { Stop(); }

  void Stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    slot_free.notify_all();
    for (std::thread& worker : workers) worker.join();
    workers.clear();
  }

  void Work() {
    for (;;) {
      int64_t mine = 0;
      {
        std::unique_lock<std::mutex> lock(mutex);
        slot_free.wait(lock, [&] { return stopping || taken == count() || MayBegin(); });
        if (stopping || taken == count()) return;
        mine = taken++;
      }
      Outcome outcome = Read(EntryOf(mine));
      {
        const std::lock_guard<std::mutex> lock(mutex);
        kept_bytes += BytesOf(outcome.kept);
        SlotOf(mine) = std::move(outcome);
      }
      slot_done.notify_one();
    }
  }

  Outcome Read(const ImageEntry& image) const {
    Outcome outcome;
    outcome.done = true;
    try {
      const cv::Mat picture = DecodeImage(image.path, options.decode);
      outcome.squashed = SquashBytes(picture, format);
      outcome.size = picture.size();
      if (options.keep) outcome.kept = options.keep(picture);
    } catch (const Error& error) {
      outcome.reason = error.what();
    } catch (...) {
      outcome.accident = std::current_exception();
    }
    return outcome;
  }

  // The next image in order, waiting for it. Only where one is left.
  Outcome Take() {
    Outcome outcome;
    {
      std::unique_lock<std::mutex> lock(mutex);
      Outcome& slot = SlotOf(given);
      slot_done.wait(lock, [&] { return slot.done; });
      outcome = std::exchange(slot, Outcome());
      kept_bytes -= BytesOf(outcome.kept);
      ++given;
    }
    slot_free.notify_all();
    return outcome;
  }

  // A worker's accident and, with `strict`, an unreadable image end the loading for good.
  void Judge(const Outcome& outcome, int64_t index) {
    if (outcome.accident) {
      failure = outcome.accident;
    } else if (options.strict) {
      failure = std::make_exception_ptr(Error(outcome.reason));
    } else {
      skipped.push_back({EntryOf(index).name, outcome.reason, chosen[static_cast<size_t>(index)]});
      return;
    }
    std::rethrow_exception(failure);
  }

  std::optional<ImageBatch> Next() {
    if (failure) std::rethrow_exception(failure);
    ImageBatch batch;
    std::vector<cv::Mat> pixels;
    int64_t bytes = 0;  // kept of the batch's pictures
    while (given < count() && static_cast<int64_t>(pixels.size()) < options.batch &&
           bytes <= options.keep_bytes / 2) {
      const int64_t index = given;
      Outcome outcome = Take();
      if (outcome.squashed.empty()) {
        Judge(outcome, index);
        continue;
      }
      pixels.push_back(std::move(outcome.squashed));
      batch.indices.push_back(chosen[static_cast<size_t>(index)]);
      batch.sizes.push_back(outcome.size);
      bytes += BytesOf(outcome.kept);
      if (options.keep) batch.pictures.push_back(std::move(outcome.kept));
    }
    if (pixels.empty()) return std::nullopt;
    const auto number = static_cast<int64_t>(pixels.size());
    batch.input = at::empty({number, format.channels(), format.height, format.width}, at::kFloat);
    float* input = batch.input.data_ptr<float>();
    const int64_t size = batch.input.numel() / number;
    ParallelFor(0, number, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        NormalizeBytes(pixels[static_cast<size_t>(i)], format, input + i * size);
      }
    });
    return batch;
  }

  // Of what is kept no more than the bound, but for the image that is waited for.
  bool MayBegin() const {
    return taken < given + Window() && (kept_bytes < options.keep_bytes / 2 || taken == given);
  }

  static int64_t BytesOf(const cv::Mat& picture) {
    return static_cast<int64_t>(picture.total() * picture.elemSize());
  }

  int64_t count() const { return static_cast<int64_t>(chosen.size()); }
  const ImageEntry& EntryOf(int64_t place) const {
    return images[chosen[static_cast<size_t>(place)]];
  }
  int64_t Window() const { return static_cast<int64_t>(slots.size()); }
  Outcome& SlotOf(int64_t place) { return slots[static_cast<size_t>(place % Window())]; }

  const ImageSets images;
  const std::vector<int64_t> chosen;  // indices into `images`; what follows counts places in it
  const InputFormat format;
  const LoaderOptions options;

  std::mutex mutex;                   // guards what follows up to `stopping`
  std::condition_variable slot_free;  // for workers
  std::condition_variable slot_done;  // for Next
  std::vector<Outcome> slots;
  int64_t taken = 0;       // images that workers have begun
  int64_t given = 0;       // images that Next has taken out; written by its thread alone
  int64_t kept_bytes = 0;  // of pictures that wait
  bool stopping = false;

  std::vector<SkippedImage> skipped;  // of Next's thread
  std::exception_ptr failure;         // of Next's thread
  std::vector<std::thread> workers;
};

ImageLoader::ImageLoader(const ImageSets& images, std::vector<int64_t> chosen,
                         const InputFormat& format, const LoaderOptions& options)
    : state_(std::make_unique<State>(images, std::move(chosen), format, options)) {}

ImageLoader::~ImageLoader() = default;

std::optional<ImageBatch> ImageLoader::Next() { return state_->Next(); }

const std::vector<SkippedImage>& ImageLoader::skipped() const { return state_->skipped; }

int64_t ImageLoader::done() const { return state_->given; }

}  // namespace netdissect
