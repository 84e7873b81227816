// What every room may have: windows with their curtains, doors, lamps, clocks, rugs, fireplaces and
// televisions.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintWindow(Artist& a) {
  const float x = a.width() / 2, h = a.height(), bar = 0.05f;
  const Material frame =
      Material(a.dice.Chance(0.7f) ? GreyColor(a.dice, 0.8f, 0.97f) : WoodColor(a.dice));
  const Plane wall = a.Front(-0.01f), glass = a.Front(-0.012f);
  a.Fill(wall, {Rectangle(-x, 0, x, h)}, frame);
  const bool night = a.canvas.light().night;
  const Color top = night ? Hsv(a.dice.Between(215, 240), 0.6f, 0.22f)
                          : Hsv(a.dice.Between(195, 225), a.dice.Between(0.1f, 0.5f), 0.98f);
  const Color low = night ? top * 0.6f : Mixed(top, {0.97f, 0.99f, 1}, 0.7f);
  const int bands = 6;
  for (int i = 0; i < bands; ++i) {
    const float y0 = bar + (h - 2 * bar) * static_cast<float>(i) / bands;
    const float y1 = bar + (h - 2 * bar) * static_cast<float>(i + 1) / bands;
    const float t = static_cast<float>(i) / (bands - 1);
    a.Fill(glass, {Rectangle(-x + bar, y0, x - bar, y1)},
           Material(Mixed(low, top, t)).Glow().Grain(0.02f));
  }
  if (!night) {  // what grows outside
    const Color green = FoliageColor(a.dice);
    Contour hedge = {{-x + bar, bar}};
    const float seed = a.dice.Between(0, 100), tall = a.dice.Between(0.1f, 0.35f) * h;
    for (int i = 0; i <= 10; ++i) {
      const float t = static_cast<float>(i) / 5 - 1;
      hedge.emplace_back(t * (x - bar), bar + tall * (0.8f + 0.35f * std::sin(seed + 3.1f * t) +
                                                      0.2f * std::sin(2 * seed + 9 * t)));
    }
    hedge.emplace_back(x - bar, bar);
    a.Fill(glass, {hedge},
           Material(Mixed(green, low, 0.35f), Texture::kLeaves, 0.15f).Second(green * 0.8f).Glow());
  }
  const int columns = a.width() > 1.3f ? 2 : 1;
  for (int i = 0; i < columns; ++i) {
    const float at = -x + a.width() * static_cast<float>(i + 1) / static_cast<float>(columns + 1);
    a.Fill(glass, {Rectangle(at - 0.02f, bar, at + 0.02f, h - bar)}, frame);
  }
  if (a.dice.Chance(0.6f)) {
    a.Fill(glass, {Rectangle(-x + bar, 0.62f * h - 0.02f, x - bar, 0.62f * h + 0.02f)}, frame);
  }
  a.Box({-x - 0.05f, -0.05f, -0.1f}, {x + 0.05f, 0, 0}, frame);
}

// A pair at the sides of a window as wide as the curtain.
void PaintCurtain(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = FabricColor(a.dice);
  const Material cloth = Material(color, Texture::kCorrugated, 0.09f).Foot(0.15f);
  const Plane front = a.Front(-0.1f);
  const float share = a.dice.Between(0.16f, 0.3f) * a.width();
  a.Fill(front,
         {{{-x, 0}, {-x + share, 0}, {-x + 0.8f * share, 0.45f * h}, {-x + share, h}, {-x, h}}},
         cloth);
  a.Fill(front, {{{x, 0}, {x - share, 0}, {x - 0.8f * share, 0.45f * h}, {x - share, h}, {x, h}}},
         cloth);
  a.Fill(a.Front(-0.11f), {Rectangle(-x - 0.08f, h - 0.03f, x + 0.08f, h + 0.02f)},
         Material(WoodColor(a.dice)).Gloss(0.2f));
}

void PaintDoor(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = a.dice.Chance(0.5f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.7f, 0.95f);
  const Material wood = Material(color, Texture::kWood, 0.3f).Second(color * 0.9f);
  a.Fill(a.Front(-0.01f), {Rectangle(-x - 0.07f, 0, x + 0.07f, h + 0.07f)},
         Material(color * 1.1f).Corners(0.2f));
  const Plane front = a.Front(-0.015f);
  a.Fill(front, {Rectangle(-x, 0, x, h)}, wood.Foot(0.2f));
  const Material panel = Material(color * 0.88f, Texture::kWood, 0.3f).Corners(0.35f);
  a.Fill(front, {Rectangle(-0.75f * x, 0.12f * h, 0.75f * x, 0.45f * h)}, panel);
  a.Fill(front, {Rectangle(-0.75f * x, 0.52f * h, 0.75f * x, 0.93f * h)}, panel);
  a.Fill(a.Front(-0.06f), {Ellipse(0.82f * x, 0.48f * h, 0.035f, 0.035f)},
         Material(Color(0.4f, 0.65f, 0.75f)).Ball().Gloss(0.5f));
}

struct Shade {
  Color color;
  Material material;
};

