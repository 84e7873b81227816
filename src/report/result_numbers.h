#pragma once
// The numbers of a result that can be compared with those of another run of the same, by item: a
// unit of a layer, or an image.
//
//   rf.json          size of each unit's receptive field; rf_gradient.json likewise
//   record.json      largest activation, 0.995 quantile and top images of each unit; image sets'
//                    shares of each layer's top images
//   annotation.json  precision, intersection over union and label of each unit
//   evaluate.json    average precision and Jaccard index of each unit
//   classify.json    whether each image is classified correctly; its class
//   simplify.json    what is kept of each image
//   probe.json       accuracy of each layer
//   emergence.json   correlations
//
// semantics.json repeats what annotation.json says of each unit. Of other results nothing is a mean
// over units or images.

#include <map>
#include <string>
#include <vector>

#include "report/result_tree.h"
#include "study/run_change.h"

namespace netdissect {

/// A value for each item that has one. Values of units are by their number, as text.
struct ItemValues {
  std::string layer;  // "" of what is of the network as a whole
  std::string name;   // "mean size"
  std::string items;  // "units" or "images"
  std::map<std::string, double> values;
};

/// What each item is said to be: a label, or its top images, the first above the others.
struct ItemWords {
  std::string layer, name, items;
  std::map<std::string, std::vector<std::string>> words;
};

struct CountedShare {
  std::string layer, name;
  TwoShares::Share share;
};

struct StatedCorrelation {
  std::string name;
  TwoCorrelations::Correlation correlation;
};

struct ResultNumbers {
  std::vector<ItemValues> values;
  std::vector<ItemWords> words;
  std::vector<CountedShare> shares;
  std::vector<StatedCorrelation> correlations;
  /// What has to be equal in runs of one architecture, by layer: "64 units".
  std::map<std::string, std::string> architecture;
  std::vector<std::string> layers;  // all that the result is of
};

/// Whether a kind of results has any.
bool HasNumbers(ResultKind kind);

/// Error where the file is not as its command writes it.
ResultNumbers ReadNumbers(const FoundResult& result);

}  // namespace netdissect
