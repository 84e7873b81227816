#include "world/model.h"

#include <unordered_map>

#include "netdissect/base/error.h"

namespace netdissect {

Vec3 ObjectModel::Size(Dice& dice) const {
  const float scale = dice.Between(0, 1);
  Vec3 size;
  for (int k = 0; k < 3; ++k) {
    const float t = 0.6f * scale + 0.4f * dice.Between(0, 1);
    size[k] = least[k] + (most[k] - least[k]) * t;
  }
  return size;
}

const ObjectModel& ModelOf(std::string_view name) {
  static const auto kModels = [] {
    std::unordered_map<std::string, ObjectModel> models;
    for (const auto family :
         {BedroomModels, SeatingModels, KitchenModels, OfficeModels, BathroomModels, GalleryModels,
          FittingModels, PlantModels, PeopleModels, VehicleModels, StreetModels, CoastModels,
          FarmModels, SiteModels, FairModels, MammalModels, AnimalModels, ThingModels}) {
      for (ObjectModel& model : family()) models.emplace(model.name, std::move(model));
    }
    return models;
  }();
  const auto found = kModels.find(std::string(name));
  if (found == kModels.end()) Fail("expected a class with a model, found {}", name);
  return found->second;
}

void PaintObject(WorldCanvas& canvas, const ObjectModel& model, const Dice& dice,
                 const Vec3& position, float yaw, const Vec3& size) {
  Artist artist(canvas, dice, position, yaw, size);
  const bool stands = model.anchor == Anchor::kFloor || model.anchor == Anchor::kBack;
  if (stands) artist.GroundShadow();
  canvas.BeginObject(TheSyntheticWorld().ClassIndex(model.name.substr(0, model.name.find('/'))));
  model.paint(artist);
  canvas.EndObject();
}

}  // namespace netdissect
