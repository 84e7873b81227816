#include "data/label_match.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>
#include <unordered_map>

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

}  // namespace

std::vector<int> MatchLabels(const std::vector<std::string>& labels,
                             const std::vector<std::string>& classes) {
  const std::vector<std::string> label_names = AllNormalized(labels);
  const std::vector<std::string> class_names = AllNormalized(classes);
  std::vector<int> class_of(labels.size(), -1);
  if (label_names == class_names) {
    std::iota(class_of.begin(), class_of.end(), 0);
    return class_of;
  }
  std::unordered_map<std::string_view, int> first;
  for (size_t i = 0; i < class_names.size(); ++i) {
    first.emplace(class_names[i], static_cast<int>(i));
  }
  for (size_t i = 0; i < label_names.size(); ++i) {
    const auto found = first.find(label_names[i]);
    if (found != first.end() && !label_names[i].empty()) class_of[i] = found->second;
  }
  return class_of;
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
  const std::vector<int> wanted = MatchLabels(names, set.labels);
  for (size_t i = 0; i < names.size(); ++i) {
    if (wanted[i] >= 0) continue;
    const std::string closest = Closest(names[i], set.labels);
    Fail("image set {}: no label \"{}\"{}", set.name, names[i],
         closest.empty() ? "" : "; did you mean \"" + closest + "\"?");
  }
  Dataset chosen = set;
  chosen.images.clear();
  for (const ImageEntry& image : set.images) {
    if (std::find(wanted.begin(), wanted.end(), image.label) != wanted.end()) {
      chosen.images.push_back(image);
    }
  }
  if (chosen.images.empty()) {
    Fail("image set {}: expected images of {}, found none", set.name, Join(names));
  }
  return chosen;
}

std::vector<int> TargetsOf(const Dataset& set, const std::vector<std::string>& classes, int units) {
  if (!set.label_map.empty()) {
    // Where the set has no names, any label may be mapped.
    constexpr size_t kMostLabels = size_t{1} << 20;
    return ReadLabelMap(set.label_map, set.labels.empty() ? kMostLabels : set.labels.size(),
                        static_cast<size_t>(units));
  }
  if (!set.labels.empty() && !classes.empty()) return MatchLabels(set.labels, classes);
  std::vector<int> targets(static_cast<size_t>(units));
  std::iota(targets.begin(), targets.end(), 0);
  return targets;
}

}  // namespace netdissect
