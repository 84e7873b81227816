// Boats, lighthouses, parasols, palms, and cable cars of the mountains.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintSailingBoat(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color hull = a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.85f, 0.97f) : VividColor(a.dice);
  const Color sail = a.dice.Chance(0.7f) ? GreyColor(a.dice, 0.88f, 1) : VividColor(a.dice);
  const float deck = 0.14f * h;
  a.OnCard(Limb({0.05f * x, deck}, {0.05f * x, h}, 0.014f * h, 0.008f * h),
           Material(Color(0.3f, 0.35f, 0.4f)));
  a.OnCard({{0.1f * x, deck + 0.06f * h},
            {0.9f * x, deck + 0.06f * h},
            {0.55f * x, 0.4f * h},
            {0.1f * x, 0.95f * h}},
           Material(sail).Round());
  a.OnCard({{0, deck + 0.08f * h},
            {-0.85f * x, deck + 0.06f * h},
            {-0.4f * x, 0.35f * h},
            {0, 0.85f * h}},
           Material(Varied(a.dice, sail, 0.2f)).Round());
  a.OnCard({{-x, deck},
            {x, deck},
            {0.78f * x, 0.01f * h},
            {0.6f * x, -0.02f * h},
            {-0.6f * x, -0.02f * h},
            {-0.85f * x, 0.03f * h}},
           Material(hull).Foot(0.6f).Gloss(0.1f));
  a.OnCard({{-0.93f * x, 0.8f * deck},
            {0.95f * x, 0.8f * deck},
            {0.9f * x, 0.55f * deck},
            {-0.9f * x, 0.55f * deck}},
           Material(VividColor(a.dice)));
}

void PaintMotorBoat(Artist& a) {
  const float x = a.width() / 2, h = 0.42f * a.height();
  const Color hull = a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.8f, 0.97f) : VividColor(a.dice);
  const float deck = 0.45f * h;
  a.OnCard({{-0.6f * x, deck}, {0.3f * x, deck}, {0.1f * x, h}, {-0.55f * x, h}},
           Material(Color(0.93f, 0.93f, 0.93f)).Foot(0.3f));
  a.OnCard({{-0.5f * x, 1.25f * deck},
            {0.12f * x, 1.25f * deck},
            {0.02f * x, 0.88f * h},
            {-0.48f * x, 0.88f * h}},
           Material(Color(0.45f, 0.36f, 0.28f)).Gloss(0.4f));
  a.OnCard({{-x, deck},
            {x, 1.15f * deck},
            {0.72f * x, 0.02f * h},
            {0.6f * x, -0.02f * h},
            {-0.9f * x, -0.02f * h}},
           Material(hull).Foot(0.5f).Gloss(0.2f));
}

void PaintBoat(Artist& a) {
  if (a.dice.Chance(0.65f)) {
    PaintSailingBoat(a);
  } else {
    PaintMotorBoat(a);
  }
}

void PaintLighthouse(Artist& a) {
  const float h = a.height(), r0 = 0.11f * h, r1 = 0.072f * h, base = 0.12f * h, body = 0.8f * h;
  const Color stripe =
      a.dice.Chance(0.7f) ? Hsv(a.dice.Between(-6, 10), 0.85f, 0.75f) : VividColor(a.dice);
  const Color white(0.93f, 0.94f, 0.95f);
  const Color grey = StoneColor(a.dice) * 0.8f;
  a.OnCard(Blob(0, 0.2f * base, 2.6f * r0, 1.1f * base, 0.25f, a.dice.Between(0, 90)),
           Material(grey, Texture::kMottle, 0.06f * h).Second(grey * 0.6f).Ball());
  const int bands = 2 * a.dice.Count(2, 3) + 1;
  for (int i = 0; i < bands; ++i) {
    const float t0 = static_cast<float>(i) / static_cast<float>(bands);
    const float t1 = static_cast<float>(i + 1) / static_cast<float>(bands);
    const float a0 = r0 + (r1 - r0) * t0, a1 = r0 + (r1 - r0) * t1;
    const float y0 = base + (body - base) * t0, y1 = base + (body - base) * t1;
    a.OnCard({{-a0, y0}, {a0, y0}, {a1, y1}, {-a1, y1}},
             Material(i % 2 == 0 ? white : stripe).Round());
  }
  const Material dark = Material(Color(0.2f, 0.2f, 0.22f)).Round();
  a.OnCard(Rectangle(-1.4f * r1, body, 1.4f * r1, body + 0.025f * h), dark);
  a.OnCard(Rectangle(-0.7f * r1, body + 0.025f * h, 0.7f * r1, body + 0.11f * h),
           Material(Color(0.6f, 0.95f, 1)).Glow(0.9f));
  a.OnCard({{-0.95f * r1, body + 0.11f * h}, {0.95f * r1, body + 0.11f * h}, {0, h}},
           Material(stripe).Round());
  a.canvas.Shine(a.World({0, body + 0.07f * h, 0}), 0.12f * h, Color(0.2f, 0.3f, 0.3f));
}

