#include "report/run_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// "rf scene_net"
std::string ResultTitle(const FoundResult& result) {
  if (result.kind == ResultKind::kGradientFields) {
    return "rf by gradient " + result.header.provenance.network_name;
  }
  const std::string command = CommandOf(result.kind);
  return command.substr(0, command.find(' ')) + " " + result.header.provenance.network_name;
}

std::string SetNames(const FoundResult& result) {
  std::vector<std::string> names;
  for (const Provenance::Images& set : result.header.provenance.images) names.push_back(set.name);
  return Join(names);
}

std::string PlaceOf(const FoundResult& result, const ResultTree& tree) {
  return result.file.lexically_relative(tree.folder).generic_string();
}

using Pair = std::pair<const FoundResult*, const FoundResult*>;

// Takes out of both lists what is alone with its key on each side.
void TakePairs(std::vector<const FoundResult*>& before, std::vector<const FoundResult*>& after,
               const std::function<std::string(const FoundResult&, bool is_before)>& key_of,
               std::vector<Pair>& pairs) {
  std::map<std::string, std::pair<std::vector<const FoundResult*>, std::vector<const FoundResult*>>>
      sorts;
  for (const FoundResult* each : before) sorts[key_of(*each, true)].first.push_back(each);
  for (const FoundResult* each : after) sorts[key_of(*each, false)].second.push_back(each);
  std::set<const FoundResult*> taken;
  for (const auto& [key, both] : sorts) {
    if (both.first.size() != 1 || both.second.size() != 1) continue;
    pairs.emplace_back(both.first[0], both.second[0]);
    taken.insert({both.first[0], both.second[0]});
  }
  for (std::vector<const FoundResult*>* side : {&before, &after}) {
    side->erase(std::remove_if(side->begin(), side->end(),
                               [&](const FoundResult* each) { return taken.count(each) != 0; }),
                side->end());
  }
}

std::vector<const FoundResult*> ComparableResults(const ResultTree& tree, int64_t& others) {
  std::vector<const FoundResult*> results;
  for (const FoundResult& result : tree.results) {
    if (HasNumbers(result.kind)) {
      results.push_back(&result);
    } else {
      ++others;
    }
  }
  return results;
}

std::vector<Pair> MatchResults(const ResultTree& before, const ResultTree& after,
                               RunNumbers& numbers) {
  std::vector<const FoundResult*> first = ComparableResults(before, numbers.without_numbers);
  std::vector<const FoundResult*> second = ComparableResults(after, numbers.without_numbers);
  std::vector<Pair> pairs;
  const auto sort_of = [](const FoundResult& result) {
    return ResultTitle(result) + "\n" + SetNames(result);
  };
  TakePairs(
      first, second,
      [&](const FoundResult& result, bool is_before) {
        return sort_of(result) + "\n" + PlaceOf(result, is_before ? before : after);
      },
      pairs);
  TakePairs(
      first, second, [&](const FoundResult& result, bool) { return sort_of(result); }, pairs);
  for (const FoundResult* each : first) {
    numbers.one_sided.push_back(
        {fmt::format("{} ({})", ResultTitle(*each), PlaceOf(*each, before)), "results", 1, 0});
  }
  for (const FoundResult* each : second) {
    numbers.one_sided.push_back(
        {fmt::format("{} ({})", ResultTitle(*each), PlaceOf(*each, after)), "results", 0, 1});
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& a, const Pair& b) { return a.second->file < b.second->file; });
  return pairs;
}

bool AreOfSameImages(const Pair& pair) {
  const auto &before = pair.first->header.provenance.images,
             &after = pair.second->header.provenance.images;
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const Provenance::Images& a, const Provenance::Images& b) {
                      return a.digest == b.digest;
                    });
}

std::vector<std::string> MadeDifferently(const Pair& pair) {
  // Where things are, and what does not change a result.
  static const std::set<std::string> kIndifferent = {
      "out",   "record", "labels", "network", "images", "batch",    "memory",
      "force", "strict", "json",   "figure",  "sheet",  "pictures", "examples"};
  std::vector<std::string> differences;
  const Provenance &before = pair.first->header.provenance, &after = pair.second->header.provenance;
  if (before.network_digest != after.network_digest) {
    differences.emplace_back("the network's weights");
  }
  if (!AreOfSameImages(pair)) differences.emplace_back("the images");
  if (before.seed != after.seed) {
    differences.push_back(fmt::format("--seed {} and {}", before.seed, after.seed));
  }
  if (!before.options.is_object() || !after.options.is_object()) return differences;
  for (const auto& [key, value] : after.options.items()) {
    if (kIndifferent.count(key) != 0 || !before.options.contains(key)) continue;
    const Json& other = before.options[key];
    if (other != value) {
      differences.push_back(fmt::format("--{} {} and {}", key, Shown(other), Shown(value)));
    }
  }
  return differences;
}

