// Paintings and sculptures.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintLandscape(Artist& a, const Plane& front, float x, float y0, float y1) {
  const float horizon = y0 + (y1 - y0) * a.dice.Between(0.3f, 0.6f);
  const Color sky = Hsv(a.dice.Between(10, 240), a.dice.Between(0.2f, 0.6f), 0.85f);
  a.Fill(front, {Rectangle(-x, y0, x, y1)}, Material(sky, Texture::kMottle, 0.2f));
  Contour hills = {{-x, y0}};
  const float seed = a.dice.Between(0, 90);
  for (int i = 0; i <= 12; ++i) {
    const float t = static_cast<float>(i) / 6 - 1;
    hills.emplace_back(t * x, horizon + 0.25f * (y1 - y0) * std::sin(seed + 2.5f * t));
  }
  hills.emplace_back(x, y0);
  for (cv::Point2f& p : hills) p.y = std::min(p.y, y1);
  a.Fill(front, {hills}, Material(FabricColor(a.dice) * 0.8f, Texture::kMottle, 0.1f));
  a.Fill(front, {Ellipse(a.dice.Between(-0.6f, 0.6f) * x, y1 - 0.25f * (y1 - y0), 0.09f, 0.09f)},
         Material(Color(0.6f, 0.85f, 1)));
}

void PaintAbstract(Artist& a, const Plane& front, float x, float y0, float y1) {
  a.Fill(front, {Rectangle(-x, y0, x, y1)}, Material(FabricColor(a.dice), Texture::kMottle, 0.1f));
  for (int i = a.dice.Count(3, 7); i > 0; --i) {
    const float px = a.dice.Between(-x, x), py = a.dice.Between(y0, y1);
    const float rx = std::min({a.dice.Between(0.1f, 0.5f) * x, x - px, px + x});
    const float ry = std::min({a.dice.Between(0.1f, 0.4f) * (y1 - y0), y1 - py, py - y0});
    const Contour shape = a.dice.Chance(0.5f) ? Ellipse(px, py, rx, ry)
                                              : Rectangle(px - rx, py - ry, px + rx, py + ry);
    a.Fill(front, {shape}, Material(VividColor(a.dice)).Opacity(0.9f).Grain(0.1f));
  }
}

void PaintPortrait(Artist& a, const Plane& front, float x, float y0, float y1) {
  const float h = y1 - y0, r = std::min(0.4f * x, 0.17f * h);
  a.Fill(front, {Rectangle(-x, y0, x, y1)},
         Material(FabricColor(a.dice) * 0.45f, Texture::kMottle, 0.3f).Corners(0.3f));
  const Material coat(FabricColor(a.dice) * 0.7f);
  a.Fill(front,
         {{{-0.75f * x, y0},
           {-0.6f * x, y0 + 0.33f * h},
           {-0.2f * x, y0 + 0.44f * h},
           {0.2f * x, y0 + 0.44f * h},
           {0.6f * x, y0 + 0.33f * h},
           {0.75f * x, y0}}},
         coat.Round());
  const float head = y0 + 0.6f * h;
  a.Fill(front, {Ellipse(0, head + 0.25f * r, 1.15f * r, 1.3f * r)},
         Material(WoodColor(a.dice) * 0.4f));
  a.Fill(front, {Ellipse(0, head, 0.85f * r, 1.15f * r)}, Material(SkinColor(a.dice)).Ball());
}

void PaintPainting(Artist& a) {
  const float x = a.width() / 2, h = a.height(), frame = a.dice.Between(0.03f, 0.09f);
  const Color rim = a.dice.Chance(0.5f) ? Hsv(a.dice.Between(36, 46), 0.6f, 0.75f)
                                        : (a.dice.Chance(0.5f) ? WoodColor(a.dice)
                                                               : GreyColor(a.dice, 0.08f, 0.9f));
  a.Box({-x, 0, -0.04f}, {x, h, 0}, Material(rim).Gloss(0.15f));
  if (a.eye()[2] > -0.04f) return;
  const Plane front = a.Front(-0.041f);
  const float ix = x - frame;
  switch (a.dice.Count(0, 2)) {
    case 0:
      PaintLandscape(a, front, ix, frame, h - frame);
      break;
    case 1:
      PaintAbstract(a, front, ix, frame, h - frame);
      break;
    default:
      PaintPortrait(a, front, ix, frame, h - frame);
  }
}

void PaintSculpture(Artist& a) {
  const float h = a.height(), r = a.width() / 2, base = 0.42f * h;
  const Material stone =
      Material(StoneColor(a.dice), Texture::kMottle, 0.2f).Corners(0.15f).Foot(0.25f);
  const bool bronze = a.dice.Chance(0.4f);
  const Material body =
      Material(bronze ? Hsv(a.dice.Between(25, 160), 0.4f, 0.4f) : GreyColor(a.dice, 0.75f, 0.95f))
          .Gloss(bronze ? 0.4f : 0.12f);
  a.Box({-r, 0, -r}, {r, base, r}, stone);
  a.Box({-1.1f * r, base, -1.1f * r}, {1.1f * r, base + 0.05f, 1.1f * r}, stone);
  const float low = base + 0.05f, rest = h - low;
  const Material round = body.Round(), ball = body.Ball();
  if (a.dice.Chance(0.5f)) {  // a bust
    a.OnCard(Smooth({{-0.35f * r, low},
                     {0.35f * r, low},
                     {0.3f * r, low + 0.15f * rest},
                     {0.95f * r, low + 0.4f * rest},
                     {0.25f * r, low + 0.55f * rest},
                     {-0.25f * r, low + 0.55f * rest},
                     {-0.95f * r, low + 0.4f * rest},
                     {-0.3f * r, low + 0.15f * rest}}),
             round);
    a.OnCard(Ellipse(0, low + 0.76f * rest, 0.42f * r, 0.25f * rest), ball);
    a.OnCard({{0.36f * r, low + 0.8f * rest},
              {0.56f * r, low + 0.7f * rest},
              {0.3f * r, low + 0.68f * rest}},
             body);
    return;
  }
  float y = low;  // rings and balls on each other
  float radius = 0.8f * r;
  for (int i = 0; i < 3; ++i) {
    const float tall = rest * (0.45f - 0.11f * static_cast<float>(i));
    Outline outline = {Ellipse(0, y + tall / 2, radius, tall / 2)};
    if (a.dice.Chance(0.45f)) {
      outline.push_back(Ellipse(0, y + tall / 2, 0.5f * radius, 0.28f * tall));
    }
    a.Fill(a.Card(), outline, ball);
    y += 0.92f * tall;
    radius *= 0.78f;
  }
}

}  // namespace

std::vector<ObjectModel> GalleryModels() {
  return {
      {"painting",
       Anchor::kOnWall,
       {0.6f, 0.55f, 0.04f},
       {1.4f, 1.1f, 0.04f},
       PaintPainting,
       1.15f},
      {"sculpture", Anchor::kFloor, {0.45f, 1.4f, 0.45f}, {0.65f, 2.0f, 0.65f}, PaintSculpture}};
}

}  // namespace netdissect
