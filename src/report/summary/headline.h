#pragma once
// What a run found, in five sentences, and its figures beside the paper's.

#include <string>
#include <vector>

#include "report/summary/results.h"
#include "report/table.h"

namespace netdissect {

/// One sentence on each of accuracy, receptive fields, detectors, minimal images and emergence;
/// where a result is missing, what would make it.
std::vector<std::string> FiveSentences(const Results& results);

/// A row for each figure of the paper that a run has one for: what it is, the paper's, each
/// network's, and why they need not agree.
Table PaperTable(const Results& results);

}  // namespace netdissect