void CheckArchitecture(const ResultNumbers& before, const ResultNumbers& after, const Pair& pair) {
  for (const auto& [layer, expected] : before.architecture) {
    const auto found = after.architecture.find(layer);
    if (found == after.architecture.end() || found->second == expected) continue;
    Fail("{}: layer {}: expected {} as in {}, found {}: only runs of one architecture compare",
         pair.second->file.string(), layer, expected, pair.first->file.string(), found->second);
  }
}

// Adds what two results of a sort have in common.
class PairReader {
 public:
  PairReader(std::string title, RunNumbers& numbers)
      : title_(std::move(title)), numbers_(numbers) {}

  void AddLayers(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    const auto missing = [](const std::vector<std::string>& from,
                            const std::vector<std::string>& in) {
      return std::count_if(from.begin(), from.end(), [&](const std::string& name) {
        return std::find(in.begin(), in.end(), name) == in.end();
      });
    };
    AddOneSided("", "layers", missing(before, after), missing(after, before));
  }

  void Add(const ItemValues& before, const ItemValues& after) {
    PairedValues values;
    ForEachCommon(before, before.values, after.values,
                  [&](const std::string&, double first, double second) {
                    values.before.push_back(first);
                    values.after.push_back(second);
                  });
    AddPaired(before.layer, before.name, before.items, std::move(values));
  }

  void Add(const ItemWords& before, const ItemWords& after) {
    using Words = std::vector<std::string>;
    PairedValues values;
    ForEachCommon(before, before.words, after.words,
                  [&](const std::string&, const Words& first, const Words& second) {
                    if (first.empty() && second.empty()) return;  // no label in either
                    values.before.push_back(1);
                    values.after.push_back(SharedPart(first, second));
                  });
    AddPaired(before.layer, "agreement of " + before.name, before.items, std::move(values));
  }

  void Add(const CountedShare& before, const CountedShare& after) {
    AddNumber(before.layer, before.name, "", TwoShares{before.share, after.share});
  }

  void Add(const StatedCorrelation& before, const StatedCorrelation& after) {
    AddNumber("", before.name, "", TwoCorrelations{before.correlation, after.correlation});
  }

  void LeaveOut(const std::string& layer, const std::string& name, const std::string& why) {
    numbers_.left_out.push_back(fmt::format("{}: {}: {}", WhereOf(layer), name, why));
  }

 private:
  static double SharedPart(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const size_t count = std::min({a.size(), b.size(), kComparedTopImages});
    if (count == 0) return 0;
    const std::set<std::string> first(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(count));
    size_t shared = 0;
    for (size_t i = 0; i < count; ++i) shared += first.count(b[i]);
    return static_cast<double>(shared) / static_cast<double>(count);
  }

  std::string WhereOf(const std::string& layer) const {
    return layer.empty() ? title_ : title_ + " " + layer;
  }

  void AddOneSided(const std::string& layer, const std::string& what, int64_t before,
                   int64_t after) {
    if (before == 0 && after == 0) return;
    for (const OneSided& said : numbers_.one_sided) {
      if (said.where == WhereOf(layer) && said.what == what && said.before == before &&
          said.after == after) {
        return;  // by another number of the same items
      }
    }
    numbers_.one_sided.push_back({WhereOf(layer), what, before, after});
  }

  template <typename Items, typename Value, typename Work>
  void ForEachCommon(const Items& of, const std::map<std::string, Value>& before,
                     const std::map<std::string, Value>& after, const Work& work) {
    int64_t common = 0;
    for (const auto& [item, value] : before) {
      const auto other = after.find(item);
      if (other == after.end()) continue;
      work(item, value, other->second);
      ++common;
    }
    AddOneSided(of.layer, of.items, static_cast<int64_t>(before.size()) - common,
                static_cast<int64_t>(after.size()) - common);
  }

  void AddPaired(const std::string& layer, const std::string& name, const std::string& items,
                 PairedValues values) {
    if (values.before.empty()) return;  // what either has is one-sided
    AddNumber(layer, name, items, std::move(values));
  }

  void AddNumber(const std::string& layer, const std::string& name, const std::string& items,
                 TwoValues values) {
    numbers_.numbers.push_back({WhereOf(layer), name, items, "", "", std::move(values)});
  }

  const std::string title_;
  RunNumbers& numbers_;
};

const std::string& LayerOf(const StatedCorrelation&) {
  static const std::string kNone;
  return kNone;
}
template <typename Number>
const std::string& LayerOf(const Number& number) {
  return number.layer;
}

// Those of one layer and name.
template <typename Number, typename Work>
void ForEachPair(const std::vector<Number>& before, const std::vector<Number>& after,
                 const Work& work) {
  for (const Number& first : before) {
    for (const Number& second : after) {
      if (first.name == second.name && LayerOf(first) == LayerOf(second)) work(first, second);
    }
  }
}

