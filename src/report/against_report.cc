#include "report/against_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"

namespace netdissect {
namespace {

// A mean over fewer items than this is said to be of few.
constexpr int64_t kFewItems = 10;

bool IsPaired(const RunNumber& number) {
  return std::holds_alternative<PairedValues>(number.values);
}

double Relative(const Change& change, double difference) {
  return difference / std::abs(change.before);
}

Json NumberJson(const RunNumber& number, const Change& change) {
  return {{"where", number.where + " " + number.name},
          {"before", change.before},
          {"after", change.after},
          {"interval", change.judged ? Json{change.low, change.high} : Json()},
          {"difference", change.difference},
          {"relative", change.before == 0 ? Json() : Json(Relative(change, change.difference))},
          {"items", change.items},
          {"of", number.items.empty() ? Json() : Json(number.items)},
          {"paired", IsPaired(number)},
          {"images", number.images},
          {"place", number.place},
          {"changed", change.changed}};
}

int64_t Count(const Changes& changes, bool (*is)(const Change&)) {
  return std::count_if(changes.numbers.begin(), changes.numbers.end(), is);
}

std::string SignedPercent(double share) { return fmt::format("{:+.1f}%", 100 * share); }

std::string ChangeLine(const RunNumber& number, const Change& change,
                       const ChangeOptions& options) {
  const bool is_relative = change.before != 0;
  const auto text = [&](double difference) {
    return is_relative ? SignedPercent(Relative(change, difference))
                       : fmt::format("{:+.4g}", difference);
  };
  std::string items = "not paired";
  if (IsPaired(number)) items = fmt::format("{} {}", change.items, number.items);
  return fmt::format("{}: {} {:.4g} -> {:.4g} ({}, {:g}% interval {} .. {}, {})", number.where,
                     number.name, change.before, change.after, text(change.difference),
                     100 * (1 - options.false_alarm), text(change.low), text(change.high), items);
}

Json MatchedJson(const RunNumbers& runs) {
  Json matched = Json::array();
  for (const MatchedResult& each : runs.matched) {
    matched.push_back({{"where", each.where},
                       {"before", each.before.string()},
                       {"after", each.after.string()},
                       {"made_differently", each.made_differently}});
  }
  return matched;
}

Json UnmatchedJson(const RunNumbers& runs) {
  Json unmatched = Json::array();
  for (const OneSided& each : runs.one_sided) {
    unmatched.push_back({{"where", each.where},
                         {"what", each.what},
                         {"before", each.before},
                         {"after", each.after}});
  }
  return unmatched;
}

}  // namespace

std::string MethodText(const ChangeOptions& options) {
  return fmt::format(
      "A mean over units or images is compared over those that both runs have: the mean of their "
      "differences, its standard error by a bootstrap of them ({} resamples, seed {}), and the "
      "interval by Student's t. All intervals hold together with {:g}% (Bonferroni, over the "
      "numbers that differ at all), so that two runs of one study give a false alarm in at most "
      "{:g} of 100 comparisons of runs. Shares of other images in each run: Newcombe's interval; "
      "correlations: Zou's, of their own intervals. An agreement is the "
      "share of a unit's top images, of labels or of classes that stayed, 1 before: no seed moves "
      "it. A change is reported where the interval "
      "excludes 0 and the difference exceeds {:g}% of the value before.",
      options.resamples, options.seed, 100 * (1 - options.false_alarm), 100 * options.false_alarm,
      100 * options.tolerance);
}

Json ToJson(const RunNumbers& runs, const Changes& changes, const ChangeOptions& options) {
  Json changed = Json::array(), all = Json::array();
  for (size_t i = 0; i < runs.numbers.size(); ++i) {
    Json number = NumberJson(runs.numbers[i], changes.numbers[i]);
    if (changes.numbers[i].changed) changed.push_back(number);
    all.push_back(std::move(number));
  }
  return {{"changes", std::move(changed)},
          {"compared", runs.numbers.size()},
          {"differing", changes.differing},
          {"unjudged", Count(changes, [](const Change& change) { return !change.judged; })},
          {"repeated", runs.repeated},
          {"without_numbers", runs.without_numbers},
          {"tolerance", options.tolerance},
          {"false_alarm", options.false_alarm},
          {"resamples", options.resamples},
          {"bootstrap_seed", options.seed},
          {"method", MethodText(options)},
          {"matched", MatchedJson(runs)},
          {"unmatched", UnmatchedJson(runs)},
          {"left_out", runs.left_out},
          {"unreadable", runs.unreadable},
          {"numbers", std::move(all)}};
}

std::vector<std::string> ChangeLines(const RunNumbers& runs, const Changes& changes,
                                     const ChangeOptions& options) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < runs.numbers.size(); ++i) {
    if (!changes.numbers[i].changed) continue;
    lines.push_back(ChangeLine(runs.numbers[i], changes.numbers[i], options));
  }
  return lines;
}

std::string SummaryLine(const RunNumbers& runs, const Changes& changes,
                        const ChangeOptions& options) {
  const int64_t changed = Count(changes, [](const Change& change) { return change.changed; });
  std::string line =
      fmt::format("{} of {} numbers changed by more than {:g}% beyond the noise; {} differ at all",
                  changed, runs.numbers.size(), 100 * options.tolerance, changes.differing);
  int64_t few = 0;
  for (size_t i = 0; i < runs.numbers.size(); ++i) {
    const Change& change = changes.numbers[i];
    few += IsPaired(runs.numbers[i]) && change.judged && change.items < kFewItems ? 1 : 0;
  }
  const int64_t unjudged = Count(changes, [](const Change& change) { return !change.judged; });
  if (few > 0) {
    line += fmt::format("; {} over fewer than {} units or images in common", few, kFewItems);
  }
  if (unjudged > 0) {
    line += fmt::format("; {} over fewer than {}, not judged", unjudged, kFewestItems);
  }
  if (!runs.unreadable.empty())
    line += fmt::format("; {} files unreadable", runs.unreadable.size());
  if (!runs.left_out.empty()) line += fmt::format("; {} not comparable", runs.left_out.size());
  std::map<std::string, std::pair<int64_t, int64_t>> alone;
  for (const OneSided& each : runs.one_sided) {
    alone[each.what].first += each.before;
    alone[each.what].second += each.after;
  }
  std::vector<std::string> parts;
  for (const auto& [what, count] : alone) {
    parts.push_back(fmt::format("{} {} before and {} after", what, count.first, count.second));
  }
  if (!parts.empty()) line += "; in one run only: " + Join(parts);
  return line;
}

}  // namespace netdissect
