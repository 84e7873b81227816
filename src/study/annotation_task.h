#pragma once
// What people are asked about units, and what they answer (Section 3.3, Figure 6). For each unit
// they see segmented images, of which a few are planted negatives: images on which the unit is far
// from firing. They write the concept, choose its group and cross out the images that do not show
// it. An answer counts only where it crosses out all negatives; then
//
//   precision = (images kept) / (images that are no negatives), 57 of 60 in the paper.

#include <cstdint>
#include <string>
#include <vector>

#include "data/taxonomy.h"

namespace netdissect {

/// One segmented image, at its place on the page.
struct TaskTile {
  std::string image, set;  // names
  float value = 0;         // the unit's largest activation on it
  double area = 0;         // share of its pixels in the mask
  bool negative = false;
};

/// How tiles lie in a unit's sheet: `columns` beside each other, each `size` pixels square, in rows
/// one after the other.
struct SheetLayout {
  int columns = 10;
  int size = 192;
};

struct TaskUnit {
  std::string layer;
  int unit = 0;
  std::string sheet;  // file of its tiles, in the page's folder: "sheets/0001.jpg"
  std::string salt;   // of the negatives' digests on a page without a server
  std::vector<TaskTile> tiles;

  int negatives() const;
  /// All negatives are among the crossed tiles, which are in range and each there once.
  bool Accepts(const std::vector<int>& crossed) const;
  /// Share of the other tiles that are not crossed.
  double Precision(const std::vector<int>& crossed) const;
};

struct AnnotationTask {
  std::string id;  // a digest of all that follows
  std::string network;
  std::string network_digest;
  Taxonomy taxonomy;
  std::vector<std::string> names;  // of concepts, to suggest
  SheetLayout layout;
  std::vector<TaskUnit> units;

  /// Index in `units`, or -1.
  int Find(const std::string& layer, int unit) const;
};

/// What one annotator says of one unit.
struct Answer {
  std::string id;  // given once, so that an answer that is sent twice counts once
  std::string task;
  std::string layer;
  int unit = 0;
  std::string annotator;
  std::string label;         // as it was typed
  std::string group;         // of the taxonomy
  std::vector<int> crossed;  // tiles, from 0, rising
  std::string skipped;       // why there is no answer; "" where there is one
  double seconds = 0;        // spent on the unit
  std::string time;          // when, UTC: "2026-01-31T12:00:00Z"
};

/// The same but for when it was sent and how long it took: one that was sent twice.
bool SaysTheSame(const Answer& a, const Answer& b);

/// Error, beginning with `where`, where the answer is not one that can be given to the task: of
/// another task, a unit that it lacks, a group that is none, tiles out of range, no label, an
/// annotator without a name, longer texts than anybody types. Whether the negatives are crossed is
/// not looked at.
void RequireAnswerTo(const AnnotationTask& task, const Answer& answer, const std::string& where);

}  // namespace netdissect
