// Things that are seen in pictures of objects, never in scenes.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintAirplane(Artist& a) {
  const float x = a.width() / 2, h = a.height(), y = 0.45f * h, r = 0.16f * h;
  const Color body = GreyColor(a.dice, 0.85f, 0.98f), color = VividColor(a.dice);
  const Material hull = Material(body).Gloss(0.4f).Foot(0.4f);
  a.OnCard({{0.15f * x, y + 0.4f * r},
            {-0.35f * x, y + 0.36f * h},
            {-0.5f * x, y + 0.36f * h},
            {-0.15f * x, y + 0.4f * r}},
           Material(body * 0.7f));
  a.OnCard(
      {{-0.62f * x, y + 0.4f * r}, {-0.98f * x, h}, {-0.78f * x, h}, {-0.35f * x, y + 0.4f * r}},
      Material(color));
  a.OnCard(Smooth({{-x, y + 0.35f * r},
                   {-0.5f * x, y + r},
                   {0.6f * x, y + r},
                   {x, y - 0.1f * r},
                   {0.7f * x, y - 0.9f * r},
                   {-0.4f * x, y - 0.9f * r}}),
           hull);
  for (float at = -0.45f; at < 0.6f; at += 0.11f) {
    a.OnCard(Ellipse(at * x, y + 0.25f * r, 0.025f * x, 0.22f * r),
             Material(Color(0.35f, 0.25f, 0.2f)));
  }
  a.OnCard({{0.72f * x, y + 0.75f * r}, {0.88f * x, y + 0.4f * r}, {0.7f * x, y + 0.35f * r}},
           Material(Color(0.35f, 0.25f, 0.2f)).Gloss(0.3f));
  a.OnCard({{-0.3f * x, y - 0.92f * r},
            {-0.3f * x, y - 0.7f * r},
            {0.7f * x, y - 0.7f * r},
            {0.6f * x, y - 0.92f * r}},
           Material(color));
  a.OnCard({{0.2f * x, y - 0.3f * r},
            {-0.4f * x, 0.02f * h},
            {-0.58f * x, 0.02f * h},
            {-0.2f * x, y - 0.5f * r}},
           Material(body * 0.85f).Gloss(0.1f));
  a.OnCard(Limb({-0.1f * x, 0.18f * h}, {0.06f * x, 0.18f * h}, 0.055f * h, 0.055f * h),
           Material(color).Foot(0.4f));
}

void PaintCup(Artist& a) {
  const float r = 0.4f * a.width(), h = a.height();
  const Color color = a.dice.Chance(0.4f) ? GreyColor(a.dice, 0.85f, 0.97f) : VividColor(a.dice);
  const Material glaze = Material(color).Gloss(0.5f);
  a.Fill(a.Card(),
         {Ellipse(1.05f * r, 0.55f * h, 0.42f * r, 0.3f * h),
          Ellipse(1.05f * r, 0.55f * h, 0.26f * r, 0.2f * h)},
         glaze);
  a.Cone(0, 0, 0.02f * h, h, 0.8f * r, r, glaze);
  a.Fill(a.Card(), {Rectangle(-0.9f * r, 0.55f * h, 0.9f * r, 0.68f * h)},
         Material(VividColor(a.dice)).Round());
  a.Fill(a.Top(h + 0.001f), {Ellipse(0, 0, 0.9f * r, 0.9f * r)},
         Material(Hsv(a.dice.Between(15, 30), 0.7f, a.dice.Between(0.15f, 0.4f))).Corners(0.2f));
}

