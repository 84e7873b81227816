#pragma once
// Where objects stand in a scene: drawn at random, each where there is still room, and painted from
// back to front.

#include <string>
#include <vector>

#include "world/model.h"

namespace netdissect {

/// How many objects of a class a scene is to have.
struct Wanted {
  std::string name;
  int count = 0;
  bool informative = false;
};

/// Draws what a scene of the category has: at least one informative object.
std::vector<Wanted> DrawObjects(const SyntheticCategory& category, Dice& dice);

struct Placed {
  const ObjectModel* model;
  Vec3 position, size;
  float yaw;
  Bounds bounds;  // in the world, axes along the world's
  Dice dice;
};

/// Bounds of a model of that size that stands at `position`, turned by any angle.
Bounds BoundsAt(const Vec3& position, const Vec3& size, float yaw);

/// The plan of the ground: what is taken.
class ScenePlan {
 public:
  bool IsFree(const Bounds& bounds, float margin) const;
  void Take(const Bounds& bounds) { taken_.push_back(bounds); }

 private:
  std::vector<Bounds> taken_;
};

void PaintBackToFront(WorldCanvas& canvas, const std::vector<Placed>& objects);

/// Light and camera as a photographer's day would have them.
Development DrawDevelopment(Dice& dice);

/// A room, and a place outdoors, of the category.
SyntheticImage PaintRoom(const SyntheticCategory& category, int size, const Dice& dice);
SyntheticImage PaintOutdoors(const SyntheticCategory& category, int size, const Dice& dice);
/// One object before a background that says nothing of it.
SyntheticImage PaintAlone(const std::string& name, int size, const Dice& dice);

// Parts of the surroundings, for all layouts.

/// The sky's light, and its colours.
struct Sky {
  Light light;
  Color zenith, horizon;
  float cloudiness = 0;
};
Sky DrawSky(Dice& dice);
void PaintSky(WorldCanvas& canvas, const Sky& sky, float horizon_row);
void PaintCloud(WorldCanvas& canvas, const Sky& sky, Dice dice, float horizon_row);
/// A mountain `high` times as high as the picture, at x (0 to 1) of it.
void PaintMountain(WorldCanvas& canvas, Dice dice, float distance, float x, float high);
Material GroundMaterial(const std::string& name, Dice& dice);
Plane GroundPlane();

Light DrawRoomLight(Dice& dice);
Material WallMaterial(Dice& dice);
Material FloorMaterial(Dice& dice);

}  // namespace netdissect
