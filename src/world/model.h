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

struct Model {
  std::string name;  // the class; "lamp/street" is a lamp
  Anchor anchor = Anchor::kFloor;
  Vec3 least, most;  // width, height and depth, metres
  void (*paint)(Artist& artist) = nullptr;
  float bottom = 0;  // of what hangs: metres above the ground, at least

  /// One size for this object: a common scale, and each side's own deviation.
  Vec3 Size(Dice& dice) const;
};

// Families of models, one file each.
std::vector<Model> BedroomModels();
std::vector<Model> SeatingModels();
std::vector<Model> KitchenModels();
std::vector<Model> OfficeModels();
std::vector<Model> BathroomModels();
std::vector<Model> GalleryModels();
std::vector<Model> FittingModels();
std::vector<Model> PlantModels();
std::vector<Model> PeopleModels();
std::vector<Model> VehicleModels();
std::vector<Model> StreetModels();
std::vector<Model> CoastModels();
std::vector<Model> FarmModels();
std::vector<Model> SiteModels();
std::vector<Model> FairModels();
std::vector<Model> MammalModels();
std::vector<Model> AnimalModels();
std::vector<Model> ThingModels();

/// Error where the class has no model (walls, sky and ground are painted by the layouts).
const Model& ModelOf(std::string_view name);

/// Paints one object of the model at a place.
void PaintObject(Canvas& canvas, const Model& model, const Dice& dice, const Vec3& position,
                 float yaw, const Vec3& size);

}  // namespace netdissect
