// What stands in streets and beside roads: buildings, lamps, traffic lights, road signs, fences.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintShop(Artist& a, const Plane& front, float x) {
  const Material glass = Material(Color(0.4f, 0.38f, 0.34f)).Gloss(0.4f).Corners(0.2f);
  a.Fill(front, {Rectangle(-0.9f * x, 0.3f, 0.45f * x, 2.5f)}, glass);
  a.Fill(front, {Rectangle(0.55f * x, 0, 0.85f * x, 2.4f)}, Material(WoodColor(a.dice) * 0.7f));
  a.Fill(front, {Rectangle(-0.95f * x, 2.6f, 0.95f * x, 3.2f)},
         Material(VividColor(a.dice), Texture::kStripes, 0.7f).Second(Color(0.95f, 0.95f, 0.95f)));
}

void PaintBuilding(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const bool brick = a.dice.Chance(0.4f), glass = !brick && a.dice.Chance(0.25f);
  const Color wall =
      brick ? Hsv(a.dice.Between(5, 30), a.dice.Between(0.3f, 0.55f), a.dice.Between(0.4f, 0.7f))
            : Mixed(PaintColor(a.dice), StoneColor(a.dice), 0.4f);
  const Color pane = glass ? Hsv(a.dice.Between(190, 220), 0.3f, a.dice.Between(0.5f, 0.8f))
                           : Hsv(215, 0.25f, a.dice.Between(0.22f, 0.4f));
  const Material body =
      (brick ? Material(wall, Texture::kBricks, 0.16f).Second(wall * 1.3f) : Material(wall))
          .Foot(0.15f)
          .Corners(0.08f);
  const Material panes =
      Material(wall, Texture::kWindows, a.dice.Between(1.7f, 2.6f)).Second(pane).Foot(0.15f);
  const bool gable = h < 11 && a.dice.Chance(0.5f);
  if (gable) {  // before the walls, which hide its lower side
    a.Extrude({{-x - 0.3f, h}, {x + 0.3f, h}, {0, h + 0.5f * a.width()}}, -z, z,
              Material(Hsv(a.dice.Between(5, 25), 0.5f, 0.4f), Texture::kStripes, 0.5f),
              Material(wall * 0.95f));
  }
  a.Box({-x, 0, -z}, {x, h, z}, body);
  const float low = 3.4f, high = h - 0.5f;
  if (high > low + 1) {
    if (a.eye()[2] < -z) a.Fill(a.Front(-z - 0.02f), {Rectangle(-x, low, x, high)}, panes);
    for (const float side : {-x, x}) {
      if (side * a.eye()[0] > x * x) {
        a.Fill(a.Side(side * 1.002f), {Rectangle(-z, low, z, high)}, panes);
      }
    }
  }
  if (a.eye()[2] < -z && a.dice.Chance(0.8f)) PaintShop(a, a.Front(-z - 0.04f), x);
  if (!gable && a.dice.Chance(0.7f)) {  // a cornice
    a.Box({-x - 0.25f, h, -z - 0.25f}, {x + 0.25f, h + 0.4f, z + 0.25f}, Material(wall * 0.8f));
  }
}

void PaintStreetLamp(Artist& a) {
  const float h = a.height();
  const Material metal = Material(GreyColor(a.dice, 0.12f, 0.45f)).Gloss(0.3f);
  const Color light = Hsv(a.dice.Between(35, 55), 0.25f, 1);
  a.Cone(0, 0, 0, 0.5f, 0.12f, 0.09f, metal);
  a.Cone(0, 0, 0.5f, h - 0.3f, 0.06f, 0.045f, metal);
  if (a.dice.Chance(0.5f)) {  // a lantern
    a.OnCard({{-0.14f, h - 0.5f}, {0.14f, h - 0.5f}, {0.24f, h - 0.05f}, {-0.24f, h - 0.05f}},
             Material(light).Glow(0.85f));
    a.OnCard({{-0.3f, h - 0.05f}, {0.3f, h - 0.05f}, {0, h + 0.15f}}, metal);
  } else {  // an arm
    a.OnCard(Limb({0, h - 0.35f}, {0.9f, h}, 0.05f, 0.05f), metal);
    a.OnCard(RoundedRectangle(0.6f, h - 0.08f, 1.35f, h + 0.1f, 0.1f), metal);
    a.OnCard(Rectangle(0.68f, h - 0.13f, 1.28f, h - 0.03f), Material(light).Glow());
  }
}

void PaintTrafficLight(Artist& a) {
  const float h = a.height(), x = 0.22f;
  const Material metal = Material(GreyColor(a.dice, 0.15f, 0.35f));
  a.Cone(0, 0, 0, h - 0.9f, 0.08f, 0.07f, metal);
  const float low = h - 1.25f;
  a.OnCard(RoundedRectangle(-x - 0.04f, low - 0.04f, x + 0.04f, h + 0.04f, 0.1f),
           Material(Color(0.85f, 0.85f, 0.85f)));
  a.OnCard(RoundedRectangle(-x, low, x, h, 0.08f), Material(Color(0.09f, 0.09f, 0.1f)));
  const Color lights[] = {{0.2f, 0.85f, 0.15f}, {0.05f, 0.75f, 1}, {0.1f, 0.1f, 0.98f}};
  const int lit = a.dice.Count(0, 2);
  for (int i = 0; i < 3; ++i) {
    const float y = low + 0.22f + 0.4f * static_cast<float>(i);
    const Color& color = lights[i];
    a.OnCard(Ellipse(0, y, 0.155f, 0.155f),
             i == lit ? Material(color).Glow() : Material(color * 0.32f).Ball());
    if (i == lit) a.canvas.Shine(a.World({0, y, 0}), 0.7f, color * 0.4f);
  }
}

