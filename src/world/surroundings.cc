// What scenes of all categories share: skies, clouds, mountains, the ground; walls and floors.

#include <cmath>

#include "world/layout.h"
#include "world/noise.h"

namespace netdissect {
namespace {

Vec3 Unit(const Vec3& v) { return v / static_cast<float>(cv::norm(v)); }

}  // namespace

Sky DrawSky(Dice& dice) {
  Sky sky;
  const float side = dice.Sign() * dice.Between(0.25f, 0.9f);
  sky.light.toward = Unit({side, dice.Between(0.45f, 1.1f), dice.Between(-0.8f, -0.1f)});
  const float kind = dice.Between(0, 1);
  if (kind < 0.55f) {  // blue
    sky.zenith =
        Hsv(dice.Between(202, 218), dice.Between(0.45f, 0.75f), dice.Between(0.72f, 0.95f));
    sky.horizon = Mixed(sky.zenith, {0.98f, 0.97f, 0.95f}, dice.Between(0.55f, 0.85f));
    sky.light.ambient = {0.66f, 0.62f, 0.58f};
    sky.light.direct = {0.46f, 0.53f, 0.58f};
    sky.light.shadows = 0.6f;
  } else if (kind < 0.8f) {  // overcast
    const float grey = dice.Between(0.68f, 0.88f);
    sky.zenith = Color(grey, 0.98f * grey, 0.95f * grey) * 0.9f;
    sky.horizon = Color(grey, 0.99f * grey, 0.98f * grey) * 1.05f;
    sky.light.ambient = {0.8f, 0.79f, 0.78f};
    sky.light.direct = {0.22f, 0.22f, 0.22f};
    sky.light.shadows = 0.35f;
    sky.cloudiness = 0.6f;
  } else {  // evening
    sky.zenith = Hsv(dice.Between(215, 245), dice.Between(0.3f, 0.55f), dice.Between(0.5f, 0.75f));
    sky.horizon = Hsv(dice.Between(18, 42), dice.Between(0.35f, 0.6f), 0.98f);
    sky.light.ambient = {0.6f, 0.54f, 0.54f};
    sky.light.direct = {0.34f, 0.48f, 0.62f};
    sky.light.shadows = 0.55f;
  }
  sky.light.haze = Mixed(sky.horizon, sky.zenith, 0.25f) * 0.96f;
  sky.light.haze_distance = dice.Between(90, 260);
  return sky;
}

void PaintSky(WorldCanvas& canvas, const Sky& sky, float horizon_row) {
  const SyntheticWorld& world = TheSyntheticWorld();
  canvas.BeginObject(world.ClassIndex("sky"));
  canvas.Backdrop(sky.zenith, sky.horizon, horizon_row);
  canvas.EndObject();
}

void PaintCloud(WorldCanvas& canvas, const Sky& sky, Dice dice, float horizon_row) {
  constexpr float kFar = 900;  // metres
  const Camera& camera = canvas.camera();
  const float metre = kFar / camera.focal();  // the picture's height at that distance
  const float x = dice.Between(-0.55f, 0.55f) * metre + kFar * std::tan(camera.yaw());
  const float y = camera.eye()[1] + dice.Between(0.22f, 0.95f) * horizon_row * metre;
  const float wide = dice.Between(0.1f, 0.24f) * metre, tall = wide * dice.Between(0.22f, 0.4f);
  const Plane plane = {{x, y, kFar}, {1, 0, 0}, {0, 1, 0}};
  const Color white = Mixed({1, 1, 1}, sky.horizon, 0.2f + 0.3f * sky.cloudiness);
  const Color shade = Mixed(white, sky.zenith * 0.85f, 0.4f);
  canvas.BeginObject(TheSyntheticWorld().ClassIndex("cloud"));
  const int puffs = dice.Count(6, 10);
  for (int pass = 0; pass < 2; ++pass) {  // the shaded undersides, then what the sun lights
    Dice puff = dice;
    for (int i = 0; i < puffs; ++i) {
      const float t = 2 * static_cast<float>(i) / static_cast<float>(puffs - 1) - 1;
      const float r = wide * puff.Between(0.28f, 0.48f) * (1.15f - 0.6f * t * t);
      const float px = 0.72f * wide * t, py = tall * puff.Between(-0.1f, 0.6f) * (1 - t * t);
      const float lift = pass == 0 ? 0 : 0.22f * r;
      Material material(pass == 0 ? shade : white, Texture::kMottle, 0.25f * wide);
      material = material.Second(pass == 0 ? shade * 1.04f : white * 0.97f)
                     .Soft(0.75f)
                     .Glow()
                     .Opacity(pass == 0 ? 0.95f : 0.85f)
                     .Grain(0);
      canvas.Fill(plane,
                  {Blob(px, py + lift, r * (pass == 0 ? 1 : 0.9f), r * (pass == 0 ? 0.62f : 0.52f),
                        0.15f, puff.Between(0, 90))},
                  material);
    }
  }
  canvas.EndObject();
}

void PaintMountain(WorldCanvas& canvas, Dice dice, float distance, float x, float high) {
  const Camera& camera = canvas.camera();
  const float metre = distance / camera.focal();
  const float h = high * metre, w = h * dice.Between(1.1f, 1.9f);
  const float at = (x - 0.5f) * metre + distance * std::tan(camera.yaw());
  const Plane plane = {{at, 0, distance}, {1, 0, 0}, {0, 1, 0}};
  const float seed = dice.Between(0, 200), lean = dice.Between(-0.25f, 0.25f);
  constexpr int kSteps = 40;
  const auto ridge = [&](float t) {  // height at t, -1 to 1
    const float s = t < lean ? (t + 1) / (lean + 1) : (1 - t) / (1 - lean);
    const float rough = (Fractal(3.5f * t + seed, seed) - 0.5f) * 0.3f +
                        (Noise(17 * t + seed, 3 * seed) - 0.5f) * 0.06f;
    return h * std::max(0.0f, std::pow(std::max(s, 0.0f), 0.95f) +
                                  rough * std::min(1.0f, 4 * s) * (1.1f - s));
  };
  Contour outline = {{-w, -0.05f * h}};
  for (int i = 0; i <= kSteps; ++i) {
    const float t = 2 * static_cast<float>(i) / kSteps - 1;
    outline.emplace_back(t * w, ridge(t));
  }
  outline.emplace_back(w, -0.05f * h);
  const bool green = dice.Chance(0.35f);
  const Color rock =
      green ? Hsv(dice.Between(80, 130), 0.35f, dice.Between(0.3f, 0.45f))
            : Hsv(dice.Between(15, 250), dice.Between(0.08f, 0.28f), dice.Between(0.38f, 0.55f));
  canvas.BeginObject(TheSyntheticWorld().ClassIndex("mountain"));
  const float sun = canvas.light().toward[0];
  Material body =
      Material(rock * 1.12f, Texture::kMottle, 0.12f * h).Second(rock * 0.75f).Glow(0.55f);
  canvas.Fill(plane, {outline}, body);
  // The flank that faces away from the sun, from the peak down a crooked ridge.
  Contour dark;
  const float turned = sun > 0 ? -1.0f : 1.0f;
  for (int i = 0; i <= kSteps / 2; ++i) {
    const float s = static_cast<float>(i) / static_cast<float>(kSteps / 2);
    const float t = turned > 0 ? lean + s * (1 - lean) : lean - s * (1 + lean);
    dark.emplace_back(t * w, ridge(t));
  }
  for (int i = 12; i >= 0; --i) {
    const float s = static_cast<float>(i) / 12;
    const float y = ridge(lean) * (1 - s);
    const float crooked = (Noise(5 * s + seed, 7) - 0.5f) * 0.5f * s + 0.16f * s * turned;
    dark.emplace_back((lean + crooked) * w, y);
  }
  canvas.Fill(plane, {dark},
              Material(rock * 0.72f, Texture::kMottle, 0.1f * h)
                  .Second(rock * 0.55f)
                  .Glow(0.55f)
                  .Opacity(0.85f));
  if (high > 0.16f && dice.Chance(0.75f)) {  // snow
    const float line = dice.Between(0.5f, 0.72f) * h;
    Contour snow;
    for (int i = 0; i <= kSteps; ++i) {
      const float t = 2 * static_cast<float>(i) / kSteps - 1;
      if (ridge(t) > line) snow.emplace_back(t * w, ridge(t));
    }
    const size_t top = snow.size();
    for (size_t i = top; i-- > 0;) {
      const float y = line + (Noise(snow[i].x / w * 22 + seed, 11) - 0.6f) * 0.3f * h;
      snow.emplace_back(snow[i].x, std::min(y, snow[i].y));
    }
    if (top > 2) {
      canvas.Fill(plane, {snow},
                  Material(Color(0.98f, 0.95f, 0.93f), Texture::kMottle, 0.1f * h)
                      .Second(Color(0.9f, 0.84f, 0.8f))
                      .Glow(0.4f)
                      .Opacity(0.92f));
    }
  }
  canvas.EndObject();
}

Plane GroundPlane() { return {{0, 0, 0}, {1, 0, 0}, {0, 0, 1}}; }

Material GroundMaterial(const std::string& name, Dice& dice) {
  if (name == "grass") {
    const Color green =
        Hsv(dice.Between(62, 110), dice.Between(0.4f, 0.65f), dice.Between(0.4f, 0.62f));
    return Material(green, Texture::kGrass, 0.5f).Second(green * 0.72f).Grain(0.08f);
  }
  if (name == "earth") {
    const Color brown =
        Hsv(dice.Between(20, 42), dice.Between(0.2f, 0.45f), dice.Between(0.45f, 0.72f));
    return Material(brown, Texture::kMottle, 1.3f).Second(brown * 0.75f).Grain(0.1f);
  }
  if (name == "sand") {
    const Color sand =
        Hsv(dice.Between(32, 46), dice.Between(0.2f, 0.42f), dice.Between(0.75f, 0.95f));
    return Material(sand, Texture::kMottle, 0.9f).Second(sand * 0.88f).Grain(0.06f);
  }
  if (name == "sidewalk") {
    const Color stone = StoneColor(dice);
    return Material(stone, Texture::kTiles, 0.9f).Second(stone * 0.75f).Grain(0.05f);
  }
  const Color asphalt = GreyColor(dice, 0.26f, 0.42f);
  return Material(asphalt, Texture::kMottle, 0.5f).Second(asphalt * 0.88f).Grain(0.08f);
}

Light DrawRoomLight(Dice& dice) {
  Light light;
  light.toward = Unit({dice.Sign() * dice.Between(0.2f, 0.9f), dice.Between(0.6f, 1.2f),
                       dice.Between(-1.0f, -0.3f)});
  const float warmth = dice.Between(-0.06f, 0.12f), dark = dice.Between(0.94f, 1.1f);
  light.ambient = Color(0.62f - warmth, 0.62f, 0.62f + 0.5f * warmth) * dark;
  light.direct = Color(0.38f - warmth, 0.38f, 0.38f + warmth) * dark;
  light.shadows = dice.Between(0.45f, 0.7f);
  light.night = dice.Chance(0.15f);
  return light;
}

Material WallMaterial(Dice& dice) {
  const Color paint = PaintColor(dice);
  Material wall(paint);
  const float kind = dice.Between(0, 1);
  if (kind < 0.15f) {
    wall = Material(paint, Texture::kStripes, dice.Between(0.25f, 0.6f)).Second(paint * 0.94f);
  } else if (kind < 0.25f) {
    const Color brick =
        Hsv(dice.Between(5, 30), dice.Between(0.15f, 0.5f), dice.Between(0.5f, 0.85f));
    wall = Material(brick, Texture::kBricks, 0.09f).Second(Mixed(brick, {0.8f, 0.8f, 0.8f}, 0.6f));
  } else if (kind < 0.37f) {
    wall = Material(paint, Texture::kTiles, dice.Between(0.2f, 0.4f)).Second(paint * 0.85f);
  } else {
    wall = Material(paint, Texture::kMottle, 0.8f).Second(paint * 0.97f);
  }
  return wall.Corners(0.22f).Grain(0.02f);
}

Material FloorMaterial(Dice& dice) {
  const float kind = dice.Between(0, 1);
  Material floor;
  if (kind < 0.5f) {
    const Color wood = WoodColor(dice);
    floor = Material(wood, Texture::kPlanks, dice.Between(0.12f, 0.2f)).Second(wood * 0.78f);
  } else if (kind < 0.7f) {
    const Color tile = Mixed(StoneColor(dice), PaintColor(dice), 0.5f);
    floor = Material(tile, Texture::kTiles, dice.Between(0.35f, 0.6f)).Second(tile * 0.7f);
  } else if (kind < 0.8f) {
    const Color tile = PaintColor(dice);
    floor = Material(tile, Texture::kChecks, dice.Between(0.4f, 0.6f))
                .Second(tile * dice.Between(0.3f, 0.75f));
  } else {
    const Color carpet = Mixed(FabricColor(dice), {0.6f, 0.62f, 0.64f}, dice.Between(0.2f, 0.7f));
    floor = Material(carpet, Texture::kMottle, 0.12f).Second(carpet * 0.9f).Grain(0.1f);
  }
  return floor.Corners(0.3f);
}

}  // namespace netdissect
