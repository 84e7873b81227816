#include "experiment/against.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/against_report.h"

namespace netdissect {
namespace {

constexpr char kReport[] = "report";

// Of several networks: which, its "matched" files say.
Provenance HeaderOf(const AgainstOptions& options) {
  Provenance provenance;
  provenance.command = kReport;
  provenance.options = options.asked;
  provenance.seed = options.seed;
  return provenance;
}

void SayDifferences(const RunNumbers& runs, Observer& observer) {
  std::set<std::string> said;  // a run may have several recordings of one network
  for (const MatchedResult& each : runs.matched) {
    if (each.made_differently.empty()) continue;
    const std::string note = each.where + ": the runs differ in " + Join(each.made_differently);
    if (said.insert(note).second) observer.Note(note);
  }
  for (const std::string& each : runs.unreadable) observer.Warning("left out: " + each);
  for (const std::string& each : runs.left_out) observer.Warning("not compared: " + each);
}

// Else results of the one would be taken for the other's.
void RequireApart(const Path& before, const Path& after) {
  const Path first = std::filesystem::canonical(before), second = std::filesystem::canonical(after);
  const auto is_in = [](const Path& inner, const Path& outer) {
    return *inner.lexically_relative(outer).begin() != "..";
  };
  if (!is_in(first, second) && !is_in(second, first)) return;
  Fail("{}: expected a run apart from {}, found {}", before.string(), after.string(),
       first == second ? "the same folder" : "one within the other");
}

}  // namespace

AgainstResult RunAgainst(const AgainstOptions& options, Observer& observer) {
  options.change.Validate();
  const Path out = options.out.empty() ? options.run : options.out;
  const ResultTree before = FindResults(options.against);
  const ResultTree after = FindResults(options.run);
  RequireApart(before.folder, after.folder);
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
