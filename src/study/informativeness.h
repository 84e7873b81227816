#pragma once
// How well one object tells one scene category from all others (Section 4.1, Figure 9d). For
// category c, object o, n annotated images of which n_c are of c:
//
//   average precision of a feature, as a classifier of c: images by falling feature, equal ones
//   together, AP = sum over the different values v of (R_v - R_before) P_v, with recall R and
//   precision P of the images that have at least v. Of presence the feature is 1 or 0; of area, the
//   share of the image's pixels at which the object is seen.
//   mutual information, in bits, of "o is there" and "the image is of c": sum over the four cases
//   of p(o, c) log2(p(o, c) / (p(o) p(c))); 0 where o is rarer in c than elsewhere, so that no
//   object wins by its absence.
//
// What tells no more than an object that is everywhere (average precision n_c / n, no information)
// does not win: a category may have no best object.
//
// The paper counts for every category the object that is by itself most informative, and says not
// how: whichever of the two average precisions is better is the reading taken here.

#include <cstdint>
#include <string>
#include <vector>

#include "study/object_census.h"

namespace netdissect {

enum class InformationMeasure { kBestAp, kPresenceAp, kAreaAp, kMutualInformation };

/// "best-ap", "presence-ap", "area-ap", "mutual-information". Error where the name is none.
InformationMeasure InformationMeasureOf(const std::string& name);
std::string NameOf(InformationMeasure measure);
const std::vector<std::string>& InformationMeasureNames();

struct InformativenessOptions {
  InformationMeasure measure = InformationMeasure::kBestAp;
  int min_category = 5;  // annotated images; categories with fewer are left out

  /// Error where an option is out of range.
  void Validate() const;
};

struct ObjectScore {
  int object = 0;
  double score = 0;
};

/// A category and the objects that tell it best.
struct CategoryObjects {
  int category = 0;
  int64_t images = 0;
  std::vector<ObjectScore> best;  // best first, of equals the first by name; at most 3, all above
                                  // chance
};

/// What of a census answers the question again and again, for images drawn again: the images of
/// every object in the order of its area.
class Informativeness {
 public:
  /// Error where fewer than two categories have enough images. `census` outlives this; only objects
  /// with `taken[object]` can win.
  Informativeness(const ObjectCensus& census, std::vector<bool> taken,
                  const InformativenessOptions& options);

  /// Categories with too few images.
  const std::vector<int>& left_out() const { return left_out_; }

  /// All categories, of the images as they are.
  std::vector<CategoryObjects> BestObjects() const;

  /// How many categories each object tells best, where image i is there `times[i]` times.
  std::vector<double> Wins(const std::vector<int>& times) const;

  /// Score of every object (column) for every category (row) that is not left out; -1 for objects
  /// that are not taken. By times[i] of each image.
  struct Scores {
    std::vector<int> categories;
    std::vector<int64_t> images;  // of each
    std::vector<std::vector<double>> values;
  };
  Scores ScoreAll(const std::vector<int>& times) const;

 private:
  // Score of an object that is everywhere.
  double Chance(const Scores& scores, size_t category) const;

  struct Holder {
    int image = 0;
    double share = 0;
  };

  const ObjectCensus& census_;
  std::vector<bool> taken_;
  InformativenessOptions options_;
  std::vector<int> place_;  // of a category among those kept; -1 = left out
  std::vector<int> kept_, left_out_;
  std::vector<std::vector<Holder>> holders_;  // of each object, by falling share
};

}  // namespace netdissect