Shade LampShade(Artist& a) {
  const Color color = Hsv(a.dice.Between(28, 52), a.dice.Between(0.12f, 0.5f), 0.98f);
  return {color, Material(color).Glow(0.75f).Round()};
}

void PaintShade(Artist& a, float y, float h, float r) {
  const Shade shade = LampShade(a);
  const float top = a.dice.Between(0.45f, 0.9f) * r;
  a.Fill(a.Card(),
         {{{-r, y},
           {-0.5f * r, y - 0.03f * h},
           {0.5f * r, y - 0.03f * h},
           {r, y},
           {top, y + h},
           {-top, y + h}}},
         shade.material);
  a.canvas.Shine(a.World({0, y + 0.4f * h, 0}), 5 * r, shade.color * 0.2f);
}

void PaintFloorLamp(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Material metal = Material(GreyColor(a.dice, 0.12f, 0.7f)).Gloss(0.4f);
  a.Cone(0, 0, 0, 0.03f, 0.6f * r, 0.6f * r, metal);
  a.Cone(0, 0, 0.03f, h - 0.2f, 0.018f, 0.018f, metal);
  PaintShade(a, h - 0.34f, 0.34f, r);
}

void PaintTableLamp(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Material foot = Material(FabricColor(a.dice)).Gloss(0.4f);
  a.OnCard(Smooth({{-0.45f * r, 0},
                   {0.45f * r, 0},
                   {0.5f * r, 0.25f * h},
                   {0.12f * r, 0.5f * h},
                   {-0.12f * r, 0.5f * h},
                   {-0.5f * r, 0.25f * h}}),
           foot.Round());
  PaintShade(a, 0.48f * h, 0.52f * h, r);
}

void PaintPendant(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  a.Bar({0, 0.25f, 0}, {0, h, 0}, 0.015f, Material(Color(0.15f, 0.15f, 0.15f)));
  if (a.dice.Chance(0.4f)) {
    const Shade shade = LampShade(a);
    a.Ball({0, 0.18f, 0}, 0.75f * r, Material(shade.color).Glow(0.85f));
    a.canvas.Shine(a.World({0, 0.18f, 0}), 5 * r, shade.color * 0.2f);
  } else {
    PaintShade(a, 0, 0.28f, r);
  }
}

void PaintClock(Artist& a) {
  const float r = a.width() / 2;
  const Plane front = a.Front(-0.03f);
  const cv::Point2f middle(0, r);
  a.Fill(front, {Ellipse(0, r, r, r)}, Material(FabricColor(a.dice) * 0.6f).Gloss(0.2f));
  a.Fill(front, {Ellipse(0, r, 0.86f * r, 0.86f * r)}, Material(Color(0.95f, 0.97f, 0.97f)));
  const Material ink(Color(0.1f, 0.1f, 0.1f));
  for (int i = 0; i < 2; ++i) {
    const float angle = a.dice.Between(0, 6.28f), length = (i == 0 ? 0.45f : 0.7f) * r;
    const cv::Point2f tip(length * std::sin(angle), r + length * std::cos(angle));
    a.Fill(front, {Limb(middle, tip, 0.07f * r, 0.05f * r)}, ink);
  }
}

void PaintRug(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2;
  const Plane floor = a.Top(0.006f);
  const Color color = FabricColor(a.dice), second = FabricColor(a.dice);
  const bool round = a.dice.Chance(0.25f);
  const auto outline = [&](float inset) {
    return round ? Ellipse(0, 0, x - inset, z - inset)
                 : Rectangle(-x + inset, -z + inset, x - inset, z - inset);
  };
  const Texture pattern = a.dice.Pick(
      std::vector<Texture>{Texture::kMottle, Texture::kStripes, Texture::kChecks, Texture::kPlain});
  a.Fill(floor, {outline(0)}, Material(second).Grain(0.12f));
  a.Fill(floor, {outline(0.1f)},
         Material(color, pattern, a.dice.Between(0.25f, 0.5f))
             .Second(Mixed(color, second, 0.6f))
             .Grain(0.12f));
}

void PaintTelevision(Artist& a) {
  const float x = a.width() / 2, h = a.height(), z = a.depth() / 2, stand = 0.42f;
  const Material wood = Material(WoodColor(a.dice), Texture::kWood, 0.3f).Foot(0.3f).Corners(0.15f);
  const Material black = Material(GreyColor(a.dice, 0.05f, 0.12f)).Gloss(0.25f);
  a.Box({-x, 0, -z}, {x, stand, z}, wood);
  a.Box({-0.2f * x, stand, -0.06f}, {0.2f * x, stand + 0.06f, 0.06f}, black);
  a.Box({-0.92f * x, stand + 0.06f, -0.03f}, {0.92f * x, h, 0.03f}, black);
  if (a.eye()[2] > -0.03f) return;
  const Plane screen = a.Front(-0.032f);
  const float sx = 0.92f * x - 0.03f, y0 = stand + 0.1f, y1 = h - 0.04f;
  if (a.dice.Chance(0.35f)) {
    a.Fill(screen, {Rectangle(-sx, y0, sx, y1)}, Material(Color(0.12f, 0.11f, 0.1f)).Gloss(0.4f));
    return;
  }
  const Color glow = Hsv(a.dice.Between(0, 360), 0.6f, 0.85f);
  const float split = y0 + a.dice.Between(0.25f, 0.55f) * (y1 - y0);
  a.Fill(screen, {Rectangle(-sx, y0, sx, y1)}, Material(glow).Glow(0.9f));
  a.Fill(screen, {Rectangle(-sx, y0, sx, split)},
         Material(Hsv(a.dice.Between(60, 160), 0.6f, 0.5f)).Glow(0.9f));
  const float bx = a.dice.Between(-0.5f, 0.5f) * sx;
  a.Fill(screen, {Limb({bx, y0 + 0.05f}, {bx, 0.4f * y0 + 0.6f * y1}, 0.14f, 0.11f)},
         Material(VividColor(a.dice)).Glow(0.9f));
}

