// Rides of an amusement park; tents, campfires, balloons and flags.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

cv::Point2f Polar(cv::Point2f center, float radius, float angle) {
  return {center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)};
}

void PaintFerrisWheel(Artist& a) {
  const float h = a.height(), r = 0.44f * h;
  const cv::Point2f hub(0, h - r - 0.02f * h);
  const Color color = VividColor(a.dice);
  const Material steel = Material(a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.75f, 0.97f) : color);
  const Material post = Material(Varied(a.dice, color, 0.3f)).Foot(0.2f);
  const Plane card = a.Card();
  a.canvas.Claim(card, {Ellipse(hub.x, hub.y, r, r)});
  a.OnCard(Limb({-0.5f * r, 0}, hub, 0.03f * r, 0.022f * r), post);
  a.OnCard(Limb({0.5f * r, 0}, hub, 0.03f * r, 0.022f * r), post);
  for (const float ring : {1.0f, 0.9f}) {
    a.Fill(card,
           {Ellipse(hub.x, hub.y, ring * r, ring * r),
            Ellipse(hub.x, hub.y, ring * r - 0.036f * r, ring * r - 0.036f * r)},
           steel);
  }
  const int cabins = a.dice.Count(10, 16);
  const float turn = a.dice.Between(0, 1);
  const auto angle_of = [&](int i) {
    return turn + 2 * kPi * static_cast<float>(i) / static_cast<float>(cabins);
  };
  for (int i = 0; i < cabins; ++i) {
    a.OnCard(Limb(hub, Polar(hub, 0.98f * r, angle_of(i)), 0.015f * r, 0.015f * r), steel);
  }
  a.OnCard(Ellipse(hub.x, hub.y, 0.09f * r, 0.09f * r), Material(color).Ball().Gloss(0.2f));
  const bool one_color = a.dice.Chance(0.4f);
  for (int i = 0; i < cabins; ++i) {
    const cv::Point2f at = Polar(hub, r, angle_of(i));
    const float s = 0.085f * r;
    a.OnCard(RoundedRectangle(at.x - s, at.y - 1.9f * s, at.x + s, at.y, 0.5f * s),
             Material(one_color ? color : VividColor(a.dice)).Foot(0.3f));
    a.OnCard(Rectangle(at.x - 0.7f * s, at.y - 1.1f * s, at.x + 0.7f * s, at.y - 0.35f * s),
             Material(Color(0.55f, 0.48f, 0.4f)));
  }
}

void PaintHorse(Artist& a, float x, float y, float s, const Color& color) {
  const Material coat = Material(color).Gloss(0.1f);
  a.OnCard(Ellipse(x, y, 0.5f * s, 0.22f * s), coat);
  a.OnCard(Limb({x + 0.38f * s, y + 0.1f * s}, {x + 0.58f * s, y + 0.45f * s}, 0.15f * s, 0.1f * s),
           coat);
  a.OnCard(Limb({x + 0.56f * s, y + 0.45f * s}, {x + 0.8f * s, y + 0.34f * s}, 0.1f * s, 0.07f * s),
           coat);
  for (const float leg : {-0.38f, -0.22f, 0.25f, 0.4f}) {
    a.OnCard(Limb({x + leg * s, y - 0.1f * s},
                  {x + (leg + (leg > 0 ? 0.12f : -0.08f)) * s, y - 0.5f * s}, 0.08f * s, 0.05f * s),
             coat);
  }
}

