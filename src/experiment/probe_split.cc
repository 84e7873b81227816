#include "experiment/probe_split.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"
#include "data/label_match.h"
#include "netdissect/base/error.h"
#include "study/cross_validation.h"

namespace netdissect {
namespace {

constexpr int64_t kLeast = 2;  // images of a category to learn from: cross-validation parts them

std::string ClassNameOf(const std::vector<std::string>& names, int label) {
  const auto i = static_cast<size_t>(label);
  return i < names.size() ? names[i] : fmt::format("class {}", label);
}

// Labels of the second set as those of the first.
std::vector<int> LabelsIn(const Dataset& second, const Dataset& first) {
  std::vector<int> labels;
  const bool by_name = !first.labels.empty() && !second.labels.empty();
  const std::vector<int> match =
      by_name ? MatchLabels(second.labels, first.labels).class_of : std::vector<int>();
  for (const ImageEntry& image : second.images) {
    labels.push_back(image.label < 0 || !by_name ? image.label
                                                 : match[static_cast<size_t>(image.label)]);
  }
  return labels;
}

std::vector<int> LabelsOf(const Dataset& set) {
  std::vector<int> labels;
  for (const ImageEntry& image : set.images) labels.push_back(image.label);
  return labels;
}

int64_t ImagesInBoth(const ProbeSplit& split) {
  std::set<Path> learnt;
  for (int64_t i = 0; i < split.images.size(); ++i) {
    if (!split.test[static_cast<size_t>(i)]) learnt.insert(split.images[i].path);
  }
  int64_t both = 0;
  for (int64_t i = 0; i < split.images.size(); ++i) {
    if (split.test[static_cast<size_t>(i)] && learnt.count(split.images[i].path) > 0) ++both;
  }
  return both;
}

// Categories with images enough become classes 0, 1, ...; images of others take no part.
void KeepClasses(ProbeSplit& split, const std::vector<std::string>& names,
                 const std::string& source) {
  std::map<int, int64_t> learnt;
  for (size_t i = 0; i < split.labels.size(); ++i) {
    if (split.labels[i] >= 0) learnt[split.labels[i]] += split.test[i] ? 0 : 1;
  }
  if (learnt.empty()) {
    Fail("{}: expected images with labels (a list has `path label` a line), found none", source);
  }
  std::map<int, int> class_of;
  for (const auto& [label, count] : learnt) {
    if (count < kLeast) {
      split.left_out.push_back(ClassNameOf(names, label));
      continue;
    }
    class_of[label] = static_cast<int>(split.classes.size());
    split.classes.push_back(ClassNameOf(names, label));
  }
  if (split.classes.size() < 2) {
    Fail("{}: expected at least 2 categories with {} images to learn from, found {}", source,
         kLeast, split.classes.empty() ? "none" : "only " + split.classes.front());
  }
  for (int& label : split.labels) {
    const auto found = class_of.find(label);
    label = found == class_of.end() ? -1 : found->second;
    if (label < 0) ++split.without_class;
  }
}

void SayWhatIsLeftOut(const ProbeSplit& split, Observer& observer) {
  if (!split.left_out.empty()) {
    observer.Warning(
        fmt::format("{} categories are left out that have fewer than {} images to "
                    "learn from: {}",
                    split.left_out.size(), kLeast, Join(split.left_out)));
  }
  if (split.without_class > 0) {
    observer.Warning(fmt::format(
        "{} images are left out that have no label, or one that is left out", split.without_class));
  }
  if (split.in_both > 0) {
    observer.Warning(fmt::format("{} images are both learnt from and tested: accuracy is too high",
                                 split.in_both));
  }
}

}  // namespace

ProbeSplit SplitForProbe(const ExperimentOptions& options, const std::string& test, double share,
                         bool draw, Observer& observer) {
  if (options.images.size() != 1) {
    Fail("--images: expected one set to learn from, found {}", options.images.size());
  }
  const std::string& source = options.images.front();
  const Dataset listed = LoadDataset(source, {options.limit, false});
  ProbeSplit split;
  std::vector<std::string> names = listed.labels;
  if (test.empty() && (draw || !listed.has_train)) {
    split.how = "share";
    split.images = ImageSets({listed});
    split.labels = LabelsOf(listed);
    std::vector<int64_t> items(split.labels.size());
    std::iota(items.begin(), items.end(), 0);
    split.test = StratifiedTestPart(split.labels, items, share, options.seed);
  } else {
    split.how = test.empty() ? "lists" : "sets";
    Dataset learnt = test.empty() ? LoadDataset(source, {options.limit, true}) : listed;
    Dataset tested = test.empty() ? listed : LoadDataset(test, {options.limit, false});
    split.labels = LabelsOf(learnt);
    const std::vector<int> others = LabelsIn(tested, learnt);
    split.test.assign(split.labels.size(), false);
    split.test.resize(split.labels.size() + others.size(), true);
    split.labels.insert(split.labels.end(), others.begin(), others.end());
    if (test.empty()) learnt.name += " train";
    split.images = ImageSets({std::move(learnt), std::move(tested)});
  }
  KeepClasses(split, names, source);
  split.in_both = ImagesInBoth(split);
  SayWhatIsLeftOut(split, observer);
  return split;
}

}  // namespace netdissect
