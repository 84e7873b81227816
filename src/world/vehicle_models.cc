// Cars, trucks, buses and bicycles. Their length is along x, so that one at rest shows its side.

#include "world/model.h"

namespace netdissect {
namespace {

const Color kRubber(0.08f, 0.08f, 0.09f);
const Color kGlass(0.42f, 0.33f, 0.26f);

void PaintWheels(Artist& a, const std::vector<float>& xs, float r, float z) {
  for (const float x : xs) {
    a.Box({x - 0.75f * r, 0, -z + 0.02f}, {x + 0.75f * r, 1.6f * r, -z + 0.24f}, Material(kRubber));
    a.Box({x - 0.75f * r, 0, z - 0.24f}, {x + 0.75f * r, 1.6f * r, z - 0.02f}, Material(kRubber));
  }
}

void PaintWheelSides(Artist& a, const std::vector<float>& xs, float r, float z) {
  if (std::abs(a.eye()[2]) < z) return;
  const Plane side = a.NearEnd(-z - 0.01f, z + 0.01f);
  for (const float x : xs) {
    a.Fill(side, {Ellipse(x, r, r, r)}, Material(kRubber));
    a.Fill(side, {Ellipse(x, r, 0.58f * r, 0.58f * r)},
           Material(Color(0.62f, 0.62f, 0.62f)).Ball().Gloss(0.4f));
    a.Fill(side, {Ellipse(x, r, 0.18f * r, 0.18f * r)}, Material(Color(0.2f, 0.2f, 0.2f)));
  }
}

// Lamps, plate and bumper on the end at x; `front` has white lamps.
void PaintVehicleEnd(Artist& a, float x, float y, float z, bool front) {
  const Plane end = a.Side(x);
  const Material lamp = front ? Material(Color(0.85f, 0.95f, 1)).Glow(0.7f)
                              : Material(Color(0.1f, 0.1f, 0.85f)).Glow(0.6f);
  a.Fill(end, {Rectangle(-z, 0.3f * y, z, 0.48f * y)}, Material(Color(0.2f, 0.2f, 0.21f)));
  for (const float side : {-0.72f, 0.72f}) {
    a.Fill(end,
           {RoundedRectangle((side - 0.2f) * z, 0.68f * y, (side + 0.2f) * z, 0.88f * y, 0.05f)},
           lamp);
  }
  a.Fill(end, {Rectangle(-0.28f, 0.5f * y, 0.28f, 0.5f * y + 0.12f)},
         Material(Color(0.9f, 0.93f, 0.93f)));
}

void PaintCar(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), r = 0.21f * h;
  const Color color = CarColor(a.dice);
  const Material paint = Material(color).Gloss(0.35f);
  const float waist = 0.6f * h, low = 0.16f * h;
  const bool van = a.dice.Chance(0.25f);
  const std::vector<float> wheels = {-0.6f * x, 0.6f * x};
  PaintWheels(a, wheels, r, z);
  const Contour body = {
      {-x, low},          {x, low},           {x, 0.5f * h},  {0.95f * x, 0.56f * h},
      {0.45f * x, waist}, {-0.8f * x, waist}, {-x, 0.56f * h}};
  a.Extrude(body, -z, z, paint, paint.Foot(0.35f));
  for (const float end : {-x, x}) {
    if (end * a.eye()[0] > x * x) PaintVehicleEnd(a, end, waist, z, end > 0);
  }
  const float rear = van ? -0.97f : -0.72f, roof_rear = van ? -0.9f : -0.42f;
  const float inset = 0.1f;
  const Contour cabin = {{rear * x, waist}, {0.48f * x, waist}, {0.16f * x, h}, {roof_rear * x, h}};
  a.Extrude(cabin, -z + inset, z - inset, Material(kGlass).Gloss(0.5f), paint);
  if (a.eye()[1] > h) {
    a.Fill(a.Top(h), {Rectangle(roof_rear * x, -z + inset, 0.16f * x, z - inset)}, paint);
  }
  if (std::abs(a.eye()[2]) > z) {
    const Plane side = a.NearEnd(-z + inset - 0.005f, z - inset + 0.005f);
    const Material pane = Material(kGlass).Gloss(0.5f);
    const float top = 0.93f * h, split = -0.12f * x;
    a.Fill(side,
           {{{(rear + 0.08f) * x, waist},
             {split - 0.03f * x, waist},
             {split - 0.03f * x, top},
             {(roof_rear + 0.02f) * x, top}}},
           pane);
    a.Fill(side,
           {{{split + 0.03f * x, waist},
             {0.4f * x, waist},
             {0.14f * x, top},
             {split + 0.03f * x, top}}},
           pane);
    const Plane skin = a.NearEnd(-z - 0.004f, z + 0.004f);
    const Material line(color * 0.55f);
    a.Fill(skin, {Rectangle(split - 0.012f, low + 0.1f, split + 0.012f, waist)}, line);
    a.Fill(skin, {Rectangle(-0.95f * x, low, 0.95f * x, low + 0.08f)}, Material(color * 0.4f));
  }
  PaintWheelSides(a, wheels, r, z);
}

void PaintTruck(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), r = 0.48f;
  const Color color = CarColor(a.dice);
  const Material paint = Material(color).Gloss(0.25f).Foot(0.2f);
  const Color load = a.dice.Chance(0.5f) ? GreyColor(a.dice, 0.7f, 0.97f) : VividColor(a.dice);
  const Material box = Material(load, Texture::kCorrugated, 0.35f).Corners(0.1f);
  const float cab = 0.55f * x, bed = 0.95f;
  const std::vector<float> wheels = {-0.75f * x, -0.45f * x, 0.78f * x};
  PaintWheels(a, wheels, r, z);
  a.Boxes(
      {{{-x, 0.55f, -z + 0.1f}, {x, bed, z - 0.1f}, Material(Color(0.15f, 0.15f, 0.16f)), {}},
       {{-x, bed, -z},
        {cab - 0.12f, h, z},
        box,
        [&] {
          if (std::abs(a.eye()[2]) < z) return;
          const Plane side = a.NearEnd(-z - 0.01f, z + 0.01f);
          if (!a.dice.Chance(0.6f)) return;
          a.Fill(side, {Rectangle(-0.8f * x, 0.45f * h, 0.3f * x, 0.62f * h)},
                 Material(VividColor(a.dice)));
        }},
       {{cab, bed, -z + 0.05f}, {x, 0.88f * h, z - 0.05f}, paint, [&] {
          const float top = 0.82f * h, waist = 0.55f * h;
          if (std::abs(a.eye()[2]) > z) {
            a.Fill(
                a.NearEnd(-z + 0.04f, z - 0.04f),
                {{{cab + 0.15f, waist}, {x - 0.08f, waist}, {x - 0.12f, top}, {cab + 0.15f, top}}},
                Material(kGlass).Gloss(0.5f));
          }
          if (a.eye()[0] > x) {
            a.Fill(a.Side(x + 0.005f), {Rectangle(-z + 0.15f, waist, z - 0.15f, top)},
                   Material(kGlass).Gloss(0.4f));
          }
        }}});
  for (const float end : {-x, x}) {
    if (end * a.eye()[0] > x * x)
      PaintVehicleEnd(a, end + (end > 0 ? 0.01f : -0.01f), 1.25f, z, end > 0);
  }
  PaintWheelSides(a, wheels, r, z);
}