void PaintParasol(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Color color = VividColor(a.dice),
              other = a.dice.Chance(0.6f) ? Color(0.95f, 0.95f, 0.95f) : VividColor(a.dice);
  a.OnCard(Rectangle(-0.03f, 0, 0.03f, 0.95f * h), Material(Color(0.85f, 0.88f, 0.9f)));
  const int ribs = 6;
  const float rim = 0.68f * h;
  for (int i = 0; i < ribs; ++i) {
    const auto at = [&](int k) {
      const float t = 3.14159f * static_cast<float>(k) / ribs;
      return cv::Point2f(-r * std::cos(t), rim - 0.06f * h * std::sin(t));
    };
    const cv::Point2f left = at(i), right = at(i + 1);
    a.OnCard({left,
              right,
              {0.6f * right.x, rim + 0.72f * (h - rim)},
              {0, h},
              {0.6f * left.x, rim + 0.72f * (h - rim)}},
             Material(i % 2 == 0 ? color : other).Foot(-0.1f));
  }
  const Color towel = VividColor(a.dice);
  a.Fill(a.Top(0.01f), {Rectangle(0.2f, -0.9f, 0.95f, 0.8f)},
         Material(towel, Texture::kStripes, 0.3f).Second(Color(0.92f, 0.92f, 0.92f)));
}

void PaintPalm(Artist& a) {
  const float r = a.width() / 2, h = a.height(), lean = a.dice.Between(-0.5f, 0.5f) * r;
  const Material bark =
      Material(Hsv(30, 0.35f, a.dice.Between(0.35f, 0.55f)), Texture::kCorrugated, 0.15f).Round();
  cv::Point2f foot(0, 0);
  for (int i = 1; i <= 5; ++i) {
    const float t = static_cast<float>(i) / 5;
    const cv::Point2f next(lean * t * t, 0.85f * h * t);
    a.OnCard(Limb(foot, next, 0.035f * h * (1.2f - 0.5f * t), 0.03f * h * (1.1f - 0.5f * t)), bark);
    foot = next;
  }
  const Color green = Hsv(a.dice.Between(80, 125), 0.55f, a.dice.Between(0.35f, 0.6f));
  const int leaves = a.dice.Count(9, 12);
  for (int i = 0; i < leaves; ++i) {
    const float t =
        3.14159f * (static_cast<float>(i) / static_cast<float>(leaves - 1) * 1.3f - 0.15f);
    const cv::Point2f out(std::cos(t), std::sin(t));
    const cv::Point2f tip = foot + cv::Point2f(r * out.x, 0.24f * h * out.y - 0.12f * h);
    const cv::Point2f bend = foot + cv::Point2f(0.55f * r * out.x, 0.24f * h * out.y + 0.06f * h);
    a.OnCard(
        Smooth({foot, bend + cv::Point2f(0, 0.035f * h), tip, bend - cv::Point2f(0, 0.03f * h)}),
        Material(Varied(a.dice, green, 0.3f)));
  }
}

void PaintCableCar(Artist& a) {
  const float x = a.width() / 2, h = a.height(), cabin = 0.62f * h;
  const Color color = VividColor(a.dice);
  const Material rope = Material(Color(0.16f, 0.16f, 0.17f)).Unmarked();
  a.OnCard(Limb({-200, h - 9}, {0, h}, 0.04f, 0.06f), rope);
  a.OnCard(Limb({0, h}, {200, h + 9}, 0.06f, 0.04f), rope);
  const Material steel(Color(0.22f, 0.22f, 0.24f));
  a.OnCard(Limb({0, cabin}, {0, h}, 0.07f, 0.07f), steel);
  a.OnCard(RoundedRectangle(-0.5f, h - 0.15f, 0.5f, h + 0.12f, 0.1f), steel);
  a.OnCard(RoundedRectangle(-x, 0, x, cabin, 0.35f), Material(color).Foot(0.3f).Gloss(0.3f));
  for (int i = 0; i < 3; ++i) {
    const float left = -0.86f * x + 0.6f * x * static_cast<float>(i);
    a.OnCard(RoundedRectangle(left, 0.45f * cabin, left + 0.5f * x, 0.88f * cabin, 0.1f),
             Material(Color(0.75f, 0.65f, 0.5f)).Gloss(0.4f));
  }
}

}  // namespace

std::vector<ObjectModel> CoastModels() {
  return {{"boat", Anchor::kWater, {5, 5.5f, 1.8f}, {9, 10, 3}, PaintBoat},
          {"lighthouse", Anchor::kFloor, {4, 11, 4}, {6, 17, 6}, PaintLighthouse},
          {"parasol", Anchor::kFloor, {2.2f, 2.0f, 2.0f}, {3.0f, 2.5f, 2.4f}, PaintParasol},
          {"palm tree", Anchor::kFloor, {3.2f, 4.5f, 3.2f}, {5, 7.5f, 5}, PaintPalm},
          {"cable car", Anchor::kAir, {2.6f, 3.6f, 2}, {3.4f, 4.6f, 2.6f}, PaintCableCar, 7}};
}

}  // namespace netdissect