void ReadPair(const Pair& pair, RunNumbers& numbers) {
  const ResultNumbers before = ReadNumbers(*pair.first), after = ReadNumbers(*pair.second);
  CheckArchitecture(before, after, pair);
  PairReader reader(ResultTitle(*pair.second), numbers);
  reader.AddLayers(before.layers, after.layers);
  const auto add = [&](const auto& first, const auto& second) { reader.Add(first, second); };
  ForEachPair(before.values, after.values, add);
  const bool are_of_images = pair.first->kind == ResultKind::kRecord;
  ForEachPair(before.words, after.words, [&](const ItemWords& first, const ItemWords& second) {
    if (are_of_images && !AreOfSameImages(pair)) {
      reader.LeaveOut(first.layer, "agreement of " + first.name, "the image sets differ");
    } else {
      reader.Add(first, second);
    }
  });
  ForEachPair(before.shares, after.shares, add);
  ForEachPair(before.correlations, after.correlations, add);
  // One without a value is not stated.
  for (const auto& [some, others] : {std::pair{&before.correlations, &after.correlations},
                                     std::pair{&after.correlations, &before.correlations}}) {
    for (const StatedCorrelation& each : *some) {
      const bool has_other =
          std::any_of(others->begin(), others->end(),
                      [&](const StatedCorrelation& other) { return other.name == each.name; });
      if (!has_other) reader.LeaveOut("", each.name, "it has a value in one run only");
    }
  }
}

bool operator==(const PairedValues& a, const PairedValues& b) {
  return a.before == b.before && a.after == b.after;
}
bool operator==(const TwoShares& a, const TwoShares& b) {
  const auto counts = [](const TwoShares& two) {
    return std::array{two.before.count, two.before.total, two.after.count, two.after.total};
  };
  return counts(a) == counts(b);
}
bool operator==(const TwoCorrelations& a, const TwoCorrelations& b) {
  const auto ends = [](const TwoCorrelations& two) {
    return std::array{two.before.value, two.before.low, two.before.high,
                      two.after.value,  two.after.low,  two.after.high};
  };
  return ends(a) == ends(b);
}

bool IsSame(const TwoValues& a, const TwoValues& b) {
  return a.index() == b.index() && std::visit(
                                       [&](const auto& values) {
                                         using Values = std::decay_t<decltype(values)>;
                                         return values == std::get<Values>(b);
                                       },
                                       a);
}

// A command that needs a recording makes its own where it finds none to reuse: what several of
// them say is one number.
void DropRepeated(RunNumbers& numbers) {
  std::vector<RunNumber> kept;
  for (RunNumber& number : numbers.numbers) {
    const bool is_repeated = std::any_of(kept.begin(), kept.end(), [&](const RunNumber& other) {
      return other.where == number.where && other.name == number.name &&
             other.images == number.images && IsSame(other.values, number.values);
    });
    if (is_repeated) {
      ++numbers.repeated;
    } else {
      kept.push_back(std::move(number));
    }
  }
  numbers.numbers = std::move(kept);
}

// What is left of one name is told apart by where it is.
void NamePlaces(RunNumbers& numbers) {
  std::map<std::pair<std::string, std::string>, int> count;
  for (const RunNumber& number : numbers.numbers) ++count[{number.where, number.name}];
  for (RunNumber& number : numbers.numbers) {
    if (count[{number.where, number.name}] > 1) number.where += " (" + number.place + ")";
  }
}

[[noreturn]] void ComplainOfNothing(const ResultTree& before, const ResultTree& after) {
  const auto list = [](const ResultTree& tree) {
    std::set<std::string> titles;
    for (const FoundResult& result : tree.results) {
      if (HasNumbers(result.kind)) titles.insert(ResultTitle(result));
    }
    return titles.empty() ? "none" : Join({titles.begin(), titles.end()});
  };
  Fail("{}: expected results of a kind, network and image sets as in {} ({}), found {}",
       after.folder.string(), before.folder.string(), list(before), list(after));
}

}  // namespace

RunNumbers ReadBothRuns(const ResultTree& before, const ResultTree& after) {
  RunNumbers numbers;
  for (const ResultTree* tree : {&before, &after}) {
    numbers.unreadable.insert(numbers.unreadable.end(), tree->unreadable.begin(),
                              tree->unreadable.end());
  }
  const std::vector<Pair> pairs = MatchResults(before, after, numbers);
  for (const Pair& pair : pairs) {
    numbers.matched.push_back(
        {ResultTitle(*pair.second), pair.first->file, pair.second->file, MadeDifferently(pair)});
    const size_t known = numbers.numbers.size();
    ReadPair(pair, numbers);
    for (size_t i = known; i < numbers.numbers.size(); ++i) {
      numbers.numbers[i].images = SetNames(*pair.second);
      numbers.numbers[i].place = Path(PlaceOf(*pair.second, after)).parent_path().generic_string();
    }
  }
  if (numbers.numbers.empty()) ComplainOfNothing(before, after);
  DropRepeated(numbers);
  NamePlaces(numbers);
  return numbers;
}

}  // namespace netdissect
