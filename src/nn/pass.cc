#include "netdissect/nn/pass.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <memory>

#include "netdissect/base/error.h"
#include "nn/pass_progress.h"
#include "nn/rows/weight_store.h"

namespace netdissect {
namespace {

LoaderOptions LoadingOf(const PassOptions& options, const PassVisitor& visitor) {
  LoaderOptions loading;
  loading.batch = options.batch;
  loading.threads = options.threads;
  loading.strict = options.strict;
  loading.keep = visitor.keep;
  return loading;
}

// Consecutive images of a pass while they are loaded.
struct Stretch {
  ItemRange places;
  ImageLoader loader;
  int64_t done = 0, skipped = 0;  // of the loader's that were counted

  Stretch(const ImageSets& images, const std::vector<int64_t>& chosen, const ItemRange& wanted,
          const InputFormat& format, const LoaderOptions& options)
      : places(wanted),
        loader(images, {chosen.begin() + wanted.begin, chosen.begin() + wanted.end}, format,
               options) {}
};

// Images as rows of a batch of `size`: what is computed of an image may be rounded by the size of
// its batch, but not by its place in it, nor by what is beside it.
at::Tensor Filled(const at::Tensor& input, int64_t size) {
  const int64_t count = input.size(0);
  if (count >= size) return input;
  std::vector<int64_t> shape = input.sizes().vec();
  shape[0] = size;
  at::Tensor filled = at::zeros(shape, input.options());
  filled.narrow(0, 0, count).copy_(input);
  return filled;
}

// On a CUDA device the input is copied while earlier batches are still computed there, which takes
// memory that the system does not move.
at::Tensor SentTo(const at::Device& device, const at::Tensor& input) {
  return device.is_cuda() ? input.pin_memory().to(device, /*non_blocking=*/true) : input;
}

}  // namespace

void PassOptions::Validate(const std::string& what) const {
  if (batch < 1) Fail("{}: expected a batch of at least 1, found {}", what, batch);
  if (threads < 1) Fail("{}: expected at least 1 decoding thread, found {}", what, threads);
}

PassSummary RunPass(const Network& network, const InputFormat& format, const ImageSets& images,
                    const std::vector<int64_t>& chosen, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options, Observer& observer) {
  options.Validate("pass");
  const c10::InferenceMode inference;
  const auto total = static_cast<int64_t>(chosen.size());
  const std::unique_ptr<Crew> alone = options.crew == nullptr ? MakeSolo() : nullptr;
  Crew& crew = alone ? *alone : *options.crew;
  PassProgress progress(total, visitor, options, crew, observer);
  const ItemRanges todo = progress.TakeUp();
  // Pictures that are kept make batches of any size.
  const int64_t rows = visitor.keep ? 1 : std::min<int64_t>(options.batch, total);
  const int64_t together = visitor.together > 0 ? visitor.together : 8 * int64_t{options.batch};
  const auto next = [&]() -> std::unique_ptr<Stretch> {
    const ItemRange places = crew.Next(together);
    if (places.empty()) return nullptr;
    return std::make_unique<Stretch>(images, chosen, places, format, LoadingOf(options, visitor));
  };
  const auto count = [&](Stretch& stretch, int64_t read) {
    const std::vector<SkippedImage>& skipped = stretch.loader.skipped();
    progress.Add(
        {stretch.places.begin + stretch.done, stretch.places.begin + stretch.loader.done()}, read,
        {skipped.begin() + stretch.skipped, skipped.end()});
    stretch.done = stretch.loader.done();
    stretch.skipped = static_cast<int64_t>(skipped.size());
  };
  crew.Begin(todo, total);
  bool whole = true;  // what was gathered is of whole batches
  try {
    std::unique_ptr<Stretch> stretch = next();
    while (stretch) {
      const std::optional<ImageBatch> batch = stretch->loader.Next();
      const bool last = stretch->loader.done() == stretch->places.size();
      // The next images are decoded while these go through the network.
      std::unique_ptr<Stretch> following = last ? next() : nullptr;
      if (batch) {
        whole = false;
        const auto read = static_cast<int64_t>(batch->indices.size());
        const bool goes_on = !visitor.begin || visitor.begin(*batch);
        if (goes_on && !wanted.empty()) {
          const at::Tensor input = SentTo(network.device(), Filled(batch->input, rows));
          if (visitor.image) {
            network.ForwardEach(input, wanted,
                                [&](size_t which, int64_t image, const ImageMaps& maps) {
                                  if (image < read) visitor.image(*batch, which, image, maps);
                                });
          } else {
            network.Forward(input, wanted, [&](size_t which, const at::Tensor& output) {
              visitor.output(*batch, which, output.narrow(0, 0, read));
            });
          }
        }
        if (visitor.end) visitor.end(*batch);
        count(*stretch, read);
        whole = true;
        observer.Progress(visitor.what, progress.done(), total);
        if (!last || following) CheckStop(observer, visitor.what, progress.done(), total);
      } else {
        count(*stretch, 0);
      }
      progress.KeepNowAndThen();
      if (last) stretch = std::move(following);
    }
  } catch (...) {
    if (whole) progress.Keep();
    throw;
  }
  progress.Finish();
  network.packed().maps().FreeAll();
  PassSummary summary = progress.Summary();
  if (total > 0 && summary.images == 0) {
    Fail("none of the {} images could be read; the first: {}", total,
         summary.skipped.front().reason);
  }
  return summary;
}

PassSummary RunPass(const Model& model, const ImageSets& images, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options, Observer& observer) {
  return RunPass(model.network, model.input, images, AllOf(images), wanted, visitor, options,
                 observer);
}

}  // namespace netdissect
