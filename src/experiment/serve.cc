#include "experiment/serve.h"

#include "experiment/answer_server.h"
#include "experiment/request_guard.h"
#include "netdissect/base/error.h"
#include "report/run_folder.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

std::string SummaryOf(const Assignment& assignment) {
  int answers = 0;
  const auto units = static_cast<int>(assignment.task().units.size());
  for (int unit = 0; unit < units; ++unit) answers += assignment.AnswersOf(unit);
  return fmt::format("{} answers, {} of {} units have {}", answers, assignment.Done(), units,
                     assignment.options().answers);
}

// Says how far it is where that has changed, once a minute.
class Summary {
 public:
  Summary(const AnswerDesk& desk, Observer& observer)
      : desk_(desk), observer_(observer), last_(desk.With(SummaryOf)) {}

  void Tell() {
    constexpr double kInterval = 60;
    if (SecondsSince(since_) < kInterval) return;
    since_ = Clock::now();
    std::string now = desk_.With(SummaryOf);
    if (now != last_) observer_.Note(now);
    last_ = std::move(now);
  }

 private:
  const AnswerDesk& desk_;
  Observer& observer_;
  Clock::time_point since_ = Clock::now();
  std::string last_;
};

}  // namespace

void RunServe(const ServeExperiment& experiment, Observer& observer) {
  std::string token = experiment.token;
  if (!token.empty()) RequireToken(token);
  if (token.empty() && !IsLoopback(experiment.host)) token = MakeToken();
  const Path place = experiment.task;
  const bool is_file = place.extension() == ".json";
  const RunFiles files(!is_file ? place : place.has_parent_path() ? place.parent_path() : ".");
  const AnnotationTask task = ReadTask(is_file ? place : files.Result(ResultKind::kTask));
  const RunFolder folder(files.folder(), "annotate serve");

  AnswerDesk desk(task, experiment.assignment, files, observer, experiment.told);
  HttpListenerOptions listener;
  listener.host = experiment.host;
  listener.port = experiment.port;
  AnswerServer server(task, files, desk, listener, token);
  observer.Note(fmt::format("{}: {}", files.folder().string(), desk.With(SummaryOf)));
  if (experiment.ready) experiment.ready(server.Link());
  Summary summary(desk, observer);
  server.Run([&] {
    summary.Tell();
    return observer.StopRequested();
  });
  throw Stopped(fmt::format("{}: stopped with {}", files.folder().string(), desk.With(SummaryOf)));
}

}  // namespace netdissect
