#pragma once
// report: one page on all that is in a run folder, for people.

#include <string>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"

namespace netdissect {

struct ReportExperiment {
  Path folder = "runs/reproduce";  // results, at any depth
  Path out;                        // folder of the page; empty = the results' own
  std::string title;               // empty = what the study says, else the folder's name
  bool pictures_beside = false;    // in report/ beside the page, instead of within it
};

struct ReportRun {
  Path page;
  int64_t results = 0, units = 0;
  int64_t bytes = 0;  // of the page and its pictures
};

/// Error where the folder holds no result.
ReportRun RunReport(const ReportExperiment& options, Observer& observer);

/// Whether a page is there as it was written: its last line is the checksum of what is before it.
bool IsWholePage(const Path& page);

}  // namespace netdissect
