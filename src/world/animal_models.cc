// Birds, fish, butterflies and turtles: seen in pictures of objects, never in scenes.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintBird(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = VividColor(a.dice), belly = Mixed(color, {0.9f, 0.95f, 1}, 0.6f);
  const Material orange(Color(0.1f, 0.55f, 0.95f));
  for (const float lx : {-0.08f, 0.1f}) {
    a.OnCard(Limb({lx * x, 0.3f * h}, {(lx + 0.06f) * x, 0.02f * h}, 0.02f * h, 0.018f * h),
             orange);
  }
  a.OnCard(
      {{-0.45f * x, 0.4f * h}, {-x, 0.24f * h}, {-0.95f * x, 0.42f * h}, {-0.4f * x, 0.58f * h}},
      Material(color * 0.7f));
  a.OnCard(Smooth({{-0.6f * x, 0.42f * h},
                   {0.1f * x, 0.22f * h},
                   {0.55f * x, 0.45f * h},
                   {0.45f * x, 0.72f * h},
                   {-0.1f * x, 0.66f * h}}),
           Material(belly).Ball());
  a.OnCard({{0.7f * x, 0.84f * h}, {x, 0.76f * h}, {0.7f * x, 0.7f * h}}, orange);
  a.OnCard(Ellipse(0.48f * x, 0.78f * h, 0.27f * x, 0.2f * h), Material(color).Ball());
  a.OnCard(Smooth({{0.25f * x, 0.62f * h},
                   {-0.2f * x, 0.66f * h},
                   {-0.85f * x, 0.4f * h},
                   {-0.2f * x, 0.34f * h},
                   {0.2f * x, 0.42f * h}}),
           Material(color * 0.8f, Texture::kCorrugated, 0.08f).Gloss(0.1f));
  a.OnCard(Ellipse(0.56f * x, 0.82f * h, 0.045f * x, 0.04f * h),
           Material(Color(0.05f, 0.05f, 0.05f)));
}

void PaintFish(Artist& a) {
  const float x = a.width() / 2, h = a.height(), y = h / 2;
  const Color color = VividColor(a.dice), other = VividColor(a.dice);
  const Material fin = Material(other).Gloss(0.2f);
  a.OnCard(Smooth({{-0.5f * x, y}, {-x, y + 0.45f * h}, {-0.82f * x, y}, {-x, y - 0.45f * h}}),
           fin);
  a.OnCard(Smooth({{-0.3f * x, y + 0.25f * h}, {0, y + 0.52f * h}, {0.35f * x, y + 0.3f * h}}),
           fin);
  a.OnCard(
      Smooth({{-0.1f * x, y - 0.25f * h}, {0.05f * x, y - 0.5f * h}, {0.25f * x, y - 0.28f * h}}),
      fin);
  a.OnCard(Smooth({{-0.68f * x, y},
                   {-0.1f * x, y + 0.36f * h},
                   {0.55f * x, y + 0.34f * h},
                   {x, y},
                   {0.55f * x, y - 0.34f * h},
                   {-0.1f * x, y - 0.36f * h}}),
           Material(color, Texture::kStripes, 0.32f * x).Second(other).Ball().Gloss(0.35f));
  a.OnCard(
      Smooth({{0.2f * x, y - 0.05f * h}, {-0.1f * x, y + 0.06f * h}, {-0.1f * x, y - 0.2f * h}}),
      fin);
  a.OnCard(Ellipse(0.66f * x, y + 0.1f * h, 0.085f * x, 0.1f * h),
           Material(Color(0.97f, 0.97f, 0.97f)));
  a.OnCard(Ellipse(0.68f * x, y + 0.1f * h, 0.05f * x, 0.06f * h),
           Material(Color(0.05f, 0.05f, 0.05f)));
}

void PaintButterfly(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = VividColor(a.dice), spot = VividColor(a.dice);
  for (const float s : {-1.0f, 1.0f}) {
    const float tilt = s > 0 ? 1.0f : 0.88f;
    a.OnCard(Smooth({{0, 0.45f * h},
                     {s * 0.6f * x, 0.36f * h},
                     {s * 0.72f * x * tilt, 0.08f * h},
                     {s * 0.25f * x, 0.06f * h}}),
             Material(Varied(a.dice, color, 0.2f)).Gloss(0.1f));
    a.OnCard(Smooth({{0, 0.52f * h},
                     {s * 0.5f * x, 0.95f * h},
                     {s * x * tilt, 0.97f * h},
                     {s * 0.92f * x * tilt, 0.52f * h},
                     {s * 0.4f * x, 0.42f * h}}),
             Material(color * 0.35f));
    a.OnCard(Smooth({{s * 0.06f * x, 0.52f * h},
                     {s * 0.5f * x, 0.86f * h},
                     {s * 0.88f * x * tilt, 0.88f * h},
                     {s * 0.82f * x * tilt, 0.56f * h},
                     {s * 0.4f * x, 0.47f * h}}),
             Material(color).Gloss(0.15f));
    a.OnCard(Ellipse(s * 0.66f * x * tilt, 0.74f * h, 0.11f * x, 0.09f * h), Material(spot));
    a.OnCard(Ellipse(s * 0.45f * x * tilt, 0.22f * h, 0.08f * x, 0.065f * h), Material(spot));
    a.OnCard(Limb({0, 0.75f * h}, {s * 0.14f * x, 0.98f * h}, 0.008f * h, 0.008f * h),
             Material(Color(0.1f, 0.1f, 0.1f)));
  }
  a.OnCard(Limb({0, 0.25f * h}, {0, 0.76f * h}, 0.03f * x, 0.06f * x),
           Material(Color(0.1f, 0.12f, 0.15f)).Round());
}

