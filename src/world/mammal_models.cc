// Mammals: seen in pictures of objects, never in scenes.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

// The proportions of what walks on four legs, as shares of its length or height.
struct Quadruped {
  Color coat;
  float body_y, body_height, legs, leg_width, neck_length, neck_angle, head, muzzle, tail;
};

void PaintQuadruped(Artist& a, const Quadruped& q, const Material& coat) {
  const float x = a.width() / 2, h = a.height();
  const float bx = 0.62f * x, by = q.body_y * h, bh = q.body_height * h;
  const Material far = Material(q.coat * 0.72f);
  const float foot[] = {-0.85f, -0.6f, 0.62f, 0.88f};
  for (const int i : {1, 3, 0, 2}) {
    const float lx = foot[i] * bx - 0.1f * x, step = a.dice.Between(-0.08f, 0.08f) * x;
    const bool behind = i == 1 || i == 3;
    const Material& leg = behind ? far : coat;
    a.OnCard(Limb({lx, by - 0.2f * bh}, {lx + 0.4f * step, 0.5f * by}, 1.5f * q.leg_width * x,
                  q.leg_width * x),
             leg);
    a.OnCard(Limb({lx + 0.4f * step, 0.5f * by}, {lx + step, 0.03f * h}, q.leg_width * x,
                  0.85f * q.leg_width * x),
             leg);
  }
  a.OnCard(Limb({-bx - 0.1f * x, by + 0.3f * bh}, {-bx - q.tail * x, by - 0.9f * q.tail * h},
                0.05f * x, 0.03f * x),
           coat);
  a.OnCard(Smooth({{-bx - 0.12f * x, by},
                   {-0.8f * bx, by - bh},
                   {0.1f * bx, by - 0.85f * bh},
                   {0.8f * bx, by - 0.95f * bh},
                   {0.95f * bx, by},
                   {0.8f * bx, by + bh},
                   {0, by + 0.88f * bh},
                   {-0.8f * bx, by + bh}}),
           coat.Ball());
  const cv::Point2f shoulder(0.68f * bx, by + 0.45f * bh);
  const cv::Point2f head = shoulder + cv::Point2f(q.neck_length * h * std::cos(q.neck_angle),
                                                  q.neck_length * h * std::sin(q.neck_angle));
  const float r = q.head * h;
  a.OnCard(Limb(shoulder, head, 0.75f * bh, 0.75f * r), coat);
  for (const float side : {-0.6f, 0.15f}) {
    const cv::Point2f ear = head + cv::Point2f(side * r, 0.6f * r);
    a.OnCard({ear + cv::Point2f(-0.32f * r, 0), ear + cv::Point2f(0.32f * r, 0),
              ear + cv::Point2f(-0.05f * r, 0.85f * r)},
             side < 0 ? far : coat);
  }
  a.OnCard(Ellipse(head.x, head.y, r, 0.85f * r), coat.Ball());
  a.OnCard(Limb(head + cv::Point2f(0.4f * r, -0.15f * r),
                head + cv::Point2f(q.muzzle * r, -0.4f * r), 0.55f * r, 0.4f * r),
           coat);
  a.OnCard(Ellipse(head.x + (q.muzzle + 0.25f) * r, head.y - 0.35f * r, 0.16f * r, 0.14f * r),
           Material(Color(0.1f, 0.1f, 0.12f)));
  a.OnCard(Ellipse(head.x + 0.35f * r, head.y + 0.2f * r, 0.14f * r, 0.16f * r),
           Material(Color(0.05f, 0.05f, 0.06f)));
}

Material Fur(const Color& color, Texture texture, float scale, const Color& second) {
  return Material(color, texture, scale).Second(second).Grain(0.12f);
}

