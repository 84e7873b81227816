// Cranes, excavators and traffic cones of a construction site.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

Color MachineColor(Artist& a) {
  return a.dice.Chance(0.75f) ? Hsv(a.dice.Between(36, 50), 0.85f, a.dice.Between(0.75f, 0.95f))
                              : Hsv(a.dice.Between(5, 25), 0.8f, 0.8f);
}

// Two chords with diagonals between them.
void PaintTruss(Artist& a, cv::Point2f from, cv::Point2f to, float width,
                const Material& material) {
  const cv::Point2f d = to - from;
  const auto length = static_cast<float>(cv::norm(d));
  const cv::Point2f along = d * (1 / length), across(-along.y, along.x);
  const cv::Point2f half = across * (width / 2);
  const float t = 0.09f * width;
  a.canvas.Claim(a.Card(), {{from + half, to + half, to - half, from - half}});
  a.OnCard(Limb(from + half, to + half, t, t), material);
  a.OnCard(Limb(from - half, to - half, t, t), material);
  const int bays = std::max(2, static_cast<int>(length / (1.1f * width)));
  for (int i = 0; i < bays; ++i) {
    const cv::Point2f p = from + d * (static_cast<float>(i) / static_cast<float>(bays));
    const cv::Point2f q = from + d * (static_cast<float>(i + 1) / static_cast<float>(bays));
    const float side = i % 2 == 0 ? 1.0f : -1.0f;
    a.OnCard(Limb(p - half * side, q + half * side, 0.7f * t, 0.7f * t), material);
  }
}

void PaintCrane(Artist& a) {
  const float x = a.width() / 2, h = a.height(), mast = 0.08f * h, jib = 0.78f * h;
  const Material steel = Material(MachineColor(a));
  const float at = -0.45f * x;
  a.OnCard(Rectangle(at - mast, 0, at + mast, 0.05f * h), Material(Color(0.6f, 0.62f, 0.64f)));
  PaintTruss(a, {at, 0.05f * h}, {at, jib}, mast, steel);
  PaintTruss(a, {at, jib + 0.03f * h}, {x, jib + 0.03f * h}, 0.06f * h, steel);
  PaintTruss(a, {at, jib + 0.03f * h}, {-x, jib + 0.03f * h}, 0.06f * h, steel);
  a.OnCard(Rectangle(-x, jib - 0.08f * h, -0.8f * x, jib), Material(Color(0.55f, 0.55f, 0.55f)));
  const Material rope(Color(0.15f, 0.15f, 0.15f));
  a.OnCard(Limb({at, h}, {0.75f * x, jib + 0.06f * h}, 0.004f * h, 0.004f * h), rope);
  a.OnCard(Limb({at, h}, {-0.9f * x, jib + 0.06f * h}, 0.004f * h, 0.004f * h), rope);
  a.OnCard({{at - 0.5f * mast, jib}, {at + 0.5f * mast, jib}, {at, h}}, steel);
  a.OnCard(RoundedRectangle(at + 0.5f * mast, jib - 0.09f * h, at + 1.7f * mast, jib, 0.1f),
           Material(Color(0.75f, 0.65f, 0.55f)).Gloss(0.3f));
  const float hook = a.dice.Between(0.1f, 0.8f) * x, drop = a.dice.Between(0.25f, 0.6f) * h;
  a.OnCard(Limb({hook, drop}, {hook, jib}, 0.004f * h, 0.004f * h), rope);
  a.OnCard(Rectangle(hook - 0.08f * x, drop - 0.05f * h, hook + 0.08f * x, drop),
           Material(WoodColor(a.dice)));
}

void PaintExcavator(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = MachineColor(a);
  const Material paint = Material(color).Foot(0.25f).Gloss(0.15f);
  const Material dark(Color(0.14f, 0.14f, 0.15f));
  const float z = a.depth() / 2, track = 0.27f * h;
  for (const float side : {0.62f * z, -0.62f * z}) {
    const float at = a.eye()[2] > 0 ? -side : side;
    const Contour loop = RoundedRectangle(-0.95f * x, 0, 0.15f * x, track, track / 2);
    a.Extrude(loop, at - 0.3f * z, at + 0.3f * z, dark, Material(Color(0.24f, 0.24f, 0.25f)));
    for (int i = 0; i < 4; ++i) {
      const float wx = -0.8f * x + 0.27f * x * static_cast<float>(i);
      a.Fill(a.NearEnd(at - 0.3f * z - 0.01f, at + 0.3f * z + 0.01f),
             {Ellipse(wx, track / 2, 0.36f * track, 0.36f * track)},
             Material(Color(0.45f, 0.45f, 0.46f)).Ball());
    }
  }
  a.Box({-0.9f * x, track, -0.7f * z}, {0.1f * x, 0.56f * h, 0.7f * z}, paint);
  a.Box({-0.25f * x, 0.56f * h, -0.7f * z}, {0.1f * x, 0.86f * h, 0.1f * z}, paint);
  const Plane side = a.NearEnd(-0.71f * z, 0.71f * z);
  a.Fill(side,
         {{{-0.2f * x, 0.5f * h},
           {0.06f * x, 0.5f * h},
           {0.06f * x, 0.82f * h},
           {-0.2f * x, 0.82f * h}}},
         Material(Color(0.62f, 0.55f, 0.45f)).Gloss(0.5f));
  const cv::Point2f root(0.08f * x, 0.5f * h), elbow(0.52f * x, h), wrist(0.88f * x, 0.5f * h);
  const Plane middle = a.Front(-0.2f * z);
  a.Fill(middle, {Limb(root, elbow, 0.09f * h, 0.055f * h)}, paint);
  a.Fill(middle, {Limb(elbow, wrist, 0.06f * h, 0.035f * h)}, Material(color * 0.9f));
  a.Fill(middle, {Limb({0.2f * x, 0.48f * h}, {0.36f * x, 0.78f * h}, 0.022f * h, 0.022f * h)},
         dark);
  a.Fill(middle,
         {{{0.8f * x, 0.52f * h},
           {x, 0.42f * h},
           {0.98f * x, 0.16f * h},
           {0.72f * x, 0.1f * h},
           {0.66f * x, 0.26f * h}}},
         Material(Color(0.32f, 0.32f, 0.33f)).Foot(0.3f));
}

void PaintCone(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Color orange = Hsv(a.dice.Between(10, 22), 0.9f, 0.95f);
  a.Box({-r, 0, -r}, {r, 0.06f * h, r}, Material(orange * 0.7f));
  const auto ring = [&](float y0, float y1, const Color& color) {
    a.Cone(0, 0, y0 * h, y1 * h, 0.75f * r * (1.05f - y0), 0.75f * r * (1.05f - y1),
           Material(color));
  };
  ring(0.06f, 0.35f, orange);
  ring(0.35f, 0.55f, {0.95f, 0.95f, 0.95f});
  ring(0.55f, 0.75f, orange);
  ring(0.75f, 0.85f, {0.95f, 0.95f, 0.95f});
  ring(0.85f, 1.0f, orange);
}

}  // namespace

std::vector<ObjectModel> SiteModels() {
  return {{"crane", Anchor::kFloor, {15, 17, 2}, {22, 24, 3}, PaintCrane},
          {"excavator", Anchor::kFloor, {5.5f, 3.0f, 2.2f}, {7.5f, 4.0f, 2.8f}, PaintExcavator},
          {"traffic cone", Anchor::kFloor, {0.5f, 0.75f, 0.5f}, {0.7f, 1.05f, 0.7f}, PaintCone}};
}

}  // namespace netdissect
