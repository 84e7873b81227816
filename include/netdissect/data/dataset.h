#pragma once
// Image sets: a descriptor (JSON), a plain list, a folder or one image file, as a list of entries.
//
// A descriptor's keys: "name", "kind" ("scene" or "object"), "root", "list", "train", "labels",
// "label_map", "annotations" {"format", "root" or "file", "strip", "suffix", "names", "palette",
// "aliases", "groups"} and "about", a remark that errors about missing files repeat; all but "list"
// may be left out. Paths in it:
//   - "root" is relative to the descriptor's folder, and that folder where it is not given;
//   - the images of the lists are relative to the root;
//   - every other path is relative to the root, or, where nothing is there, to the descriptor.
// An absolute path stands for itself.

#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

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
  Path names;          // class names of a label map; may be empty
  Path aliases;        // other names of objects (data/object_names.h); may be empty
  Path groups;         // {"name of an object": "its semantic group"}; may be empty
  std::string suffix =
      {};  // of the annotation's file, in place of the image's extension: "_seg.png"
  std::string palette = {};  // of label maps in colours: "voc", or "" for ADE20K's coding
};

struct Dataset {
  std::string name;
  DatasetKind kind = DatasetKind::kUnknown;
  std::vector<ImageEntry> images;   // in the order of the list
  std::vector<std::string> labels;  // class names; may be empty
  Path label_map;  // `label class` pairs that override matching by name; may be empty
  std::optional<AnnotationSource> annotations;
  bool has_train = false;  // its descriptor names a "train" list too
};

struct DatasetOptions {
  int64_t limit = 0;   // first N images; 0 = all
  bool train = false;  // the descriptor's "train" list instead of "list"; no matter elsewhere
};

/// `source` is a descriptor (.json), a list (.txt: `path label` a line, label optional, paths
/// relative to the list), a folder (its images, recursively, sorted by path, without hidden ones)
/// or an image file. A path may contain spaces: a label is the line's last field where that is an
/// integer, and -1 says that there is none. Images are not looked for: a missing one is found when
/// it is decoded. Errors name file, line or key, what was expected and what was found; an empty
/// list is an error.
Dataset LoadDataset(const Path& source, const DatasetOptions& options = {});

/// Digest of the entries: names, labels and contents of the files (a missing file has its own
/// mark): all bytes of those up to 64 KiB, of larger ones their size and bytes at fixed random
/// places. Does not depend on where the set is. What was read once is not read again by this
/// process as long as the file's size and times are the same.
std::string DigestOf(const Dataset& dataset, Observer& observer = Silent());

/// The lines of a labels file: one class name a line, line number = class index. Where every line
/// ends in its own index (`/a/abbey 0`), that is left out.
std::vector<std::string> ReadLabels(const Path& path);

}  // namespace netdissect
