#pragma once
// The synthetic world as image sets on the disk:
//
//   FOLDER/world.json                  what was rendered, the world's table, and the counts
//   FOLDER/scenes.json, objects.json   descriptors, annotated by label maps
//   FOLDER/scenes_labelme.json, ...    the same sets, annotated by LabelMe XML
//   FOLDER/SET/images/LABEL/train_000016.jpg
//   FOLDER/SET/labels/LABEL/train_000016.png       8 bit: class index + 1, 0 = none
//   FOLDER/SET/annotations/LABEL/train_000016.xml  what is seen of each object, the farthest first
//   FOLDER/SET/labels.txt, names.txt, train.txt, val.txt
//   FOLDER/SET/digests.txt             of each image's three files (world/rendered_log.h)
//
// Each file appears whole or not at all, lists and descriptors after the images they name.

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"
#include "world/synthetic.h"

namespace netdissect {

struct SyntheticSetOptions {
  SyntheticOptions picture;
  bool scenes = true;  // which sets
  bool objects = true;
  int64_t train = 2000;               // images of each set's training list
  int64_t val = 400;                  // and of its validation list
  int jpeg_quality = 92;              // 1 to 100
  std::string prefix = "synthetic_";  // the sets' names are this and "scenes" or "objects"
  int threads = 2;                    // images rendered at a time
  bool force = false;                 // replace what another run has written there
  /// The folder is this program's own: whatever is in it becomes what is asked for.
  bool own = false;
  /// What to do where the folder holds something else; the end of the error's message.
  std::string advice = "give another --out, or --force to replace it";

  /// Error where a value is out of range.
  void Validate() const;
};

struct SyntheticCount {
  int64_t images = 0;     // in which the class is seen
  int64_t instances = 0;  // seen objects of the class
};

struct SyntheticSetResult {
  std::string name;  // "scenes" or "objects"
  int64_t images = 0;
  int64_t rendered = 0;                 // of them now; the others were there already
  std::vector<SyntheticCount> classes;  // by class index, over all images
};

/// Renders the sets into `folder`. Where an earlier run with the same options was interrupted, its
/// images are kept; where it was finished, nothing is rendered. Files that were damaged or lost
/// since are rendered again, with a warning. Error where the folder holds sets of other options,
/// unless `force`, or files that are not of this function's making, unless it is the program's
/// `own`.
std::vector<SyntheticSetResult> WriteSyntheticSets(const Path& folder,
                                                   const SyntheticSetOptions& options,
                                                   Observer& observer = Silent());

/// The world's table: "classes", "categories" and "object_labels".
Json ToJson(const SyntheticWorld& world);

/// {"images", "classes": {NAME: {"images", "instances"}}}, classes that are seen.
Json ToJson(const SyntheticSetResult& result);

/// What is seen of the image's objects as LabelMe XML, the farthest first.
std::string LabelMeXml(const SyntheticImage& image, const std::string& folder,
                       const std::string& file);

}  // namespace netdissect