void PaintBus(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), r = 0.48f;
  const Color color = VividColor(a.dice);
  const Material paint = Material(color).Gloss(0.15f).Foot(0.2f);
  const Material pane = Material(kGlass).Gloss(0.5f);
  const std::vector<float> wheels = {-0.62f * x, 0.68f * x};
  PaintWheels(a, wheels, r, z);
  a.Box({-x, 0.35f, -z}, {x, h, z}, paint);
  const float sill = 0.5f * h, top = 0.86f * h;
  if (std::abs(a.eye()[2]) > z) {
    const Plane side = a.NearEnd(-z - 0.01f, z + 0.01f);
    const int panes = std::max(4, static_cast<int>(a.width() / 1.2f));
    for (int i = 0; i < panes; ++i) {
      const float left =
          -x + 0.2f + (a.width() - 0.4f) * static_cast<float>(i) / static_cast<float>(panes);
      const float right = left + (a.width() - 0.4f) / static_cast<float>(panes) - 0.1f;
      a.Fill(side, {RoundedRectangle(left, sill, right, top, 0.06f)}, pane);
    }
    a.Fill(side, {Rectangle(-x, 0.36f * h, x, 0.42f * h)}, Material(Color(0.93f, 0.93f, 0.93f)));
  }
  for (const float end : {-x, x}) {
    if (end * a.eye()[0] < x * x) continue;
    const float out = end + (end > 0 ? 0.01f : -0.01f);
    a.Fill(a.Side(out), {Rectangle(-z + 0.12f, 0.42f * h, z - 0.12f, top)}, pane);
    a.Fill(a.Side(out), {Rectangle(-z + 0.3f, 0.9f * h, z - 0.3f, 0.97f * h)},
           Material(Color(0.1f, 0.6f, 0.95f)).Glow());
    PaintVehicleEnd(a, out, 1.2f, z, end > 0);
  }
  PaintWheelSides(a, wheels, r, z);
}

