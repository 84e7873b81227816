#pragma once
// A seeded sample of a stream of images with the largest activation of every unit of a layer, of
// bounded size: from it come images on which a unit is far from firing, such as the negatives that
// annotators are shown (Section 3.3). It holds the images whose numbers have the smallest hashes
// under the seed: a uniform sample, the same for any order and split of the stream.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// An image, and a unit's largest activation on it.
struct ImageValue {
  int64_t image = 0;  // index into the image sets
  float value = 0;
};

class ByteReader;  // base/bytes.h
class ByteWriter;

class ImageSample {
 public:
  ImageSample(int units, int images, uint64_t seed);

  /// `maxima` are the largest activations of all units on the image, which comes once.
  void Add(int64_t image, const float* maxima);

  /// What another sample of the same seed has seen of other images.
  void Merge(const ImageSample& other);

  void Save(ByteWriter& out) const;
  /// Merges what another sample of the same seed and units has saved. Error where it is none.
  void Add(ByteReader& in);

  /// At most `count` images from the lower half of the unit's ranking of all images, drawn at
  /// random by unit: of the lower half of the sample where that holds all images; else of its
  /// lowest quarter, which lies in the lower half of all but once in 1e15 (256 images).
  std::vector<ImageValue> FarFrom(int unit, int count) const;

 private:
  struct Entry {
    uint64_t hash = 0;
    int64_t image = 0;
    std::vector<float> maxima;
  };
  static bool Before(const Entry& a, const Entry& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.image < b.image;
  }
  void Keep(Entry entry);

  size_t units_, most_;
  uint64_t seed_;
  int64_t seen_ = 0;
  std::vector<Entry> entries_;  // a heap: the first is the next to go
};

}  // namespace netdissect
