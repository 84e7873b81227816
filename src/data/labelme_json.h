#pragma once

#include "data/annotation_format.h"
#include "data/object_names.h"

namespace netdissect {

/// The annotation of an image in the JSON file of labelme. Error, naming file, key, what was
/// expected and what was found, where it is malformed.
Annotation ReadLabelMeJson(const Path& path, const ObjectNames& names, const ImageEntry& image);

}  // namespace netdissect
