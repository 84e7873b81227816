#include "experiment/against.h"

#include <algorithm>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/against_report.h"

namespace netdissect {
namespace {

constexpr char kReport[] = "report";

ResultTree ReadTree(const std::string& folder, Observer& observer) {
  ResultTree tree = FindResults(folder);
  for (const std::string& each : tree.unreadable) observer.Warning("left out: " + each);
  return tree;
}

// Of several networks: which, its "matched" files say.
Provenance HeaderOf(const AgainstOptions& options) {
  Provenance provenance;
  provenance.command = kReport;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  return provenance;
}

void SayDifferences(const RunNumbers& runs, Observer& observer) {
  for (const MatchedResult& each : runs.matched) {
    if (each.made_differently.empty()) continue;
    observer.Note(each.where + ": the runs differ in " + Join(each.made_differently));
  }
  for (const std::string& each : runs.left_out) observer.Warning("not compared: " + each);
}

}  // namespace

AgainstResult RunAgainst(const AgainstOptions& options, Observer& observer) {
  options.change.Validate();
  const Path out = options.out.empty() ? options.run : options.out;
  const ResultTree before = ReadTree(options.against, observer);
  const ResultTree after = ReadTree(options.run, observer);
  std::error_code ignored;
  if (std::filesystem::equivalent(before.folder, after.folder, ignored)) {
    Fail("{}: expected another run to compare with, found the same folder", options.against);
  }
  AgainstResult against;
  against.runs = ReadBothRuns(before, after);
  SayDifferences(against.runs, observer);
  std::vector<TwoValues> values;
  for (const RunNumber& number : against.runs.numbers) values.push_back(number.values);
  against.changes = FindChanges(values, options.change, observer);
  against.any = std::any_of(against.changes.numbers.begin(), against.changes.numbers.end(),
                            [](const Change& change) { return change.changed; });
  const RunFolder folder(out, kReport);
  against.result = folder.files().Result(ResultKind::kAgainst);
  Json body = {{"before", options.against}, {"after", options.run}};
  body.update(ToJson(against.runs, against.changes, options.change));
  WriteJson(against.result, WithHeader(HeaderOf(options), body));
  return against;
}

}  // namespace netdissect
