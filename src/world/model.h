#pragma once
// The world's models: how each class of objects looks, how large it is, and where it stands.

#include <string>
#include <string_view>
#include <vector>

#include "world/artist.h"

namespace netdissect {

enum class Anchor {
  kFloor,    // stands in the open
  kBack,     // stands with its back to a wall
  kOnWall,   // hangs on a wall
  kOnTop,    // stands or lies on something
  kCeiling,  // hangs from the ceiling
  kWater,    // floats
  kAir
};

struct ObjectModel {
  std::string name;  // the class; "lamp/street" is a lamp
  Anchor anchor = Anchor::kFloor;
  Vec3 least, most;  // width, height and depth, metres
  void (*paint)(Artist& artist) = nullptr;
  float bottom = 0;  // of what hangs: metres above the ground, at least

  /// One size for this object: a common scale, and each side's own deviation.
  Vec3 Size(Dice& dice) const;
};

// Families of models, one file each.
std::vector<ObjectModel> BedroomModels();
std::vector<ObjectModel> SeatingModels();
std::vector<ObjectModel> KitchenModels();
std::vector<ObjectModel> OfficeModels();
std::vector<ObjectModel> BathroomModels();
std::vector<ObjectModel> GalleryModels();
std::vector<ObjectModel> FittingModels();
std::vector<ObjectModel> PlantModels();
std::vector<ObjectModel> PeopleModels();
std::vector<ObjectModel> VehicleModels();
std::vector<ObjectModel> StreetModels();
std::vector<ObjectModel> CoastModels();
std::vector<ObjectModel> FarmModels();
std::vector<ObjectModel> SiteModels();
std::vector<ObjectModel> FairModels();
std::vector<ObjectModel> MammalModels();
std::vector<ObjectModel> AnimalModels();
std::vector<ObjectModel> ThingModels();

/// Error where the class has no model (walls, sky and ground are painted by the layouts).
const ObjectModel& ModelOf(std::string_view name);

/// Paints one object of the model at a place.
void PaintObject(WorldCanvas& canvas, const ObjectModel& model, const Dice& dice,
                 const Vec3& position, float yaw, const Vec3& size);

}  // namespace netdissect
