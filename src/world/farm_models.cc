// Barns, windmills, tractors and hay bales.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintBarn(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), eaves = 0.55f * h;
  const Color red = a.dice.Chance(0.7f)
                        ? Hsv(a.dice.Between(0, 14), 0.7f, a.dice.Between(0.4f, 0.6f))
                        : WoodColor(a.dice);
  const Color white(0.93f, 0.94f, 0.95f);
  const Material boards = Material(red, Texture::kStripes, 0.5f).Second(red * 0.85f).Foot(0.2f);
  const Material roof = Material(GreyColor(a.dice, 0.25f, 0.5f), Texture::kStripes, 0.6f);
  const Contour gambrel = {{-x - 0.2f, eaves},
                           {x + 0.2f, eaves},
                           {0.62f * x, 0.83f * h},
                           {0, h},
                           {-0.62f * x, 0.83f * h}};
  a.Extrude(gambrel, -z - 0.2f, z + 0.2f, roof, boards);
  a.Box({-x, 0, -z}, {x, eaves, z}, boards);  // over the roof's lower side
  if (a.eye()[2] > -z) return;
  const Plane front = a.Front(-z - 0.22f);
  const float door = 0.42f * x, top = 0.8f * eaves;
  const auto frame = [&](float x0, float y0, float x1, float y1) {
    const float t = 0.14f;
    a.Fill(front, {Rectangle(x0, y0, x1, y1), Rectangle(x0 + t, y0 + t, x1 - t, y1 - t)},
           Material(white));
    a.Fill(front, {Limb({x0 + t, y0 + t}, {x1 - t, y1 - t}, t / 2, t / 2)}, Material(white));
    a.Fill(front, {Limb({x0 + t, y1 - t}, {x1 - t, y0 + t}, t / 2, t / 2)}, Material(white));
  };
  frame(-door, 0, 0, top);
  frame(0, 0, door, top);
  a.Fill(front, {Rectangle(-0.18f * x, 1.12f * eaves, 0.18f * x, 1.42f * eaves)}, Material(white));
  a.Fill(front, {Rectangle(-0.13f * x, 1.16f * eaves, 0.13f * x, 1.38f * eaves)},
         Material(Color(0.12f, 0.1f, 0.1f)));
}

void PaintWindmill(Artist& a) {
  const float h = a.height(), r0 = 0.15f * h, r1 = 0.085f * h, body = 0.62f * h;
  const Color wall = a.dice.Chance(0.6f) ? GreyColor(a.dice, 0.8f, 0.97f) : WoodColor(a.dice);
  a.OnCard({{-r0, 0}, {r0, 0}, {r1, body}, {-r1, body}},
           Material(wall, Texture::kBricks, 0.25f).Second(wall * 0.88f).Round().Foot(0.2f));
  a.OnCard(Ellipse(0, body, 1.12f * r1, 0.1f * h, 0, 180),
           Material(Hsv(a.dice.Between(5, 30), 0.5f, 0.35f)).Round());
  a.OnCard(RoundedRectangle(-0.25f * r0, 0, 0.25f * r0, 0.14f * h, 0.1f * r0),
           Material(Color(0.15f, 0.2f, 0.28f)));
  a.OnCard(Rectangle(-0.2f * r1, 0.4f * h, 0.2f * r1, 0.46f * h),
           Material(Color(0.2f, 0.18f, 0.15f)));
  const cv::Point2f hub(0, body + 0.02f * h);
  const float turn = a.dice.Between(0, 1.57f), reach = h - hub.y;
  const Material arm(Color(0.2f, 0.26f, 0.33f));
  const Material cloth = Material(Color(0.85f, 0.9f, 0.93f), Texture::kChecks, 0.06f * h)
                             .Second(Color(0.75f, 0.8f, 0.84f));
  for (int i = 0; i < 4; ++i) {
    const float angle = turn + 1.5708f * static_cast<float>(i);
    const cv::Point2f along(std::cos(angle), std::sin(angle)), across(-along.y, along.x);
    const cv::Point2f from = hub + along * (0.2f * reach), to = hub + along * reach;
    const float w = 0.2f * reach;
    a.OnCard({from, to, to + across * w, from + across * w}, cloth);
    a.OnCard(Limb(hub, to, 0.014f * h, 0.01f * h), arm);
  }
  a.OnCard(Ellipse(hub.x, hub.y, 0.025f * h, 0.025f * h), arm);
}

