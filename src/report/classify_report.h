#pragma once

#include <ostream>

#include "netdissect/study/classify.h"
#include "report/provenance.h"
#include "report/table.h"

namespace netdissect {

/// "72.00%" of a probability, "1.9801" of another score.
std::string ScoreText(double score, bool is_probability);

/// classify.json with its header, written piece by piece: top1, top5 (fractions; null where no
/// image is labelled), images, ...
void WriteClassified(std::ostream& out, const Provenance& provenance, const ClassifyResult& result,
                     const Model& model, const Dataset& set);

/// predictions.csv: an image a row, its classes and scores, highest first.
Table PredictionTable(const ClassifyResult& result, const Model& model, const Dataset& set);

/// "bedroom", or "class 17" without names.
std::string ClassName(const Model& model, int index);

}  // namespace netdissect
