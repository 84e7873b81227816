#include "data/label_match.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "base/limits.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

bool IsSeparator(char c) { return std::string_view(" \t_-/").find(c) != std::string_view::npos; }

// "/c/church/outdoor", "Church outdoor" and "church_outdoor" are one name. The Places lists put
// every name in a folder of its first letter.
std::string Normalized(std::string_view name) {
  const auto letter = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  if (name.size() > 3 && name[0] == '/' && name[2] == '/' && letter(name[1]) == letter(name[3])) {
    name.remove_prefix(3);
  }
  std::string normalized;
  bool separated = false;
  for (const char c : name) {
    if (c == '\'') continue;  // butcher's shop
    if (IsSeparator(c)) {
      separated = true;
      continue;
    }
    if (separated && !normalized.empty()) normalized += ' ';
    separated = false;
    normalized += static_cast<char>(letter(c));
  }
  return normalized;
}

std::vector<std::string> AllNormalized(const std::vector<std::string>& names) {
  std::vector<std::string> normalized;
  normalized.reserve(names.size());
  for (const std::string& name : names) normalized.push_back(Normalized(name));
  return normalized;
}

int IntegerIn(std::string_view text, int64_t lowest, size_t count, const std::string& what) {
  const int64_t value = ParseInteger(text, what);
  if (value < lowest || value >= static_cast<int64_t>(count)) {
    Fail("{}: expected {} to {}, found {}", what, lowest, static_cast<int64_t>(count) - 1, value);
  }
  return static_cast<int>(value);
}

// How many classes a name stands for, and the first of them.
struct Bearers {
  int first = -1, count = 0;
};

std::unordered_map<std::string, Bearers> BearersOf(const std::vector<std::string>& names) {
  std::unordered_map<std::string, Bearers> bearers;
  for (size_t i = 0; i < names.size(); ++i) {
    Bearers& entry = bearers[names[i]];
    if (entry.count++ == 0) entry.first = static_cast<int>(i);
  }
  return bearers;
}

std::vector<std::string> FirstSynonyms(const std::vector<std::string>& names) {
  std::vector<std::string> firsts;
  for (const std::string& name : names) firsts.push_back(name.substr(0, name.find(',')));
  return firsts;
}

}  // namespace

LabelMatch MatchLabels(const std::vector<std::string>& labels,
                       const std::vector<std::string>& classes) {
  const std::vector<std::string> label_names = AllNormalized(labels);
  const std::vector<std::string> class_names = AllNormalized(classes);
  LabelMatch match;
  match.class_of.assign(labels.size(), -1);
  if (label_names == class_names) {
    std::iota(match.class_of.begin(), match.class_of.end(), 0);
    return match;
  }
  const auto labels_of = BearersOf(label_names), classes_of = BearersOf(class_names);
  // "tench, Tinca tinca" is a tench, where no class is called so in full.
  const std::vector<std::string> label_firsts = AllNormalized(FirstSynonyms(labels));
  const auto first_classes_of = BearersOf(AllNormalized(FirstSynonyms(classes)));
  for (size_t i = 0; i < label_names.size(); ++i) {
    if (label_names[i].empty()) continue;
    auto found = classes_of.find(label_names[i]);
    if (found == classes_of.end()) {
      found = first_classes_of.find(label_firsts[i]);
      if (found == first_classes_of.end() || label_firsts[i].empty()) continue;
    }
    if (found->second.count > 1 || labels_of.at(label_names[i]).count > 1) {
      match.ambiguous.push_back(labels[i]);
    } else {
      match.class_of[i] = found->second.first;
    }
  }
  return match;
}

std::vector<int> ReadLabelMap(const Path& path, size_t labels, size_t classes) {
  constexpr int kUnset = -2;
  std::vector<int> class_of(labels, kUnset);
  ForEachLine(path, [&](std::string_view line, int number) {
    const std::string place = fmt::format("{}:{}", path.string(), number);
    const size_t gap = line.find_first_of(" \t,");
    if (gap == std::string_view::npos) {
      Fail("{}: expected a label and a class, found \"{}\"", place, line);
    }
    const size_t second = line.find_first_not_of(" \t,", gap);
    const int label = IntegerIn(line.substr(0, gap), 0, labels, place + ": label");
    const int mapped = IntegerIn(second == std::string_view::npos ? "" : line.substr(second), -1,
                                 classes, place + ": class");
    int& entry = class_of[static_cast<size_t>(label)];
    if (entry != kUnset && entry != mapped) {
      Fail("{}: expected each label once, found label {} with class {} and earlier with {}", place,
           label, mapped, entry);
    }
    entry = mapped;
  });
  for (int& entry : class_of) entry = std::max(entry, -1);
  return class_of;
}

Dataset WithLabels(const Dataset& set, const std::vector<std::string>& names) {
  if (set.labels.empty()) Fail("image set {}: expected names of its labels, found none", set.name);
  const std::vector<std::string> asked = AllNormalized(names), known = AllNormalized(set.labels);
  std::vector<bool> wanted(known.size());  // several labels may bear a name
  for (size_t i = 0; i < asked.size(); ++i) {
    bool any = false;
    for (size_t label = 0; label < known.size(); ++label) {
      if (asked[i].empty() || known[label] != asked[i]) continue;
      wanted[label] = any = true;
    }
    if (any) continue;
    const std::string closest = Closest(names[i], set.labels);
    Fail("image set {}: no label \"{}\"{}", set.name, names[i],
         closest.empty() ? "" : "; did you mean \"" + closest + "\"?");
  }
  Dataset chosen = set;
  chosen.images.clear();
  for (const ImageEntry& image : set.images) {
    const auto label = static_cast<size_t>(image.label);
    if (image.label >= 0 && label < wanted.size() && wanted[label]) chosen.images.push_back(image);
  }
  if (chosen.images.empty()) {
    Fail("image set {}: expected images of {}, found none", set.name, Join(names));
  }
  return chosen;
}

std::vector<int> TargetsOf(const Dataset& set, const std::vector<std::string>& classes, int units,
                           Observer& observer) {
  if (!set.label_map.empty()) {
    // Where the set has no names, any label may be mapped.
    return ReadLabelMap(set.label_map,
                        set.labels.empty() ? size_t{kMostClasses} : set.labels.size(),
                        static_cast<size_t>(units));
  }
  if (set.labels.empty() || classes.empty()) {
    std::vector<int> targets(static_cast<size_t>(units));
    std::iota(targets.begin(), targets.end(), 0);
    return targets;
  }
  LabelMatch match = MatchLabels(set.labels, classes);
  if (!match.ambiguous.empty()) {
    observer.Warning(fmt::format(
        "image set {}: left out, since several labels or classes bear the name: {}; a file of "
        "\"label class\" pairs (\"label_map\") says which is which",
        set.name, Join(match.ambiguous)));
  } else if (std::all_of(match.class_of.begin(), match.class_of.end(),
                         [](int target) { return target < 0; })) {
    observer.Warning(fmt::format(
        "image set {}: none of its {} labels, such as \"{}\", is one of the {} classes, "
        "such as \"{}\"",
        set.name, set.labels.size(), set.labels[0], classes.size(), classes[0]));
  }
  return std::move(match.class_of);
}

}  // namespace netdissect
