#pragma once
// Decoded images for a reader that goes through a list many times, in orders of its own. Worker
// threads decode ahead of the reader; what fits into a memory bound is kept and never decoded
// again, the rest is dropped once taken. What comes out does not depend on bound or threads.

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"
#include "netdissect/data/loader.h"

namespace netdissect {

struct CacheOptions {
  int64_t bytes = int64_t{2} << 30;  // of images that are kept
  int threads = 2;                   // that decode
  int64_t ahead = 256;               // images decoded before they are taken, at most
  int largest = 0;      // pixels; longer sides are squashed to this many, bilinearly; 0 = no limit
  bool strict = false;  // an unreadable image is an Error instead of coming out empty
  DecodeOptions decode;

  /// Error where an option is out of range.
  void Validate() const;
};

class ImageCache {
 public:
  /// `images` must outlive the cache.
  ImageCache(const std::vector<ImageEntry>& images, const CacheOptions& options = {});
  ~ImageCache();

  /// The images that will be taken next, as indices into the list, after those expected so far: the
  /// first of all has position 0. Not while another thread is in Take.
  void Expect(const std::vector<int64_t>& order);

  /// The image at a position, 8-bit BGR, not to be written to; empty where it cannot be read. Waits
  /// for it. Each expected position once, none more than `ahead` after the first that is not taken
  /// yet. From any thread. With `strict`, Error where an image could not be read.
  cv::Mat Take(int64_t position);

  /// Unreadable images found since this was last asked, in the order of the list.
  std::vector<SkippedImage> NewlySkipped();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netdissect
