#pragma once
// A world with known answers: pictures of scenes and of single objects, drawn by a program that
// knows the object at every pixel.
//
// Which objects make a scene what it is, is fixed by the world's table below and by nothing else:
// rooms share their walls, windows, lamps, plants and people, the outdoors their skies, trees,
// ground and people, so that a network can only tell the categories apart by their informative
// objects. Frequencies of objects follow Zipf's law as in SUN: those in most scenes say little.
//
// A picture is a function of (seed, set, index) alone.

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace netdissect {

struct SyntheticClass {
  std::string name;       // "traffic light"
  bool in_scenes = true;  // else it is seen in pictures of objects alone
  bool is_animal = false;
  bool has_picture = false;  // a label of the pictures of objects
  bool is_surface = false;   // ground, walls, sky, water: a material without a shape of its own
};

/// What a scene category holds of a class.
struct SyntheticPresence {
  int class_index = 0;
  double probability = 1;    // that a scene is meant to have it; it may be hidden or find no room
  int least = 1, most = 1;   // instances, where it has
  bool informative = false;  // says what the scene is
};

struct SyntheticCategory {
  std::string name;  // "art_gallery"
  bool indoors = false;
  std::vector<SyntheticPresence> objects;
};

struct SyntheticWorld {
  std::vector<SyntheticClass> classes;        // label maps: index + 1, 0 = none
  std::vector<SyntheticCategory> categories;  // labels of scenes
  std::vector<int> object_labels;             // labels of the pictures of objects: class indices

  /// Error where there is no such class.
  int ClassIndex(const std::string& name) const;
};

const SyntheticWorld& TheSyntheticWorld();

enum class SyntheticSet { kSceneTraining, kSceneValidation, kObjectTraining, kObjectValidation };

struct SyntheticOptions {
  uint64_t seed = 0;
  int size = 160;  // pixels, width and height, 64 to 512; everything is drawn at this resolution

  /// Error where a value is out of range.
  void Validate() const;
};

struct SyntheticObject {
  int class_index = 0;
  cv::Rect box;         // tight, pixels
  cv::Mat mask;         // (box.height, box.width) 8-bit, 0 or 255; as if nothing stood in front
  int64_t area = 0;     // pixels of the mask
  int64_t visible = 0;  // pixels that no nearer object covers
};

struct SyntheticImage {
  int label = 0;    // index into categories, or into object_labels
  cv::Mat picture;  // (size, size) 8-bit BGR
  cv::Mat classes;  // (size, size) 8-bit: class index + 1 of what is seen, 0 = none
  cv::Mat visible;  // (size, size) int32: index into `objects` of what is seen, -1 = none
  std::vector<SyntheticObject> objects;  // as painted: farthest first
};

/// The label of picture `index` of a set: they take turns, so that every N pictures in a row have
/// each of N labels once.
int SyntheticLabel(SyntheticSet set, int64_t index);

SyntheticImage RenderSynthetic(SyntheticSet set, int64_t index,
                               const SyntheticOptions& options = {});

/// The outline of what is seen of an object, in pixels: one closed polygon, its parts and holes
/// joined by cuts of no width. Covered holes are filled, so that painting the polygons in the order
/// of `objects`, or the largest first, gives the label map but for the pixels of the cuts. Empty
/// where nothing is seen.
std::vector<cv::Point> OutlineOfVisible(const SyntheticImage& image, size_t object);

}  // namespace netdissect