void PaintGuitar(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color wood = a.dice.Chance(0.6f) ? WoodColor(a.dice) * 1.1f : VividColor(a.dice);
  a.OnCard(Smooth({{-0.95f * x, 0.15f * h},
                   {0, 0.005f * h},
                   {0.95f * x, 0.15f * h},
                   {0.6f * x, 0.3f * h},
                   {0.72f * x, 0.42f * h},
                   {0, 0.48f * h},
                   {-0.72f * x, 0.42f * h},
                   {-0.6f * x, 0.3f * h}}),
           Material(wood, Texture::kWood, 0.12f).Second(wood * 0.85f).Gloss(0.3f).Corners(0.2f));
  a.OnCard(Ellipse(0, 0.31f * h, 0.28f * x, 0.065f * h), Material(Color(0.08f, 0.08f, 0.1f)));
  const Material dark(Color(0.12f, 0.17f, 0.25f));
  a.OnCard(Rectangle(-0.11f * x, 0.31f * h, 0.11f * x, 0.87f * h), dark);
  a.OnCard({{-0.13f * x, 0.86f * h}, {0.13f * x, 0.86f * h}, {0.2f * x, h}, {-0.2f * x, h}},
           Material(wood * 0.6f));
  a.OnCard(Rectangle(-0.35f * x, 0.14f * h, 0.35f * x, 0.165f * h), dark);
  for (int i = 0; i < 4; ++i) {
    const float s = (-0.075f + 0.05f * static_cast<float>(i)) * x;
    a.OnCard(Rectangle(s - 0.008f * x, 0.15f * h, s + 0.008f * x, 0.97f * h),
             Material(Color(0.85f, 0.88f, 0.9f)));
  }
}

void PaintBalloon(Artist& a) {
  const float r = a.width() / 2, h = a.height(), low = 0.26f * h;
  const Color color = VividColor(a.dice),
              other = a.dice.Chance(0.5f) ? Color(0.93f, 0.95f, 0.97f) : VividColor(a.dice);
  const int gores = 8;
  for (int i = 0; i < gores; ++i) {
    const auto bulge = [&](int k,
                           float t) {  // half the envelope's width at height t, turned to gore k
      const float side = -std::cos(3.14159f * static_cast<float>(k) / gores);
      return side * r * std::sin(2.55f * std::pow(t, 0.75f) + 0.12f + 0.45f * t * t);
    };
    Contour gore;
    for (int k = 0; k <= 12; ++k) {
      const float t = static_cast<float>(k) / 12;
      gore.emplace_back(bulge(i, t), low + t * (h - low));
    }
    for (int k = 12; k >= 0; --k) {
      const float t = static_cast<float>(k) / 12;
      gore.emplace_back(bulge(i + 1, t), low + t * (h - low));
    }
    const float shade = 0.8f + 0.25f * std::sin(3.14159f * (static_cast<float>(i) + 0.5f) / gores);
    a.OnCard(gore, Material((i % 2 == 0 ? color : other) * shade).Foot(0.2f));
  }
  const Material rope(Color(0.25f, 0.3f, 0.35f));
  for (const float s : {-1.0f, 1.0f}) {
    a.OnCard(
        Limb({s * 0.1f * r, low + 0.01f * h}, {s * 0.13f * r, 0.12f * h}, 0.005f * h, 0.005f * h),
        rope);
  }
  a.OnCard(RoundedRectangle(-0.17f * r, 0, 0.17f * r, 0.13f * h, 0.02f * h),
           Material(WoodColor(a.dice), Texture::kChecks, 0.03f * h).Foot(0.3f));
}

}  // namespace

std::vector<ObjectModel> ThingModels() {
  return {{"airplane", Anchor::kAir, {16, 6, 3}, {20, 7.5f, 3}, PaintAirplane, 2},
          {"cup", Anchor::kFloor, {0.12f, 0.1f, 0.1f}, {0.15f, 0.14f, 0.12f}, PaintCup},
          {"guitar", Anchor::kFloor, {0.36f, 0.95f, 0.1f}, {0.42f, 1.05f, 0.1f}, PaintGuitar},
          {"hot air balloon", Anchor::kAir, {11, 15, 11}, {14, 19, 14}, PaintBalloon, 2}};
}

}  // namespace netdissect