void PaintCat(Artist& a) {
  const Color color = a.dice.Chance(0.6f)
                          ? Hsv(a.dice.Between(20, 34), 0.55f, a.dice.Between(0.5f, 0.85f))
                          : GreyColor(a.dice, 0.2f, 0.85f);
  const float h = a.height(), x = a.width() / 2;
  const Material coat = Fur(color, Texture::kStripes, 0.09f, color * 0.65f);
  const Material plain = Material(color).Grain(0.1f);
  const cv::Point2f head(0.3f * x, 0.72f * h);
  const float r = 0.2f * h;  // sitting
  a.OnCard(Limb({-0.5f * x, 0.1f * h}, {-0.95f * x, 0.3f * h}, 0.055f * h, 0.05f * h), coat);
  a.OnCard(Limb({-0.95f * x, 0.3f * h}, {-0.8f * x, 0.5f * h}, 0.05f * h, 0.04f * h), coat);
  a.OnCard(Smooth({{-0.62f * x, 0.02f * h},
                   {0.5f * x, 0.02f * h},
                   {0.52f * x, 0.35f * h},
                   {0.45f * x, 0.62f * h},
                   {0.05f * x, 0.64f * h},
                   {-0.45f * x, 0.42f * h}}),
           coat.Ball());
  for (const float lx : {0.22f, 0.42f}) {
    a.OnCard(Limb({lx * x, 0.36f * h}, {lx * x, 0.04f * h}, 0.06f * h, 0.05f * h), plain);
  }
  for (const float side : {-1.0f, 1.0f}) {
    a.OnCard({{head.x + side * 0.9f * r, head.y + 0.35f * r},
              {head.x + side * 0.15f * r, head.y + 0.75f * r},
              {head.x + side * 0.85f * r, head.y + 1.35f * r}},
             plain);
  }
  a.OnCard(Ellipse(head.x, head.y, 1.05f * r, 0.9f * r), plain.Ball());
  for (const float side : {-0.42f, 0.42f}) {
    a.OnCard(Ellipse(head.x + side * r, head.y + 0.1f * r, 0.2f * r, 0.22f * r),
             Material(Hsv(a.dice.Between(50, 120), 0.7f, 0.85f)));
    a.OnCard(Ellipse(head.x + side * r, head.y + 0.1f * r, 0.07f * r, 0.2f * r),
             Material(Color(0.05f, 0.05f, 0.05f)));
  }
  a.OnCard({{head.x - 0.12f * r, head.y - 0.2f * r},
            {head.x + 0.12f * r, head.y - 0.2f * r},
            {head.x, head.y - 0.34f * r}},
           Material(Color(0.5f, 0.45f, 0.85f)));
}

void PaintDog(Artist& a) {
  const Color color = a.dice.Chance(0.7f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.15f, 0.95f);
  PaintQuadruped(a, {color, 0.5f, 0.15f, 4, 0.055f, 0.3f, 0.85f, 0.15f, 1.3f, 0.3f},
                 Fur(color, Texture::kMottle, 0.15f, Varied(a.dice, color, 0.4f)));
}

void PaintHorseAnimal(Artist& a) {
  const Color color = a.dice.Chance(0.7f)
                          ? Hsv(a.dice.Between(12, 28), 0.55f, a.dice.Between(0.25f, 0.6f))
                          : GreyColor(a.dice, 0.15f, 0.95f);
  const Material mane = Material(color * 0.4f);
  const float x = a.width() / 2, h = a.height();
  a.OnCard(Limb({-0.7f * x, 0.62f * h}, {-0.92f * x, 0.28f * h}, 0.07f * x, 0.04f * x), mane);
  PaintQuadruped(a, {color, 0.56f, 0.13f, 4, 0.045f, 0.38f, 1.0f, 0.09f, 2.0f, 0.1f},
                 Material(color).Grain(0.06f).Gloss(0.1f));
  a.OnCard(Limb({0.4f * x, 0.72f * h}, {0.58f * x, 0.97f * h}, 0.05f * x, 0.035f * x), mane);
}

void PaintCow(Artist& a) {
  const Color white(0.93f, 0.94f, 0.95f);
  const Color patch = a.dice.Chance(0.6f) ? Color(0.1f, 0.1f, 0.11f) : Hsv(18, 0.6f, 0.4f);
  PaintQuadruped(a, {white, 0.54f, 0.2f, 4, 0.06f, 0.27f, 0.5f, 0.12f, 1.3f, 0.12f},
                 Fur(white, Texture::kLeaves, 0.45f, patch));
}

