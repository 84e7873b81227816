#pragma once
// Decodes and preprocesses images on worker threads ahead of the network. Images come out in the
// order of the list whatever the number of threads. Memory is bounded by the squashed images of the
// batches kept ahead, as bytes, what is kept of the pictures, and one image in its full size per
// thread.

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/decode.h"
#include "netdissect/data/image_sets.h"
#include "netdissect/data/preprocess.h"

namespace netdissect NETDISSECT_PUBLIC {

/// Makes of a decoded picture (8-bit BGR) what is kept of it. Called from any thread.
using PictureKeeper = std::function<cv::Mat(const cv::Mat& picture)>;

struct LoaderOptions {
  int batch = 32;         // images a batch
  int threads = 2;        // worker threads
  int batches_ahead = 3;  // batches decoded before they are asked for
  bool strict = false;    // an unreadable image is an Error instead of being skipped
  PictureKeeper keep;     // none: of the pictures nothing is kept beside the input
  int64_t keep_bytes = int64_t{256} << 20;  // bound on what is kept ahead, but for one image a
                                            // thread; batches of large pictures are smaller
  DecodeOptions decode;

  /// Error where an option is out of range.
  void Validate() const;
};

struct SkippedImage {
  std::string image;   // name as listed
  std::string reason;  // the decoder's message
  int64_t index = -1;  // into the image sets, where there are some
};

struct ImageBatch {
  std::vector<int64_t> indices;   // into the image sets; skipped images are not among them
  std::vector<cv::Size> sizes;    // of the pictures as they were decoded
  std::vector<cv::Mat> pictures;  // what was kept of them; none without LoaderOptions::keep
  at::Tensor input;               // (N, C, H, W) float32, preprocessed
};

class ImageLoader {
 public:
  /// Loads the images `chosen`, indices into `images`, in that order.
  ImageLoader(const ImageSets& images, std::vector<int64_t> chosen, const InputFormat& format,
              const LoaderOptions& options = {});
  ~ImageLoader();

  /// The next batch, filled up with following images where some are skipped: all but the last are
  /// full, where no pictures are kept. Nothing after the last. With `strict`, Error at the first
  /// unreadable image, now and ever after. To be called from one thread.
  std::optional<ImageBatch> Next();

  /// The images skipped so far, in the order of the list.
  const std::vector<SkippedImage>& skipped() const;

  /// How many of the chosen images have come out or were skipped.
  int64_t done() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netdissect
