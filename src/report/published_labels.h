#pragma once
// Annotations by people as tables (CSV), a row for each unit and annotator, in the form of the
// published annotation of the paper's networks:
//
//   network,layer,unit,annotator,label,category,precision
//   places205-alexnet,pool5,49,2,lamp,2,0.947
//
// Units count from 1 there and from 0 here. A category is a code or a name of the taxonomy's
// groups. Columns may be in any order, and others beside them are not looked at.

#include <functional>
#include <string>
#include <vector>

#include "data/taxonomy.h"
#include "netdissect/base/file.h"
#include "study/answer_book.h"

namespace netdissect {

struct PublishedNetwork {
  std::string name;
  AnswerBook answers;
};

struct PublishedLabels {
  std::vector<PublishedNetwork> networks;  // in the order in which they are first named
  int64_t rows = 0;
  int64_t bad = 0;        // left out
  int64_t uncounted = 0;  // whose precision is no share of `shown` images: of them the number of
                          // images is not known
};

/// `shown`: images that a precision is a share of; 0 = not known. Calls `bad` with "FILE:LINE: ..."
/// for each row that is left out: a field is missing or no number, a precision is not in 0 to 1, a
/// category is none of the taxonomy. Error where a file is missing, no CSV, or lacks a column.
PublishedLabels ReadPublished(const std::vector<std::string>& files, const Taxonomy& taxonomy,
                              int shown, const std::function<void(const std::string&)>& bad);

}  // namespace netdissect