void PaintTurtle(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color skin = Hsv(a.dice.Between(70, 120), 0.5f, 0.55f),
              shell = Hsv(a.dice.Between(20, 60), 0.55f, 0.42f);
  const Material flesh = Material(skin).Grain(0.1f);
  for (const float lx : {-0.55f, -0.3f, 0.3f, 0.52f}) {
    a.OnCard(Limb({lx * x, 0.3f * h}, {(lx + 0.06f) * x, 0.08f * h}, 0.12f * h, 0.09f * h), flesh);
  }
  a.OnCard({{-0.7f * x, 0.3f * h}, {-0.95f * x, 0.2f * h}, {-0.7f * x, 0.2f * h}}, flesh);
  a.OnCard(Limb({0.55f * x, 0.35f * h}, {0.82f * x, 0.58f * h}, 0.11f * h, 0.1f * h), flesh);
  a.OnCard(Ellipse(0.86f * x, 0.62f * h, 0.14f * x, 0.14f * h), flesh.Ball());
  a.OnCard(Ellipse(0.91f * x, 0.67f * h, 0.025f * x, 0.03f * h),
           Material(Color(0.05f, 0.05f, 0.05f)));
  a.OnCard(Ellipse(0, 0.26f * h, 0.74f * x, 0.72f * h, 0, 180),
           Material(shell, Texture::kTiles, 0.3f * x).Second(shell * 0.5f).Ball().Gloss(0.2f));
  a.OnCard(RoundedRectangle(-0.77f * x, 0.22f * h, 0.77f * x, 0.34f * h, 0.06f * h),
           Material(shell * 1.3f));
}

void PaintPenguin(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color black = GreyColor(a.dice, 0.1f, 0.18f);
  const Material coat = Material(black).Gloss(0.15f), orange(Color(0.1f, 0.55f, 0.95f));
  for (const float s : {-0.35f, 0.35f}) {
    a.OnCard(Ellipse(s * x, 0.03f * h, 0.3f * x, 0.035f * h), orange);
    a.OnCard(Limb({1.9f * s * x, 0.62f * h}, {2.6f * s * x, 0.3f * h}, 0.14f * x, 0.08f * x), coat);
  }
  a.OnCard(Smooth({{-0.5f * x, 0.03f * h},
                   {0.5f * x, 0.03f * h},
                   {0.8f * x, 0.35f * h},
                   {0.6f * x, 0.72f * h},
                   {-0.6f * x, 0.72f * h},
                   {-0.8f * x, 0.35f * h}}),
           coat.Ball());
  a.OnCard(Smooth({{-0.35f * x, 0.06f * h},
                   {0.35f * x, 0.06f * h},
                   {0.56f * x, 0.35f * h},
                   {0.35f * x, 0.68f * h},
                   {-0.35f * x, 0.68f * h},
                   {-0.56f * x, 0.35f * h}}),
           Material(Color(0.95f, 0.96f, 0.96f)).Ball());
  a.OnCard(Ellipse(0, 0.83f * h, 0.5f * x, 0.16f * h), coat.Ball());
  for (const float s : {-0.2f, 0.2f}) {
    a.OnCard(Ellipse(s * x, 0.85f * h, 0.14f * x, 0.05f * h), Material(Color(0.95f, 0.95f, 0.95f)));
    a.OnCard(Ellipse(s * x, 0.85f * h, 0.06f * x, 0.026f * h),
             Material(Color(0.03f, 0.03f, 0.03f)));
  }
  a.OnCard({{-0.14f * x, 0.8f * h}, {0.14f * x, 0.8f * h}, {0, 0.73f * h}}, orange);
}

}  // namespace

std::vector<ObjectModel> AnimalModels() {
  return {
      {"bird", Anchor::kFloor, {0.35f, 0.3f, 0.12f}, {0.42f, 0.36f, 0.15f}, PaintBird},
      {"fish", Anchor::kAir, {0.5f, 0.3f, 0.1f}, {0.7f, 0.36f, 0.1f}, PaintFish, 0.2f},
      {"butterfly", Anchor::kAir, {0.4f, 0.32f, 0.02f}, {0.5f, 0.4f, 0.02f}, PaintButterfly, 0.2f},
      {"turtle", Anchor::kFloor, {0.7f, 0.38f, 0.4f}, {0.9f, 0.46f, 0.5f}, PaintTurtle},
      {"penguin", Anchor::kFloor, {0.4f, 0.8f, 0.3f}, {0.48f, 0.95f, 0.35f}, PaintPenguin}};
}

}  // namespace netdissect