void PaintCarousel(Artist& a) {
  const float r = a.width() / 2, h = a.height(), floor = 0.1f * h, rim = 0.68f * h;
  const Color color = VividColor(a.dice), cream(0.85f, 0.94f, 0.97f);
  a.OnCard(Rectangle(-r, 0, r, floor), Material(Varied(a.dice, color, 0.2f)).Round());
  a.OnCard(Ellipse(0, floor, r, 0.045f * h), Material(WoodColor(a.dice)));
  a.OnCard(Rectangle(-0.2f * r, floor, 0.2f * r, rim),
           Material(cream, Texture::kStripes, 0.16f * r).Second(color).Round());
  for (int i = 0; i < 5; ++i) {  // poles with their horses
    const float x = (-0.84f + 0.42f * static_cast<float>(i)) * r;
    const float y = floor + a.dice.Between(0.3f, 0.6f) * (rim - floor);
    a.OnCard(Rectangle(x - 0.012f * r, floor, x + 0.012f * r, rim),
             Material(Color(0.35f, 0.7f, 0.85f)).Gloss(0.3f));
    PaintHorse(a, x, y, 0.34f * r, a.dice.Chance(0.5f) ? cream : VividColor(a.dice));
  }
  a.canvas.Claim(a.Card(), {Rectangle(-r, floor, r, rim)});
  const int panels = 10;
  for (int i = 0; i < panels; ++i) {
    const float x0 = -r * std::cos(kPi * static_cast<float>(i) / panels);
    const float x1 = -r * std::cos(kPi * static_cast<float>(i + 1) / panels);
    const Color& tone = i % 2 == 0 ? color : cream;
    a.OnCard({{x0, rim}, {x1, rim}, {0, h}}, Material(tone));
    a.OnCard(Smooth({{x0, rim},
                     {x1, rim},
                     {x1, rim - 0.06f * h},
                     {0.5f * (x0 + x1), rim - 0.1f * h},
                     {x0, rim - 0.06f * h}}),
             Material(Varied(a.dice, i % 2 == 0 ? cream : color, 0.1f)));
    a.OnCard(Ellipse(0.5f * (x0 + x1), rim, 0.014f * r, 0.014f * r),
             Material(Color(0.5f, 0.9f, 1)).Glow());
  }
  a.OnCard({{-0.02f * r, 0.98f * h}, {0.02f * r, 0.98f * h}, {0, 1.04f * h}}, Material(color));
}

void PaintRollerCoaster(Artist& a) {
  const float x = a.width() / 2, h = a.height(), first = a.dice.Between(0, 2 * kPi);
  const Color color = VividColor(a.dice);
  const Material post(GreyColor(a.dice, 0.6f, 0.95f));
  const int steps = 36;
  const float loop = 0.3f * h, loop_x = 0.25f * x;
  const auto track = [&](float t) {
    return cv::Point2f((2 * t - 1) * x, h * (0.5f + 0.3f * std::sin(first + 7.5f * t) +
                                             0.14f * std::sin(1.7f * first + 13 * t)));
  };
  for (int i = 0; i <= steps; i += 3) {
    const cv::Point2f top = track(static_cast<float>(i) / steps);
    a.OnCard(Rectangle(top.x - 0.012f * h, 0, top.x + 0.012f * h, top.y), post);
    if (i + 3 > steps) continue;
    const cv::Point2f next = track(static_cast<float>(i + 3) / steps);
    a.OnCard(Limb({top.x, 0.5f * top.y}, {next.x, 0.1f * next.y}, 0.006f * h, 0.006f * h), post);
    a.OnCard(Limb({top.x, 0.15f * top.y}, {next.x, 0.6f * next.y}, 0.006f * h, 0.006f * h), post);
  }
  const Plane card = a.Card();
  a.Fill(card,
         {Ellipse(loop_x, loop + 0.08f * h, loop, loop),
          Ellipse(loop_x, loop + 0.08f * h, 0.9f * loop, 0.9f * loop)},
         Material(color));
  Contour area = {{-x, 0}};
  for (int i = 0; i < steps; ++i) {
    const cv::Point2f p = track(static_cast<float>(i) / steps);
    const cv::Point2f q = track(static_cast<float>(i + 1) / steps);
    a.OnCard(Limb(p, q, 0.024f * h, 0.024f * h), Material(color).Gloss(0.1f));
    area.push_back(p);
  }
  area.emplace_back(x, 0);
  a.canvas.Claim(card, {area});
  const float train = a.dice.Between(0.2f, 0.7f);
  for (int i = 0; i < 5; ++i) {
    const cv::Point2f p = track(train + 0.03f * static_cast<float>(i));
    a.OnCard(RoundedRectangle(p.x - 0.03f * x, p.y + 0.02f * h, p.x + 0.03f * x, p.y + 0.1f * h,
                              0.02f * h),
             Material(i == 0 ? Color(0.1f, 0.2f, 0.9f) : Color(0.15f, 0.75f, 0.95f)));
  }
}

