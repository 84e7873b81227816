// One object before a background drawn without regard to it: a studio, a room or a field.

#include <cmath>

#include "world/layout.h"

namespace netdissect {
namespace {

// Which of its looks a class has in a picture of its own.
const ObjectModel& LookOf(const std::string& name, Dice& dice) {
  if (name == "lamp") {
    return ModelOf(dice.Pick(std::vector<std::string>{"lamp/floor", "lamp/table", "lamp/street"}));
  }
  if (name == "plant") {
    return ModelOf(dice.Pick(std::vector<std::string>{"plant/potted", "plant/bush"}));
  }
  return ModelOf(name);
}

void PaintStudio(WorldCanvas& canvas, Dice& dice, float unit) {
  const Color wall = FabricColor(dice);
  canvas.Backdrop(wall * dice.Between(0.7f, 1.1f), Mixed(wall, {1, 1, 1}, 0.3f), 0.7f);
  Plane ground = GroundPlane();
  canvas.Fill(ground, {Ellipse(0, 4 * unit, 9 * unit, 7 * unit)},
              Material(Mixed(wall, {1, 1, 1}, 0.2f)).Soft(0.5f).Unmarked());
  for (int i = dice.Count(0, 4); i > 0; --i) {  // lights out of focus
    canvas.Shine({dice.Between(-4, 4) * unit, dice.Between(0, 4) * unit, 9 * unit},
                 dice.Between(0.6f, 2) * unit, VividColor(dice) * 0.3f);
  }
}

void PaintCorner(WorldCanvas& canvas, Dice& dice, float unit) {
  const float back = dice.Between(1.4f, 3) * unit;
  const auto scaled = [&](Material material) {  // as large to the object as in a room to furniture
    material.scale *= 0.6f * unit;
    return material;
  };
  canvas.Fill(GroundPlane(), {Rectangle(-30 * unit, -20 * unit, 30 * unit, back)},
              scaled(FloorMaterial(dice)).Unmarked());
  canvas.Fill({{0, 0, back}, {1, 0, 0}, {0, 1, 0}},
              {Rectangle(-30 * unit, 0, 30 * unit, 30 * unit)},
              scaled(WallMaterial(dice)).Unmarked());
}

void PaintField(WorldCanvas& canvas, Dice& dice, const Sky& sky, float horizon_row, float unit) {
  canvas.Backdrop(sky.zenith, sky.horizon, horizon_row);
  const char* grounds[] = {"grass", "earth", "sand", "sidewalk", "road"};
  Material ground = GroundMaterial(dice.Pick(grounds), dice);
  ground.scale *= std::max(0.3f, 0.5f * unit);
  canvas.Fill(GroundPlane(), {Rectangle(-900 * unit, -20 * unit, 900 * unit, 900 * unit)},
              ground.Unmarked());
}

}  // namespace

SyntheticImage PaintAlone(const std::string& name, int size, const Dice& choices) {
  Dice dice = choices;
  const ObjectModel& model = LookOf(name, dice);
  const Vec3 extent = model.Size(dice);
  const bool flies = model.anchor == Anchor::kAir;
  const float largest = std::max({extent[1], 0.92f * extent[0], 0.8f * extent[2]});
  const float bottom = flies ? dice.Between(0.2f, 1) * extent[1] : 0;
  CameraOptions options;
  options.focal = dice.Between(1.0f, 1.6f);
  const float distance = options.focal * largest / dice.Between(0.5f, 0.84f) + extent[2] / 2;
  options.eye = {0, bottom + extent[1] * dice.Between(0.35f, 0.95f) + 0.1f * largest, -distance};
  if (extent[1] > 5) options.eye[1] = dice.Between(1.5f, 4);
  const float aim = bottom + extent[1] * dice.Between(0.42f, 0.58f);
  options.pitch = std::atan2(aim - options.eye[1], distance);
  options.yaw = dice.Between(-0.1f, 0.1f) / options.focal;
  const float horizon_row = 0.5f + std::tan(options.pitch) * options.focal;
  const int kind = dice.Count(0, 2);
  Sky sky = DrawSky(dice);
  sky.light.haze_distance = 0;
  const Light light = kind == 2 ? sky.light : DrawRoomLight(dice);
  WorldCanvas canvas(size, Camera(options), light);
  if (kind == 0) {
    PaintStudio(canvas, dice, largest);
  } else if (kind == 1) {
    PaintCorner(canvas, dice, largest);
  } else {
    PaintField(canvas, dice, sky, std::max(horizon_row, 0.2f), largest);
  }
  // Solids are seen from many sides, what has a front mostly from there.
  const float turn = model.anchor == Anchor::kBack || model.anchor == Anchor::kOnTop ? 0.85f : 1.2f;
  const bool round_trip =
      extent[0] > 1.4f * extent[2] && dice.Chance(0.5f) && model.anchor == Anchor::kFloor;
  const float yaw = dice.Between(-turn, turn) + (round_trip ? 3.1415927f : 0);
  PaintObject(canvas, model, dice.Fork(), {0, bottom, 0}, yaw, extent);
  return canvas.Develop(DrawDevelopment(dice));
}

}  // namespace netdissect
