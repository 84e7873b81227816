#pragma once
// The page of an annotation, served: what annotators may see, and where they get units and hand in
// answers. Of the task's files nothing is served but the page; what stands at which place, and
// which images are negatives, stays here.
//
//   GET  /, /NAME of the page, /task.js, /sheets/NAME, /overview.html
//   GET  /api/overview                       how far it is (report/overview_report.h)
//   POST /api/next     {"annotator", "unit": that they have, or null}
//        -> {"unit": index or null, "lease_seconds", "answered": [...], "done", "total"}
//   POST /api/renew    {"annotator", "unit"} -> {"held": whether it is theirs, "lease_seconds"}
//   POST /api/release  {"annotator", "unit"} -> {}
//   POST /api/answer   an answer (report/task_report.h) -> {"saved": id}, once it is on the disk
//
// Bodies are application/json (else 415) of at most 64 KiB (413). Errors are {"error": why}: 400
// what is no such request, 401 without the token, 403 from another origin, 404 no such file, 405
// another method, 409 an id that is another answer's, 421 by another name, 422 {"error":
// "uncrossed"} a negative that is left uncrossed, 507 a disk that is full.

#include <functional>
#include <memory>
#include <string>

#include "base/http_listener.h"
#include "experiment/answer_desk.h"

namespace netdissect {

class AnswerServer {
 public:
  /// Listens from now on. A token is asked for where there is one. The task and the desk have to
  /// outlive it. Error where the page or one of its sheets is missing.
  AnswerServer(const AnnotationTask& task, const RunFiles& files, AnswerDesk& desk,
               const HttpListenerOptions& listener, const std::string& token);
  ~AnswerServer();
  AnswerServer(const AnswerServer&) = delete;
  AnswerServer& operator=(const AnswerServer&) = delete;

  /// What to open, with the token.
  std::string Link() const;

  /// Serves until `stop`, asked some times a second, says true. Error where answers can no longer
  /// be saved for sure.
  void Run(const std::function<bool()>& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netdissect