void PaintTent(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color color = VividColor(a.dice);
  const Material cloth = Material(color).Foot(0.25f).Corners(0.1f);
  if (a.dice.Chance(0.5f)) {  // with a ridge
    const Contour gable = {{-x, 0}, {x, 0}, {0, h}};
    a.Extrude(gable, -z, z, cloth, Material(Varied(a.dice, color, 0.25f)).Foot(0.2f));
    a.Fill(a.NearEnd(-z - 0.01f, z + 0.01f), {{{-0.36f * x, 0}, {0.36f * x, 0}, {0, 0.72f * h}}},
           Material(color * 0.25f));
    a.Bar({0, h, -z}, {-0.6f * x, 0, -z - 0.9f}, 0.025f,
          Material(Color(0.9f, 0.9f, 0.9f)).Unmarked());
    return;
  }
  const Color other = Varied(a.dice, VividColor(a.dice), 0.2f);  // a dome
  a.OnCard(Ellipse(0, 0, x, h, 0, 180), cloth.Ball());
  a.OnCard(Smooth({{-0.62f * x, 0},
                   {0.62f * x, 0},
                   {0.4f * x, 0.6f * h},
                   {0, 0.97f * h},
                   {-0.4f * x, 0.6f * h}}),
           Material(other).Ball().Foot(0.2f));
  a.OnCard(Ellipse(0, 0, 0.36f * x, 0.68f * h, 0, 180), Material(color * 0.25f));
  a.OnCard({{-0.36f * x, 0}, {-0.2f * x, 0}, {-0.05f * x, 0.66f * h}, {-0.22f * x, 0.5f * h}},
           Material(other * 1.1f));
}

void PaintCampfire(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  a.canvas.Shine(a.World({0, 0.4f * h, 0}), 2.2f * h, Color(0.05f, 0.2f, 0.4f));
  for (int i = 0; i < 9; ++i) {
    const float angle = kPi * static_cast<float>(i) / 8;
    const Color grey = StoneColor(a.dice) * 0.6f;
    a.OnCard(Ellipse(-r * std::cos(angle), 0.05f * h, 0.16f * r, 0.1f * h), Material(grey).Ball());
  }
  const Material log = Material(Color(0.12f, 0.2f, 0.32f), Texture::kWood, 0.1f);
  a.OnCard(Limb({-0.7f * r, 0.08f * h}, {0.4f * r, 0.3f * h}, 0.06f * h, 0.05f * h), log);
  a.OnCard(Limb({0.7f * r, 0.08f * h}, {-0.4f * r, 0.3f * h}, 0.06f * h, 0.05f * h), log);
  const Color colors[] = {{0.1f, 0.35f, 0.95f}, {0.15f, 0.6f, 1}, {0.45f, 0.92f, 1}};
  for (int layer = 0; layer < 3; ++layer) {
    const float s = 1 - 0.28f * static_cast<float>(layer);
    for (int i = -1; i <= 1; ++i) {
      const float x = 0.36f * r * static_cast<float>(i) * s, w = 0.3f * r * s;
      const float tall = h * s * a.dice.Between(0.65f, 1.0f) * (i == 0 ? 1 : 0.7f);
      a.OnCard(Smooth({{x - w, 0.1f * h},
                       {x + w, 0.1f * h},
                       {x + 0.6f * w, 0.5f * tall},
                       {x + a.dice.Between(-0.5f, 0.5f) * w, tall},
                       {x - 0.65f * w, 0.45f * tall}}),
               Material(colors[layer]).Glow());
    }
  }
}

void PaintFlag(Artist& a) {
  const float h = a.height(), w = a.width();
  a.OnCard(Rectangle(-0.045f, 0, 0.045f, h), Material(Color(0.8f, 0.8f, 0.8f)).Round());
  const Color bands[] = {VividColor(a.dice), {0.95f, 0.95f, 0.95f}, VividColor(a.dice)};
  const float tall = 0.62f * w, wave = a.dice.Between(0.04f, 0.1f) * w;
  for (int i = 0; i < 3; ++i) {
    Contour band;
    for (int pass = 0; pass < 2; ++pass) {
      for (int k = 0; k <= 8; ++k) {
        const float t = static_cast<float>(pass == 0 ? k : 8 - k) / 8;
        const float y = h - tall * static_cast<float>(i + pass) / 3;
        band.emplace_back(t * w, y + wave * std::sin(5.5f * t));
      }
    }
    a.OnCard(band, Material(bands[i]));
  }
}

}  // namespace

std::vector<ObjectModel> FairModels() {
  return {{"ferris wheel", Anchor::kFloor, {14, 15, 3}, {20, 21, 4}, PaintFerrisWheel},
          {"carousel", Anchor::kFloor, {7, 5.5f, 7}, {9, 7, 9}, PaintCarousel},
          {"roller coaster", Anchor::kFloor, {24, 10, 3}, {36, 15, 4}, PaintRollerCoaster},
          {"tent", Anchor::kFloor, {2.4f, 1.5f, 2.2f}, {3.4f, 2.1f, 3.0f}, PaintTent},
          {"campfire", Anchor::kFloor, {1.0f, 0.8f, 0.9f}, {1.4f, 1.2f, 1.2f}, PaintCampfire},
          {"flag", Anchor::kFloor, {1.6f, 4.5f, 0.1f}, {2.4f, 7, 0.1f}, PaintFlag}};
}

}  // namespace netdissect
