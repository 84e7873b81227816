#pragma once
// Decodes and preprocesses images on worker threads ahead of the network. Images come out in the
// order of the list whatever the number of threads. Memory is bounded by the squashed images of the
// batches kept ahead, as bytes, and one image in its full size per thread.

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"
#include "netdissect/data/preprocess.h"

namespace netdissect {

struct LoaderOptions {
  int batch = 32;         // images a batch
  int threads = 2;        // worker threads
  int batches_ahead = 3;  // batches decoded before they are asked for
  bool strict = false;    // an unreadable image is an Error instead of being skipped
  DecodeOptions decode;
};

struct SkippedImage {
  std::string image;   // name as listed
  std::string reason;  // the decoder's message
};

struct ImageBatch {
  std::vector<int64_t> indices;  // into the list, increasing; skipped images are not among them
  at::Tensor input;              // (N, 3, H, W) float32, preprocessed
};

class ImageLoader {
 public:
  /// `images` must outlive the loader.
  ImageLoader(const std::vector<ImageEntry>& images, const InputFormat& format,
              const LoaderOptions& options = {});
  ~ImageLoader();

  /// The next batch, filled up with following images where some are skipped: all but the last are
  /// full. Nothing after the last. With `strict`, Error at the first unreadable image, now and ever
  /// after. To be called from one thread.
  std::optional<ImageBatch> Next();

  /// The images skipped so far, in the order of the list.
  const std::vector<SkippedImage>& skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netdissect
