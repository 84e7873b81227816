#pragma once
// The report: one page on all that is below a folder, in the order of the paper.

#include <string>

#include "report/summary/picture_store.h"
#include "report/summary/results.h"

namespace netdissect {

struct ReportPage {
  std::string html;
  int64_t units = 0;
  int64_t results = 0;
};

struct ReportText {
  std::string title;  // of the run
  std::string about;  // a sentence on it; may be empty
};

/// `beside`: the pictures are files beside the page.
ReportPage MakeReportPage(const Results& results, const ReportText& text, PictureStore& pictures,
                          bool beside, Observer& observer);

}  // namespace netdissect
