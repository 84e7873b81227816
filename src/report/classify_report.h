#pragma once

#include <ostream>

#include "netdissect/study/classify.h"
#include "report/provenance.h"
#include "report/table.h"

namespace netdissect {

/// classify.json with its header, written piece by piece: top1, top5 (fractions; null where no
/// image is labelled), images, ...
void WriteClassified(std::ostream& out, const Provenance& provenance, const ClassifyResult& result,
                     const Model& model, const Dataset& set);

/// predictions.csv: an image a row, its classes and scores, highest first.
Table PredictionTable(const ClassifyResult& result, const Model& model, const Dataset& set);

/// "bedroom", or "class 17" without names.
std::string ClassName(const Model& model, int index);

}  // namespace netdissect
