#pragma once
// Which annotated objects are on which images: what the questions of Section 4.1 are asked of.

#include <cstdint>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/data/image_sets.h"
#include "netdissect/data/loader.h"

namespace netdissect {

/// An object's name on one image.
struct ObjectOnImage {
  int object = 0;     // index into ObjectCensus::objects
  int instances = 0;  // annotated
  double share = 0;   // of the image's pixels at which it is seen (nearest on top); may be 0
};

struct CensusImage {
  int category = -1;                   // index into ObjectCensus::categories; -1 = none
  std::vector<ObjectOnImage> objects;  // in the order of their indices
};

struct ObjectCensus {
  std::vector<std::string> objects;     // normalised names, in the order of the alphabet
  std::vector<std::string> categories;  // of the sets' classes those that an image here has; one
                                        // without name is "class N"
  std::vector<CensusImage> images;      // annotated ones, in the order of the sets
  int64_t unannotated = 0;              // images without annotation, left out
  int64_t unlabelled = 0;               // annotated ones without category
  std::vector<SkippedImage> skipped;    // whose annotation cannot be read

  int64_t size() const { return static_cast<int64_t>(images.size()); }
};

struct CensusOptions {
  int threads = 1;
  bool strict = false;  // an annotation that cannot be read is an Error
};

/// Reads the annotations of all sets; no image is decoded. Holds a few numbers for each object on
/// an image. Error where a set has no annotations, or none of its images has one.
ObjectCensus TakeCensus(const ImageSets& images, const CensusOptions& options,
                        Observer& observer = Silent());

}  // namespace netdissect
