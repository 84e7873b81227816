#pragma once
// Which objects minimal images keep (Section 3.1): for each scene category and annotated object, in
// how many of the images that show the object at least one segment of it is kept, beside chance:
// were the same number of segments kept, any of them with the same probability,
//
//   P(an object of m of n segments is kept, k kept) = 1 - C(n - m, k) / C(n, k).

#include <map>
#include <string>
#include <vector>

#include "netdissect/study/simplify.h"

namespace netdissect {

struct KeptObject {
  std::string object;
  int64_t present = 0;  // images that show it
  int64_t kept = 0;     // of them, those whose minimal image keeps it
  double chance = 0;    // the number expected by chance
};

struct KeptCategory {
  std::string name;
  int64_t images = 0;
  double kept_fraction = 0;         // of pixels, mean over the images
  double segments = 0;              // of an image, mean
  double kept_segments = 0;         // mean
  std::vector<KeptObject> objects;  // most often kept first, equals by name
};

/// Counts image after image: memory grows with categories and objects alone.
class KeptObjectCounter {
 public:
  void Add(const SimplifiedImage& image, const std::string& category);

  /// In the order of their first image.
  std::vector<KeptCategory> Categories() const;

 private:
  struct Counts {
    KeptCategory sums;
    std::map<std::string, KeptObject> objects;
  };
  std::vector<Counts> categories_;
  std::map<std::string, size_t> index_of_;
};

/// The probability above.
double ChanceOfKeeping(int64_t object_segments, int64_t segments, int64_t kept);

}  // namespace netdissect
