#include "experiment/study_facts.h"

#include <algorithm>

#include "data/label_match.h"

namespace netdissect {
namespace {

// Class names as the descriptor lists them; none where it lists none.
std::vector<std::string> ClassesOf(const Path& descriptor) {
  const JsonObject json = JsonObject::Read(descriptor);
  return json.Has("labels") ? netdissect::ReadLabels(json.ExistingPath("labels"))
                            : std::vector<std::string>();
}

}  // namespace

bool Tells(const std::vector<std::string>& classes, const Dataset& set) {
  if (classes.empty() || set.labels.empty()) return false;
  const std::vector<int> match = MatchLabels(set.labels, classes).class_of;
  const auto known = std::count_if(match.begin(), match.end(), [](int c) { return c >= 0; });
  return 2 * static_cast<size_t>(known) >= match.size();
}

StudyFacts LearnFacts(const Study& study,
                      const std::function<std::string(const std::string&)>& network_file,
                      const std::function<Dataset(const std::string&)>& image_set) {
  StudyFacts facts;
  std::vector<std::string> sets = study.images;
  if (!study.annotated.empty()) sets.push_back(study.annotated);
  for (const StudyNetwork& network : study.networks) {
    if (network.classifies) {
      sets.insert(sets.end(), network.classifies->begin(), network.classifies->end());
    }
  }
  for (const std::string& source : sets) {
    if (facts.sets.count(source) == 0) facts.sets.emplace(source, image_set(source));
  }
  for (const StudyNetwork& network : study.networks) {
    if (network.train.is_null()) {
      facts.classes[network.name] = ClassesOf(network_file(network.descriptor));
    } else {
      // It learns the labels of the set that it is trained on.
      facts.classes[network.name] = image_set(network.train["images"]).labels;
    }
  }
  return facts;
}

}  // namespace netdissect
