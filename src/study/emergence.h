#pragma once
// Which objects emerge, and why (Section 4.1, Figure 9). For every object of an annotated image
// set:
//
//   (b) frequency    instances annotated
//   (c) units        units of a network that are labelled with it
//   (d) informative  scene categories of which it is the object that tells them best
//                    (study/informativeness.h)
//
// The paper's claim is that (c) follows (d) rather than (b): r(b, c) = 0.54 and r(c, d) = 0.84.
// Reported are both, their difference r(c, d) - r(b, c), and r(c, d) given (b), each by Pearson and
// by Spearman, with 95% intervals of bootstrap samples (Efron 1979) in which units, images or both
// are drawn again, and p values: of r(b, c) and r(c, d) with the units' objects permuted; of the
// difference with the standardised (b) and (d) of each object exchanged at random; of r(c, d) given
// (b) with the residuals of (c) permuted (Freedman and Lane 1983). All two-sided.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/study/unit_labels.h"
#include "study/correlation.h"
#include "study/informativeness.h"
#include "study/object_census.h"

namespace netdissect {

struct EmergenceOptions {
  int min_images = 10;  // annotated ones an object is on; rarer ones are left out, as from labels
  InformativenessOptions informativeness;
  int resamples = 2000;     // bootstrap samples
  int permutations = 9999;  // for p values
  uint64_t seed = 0;
  int threads = 1;

  /// Error where an option is out of range.
  void Validate() const;
};

/// One of the four numbers, by both kinds of correlation.
struct CorrelationEstimate {
  std::optional<double> pearson, spearman;  // nothing: a series does not vary
  BootstrapInterval interval;               // of Pearson's, units and images drawn again
  BootstrapInterval over_units, over_images;
  BootstrapInterval spearman_interval;  // units and images
  std::optional<double> p, spearman_p;
};

/// A label that is no object taken.
struct UnmatchedLabel {
  std::string label;   // normalised
  int units = 0;       // that bear it
  int64_t images = 0;  // annotated ones it is on: fewer than `min_images`
};

/// What a network's units are labelled with.
struct LabelledNetwork {
  std::string name;
  std::vector<std::string> labels;  // normalised, of each unit; "" = none
};

struct NetworkEmergence {
  std::string name;
  Series units;                           // (c), of each object of EmergenceResult::objects
  int64_t labelled = 0;                   // units with an object taken
  int64_t unlabelled = 0;                 // units that detect no object
  std::vector<UnmatchedLabel> unmatched;  // most units first
  CorrelationEstimate frequency_units, units_informative, difference, partial;
};

struct EmergenceObject {
  std::string name;
  int64_t images = 0;
};

struct EmergenceResult {
  std::vector<EmergenceObject> objects;     // most frequent first
  Series frequency, informative;            // (b), (d)
  std::vector<CategoryObjects> categories;  // objects are indices into `objects`
  std::vector<std::string> category_names;  // of CategoryObjects::category
  std::vector<std::string> left_out_categories;
  int rare_objects = 0;  // on fewer than `min_images`
  std::optional<PowerLaw> zipf;
  BootstrapInterval zipf_interval;  // of its slope, images drawn again
  std::vector<NetworkEmergence> networks;
};

/// Error where no object is on enough images, or too few categories have enough; or where a network
/// has no unit.
EmergenceResult MeasureEmergence(const ObjectCensus& census,
                                 const std::vector<LabelledNetwork>& networks,
                                 const EmergenceOptions& options, Observer& observer = Silent());

}  // namespace netdissect
