#include "experiment/study_step.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

std::string WordOf(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> OptionWords(const Json& options) {
  std::vector<std::string> words;
  for (const auto& [name, value] : options.items()) {
    if (value.is_array() && name == "mean") {  // three values of one option
      words.push_back("--" + name);
      for (const Json& item : value) words.push_back(WordOf(item));
    } else if (value.is_array()) {
      for (const Json& item : value) words.push_back("--" + name + "=" + WordOf(item));
    } else {
      words.push_back("--" + name + "=" + WordOf(value));
    }
  }
  return words;
}

std::vector<std::string> StudyStep::Words(const Path& out) const {
  std::vector<std::string> words;
  std::istringstream commands(command);
  for (std::string word; commands >> word;) words.push_back(word);
  const auto add = [&](const std::string& option, const std::string& value) {
    words.insert(words.end(), {"--" + option, value});
  };
  for (const StepNetwork& network : networks) {
    add("network", network.made ? (out / network.source).string() : network.source);
  }
  for (const StepImages& set : images) add(set.option, set.source);
  words.insert(words.end(), options.begin(), options.end());
  for (const auto& [option, file] : files) add(option, file);
  for (const auto& [option, below] : folders) add(option, (out / below).string());
  return words;
}

std::vector<std::string> StudyStep::Values(const std::string& option) const {
  const std::string start = "--" + option + "=";
  std::vector<std::string> values;
  for (const std::string& word : options) {
    if (word.compare(0, start.size(), start) == 0) values.push_back(word.substr(start.size()));
  }
  return values;
}

std::string StudyStep::Option(const std::string& option, const std::string& otherwise) const {
  const std::vector<std::string> values = Values(option);
  return values.empty() ? otherwise : values.back();
}

std::vector<StudyStep> ChosenSteps(const std::vector<StudyStep>& steps,
                                   const std::vector<std::string>& names) {
  if (names.empty()) return steps;
  std::set<std::string> known, chosen;
  for (const StudyStep& step : steps) {
    known.insert({step.name, step.command});
    for (const StepNetwork& network : step.networks) known.insert(network.name);
  }
  for (const std::string& name : names) {
    if (known.count(name) == 0) {
      const std::string meant = Closest(name, {known.begin(), known.end()});
      Fail("--only: expected a command, a network or a step of the study, found {}{}", name,
           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
    }
    for (const StudyStep& step : steps) {
      const bool of_network =
          std::any_of(step.networks.begin(), step.networks.end(),
                      [&](const StepNetwork& network) { return network.name == name; });
      if (step.name == name || step.command == name || of_network) chosen.insert(step.name);
    }
  }
  // What a step needs stands before it.
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (chosen.count(step->name) != 0) chosen.insert(step->needs.begin(), step->needs.end());
  }
  std::vector<StudyStep> rest;
  for (const StudyStep& step : steps) {
    if (chosen.count(step.name) != 0) rest.push_back(step);
  }
  return rest;
}

}  // namespace netdissect
