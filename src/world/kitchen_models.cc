// Stoves, refrigerators and cupboards.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintStove(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const bool dark = a.dice.Chance(0.3f);
  const Material body =
      Material(dark ? GreyColor(a.dice, 0.15f, 0.25f) : GreyColor(a.dice, 0.7f, 0.95f))
          .Corners(0.12f)
          .Foot(0.2f)
          .Gloss(0.1f);
  const Material black = Material(Color(0.07f, 0.07f, 0.08f)).Gloss(0.35f);
  const Material metal = Material(GreyColor(a.dice, 0.55f, 0.8f)).Gloss(0.3f);
  const Material knob = Material(dark ? Color(0.8f, 0.8f, 0.8f) : Color(0.12f, 0.12f, 0.12f));
  a.Box({-x, 0, -z}, {x, h, z}, body);
  if (a.eye()[1] > h) {
    a.Fill(a.Top(h), {Rectangle(-x + 0.02f, -z + 0.03f, x - 0.02f, z - 0.02f)}, black);
    for (const float bx : {-0.45f * x, 0.45f * x}) {
      for (const float bz : {-0.4f * z, 0.45f * z}) {
        const bool hot = a.dice.Chance(0.25f);
        const Material ring =
            hot ? Material(Color(0.1f, 0.2f, 0.85f)).Glow(0.8f) : Material(Color(0.3f, 0.3f, 0.3f));
        a.Fill(a.Top(h + 0.002f),
               {Ellipse(bx, bz, 0.3f * x, 0.3f * x), Ellipse(bx, bz, 0.17f * x, 0.17f * x)}, ring);
      }
    }
  }
  if (a.eye()[2] > -z) return;
  const Plane front = a.Front(-z - 0.002f);
  a.Fill(front, {Rectangle(-x + 0.03f, h - 0.15f, x - 0.03f, h - 0.03f)}, metal);
  for (int i = 0; i < 5; ++i) {
    const float kx = (-0.7f + 0.35f * static_cast<float>(i)) * x;
    a.Fill(front, {Ellipse(kx, h - 0.09f, 0.03f, 0.03f)}, knob);
  }
  a.Fill(front, {RoundedRectangle(-0.8f * x, 0.22f, 0.8f * x, h - 0.27f, 0.04f)}, black);
  a.Fill(front, {Rectangle(-0.8f * x, h - 0.24f, 0.8f * x, h - 0.2f)}, metal);
}

void PaintRefrigerator(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color color = a.dice.Chance(0.75f) ? GreyColor(a.dice, 0.65f, 0.97f) : PaintColor(a.dice);
  const Material body = Material(color).Corners(0.14f).Foot(0.2f).Gloss(0.16f);
  const Material seam = Material(color * 0.45f);
  const Material handle = Material(GreyColor(a.dice, 0.3f, 0.6f)).Gloss(0.3f);
  a.Box({-x, 0.05f, -z}, {x, h, z}, body);
  if (a.eye()[2] > -z) return;
  const Plane front = a.Front(-z - 0.002f);
  const float split = h * a.dice.Between(0.3f, 0.68f);
  const float side = a.dice.Sign() * (x - 0.1f);
  a.Fill(front, {Rectangle(-x, split - 0.012f, x, split + 0.012f)}, seam);
  a.Fill(front, {Rectangle(-x, 0.05f, x, 0.1f)}, seam);
  a.Fill(front,
         {RoundedRectangle(side - 0.022f, split + 0.08f, side + 0.022f,
                           std::min(h - 0.1f, split + 0.5f), 0.02f)},
         handle);
  a.Fill(front,
         {RoundedRectangle(side - 0.022f, std::max(0.2f, split - 0.5f), side + 0.022f,
                           split - 0.08f, 0.02f)},
         handle);
  for (int i = a.dice.Count(0, 3); i > 0; --i) {  // notes
    const float nx = a.dice.Between(-0.6f, 0.2f) * x, ny = a.dice.Between(0.6f, 0.85f) * h;
    a.Fill(front, {Rectangle(nx, ny, nx + 0.1f, ny + 0.12f)}, Material(PaintColor(a.dice)));
  }
}

// Doors on the front of a box, in one row of `doors`.
void PaintDoors(Artist& a, float y0, float y1, int doors, const Material& panel) {
  const Plane front = a.Front(-a.depth() / 2 - 0.002f);
  const Material handle = Material(GreyColor(a.dice, 0.25f, 0.7f)).Gloss(0.3f);
  for (int i = 0; i < doors; ++i) {
    const float left = a.width() * (static_cast<float>(i) / static_cast<float>(doors) - 0.5f);
    const float right = left + a.width() / static_cast<float>(doors);
    a.Fill(front, {Rectangle(left + 0.02f, y0 + 0.02f, right - 0.02f, y1 - 0.02f)}, panel);
    const float grip = i % 2 == 0 ? right - 0.08f : left + 0.06f;
    a.Fill(front, {Rectangle(grip, y1 - 0.25f, grip + 0.02f, y1 - 0.1f)}, handle);
  }
}

// A base unit with a worktop, or a cupboard on the wall.
void PaintCabinet(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color color = a.dice.Chance(0.5f) ? WoodColor(a.dice) : PaintColor(a.dice);
  const Material panel = Material(color, Texture::kWood, 0.3f).Second(color * 0.92f).Corners(0.25f);
  const Material body = Material(color * 0.85f).Corners(0.15f).Foot(0.3f);
  const Material worktop =
      Material(StoneColor(a.dice), Texture::kMottle, 0.03f).Second(GreyColor(a.dice, 0.2f, 0.9f));
  const int doors = std::max(1, static_cast<int>(a.width() / 0.45f));
  a.Box({-x, 0, -z}, {x, h - 0.04f, z}, body);
  if (a.eye()[2] < -z) PaintDoors(a, 0.08f, h - 0.05f, doors, panel);
  a.Box({-x - 0.01f, h - 0.04f, -z - 0.03f}, {x + 0.01f, h, z}, worktop);
}

void PaintKettle(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Material metal =
      Material(a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.5f, 0.85f) : VividColor(a.dice))
          .Gloss(0.5f);
  a.OnCard(Limb({0.7f * r, 0.45f * h}, {1.45f * r, 0.75f * h}, 0.16f * r, 0.1f * r), metal.Round());
  a.Fill(a.Card(),
         {Ellipse(0, 0.8f * h, 0.7f * r, 0.32f * h), Ellipse(0, 0.8f * h, 0.58f * r, 0.24f * h)},
         Material(Color(0.1f, 0.1f, 0.1f)));
  a.OnCard(Smooth({{-r, 0.02f},
                   {r, 0.02f},
                   {0.95f * r, 0.4f * h},
                   {0.5f * r, 0.75f * h},
                   {-0.5f * r, 0.75f * h},
                   {-0.95f * r, 0.4f * h}}),
           metal.Round());
}

}  // namespace

std::vector<ObjectModel> KitchenModels() {
  return {{"stove", Anchor::kBack, {0.6f, 0.85f, 0.58f}, {0.8f, 0.95f, 0.62f}, PaintStove},
          {"refrigerator",
           Anchor::kBack,
           {0.6f, 1.5f, 0.58f},
           {0.85f, 1.95f, 0.68f},
           PaintRefrigerator},
          {"cabinet", Anchor::kBack, {0.8f, 0.8f, 0.45f}, {1.6f, 0.95f, 0.6f}, PaintCabinet},
          {"kettle", Anchor::kOnTop, {0.2f, 0.25f, 0.2f}, {0.3f, 0.35f, 0.28f}, PaintKettle}};
}

}  // namespace netdissect