// A gantry over the road, or a sign on two posts.
void PaintSign(Artist& a) {
  const float x = a.width() / 2, h = a.height(), low = h - 0.38f * a.width();
  const Material post = Material(GreyColor(a.dice, 0.45f, 0.7f)).Gloss(0.2f);
  const Color board = a.dice.Chance(0.5f) ? Hsv(150, 0.75f, 0.42f) : Hsv(215, 0.8f, 0.6f);
  a.Box({-0.8f * x, 0, 0}, {-0.8f * x + 0.16f, h - 0.2f, 0.16f}, post);
  a.Box({0.8f * x - 0.16f, 0, 0}, {0.8f * x, h - 0.2f, 0.16f}, post);
  const Plane front = a.NearEnd(-0.03f, 0.2f);
  const Material white(Color(0.95f, 0.95f, 0.95f));
  a.Fill(front, {RoundedRectangle(-x, low, x, h, 0.2f)}, white);
  a.Fill(front, {RoundedRectangle(-x + 0.06f, low + 0.06f, x - 0.06f, h - 0.06f, 0.16f)},
         Material(board).Glow(0.15f));
  const float room = h - low;
  for (int line = 0; line < 2; ++line) {  // words
    const float y = h - room * (0.28f + 0.36f * static_cast<float>(line));
    for (float at = -0.78f * x; at < 0.35f * x;) {
      const float word = a.dice.Between(0.12f, 0.4f) * x;
      a.Fill(front,
             {Rectangle(at, y - 0.08f * room, std::min(at + word, 0.45f * x), y + 0.08f * room)},
             white);
      at += word + 0.09f * x;
    }
  }
  const float ax = 0.68f * x, ay = low + 0.2f * room, aw = 0.05f * x;
  a.Fill(front,
         {{{ax - aw, ay},
           {ax + aw, ay},
           {ax + aw, ay + 0.35f * room},
           {ax + 3 * aw, ay + 0.35f * room},
           {ax, ay + 0.62f * room},
           {ax - 3 * aw, ay + 0.35f * room},
           {ax - aw, ay + 0.35f * room}}},
         white);
}

void PaintFence(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Material wood =
      Material(a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.75f, 0.95f) : WoodColor(a.dice),
               Texture::kWood, 0.2f);
  a.Box({-x, 0.3f * h, -0.02f}, {x, 0.3f * h + 0.1f, 0.02f}, wood);
  a.Box({-x, 0.7f * h, -0.02f}, {x, 0.7f * h + 0.1f, 0.02f}, wood);
  for (float at = -x; at < x; at += 0.32f) {
    a.Fill(a.Front(-0.03f),
           {{{at, 0}, {at + 0.14f, 0}, {at + 0.14f, 0.9f * h}, {at + 0.07f, h}, {at, 0.9f * h}}},
           wood);
  }
}

void PaintGuardrail(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Material steel = Material(GreyColor(a.dice, 0.6f, 0.8f)).Gloss(0.3f);
  for (float at = -x + 0.5f; at < x; at += 2) {
    a.Box({at, 0, 0}, {at + 0.12f, h, 0.1f}, Material(steel.color * 0.7f));
  }
  a.Box({-x, 0.45f * h, -0.06f}, {x, h, 0}, steel);
  const Plane near = a.NearEnd(-0.062f, 0.002f);
  a.Fill(near, {Rectangle(-x, 0.68f * h, x, 0.76f * h)}, Material(steel.color * 0.55f));
  a.Fill(near, {Rectangle(-x, 0.9f * h, x, h)}, Material(steel.color * 1.15f));
}

}  // namespace

std::vector<ObjectModel> StreetModels() {
  return {
      {"building", Anchor::kFloor, {7, 6.5f, 7}, {12, 18, 10}, PaintBuilding},
      {"lamp/street", Anchor::kFloor, {0.5f, 3.4f, 0.5f}, {0.6f, 5.4f, 0.5f}, PaintStreetLamp},
      {"traffic light", Anchor::kFloor, {0.5f, 3.2f, 0.3f}, {0.6f, 4.2f, 0.3f}, PaintTrafficLight},
      {"road sign", Anchor::kFloor, {3.4f, 5.6f, 0.3f}, {5.5f, 6.8f, 0.3f}, PaintSign},
      {"fence", Anchor::kFloor, {4, 0.9f, 0.1f}, {9, 1.2f, 0.1f}, PaintFence},
      {"guardrail", Anchor::kFloor, {60, 0.8f, 0.12f}, {60, 0.9f, 0.12f}, PaintGuardrail}};
}

}  // namespace netdissect