void PaintFireplace(Artist& a) {
  const float x = a.width() / 2, h = a.height(), z = a.depth() / 2;
  const bool brick = a.dice.Chance(0.5f);
  const Material stone =
      brick ? Material(Hsv(a.dice.Between(5, 20), 0.5f, 0.55f), Texture::kBricks, 0.08f)
                  .Second(Color(0.7f, 0.72f, 0.74f))
            : Material(StoneColor(a.dice) * 1.15f, Texture::kMottle, 0.2f);
  a.Box({-x, 0, -z}, {x, h, z}, stone.Foot(0.15f).Corners(0.1f));
  a.Box({-x - 0.08f, h, -z - 0.08f}, {x + 0.08f, h + 0.07f, z}, Material(WoodColor(a.dice)));
  if (a.eye()[2] > -z) return;
  const Plane front = a.Front(-z - 0.002f);
  const float ox = 0.6f * x, oy = 0.66f * h;
  a.Fill(front, {Rectangle(-ox, 0.06f, ox, oy)}, Material(Color(0.06f, 0.07f, 0.09f)));
  for (int i = 0; i < 5; ++i) {  // flames, the inner ones brighter
    const float fx = (static_cast<float>(i) - 2) * 0.32f * ox;
    const float tall = oy * a.dice.Between(0.45f, 0.85f) * (i == 2 ? 1 : 0.8f);
    for (const float inner : {1.0f, 0.55f}) {
      const float w = 0.25f * ox * inner, t = tall * inner;
      a.Fill(front,
             {Smooth({{fx - w, 0.1f},
                      {fx + w, 0.1f},
                      {fx + 0.6f * w, 0.1f + 0.5f * t},
                      {fx + a.dice.Between(-0.4f, 0.4f) * w, 0.1f + t},
                      {fx - 0.7f * w, 0.1f + 0.45f * t}})},
             Material(inner > 0.9f ? Color(0.1f, 0.45f, 0.98f) : Color(0.4f, 0.85f, 1)).Glow());
    }
  }
  a.Bar({-0.7f * ox, 0.09f, -z - 0.01f}, {0.7f * ox, 0.12f, -z - 0.01f}, 0.09f,
        Material(Color(0.1f, 0.16f, 0.25f)));
  a.canvas.Shine(a.World({0, 0.4f * h, -z}), 0.9f * a.width(), Color(0.08f, 0.22f, 0.4f));
}

}  // namespace

std::vector<ObjectModel> FittingModels() {
  return {
      {"window", Anchor::kOnWall, {0.8f, 0.9f, 0.1f}, {1.7f, 1.35f, 0.1f}, PaintWindow, 0.85f},
      {"curtain", Anchor::kOnWall, {1.4f, 1.6f, 0.1f}, {2.2f, 1.9f, 0.1f}, PaintCurtain, 0.45f},
      {"door", Anchor::kOnWall, {0.8f, 1.95f, 0.05f}, {0.95f, 2.1f, 0.05f}, PaintDoor, 0},
      {"lamp/floor", Anchor::kFloor, {0.35f, 1.4f, 0.35f}, {0.55f, 1.75f, 0.5f}, PaintFloorLamp},
      {"lamp/table", Anchor::kOnTop, {0.26f, 0.4f, 0.26f}, {0.4f, 0.6f, 0.36f}, PaintTableLamp},
      {"lamp/pendant", Anchor::kCeiling, {0.35f, 0.5f, 0.35f}, {0.6f, 0.8f, 0.6f}, PaintPendant},
      {"clock", Anchor::kOnWall, {0.28f, 0.28f, 0.04f}, {0.45f, 0.45f, 0.04f}, PaintClock, 1.7f},
      {"rug", Anchor::kFloor, {1.4f, 0.01f, 1.0f}, {2.4f, 0.01f, 1.8f}, PaintRug},
      {"television", Anchor::kBack, {1.1f, 1.05f, 0.38f}, {1.6f, 1.3f, 0.45f}, PaintTelevision},
      {"fireplace", Anchor::kBack, {1.2f, 1.05f, 0.35f}, {1.7f, 1.3f, 0.5f}, PaintFireplace}};
}

}  // namespace netdissect
