// Bathtubs, toilets, washbasins and mirrors.

#include "world/model.h"

namespace netdissect {
namespace {

Color Porcelain(Artist& a) {
  return a.dice.Chance(0.85f) ? GreyColor(a.dice, 0.88f, 0.98f) : PaintColor(a.dice);
}

void PaintBathtub(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color white = Porcelain(a);
  const Material shell = Material(white).Corners(0.2f).Foot(0.4f).Gloss(0.25f);
  a.Box({-x, 0, -z}, {x, h, z}, shell);
  if (a.eye()[1] > h) {
    const Plane rim = a.Top(h);
    a.Fill(rim, {RoundedRectangle(-x + 0.08f, -z + 0.07f, x - 0.08f, z - 0.07f, 0.25f)},
           Material(white * 0.72f).Corners(0.35f));
    a.Fill(rim, {RoundedRectangle(-x + 0.14f, -z + 0.05f, x - 0.14f, z - 0.14f, 0.25f)},
           a.dice.Chance(0.6f) ? Material(Color(0.85f, 0.75f, 0.5f), Texture::kWater, 0.15f)
                                     .Second(Color(0.95f, 0.92f, 0.85f))
                                     .Gloss(0.2f)
                               : Material(white * 0.85f).Corners(0.3f));
  }
  const Material tap = Material(GreyColor(a.dice, 0.6f, 0.8f)).Gloss(0.6f);
  a.Bar({x - 0.1f, h, 0}, {x - 0.1f, h + 0.16f, 0}, 0.035f, tap);
  a.Bar({x - 0.1f, h + 0.16f, 0}, {x - 0.24f, h + 0.14f, 0}, 0.03f, tap);
}

void PaintToilet(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), seat = 0.42f;
  const Color white = Porcelain(a);
  const Material shell = Material(white).Gloss(0.35f).Foot(0.25f);
  a.Box({-x, seat - 0.05f, z - 0.18f}, {x, h, z}, shell.Corners(0.2f));
  a.Box({-x - 0.01f, h, z - 0.19f}, {x + 0.01f, h + 0.03f, z}, shell);
  const float bowl = -z + 0.26f;
  a.Cone(0, bowl + 0.08f, 0, seat - 0.12f, 0.12f, 0.16f, shell);
  a.Cone(0, bowl, seat - 0.16f, seat, 0.13f, 0.2f, shell);
  const Plane top = a.Top(seat + 0.01f);
  a.Fill(top, {Ellipse(0, bowl, 0.2f, 0.26f)}, Material(white * 0.97f).Gloss(0.1f));
  a.Fill(top, {Ellipse(0, bowl - 0.01f, 0.13f, 0.18f)}, Material(white * 0.5f).Corners(0.3f));
  if (a.dice.Chance(0.6f)) {  // the lid, up
    a.Fill(a.Front(z - 0.2f), {RoundedRectangle(-0.19f, seat, 0.19f, seat + 0.4f, 0.17f)},
           Material(white * 0.95f).Corners(0.2f).Gloss(0.1f));
  }
}

void PaintSink(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color white = Porcelain(a);
  const Material shell = Material(white).Gloss(0.3f);
  a.Cone(0, 0.1f, 0, h - 0.15f, 0.12f, 0.09f, shell.Foot(0.3f));
  a.Extrude({{-x, h},
             {-x, h - 0.06f},
             {-0.6f * x, h - 0.2f},
             {0.6f * x, h - 0.2f},
             {x, h - 0.06f},
             {x, h}},
            -z, z, shell, shell.Foot(0.4f));
  if (a.eye()[1] > h) {
    a.Fill(a.Top(h + 0.001f), {Ellipse(0, -0.03f, 0.78f * x, 0.68f * z)},
           Material(white * 0.7f).Corners(0.25f));
  }
  const Material tap = Material(GreyColor(a.dice, 0.55f, 0.8f)).Gloss(0.6f);
  a.Bar({0, h, z - 0.06f}, {0, h + 0.18f, z - 0.06f}, 0.035f, tap);
  a.Bar({0, h + 0.18f, z - 0.06f}, {0, h + 0.15f, z - 0.2f}, 0.03f, tap);
}

void PaintMirror(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Plane front = a.Front(-0.02f);
  const bool round = a.dice.Chance(0.4f);
  const auto outline = [&](float inset) {
    return round ? Ellipse(0, h / 2, x - inset, h / 2 - inset)
                 : RoundedRectangle(-x + inset, inset, x - inset, h - inset, 0.04f);
  };
  a.Fill(front, {outline(0)},
         Material(a.dice.Chance(0.5f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.3f, 0.9f)));
  const Color glass = Hsv(a.dice.Between(170, 220), 0.14f, a.dice.Between(0.7f, 0.9f));
  a.Fill(front, {outline(0.04f)}, Material(glass, Texture::kPlain).Glow(0.5f).Gloss(0.2f));
  for (int i = 0; i < 2; ++i) {  // streaks of reflected light
    const float at = a.dice.Between(-0.4f, 0.3f) * x, wide = a.dice.Between(0.05f, 0.14f) * x;
    const float low = round ? 0.3f * h : 0.1f * h, high = round ? 0.7f * h : 0.9f * h;
    a.Fill(front,
           {{{at - 0.2f * x, low},
             {at - 0.2f * x + wide, low},
             {at + 0.2f * x + wide, high},
             {at + 0.2f * x, high}}},
           Material(Color(1, 1, 1)).Glow().Opacity(0.5f));
  }
}

}  // namespace

std::vector<ObjectModel> BathroomModels() {
  return {
      {"bathtub", Anchor::kBack, {1.4f, 0.5f, 0.7f}, {1.75f, 0.62f, 0.8f}, PaintBathtub},
      {"toilet", Anchor::kBack, {0.36f, 0.75f, 0.62f}, {0.44f, 0.85f, 0.7f}, PaintToilet},
      {"sink", Anchor::kBack, {0.5f, 0.82f, 0.42f}, {0.75f, 0.92f, 0.5f}, PaintSink},
      {"mirror", Anchor::kOnWall, {0.5f, 0.6f, 0.03f}, {0.9f, 0.95f, 0.03f}, PaintMirror, 1.15f}};
}

}  // namespace netdissect
