#pragma once
// What a step of a study is made of: program, options, and digests of the contents that it reads. A
// result is as good as a new one where it was made of the same.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "experiment/study_plan.h"
#include "netdissect/base/observer.h"

namespace netdissect {

/// How the names of a study become files.
struct StudySources {
  std::function<std::string(const std::string&)> network_file;  // a network's descriptor
  std::function<std::string(const std::string&)> image_set;     // an image set; "": not made yet
};

/// Digests of a study's inputs. Each is read once, whatever the number of steps that read it.
class StudyDigests {
 public:
  StudyDigests(StudySources sources, Path out, Observer& observer)
      : sources_(std::move(sources)), out_(std::move(out)), observer_(observer) {}

  /// {"version", "command", "options", "seed", "networks": {NAME: digest}, "images": {SOURCE:
  /// digest}, "files": {OPTION: digest}, "needs": {STEP: key}}. Folders are relative to the
  /// study's; `keys` are those of the steps before.
  Json MadeOf(const StudyStep& step, uint64_t seed, const std::map<std::string, std::string>& keys);

  /// Of a descriptor and all files that it names, all bytes.
  std::string NetworkDigest(const Path& descriptor);

 private:
  std::string ImagesDigest(const StepImages& images);

  StudySources sources_;
  Path out_;
  Observer& observer_;
  std::map<std::string, std::string> networks_;  // by descriptor; not of those that steps make
  std::map<std::string, std::string> images_;
};

/// Digest of what MadeOf says.
std::string KeyOf(const Json& made_of);

/// What differs between two of these, for people: "network scene_net has changed".
std::vector<std::string> ChangesBetween(const Json& before, const Json& now);

}  // namespace netdissect
