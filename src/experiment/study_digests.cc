#include "experiment/study_digests.h"

#include <algorithm>

#include "base/digest.h"
#include "data/content_digest.h"
#include "netdissect/base/version.h"
#include "netdissect/data/annotation.h"

namespace netdissect {
namespace {

// Large ONNX models keep tensors in files beside them, such as MODEL.onnx.data.
void CollectExternalData(const Path& model, std::vector<Path>& files) {
  const std::string start = model.filename().string();
  std::vector<Path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(model.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > start.size() && name.compare(0, start.size(), start) == 0) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

// Files that strings of the descriptor name, relative to it, however deep they stand.
void CollectFiles(const Json& value, const Path& folder, std::vector<Path>& files) {
  if (value.is_string()) {
    std::error_code ignored;
    const Path file = folder / value.get<std::string>();
    if (!std::filesystem::is_regular_file(file, ignored)) return;
    files.push_back(file);
    if (file.extension() == ".onnx") CollectExternalData(file, files);
  } else if (value.is_structured()) {
    for (const Json& item : value) CollectFiles(item, folder, files);
  }
}

std::string DigestOfFiles(const std::vector<Path>& files, Observer& observer) {
  Digest digest;
  for (const std::string& content :
       ContentDigests(files, ContentBytes::kAll, "files of networks", observer)) {
    digest.Add(content);
  }
  return digest.Hex();
}

void AddSet(const Dataset& set, bool annotated, Observer& observer, Digest& digest) {
  const int kind = static_cast<int>(set.kind);
  digest.Add(set.name).Add(&kind, sizeof kind).Add(DigestOf(set, observer));
  for (const std::string& label : set.labels) digest.Add(label);
  std::vector<Path> files;
  if (!set.label_map.empty()) files.push_back(set.label_map);
  if (annotated) {
    digest.Add(DigestOfAnnotations(set, observer));
    if (set.annotations && !set.annotations->groups.empty()) {
      files.push_back(set.annotations->groups);
    }
  }
  digest.Add(DigestOfFiles(files, observer));
}

// The keys of both whose values differ, or that only one has.
std::vector<std::string> DifferentKeys(const Json& before, const Json& now) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : now.items()) {
    if (!before.contains(key) || before[key] != value) keys.push_back(key);
  }
  for (const auto& [key, value] : before.items()) {
    if (!now.contains(key)) keys.push_back(key);
  }
  return keys;
}

}  // namespace

std::string StudyDigests::NetworkDigest(const Path& descriptor) {
  std::vector<Path> files = {descriptor};
  if (Exists(descriptor)) CollectFiles(ReadJson(descriptor), descriptor.parent_path(), files);
  return DigestOfFiles(files, observer_);
}

std::string StudyDigests::ImagesDigest(const StepImages& images) {
  const std::string what =
      fmt::format("{} {} {} {}", images.source, images.limit, images.annotated, images.train);
  if (const auto known = images_.find(what); known != images_.end()) return known->second;
  const std::string source = sources_.image_set(images.source);
  if (source.empty()) return images_[what] = "none";
  Digest digest;
  const Dataset set = LoadDataset(source, {images.limit, false});
  AddSet(set, images.annotated, observer_, digest);
  if (images.train && set.has_train) {
    AddSet(LoadDataset(source, {images.limit, true}), false, observer_, digest);
  }
  return images_[what] = digest.Hex();
}

Json StudyDigests::MadeOf(const StudyStep& step, uint64_t seed,
                          const std::map<std::string, std::string>& keys) {
  Json made = {
      {"version", Version()}, {"command", step.command}, {"options", step.options}, {"seed", seed}};
  for (const auto& [option, folder] : step.folders) {
    made["options"].push_back("--" + option + "=" + folder.generic_string());
  }
  for (const char* key : {"networks", "images", "files", "needs"}) made[key] = Json::object();
  for (const StepNetwork& network : step.networks) {
    if (network.made) {
      made["networks"][network.name] = NetworkDigest(out_ / network.source);
      continue;
    }
    auto known = networks_.find(network.source);
    if (known == networks_.end()) {
      const std::string digest = NetworkDigest(sources_.network_file(network.source));
      known = networks_.emplace(network.source, digest).first;
    }
    made["networks"][network.name] = known->second;
  }
  for (const StepImages& images : step.images) {
    std::string name = Path(images.source).filename().string();
    while (made["images"].contains(name)) name += " too";  // of another folder
    made["images"][name] = ImagesDigest(images);
  }
  for (const auto& [option, file] : step.files) {
    made["files"][option] = DigestOfFiles({file}, observer_);
  }
  for (const std::string& need : step.needs) {
    const auto key = keys.find(need);
    made["needs"][need] = key == keys.end() ? "" : key->second;
  }
  return made;
}

std::string KeyOf(const Json& made_of) {
  return Digest().Add(made_of.dump(-1, ' ', false, Json::error_handler_t::replace)).Hex();
}

std::vector<std::string> ChangesBetween(const Json& before, const Json& now) {
  std::vector<std::string> changes;
  const auto part = [](const Json& made, const char* key) {
    return made.contains(key) ? made[key] : Json();
  };
  if (part(before, "version") != part(now, "version")) {
    changes.push_back("the program is another version");
  }
  if (part(before, "seed") != part(now, "seed")) changes.push_back("the seed has changed");
  const bool other_options = part(before, "command") != part(now, "command") ||
                             part(before, "options") != part(now, "options");
  if (other_options) changes.push_back("its options have changed");
  const std::pair<const char*, const char*> inputs[] = {
      {"networks", "network"}, {"images", "image set"}, {"files", "the file of"}};
  for (const auto& [key, what] : inputs) {
    // Of which images a set's digest is, the options say.
    if (other_options && std::string_view(key) == "images") continue;
    for (const std::string& name : DifferentKeys(part(before, key), part(now, key))) {
      changes.push_back(fmt::format("{} {} has changed", what, name));
    }
  }
  // What changed there is said there; alone it is the reason here too.
  if (changes.empty()) {
    for (const std::string& name : DifferentKeys(part(before, "needs"), part(now, "needs"))) {
      changes.push_back(name + " has changed");
    }
  }
  return changes;
}

}  // namespace netdissect