void PaintBicycle(Artist& a) {
  const float x = a.width() / 2, h = a.height(), r = 0.34f * h;
  const Plane side = a.Front(0);
  const Material tyre(kRubber), frame = Material(VividColor(a.dice)).Gloss(0.3f);
  const cv::Point2f rear(-x + r, r), front(x - r, r), crank(-0.12f * x, 0.95f * r);
  const cv::Point2f seat(-0.3f * x, 0.86f * h), head(0.42f * x, 0.84f * h), bar(0.38f * x, h);
  const float t = 0.026f;
  for (const cv::Point2f& hub : {rear, front}) {
    a.Fill(side, {Ellipse(hub.x, hub.y, r, r), Ellipse(hub.x, hub.y, 0.86f * r, 0.86f * r)}, tyre);
    for (int i = 0; i < 4; ++i) {
      const float angle = 0.785f * static_cast<float>(i) + 0.3f;
      const cv::Point2f d(0.88f * r * std::cos(angle), 0.88f * r * std::sin(angle));
      a.Fill(side, {Limb(hub - d, hub + d, 0.007f, 0.007f)}, Material(Color(0.6f, 0.6f, 0.6f)));
    }
    a.canvas.Claim(side, {Ellipse(hub.x, hub.y, r, r)});
  }
  const std::pair<cv::Point2f, cv::Point2f> tubes[] = {{rear, crank},
                                                       {crank, seat},
                                                       {rear, seat + (crank - seat) * 0.2f},
                                                       {crank, head},
                                                       {seat + (crank - seat) * 0.2f, head},
                                                       {head, front},
                                                       {head, bar}};
  for (const auto& [from, to] : tubes) a.Fill(side, {Limb(from, to, t, t)}, frame);
  a.Fill(side, {Limb(seat - cv::Point2f(0.1f, 0), seat + cv::Point2f(0.1f, 0.02f), 0.04f, 0.025f)},
         tyre);
  a.Fill(side, {Limb(bar - cv::Point2f(0.12f, 0), bar + cv::Point2f(0.03f, 0), 0.03f, 0.03f)},
         tyre);
}

}  // namespace

std::vector<ObjectModel> VehicleModels() {
  return {{"car", Anchor::kFloor, {3.7f, 1.4f, 1.7f}, {4.5f, 1.65f, 1.85f}, PaintCar},
          {"truck", Anchor::kFloor, {6.5f, 3.0f, 2.3f}, {9.0f, 3.7f, 2.5f}, PaintTruck},
          {"bus", Anchor::kFloor, {8.5f, 2.9f, 2.4f}, {11.0f, 3.2f, 2.5f}, PaintBus},
          {"bicycle", Anchor::kFloor, {1.6f, 1.0f, 0.3f}, {1.8f, 1.1f, 0.4f}, PaintBicycle}};
}

}  // namespace netdissect
