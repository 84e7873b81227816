#pragma once
// Where a result comes from: said in every file, and compared before an earlier result is reused.

#include <string>
#include <vector>

#include "netdissect/base/json.h"
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
  struct Images {
    std::string name;
    std::string digest;
    int64_t count = 0;
  };
  std::vector<Images> images;

  void Add(const Model& model);
  void Add(const Dataset& set);
};

/// {"version", "command", "options", "seed", "network": {...}, "images": [...]}
Json ToJson(const Provenance& provenance);

/// True where network and images are the same, so that a result may be reused.
bool SameInputs(const Json& stored, const Provenance& provenance);

/// [{"image", "reason"}, ...]
Json ToJson(const std::vector<SkippedImage>& skipped);

}  // namespace netdissect