void PaintElephant(Artist& a) {
  const Color grey = GreyColor(a.dice, 0.4f, 0.6f);
  const float x = a.width() / 2, h = a.height();
  const Material skin = Fur(grey, Texture::kMottle, 0.3f, grey * 0.8f);
  for (const float lx : {-0.52f, -0.28f, 0.22f, 0.44f}) {
    a.OnCard(Limb({lx * x, 0.5f * h}, {lx * x, 0.08f * h}, 0.14f * x, 0.1f * x),
             lx == -0.28f || lx == 0.22f ? Material(grey * 0.75f) : skin);
  }
  a.OnCard(Limb({-0.66f * x, 0.6f * h}, {-0.8f * x, 0.35f * h}, 0.03f * x, 0.02f * x), skin);
  a.OnCard(Ellipse(-0.05f * x, 0.58f * h, 0.66f * x, 0.32f * h), skin.Ball());
  const cv::Point2f head(0.56f * x, 0.7f * h);
  cv::Point2f from = head + cv::Point2f(0.18f * x, -0.05f * h);
  const float curl = a.dice.Between(0.0f, 0.1f);
  const cv::Point2f trunk[] = {
      {0.8f * x, 0.5f * h}, {0.84f * x, 0.3f * h}, {(0.88f + curl) * x, 0.15f * h}};
  a.OnCard({head + cv::Point2f(0.1f * x, -0.1f * h),
            head + cv::Point2f(0.2f * x, -0.14f * h),
            {0.98f * x, 0.42f * h}},
           Material(Color(0.85f, 0.93f, 0.95f)));
  float r = 0.1f * x;
  for (const cv::Point2f& to : trunk) {
    a.OnCard(Limb(from, to, r, 0.75f * r), skin);
    from = to;
    r *= 0.75f;
  }
  a.OnCard(Ellipse(head.x, head.y, 0.26f * x, 0.2f * h), skin.Ball());
  a.OnCard(Blob(head.x - 0.16f * x, head.y - 0.02f * h, 0.2f * x, 0.23f * h, 0.12f,
                a.dice.Between(0, 90)),
           Material(grey * 0.88f).Ball());
  a.OnCard(Ellipse(head.x + 0.13f * x, head.y + 0.04f * h, 0.022f * x, 0.02f * h),
           Material(Color(0.05f, 0.05f, 0.05f)));
}

void PaintGiraffe(Artist& a) {
  const Color sand = Hsv(a.dice.Between(32, 42), 0.45f, 0.85f);
  PaintQuadruped(a, {sand, 0.42f, 0.085f, 4, 0.05f, 0.46f, 1.2f, 0.045f, 1.9f, 0.12f},
                 Fur(sand, Texture::kLeaves, 0.3f, Hsv(22, 0.65f, a.dice.Between(0.35f, 0.55f))));
}

}  // namespace

std::vector<ObjectModel> MammalModels() {
  return {{"cat", Anchor::kFloor, {0.5f, 0.45f, 0.2f}, {0.6f, 0.55f, 0.25f}, PaintCat},
          {"dog", Anchor::kFloor, {0.9f, 0.6f, 0.25f}, {1.2f, 0.8f, 0.3f}, PaintDog},
          {"horse", Anchor::kFloor, {2.3f, 1.9f, 0.6f}, {2.7f, 2.2f, 0.7f}, PaintHorseAnimal},
          {"cow", Anchor::kFloor, {2.2f, 1.4f, 0.7f}, {2.6f, 1.6f, 0.8f}, PaintCow},
          {"elephant", Anchor::kFloor, {4.2f, 2.8f, 1.5f}, {5.2f, 3.4f, 1.8f}, PaintElephant},
          {"giraffe", Anchor::kFloor, {2.6f, 4.2f, 0.8f}, {3.0f, 5.0f, 1}, PaintGiraffe}};
}

}  // namespace netdissect
