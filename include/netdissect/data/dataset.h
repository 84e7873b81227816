#pragma once
// Image sets: a descriptor (JSON), a plain list, a folder or one image file, as a list of entries.

#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct ImageEntry {
  Path path;         // where it is
  std::string name;  // as listed: relative to the set's root
  int label = -1;    // index into Dataset::labels, or -1
};

enum class DatasetKind { kUnknown, kScene, kObject };

/// Where a set's annotations are; reading them is another header's work.
struct AnnotationSource {
  std::string format;  // labelme, label-map or coco
  Path root;           // folder, or the one file of coco
  std::string strip;   // prefix of the listed path that the annotation's path leaves out
  Path names;          // class names of a label map
};

struct Dataset {
  std::string name;
  DatasetKind kind = DatasetKind::kUnknown;
  std::vector<ImageEntry> images;   // in the order of the list
  std::vector<std::string> labels;  // class names; may be empty
  Path label_map;  // `label class` pairs that override matching by name; may be empty
  std::optional<AnnotationSource> annotations;
};

struct DatasetOptions {
  int64_t limit = 0;   // first N images; 0 = all
  bool train = false;  // the descriptor's "train" list instead of "list"
};

/// `source` is a descriptor (.json), a list (.txt: `path label` a line, label optional, paths
/// relative to the list), a folder (its images, recursively, sorted by path) or an image file.
/// Errors name file, line or key, what was expected and what was found; an empty list is an error.
Dataset LoadDataset(const Path& source, const DatasetOptions& options = {});

/// Digest of the entries: names, labels and sizes of the files.
std::string DigestOf(const Dataset& dataset);

/// The lines of a labels file: one class name a line, line number = class index.
std::vector<std::string> ReadLabels(const Path& path);

}  // namespace netdissect
