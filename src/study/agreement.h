#pragma once
// How far annotators agree. Kappa and alpha are of ratings: each item (a unit) gets a category (a
// group) from each of its raters; n_ic raters put item i into category c, n_i rated it at all.
//
//   kappa = (P - Pe) / (1 - Pe)    P  = mean over i of sum_c n_ic (n_ic - 1) / (n_i (n_i - 1))
//                                  Pe = sum_c (sum_i n_ic / sum_i n_i)^2
//
// (Fleiss 1971; there all n_i are the same, and items here may differ in it.)
//
//   alpha = 1 - (n - 1) sum_i sum_c n_ic (n_i - n_ic) / (n_i - 1) / sum_c n_c (n - n_c)
//
// with n_c = sum_i n_ic and n = sum_c n_c (Krippendorff 2011, nominal data, values may be missing).
// 1 = full agreement, 0 = that of chance. Who rated an item alone can agree with nobody: such items
// are left out of both and counted.

#include <cstdint>
#include <optional>
#include <vector>

#include "netdissect/study/unit_labels.h"

namespace netdissect {

struct Agreement {
  std::optional<double> value;  // none where there are no items, or all ratings are of one category
  int64_t items = 0;            // with two ratings at least
  int64_t left_out = 0;         // with one
};

/// n_ic: for every item its ratings in each category. Items without any are no items.
using RatingTable = std::vector<std::vector<int>>;

Agreement FleissKappa(const RatingTable& ratings);
Agreement KrippendorffAlpha(const RatingTable& ratings);

/// Agreement on which images show the concept. For two annotators of a unit: the share of the
/// images shown, planted negatives left out, that both crossed out or both kept. The value is the
/// mean over pairs, then over units. Chance is not taken off: who crosses out nothing agrees with
/// all who cross out little.
Agreement CrossedAgreement(const std::vector<LayerLabels>& layers);

/// Of the annotators of units: on groups, and on crossed images.
struct LabelAgreement {
  Agreement kappa, alpha, crossed;
};
LabelAgreement AgreementOf(const std::vector<LayerLabels>& layers);

}  // namespace netdissect
