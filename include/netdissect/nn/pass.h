#pragma once
// The pass: images streamed through a network. Decoding ahead, transfer to the network's device,
// progress, images that cannot be read, the request to stop, what is kept of a pass that is killed,
// the part of the list that this process has: here and nowhere else. What is done with the
// activations is the visitor's.
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

class ByteReader;  // base/bytes.h
class ByteWriter;
class Crew;       // base/crew.h
class PartFiles;  // base/part_files.h

struct PassOptions {
  PassOptions() = default;
  explicit PassOptions(int images) : batch(images) {}

  int batch = 32;       // images a forward pass
  int threads = 2;      // decoding threads
  bool strict = false;  // an unreadable image is an Error instead of being skipped and counted
  /// With whom the images are shared, and where what was gathered is kept; none of ours: a process
  /// alone, of which nothing is kept. They outlive the pass.
  Crew* crew = nullptr;
  PartFiles* parts = nullptr;
  double keep_every = 60;  // seconds after which what was gathered is written there

  /// Error, beginning with `what`, where an option is out of range.
  void Validate(const std::string& what) const;
};

struct PassVisitor {
  /// A batch before it goes through the network; false spares it that. May be left out.
  std::function<bool(const ImageBatch& batch)> begin;
  /// The output (N, C, H, W) of layer `wanted[which]`, on the network's device.
  std::function<void(const ImageBatch& batch, size_t which, const at::Tensor& output)> output;
  /// Instead of `output`: of each image, number `image` of the batch, the output of layer
  /// `wanted[which]`, in no order, as soon as it is computed. Called from any thread.
  std::function<void(const ImageBatch& batch, size_t which, int64_t image, const ImageMaps& maps)>
      image;
  /// After all outputs of a batch, or none. May be left out.
  std::function<void(const ImageBatch& batch)> end;
  /// Makes of each picture what the batches hold of it; none: nothing. Called from any thread.
  PictureKeeper keep;
  /// What was gathered so far, for a process that goes on from there; and what such a one, or one
  /// that had other images, has saved, to be added. With PassOptions::parts alone.
  std::function<void(ByteWriter& out)> save;
  std::function<void(ByteReader& in)> add;
  /// Images that one of a crew takes at once; 0: eight batches.
  int64_t together = 0;
  /// What progress counts.
  std::string what = "images";
};

struct PassSummary {
  int64_t images = 0;                 // that were read
  std::vector<SkippedImage> skipped;  // that could not be, in the order of the list
  double seconds = 0;                 // wall time; of all processes that had a part, together
};

/// Passes the images `chosen`, indices into `images`, through `network`; no layer wanted: through
/// the loader alone. Every forward pass is of equally many images, so that nothing depends on where
/// a list was divided. Error where there are images and none can be read; Stopped where the
/// observer asks for it, after a whole batch; ShareDone (base/crew.h) where another process
/// completes what this one has kept.
PassSummary RunPass(const Network& network, const InputFormat& format, const ImageSets& images,
                    const std::vector<int64_t>& chosen, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options = {},
                    Observer& observer = Silent());

/// The same for all images of the sets.
PassSummary RunPass(const Model& model, const ImageSets& images, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options = {},
                    Observer& observer = Silent());

}  // namespace netdissect
