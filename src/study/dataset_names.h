#pragma once
// The names of objects that an image set's annotations have, to suggest to people who name units.

#include <map>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/data/image_sets.h"

namespace netdissect {

/// The names by falling count, equals by the alphabet.
std::vector<std::string> ByCount(const std::map<std::string, int64_t>& counts);

/// Normalised names of annotated objects of all sets, those on most images first, then the sets'
/// classes (scenes) that are not among them; each once. Annotations that cannot be read add
/// nothing: `unreadable` counts them.
std::vector<std::string> NamesIn(const ImageSets& images, int64_t& unreadable,
                                 Observer& observer = Silent());

}  // namespace netdissect
