#pragma once
// A taxonomy inside a result: {"name", "groups": [{"name", "level", "examples", "code" (where it
// has one)}]}.

#include "base/json.h"
#include "data/taxonomy.h"

namespace netdissect {

Json ToJson(const Taxonomy& taxonomy);

/// Throws nlohmann's exceptions where it is none.
Taxonomy TaxonomyFrom(const Json& json);

}  // namespace netdissect
