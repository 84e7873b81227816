#pragma once
// Where a result comes from: said in every file, and compared before an earlier result is reused.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result_format.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/loader.h"
#include "netdissect/nn/model.h"

namespace netdissect {

struct Provenance {
  std::string command;
  Json options = Json::object();  // effective options by name
  uint64_t seed = 0;
  std::string network_name;
  std::string network_digest;
  Json network_input;  // how pictures come to it, as its descriptor says (nn/model.h); may be null
  struct Images {
    std::string name;
    std::string digest;
    int64_t count = 0;
    std::string annotations;  // their digest, in results that depend on them; else ""
  };
  std::vector<Images> images;

  void Add(const Model& model);
  /// Reads the images' bytes.
  void Add(const Dataset& set, Observer& observer = Silent());
  /// The same for a result that depends on the set's annotations too.
  void AddAnnotated(const Dataset& set, Observer& observer = Silent());
};

/// {"version", "format", "command", "options", "seed", "network": {"name", "digest", "input"},
/// "images": [...]}
Json ToJson(const Provenance& provenance);

/// What such a value says; what it does not say is empty. Throws nlohmann's exceptions where it is
/// no object or a key is of another type.
Provenance ProvenanceFrom(const Json& json);

/// True where network and images are the same, so that a result may be reused; annotations too,
/// where both depend on them.
bool SameInputs(const Provenance& stored, const Provenance& provenance);

/// The same of a header as it stands in a file; false where that is none.
bool SameInputs(const Json& stored, const Provenance& provenance);

/// [{"image", "reason"}, ...]
Json ToJson(const std::vector<SkippedImage>& skipped);

}  // namespace netdissect
