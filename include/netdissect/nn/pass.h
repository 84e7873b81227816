#pragma once
// The pass: images streamed through a network. Decoding ahead, transfer to the network's device,
// progress, images that cannot be read, the request to stop, the part of the list that this process
// has: here and nowhere else. What is done with the activations is the visitor's.
//
// Images come in the order of the list, whatever the number of threads. Each wanted output is
// handed out as soon as it is computed, and dropped then: memory is bounded by the loader's
// (data/loader.h), one batch's input, and what the layer in hand needs.

#include <functional>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/data/image_sets.h"
#include "netdissect/data/loader.h"
#include "netdissect/nn/model.h"

namespace netdissect NETDISSECT_PUBLIC {

/// One of `of` parts of a list, as even as they can be: consecutive items.
struct Shard {
  int64_t part = 0;  // from 0
  int64_t of = 1;
};

struct PassOptions {
  PassOptions() = default;
  explicit PassOptions(int images) : batch(images) {}

  int batch = 32;       // images a forward pass
  int threads = 2;      // decoding threads
  bool strict = false;  // an unreadable image is an Error instead of being skipped and counted
  Shard shard;          // the images that this process passes

  /// Error, beginning with `what`, where an option is out of range.
  void Validate(const std::string& what) const;
};

struct PassVisitor {
  /// A batch before it goes through the network; false spares it that. May be left out.
  std::function<bool(const ImageBatch& batch)> begin;
  /// The output (N, C, H, W) of layer `wanted[which]`, on the network's device.
  std::function<void(const ImageBatch& batch, size_t which, const at::Tensor& output)> output;
  /// After all outputs of a batch, or none. May be left out.
  std::function<void(const ImageBatch& batch)> end;
  /// Makes of each picture what the batches hold of it; none: nothing. Called from any thread.
  PictureKeeper keep;
  /// What progress counts.
  std::string what = "images";
};

struct PassSummary {
  int64_t images = 0;                 // that were read
  std::vector<SkippedImage> skipped;  // that could not be, in the order of the list
  double seconds = 0;                 // wall time
};

/// Passes the images `chosen`, indices into `images`, through `network`; no layer wanted: through
/// the loader alone. Error where there are images and none can be read; Stopped where the observer
/// asks for it, after a whole batch.
PassSummary RunPass(const Network& network, const InputFormat& format, const ImageSets& images,
                    const std::vector<int64_t>& chosen, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options = {},
                    Observer& observer = Silent());

/// The same for all images of the sets.
PassSummary RunPass(const Model& model, const ImageSets& images, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options = {},
                    Observer& observer = Silent());

/// The consecutive part of `items` that a shard has.
std::vector<int64_t> PartOf(const std::vector<int64_t>& items, const Shard& shard);

}  // namespace netdissect
