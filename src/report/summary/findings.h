#pragma once
// What the first screen and the sections both say of results, found once.

#include <optional>
#include <string>

#include "report/summary/results.h"

namespace netdissect {

/// A layer of a result: its name and its value.
struct NamedLayer {
  std::string name;
  const Json& value;
};

/// The last layer of a result, pool5 of AlexNet; nothing where it has none.
std::optional<NamedLayer> TopLayer(const ReadResult& result);

/// "places, imagenet"
std::string SetNames(const ReadResult& result, const std::string& separator = ", ");

/// The recording of the network on most image sets, of these the one of most layers; null where
/// there is none.
const ReadResult* WidestRecord(const Results& results, const std::string& network);

/// Of a recording on several sets the last: of the paper's, ImageNet beside scenes. Which share of
/// the images that the layer likes most is of it; nothing where that is not known.
const std::string& LastSet(const ReadResult& record);
std::optional<double> ShareOfSet(const ReadResult& record, const std::string& layer,
                                 const std::string& set);

/// The share of the pixels that minimal images keep on average; nothing where there is no image.
std::optional<double> MeanKept(const ReadResult& simplify);

/// "72.0 +- 20.0", the mean size of a layer's fields; "" where it was not measured.
std::string FieldSizeText(const ReadResult& fields, const std::string& layer);

/// The labels of a layer's units.
struct LabelledUnits {
  size_t units = 0, labelled = 0, labels = 0;  // labels that differ
  std::string source;                          // who said so
  std::optional<double> precision;             // mean
  std::string best;                            // "unit 33, blackboard (IoU 0.37)"
};
LabelledUnits LabelsOf(const Json& layer);

/// "72%", "0.54", "72.0 +- 20.0"; "" of what is not known.
std::string PercentText(std::optional<double> share, int digits = 0);
std::string NumberText(std::optional<double> number, int digits);
std::string MeanText(double mean, double deviation);

}  // namespace netdissect