void PaintTractorWheel(Artist& a, const Plane& side, float x, float r) {
  a.Fill(side, {Ellipse(x, r, r, r)}, Material(Color(0.09f, 0.09f, 0.1f)));
  for (int i = 0; i < 12; ++i) {
    const float angle = 0.5236f * static_cast<float>(i);
    const cv::Point2f d(std::cos(angle), std::sin(angle));
    const cv::Point2f c(x, r);
    a.Fill(side, {Limb(c + d * (0.7f * r), c + d * r, 0.05f * r, 0.05f * r)},
           Material(Color(0.2f, 0.2f, 0.21f)));
  }
  a.Fill(side, {Ellipse(x, r, 0.5f * r, 0.5f * r)},
         Material(Color(0.15f, 0.75f, 0.92f)).Ball().Gloss(0.2f));
  a.Fill(side, {Ellipse(x, r, 0.15f * r, 0.15f * r)}, Material(Color(0.2f, 0.2f, 0.2f)));
}

void PaintTractor(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color color =
      a.dice.Chance(0.5f) ? Hsv(a.dice.Between(95, 140), 0.75f, 0.5f) : VividColor(a.dice);
  const Material paint = Material(color).Gloss(0.3f).Foot(0.3f);
  const Material dark(Color(0.13f, 0.13f, 0.14f));
  const float big = 0.3f * h, small = 0.18f * h;
  const float far_side = a.eye()[2] > 0 ? -z : z, near_side = -far_side;
  const auto wheel = [&](float cx, float r, float at) {
    const float inner = at > 0 ? at - 0.35f : at + 0.35f;
    a.Box({cx - 0.8f * r, 0, std::min(at, inner)}, {cx + 0.8f * r, 1.7f * r, std::max(at, inner)},
          dark);
    PaintTractorWheel(a, a.Front(at), cx, r);
  };
  wheel(-0.5f * x, big, far_side);
  wheel(0.72f * x, small, far_side);
  const float t = 0.4f * z;
  a.Extrude({{-0.75f * x, 0.3f * h},
             {x, 0.3f * h},
             {0.97f * x, 0.52f * h},
             {0, 0.57f * h},
             {-0.75f * x, 0.57f * h}},
            -t, t, paint, paint);
  a.Bar({0.55f * x, 0.55f * h, 0}, {0.55f * x, 0.82f * h, 0}, 0.08f, dark);
  const Contour cabin = {{-0.78f * x, 0.55f * h},
                         {0.02f * x, 0.55f * h},
                         {-0.05f * x, 0.94f * h},
                         {-0.72f * x, 0.94f * h}};
  a.Extrude(cabin, -0.6f * z, 0.6f * z, Material(Color(0.55f, 0.48f, 0.4f)).Gloss(0.4f), paint);
  const Plane pane = a.NearEnd(-0.6f * z - 0.01f, 0.6f * z + 0.01f);
  a.Fill(pane,
         {{{-0.7f * x, 0.6f * h},
           {-0.07f * x, 0.6f * h},
           {-0.11f * x, 0.91f * h},
           {-0.66f * x, 0.91f * h}}},
         Material(Color(0.6f, 0.52f, 0.42f)).Gloss(0.5f));
  a.Box({-0.8f * x, 0.94f * h, -0.66f * z}, {0.02f * x, h, 0.66f * z}, paint);
  if (a.eye()[0] > x) {
    a.Fill(a.Side(x + 0.01f), {Rectangle(-0.8f * t, 0.34f * h, 0.8f * t, 0.5f * h)}, dark);
  }
  wheel(0.72f * x, small, near_side);
  wheel(-0.5f * x, big, near_side);
}

void PaintHayBale(Artist& a) {
  const float r = a.height() / 2, z = a.depth() / 2;
  const Color straw =
      Hsv(a.dice.Between(40, 50), a.dice.Between(0.4f, 0.6f), a.dice.Between(0.6f, 0.85f));
  const Material side = Material(straw, Texture::kWood, 0.12f).Second(straw * 0.7f).Foot(0.3f);
  a.Extrude(Ellipse(0, r, r, r), -z, z, side, side);
  const Plane end = a.NearEnd(-z - 0.005f, z + 0.005f);
  for (int i = 0; i < 5; ++i) {
    const float ring = r * (0.95f - 0.19f * static_cast<float>(i));
    a.Fill(end, {Ellipse(0, r, ring, ring)},
           Material(straw * (i % 2 == 0 ? 0.82f : 1.05f), Texture::kMottle, 0.1f));
  }
}

}  // namespace

std::vector<ObjectModel> FarmModels() {
  return {{"barn", Anchor::kFloor, {7, 6.5f, 8}, {10, 9, 11}, PaintBarn},
          {"windmill", Anchor::kFloor, {5, 10, 4}, {7, 15, 6}, PaintWindmill},
          {"tractor", Anchor::kFloor, {3.6f, 2.6f, 1.8f}, {4.4f, 3.1f, 2.1f}, PaintTractor},
          {"hay bale", Anchor::kFloor, {1.5f, 1.4f, 1.2f}, {1.9f, 1.8f, 1.5f}, PaintHayBale}};
}

}  // namespace netdissect
