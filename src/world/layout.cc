#include "world/layout.h"

#include <algorithm>
#include <cmath>

namespace netdissect {

std::vector<Wanted> DrawObjects(const SyntheticCategory& category, Dice& dice) {
  const SyntheticWorld& world = TheSyntheticWorld();
  std::vector<Wanted> wanted;
  bool informed = false;
  for (const SyntheticPresence& presence : category.objects) {
    const bool present = dice.Chance(static_cast<float>(presence.probability));
    const int count = dice.Count(presence.least, presence.most);
    wanted.push_back({world.classes[static_cast<size_t>(presence.class_index)].name,
                      present ? count : 0, presence.informative});
    informed = informed || (present && presence.informative);
  }
  if (!informed) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i].informative) continue;
      wanted[i].count = category.objects[i].least;
      break;
    }
  }
  return wanted;
}

Bounds BoundsAt(const Vec3& position, const Vec3& size, float yaw) {
  const float c = std::abs(std::cos(yaw)), s = std::abs(std::sin(yaw));
  const Vec3 half(0.5f * (c * size[0] + s * size[2]), 0, 0.5f * (s * size[0] + c * size[2]));
  return {position - half, position + half + Vec3(0, size[1], 0)};
}

bool ScenePlan::IsFree(const Bounds& bounds, float margin) const {
  for (const Bounds& other : taken_) {
    bool apart = false;
    for (int k = 0; k < 3; ++k) {
      const float room = k == 1 ? 0 : margin;
      apart =
          apart || bounds.low[k] >= other.high[k] + room || bounds.high[k] <= other.low[k] - room;
    }
    if (!apart) return false;
  }
  return true;
}

void PaintBackToFront(WorldCanvas& canvas, const std::vector<Placed>& objects) {
  std::vector<Bounds> bounds;
  for (const Placed& placed : objects) bounds.push_back(placed.bounds);
  for (const size_t i : BackToFront(bounds, canvas.camera().eye())) {
    const Placed& placed = objects[i];
    PaintObject(canvas, *placed.model, placed.dice, placed.position, placed.yaw, placed.size);
  }
}

Development DrawDevelopment(Dice& dice) {
  Development development;
  const float exposure = dice.Between(0.9f, 1.15f), warmth = dice.Between(-0.07f, 0.09f);
  development.gain = Color(1 - warmth, 1 + dice.Between(-0.02f, 0.02f), 1 + warmth) * exposure;
  development.vignette = dice.Between(0.03f, 0.22f);
  development.slope_x = dice.Between(-0.12f, 0.12f);
  development.slope_y = dice.Between(-0.06f, 0.06f);
  development.blur = dice.Chance(0.12f) ? dice.Between(0.45f, 0.7f) : dice.Between(0.1f, 0.4f);
  development.noise = dice.Between(0.002f, 0.014f);
  development.seed = dice.Next();
  return development;
}

}  // namespace netdissect
