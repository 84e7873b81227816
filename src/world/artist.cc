#include "world/artist.h"

#include <algorithm>
#include <cmath>

namespace netdissect {
namespace {

float Area(const Contour& contour) {
  float twice = 0;
  for (size_t i = 0; i < contour.size(); ++i) {
    const cv::Point2f &p = contour[i], &q = contour[(i + 1) % contour.size()];
    twice += p.x * q.y - q.x * p.y;
  }
  return twice / 2;
}

}  // namespace

Artist::Artist(WorldCanvas& where, const Dice& choices, const Vec3& position, float yaw,
               const Vec3& extent)
    : canvas(where),
      dice(choices),
      size(extent),
      position_(position),
      cos_(std::cos(yaw)),
      sin_(std::sin(yaw)),
      mirror_(dice.Sign()) {
  const Vec3 to_eye = canvas.camera().eye() - position;
  eye_ = {cos_ * to_eye[0] - sin_ * to_eye[2], to_eye[1], sin_ * to_eye[0] + cos_ * to_eye[2]};
}

Vec3 Artist::Direction(const Vec3& local) const {
  return {cos_ * local[0] + sin_ * local[2], local[1], -sin_ * local[0] + cos_ * local[2]};
}

Vec3 Artist::World(const Vec3& local) const { return position_ + Direction(local); }

Plane Artist::Front(float z) const {
  return {World({0, 0, z}), Direction({1, 0, 0}), Direction({0, 1, 0})};
}

Plane Artist::Top(float y) const {
  return {World({0, y, 0}), Direction({1, 0, 0}), Direction({0, 0, 1})};
}

Plane Artist::Side(float x) const {
  return {World({x, 0, 0}), Direction({0, 0, 1}), Direction({0, 1, 0})};
}

Plane Artist::Card(const Vec3& local) const {
  const Vec3 at = World({local[0], 0, local[2]});
  Vec3 away = at - canvas.camera().eye();
  away[1] = 0;
  away /= static_cast<float>(cv::norm(away) + 1e-6);
  return {at, Vec3(away[2], 0, -away[0]) * mirror_, {0, 1, 0}};
}

void Artist::Fill(const Plane& plane, const Outline& outline, const Material& material) {
  canvas.Fill(plane, outline, material);
}

void Artist::OnCard(const Contour& contour, const Material& material) {
  canvas.Fill(Card(), {contour}, material);
}

void Artist::Box(const Vec3& low, const Vec3& high, const Material& material) {
  const auto front = [&](float z) {
    Fill(Front(z), {Rectangle(low[0], low[1], high[0], high[1])}, material);
  };
  const auto side = [&](float x) {
    Fill(Side(x), {Rectangle(low[2], low[1], high[2], high[1])}, material);
  };
  const auto top = [&](float y) {
    Fill(Top(y), {Rectangle(low[0], low[2], high[0], high[2])}, material);
  };
  if (eye_[0] < low[0]) side(low[0]);
  if (eye_[0] > high[0]) side(high[0]);
  if (eye_[1] < low[1]) top(low[1]);
  if (eye_[1] > high[1]) top(high[1]);
  if (eye_[2] < low[2]) front(low[2]);
  if (eye_[2] > high[2]) front(high[2]);
}

void Artist::Boxes(const std::vector<BoxPart>& parts) {
  std::vector<Bounds> boxes;
  for (const BoxPart& part : parts) boxes.push_back({part.low, part.high});
  for (const size_t i : BackToFront(boxes, eye_)) {
    Box(parts[i].low, parts[i].high, parts[i].material);
    if (parts[i].after) parts[i].after();
  }
}

Plane Artist::NearEnd(float z0, float z1) const { return Front(eye_[2] > z1 ? z1 : z0); }

void Artist::Extrude(const Contour& profile, float z0, float z1, const Material& side,
                     const Material& end) {
  const float turn = Area(profile) > 0 ? 1.0f : -1.0f;
  struct Strip {
    cv::Point2f a, along;
    float length, distance;
  };
  std::vector<Strip> strips;
  for (size_t i = 0; i < profile.size(); ++i) {
    const cv::Point2f &a = profile[i], &b = profile[(i + 1) % profile.size()];
    const auto length = static_cast<float>(cv::norm(b - a));
    if (length < 1e-5f) continue;
    const cv::Point2f along = (b - a) * (1 / length);
    const cv::Point2f outwards(turn * along.y, -turn * along.x);
    const cv::Point2f to_eye(eye_[0] - a.x, eye_[1] - a.y);
    if (outwards.dot(to_eye) <= 0) continue;
    const cv::Point2f middle = cv::Point2f(eye_[0], eye_[1]) - (a + b) * 0.5f;
    strips.push_back({a, along, length, static_cast<float>(cv::norm(middle))});
  }
  std::sort(strips.begin(), strips.end(),
            [](const Strip& a, const Strip& b) { return a.distance > b.distance; });
  for (const Strip& strip : strips) {
    const Plane plane = {World({strip.a.x, strip.a.y, z0}),
                         Direction({strip.along.x, strip.along.y, 0}), Direction({0, 0, 1})};
    Fill(plane, {Rectangle(0, 0, strip.length, z1 - z0)}, side);
  }
  if (eye_[2] < z0 || eye_[2] > z1) Fill(NearEnd(z0, z1), {profile}, end);
}

void Artist::Cone(float x, float z, float y0, float y1, float r0, float r1,
                  const Material& material) {
  const Plane card = Card({x, 0, z});
  const Material round = material.Round();
  Fill(Top(y0), {Ellipse(x, z, r0, r0)}, round);
  Fill(card, {{{-r0, y0}, {r0, y0}, {r1, y1}, {-r1, y1}}}, round);
  if (eye_[1] > y1 && r1 > 0.01f) Fill(Top(y1), {Ellipse(x, z, r1, r1)}, material);
}

void Artist::Ball(const Vec3& center, float radius, const Material& material) {
  Fill(Card(center), {Ellipse(0, center[1], radius, radius)}, material.Ball());
}

void Artist::Bar(const Vec3& a, const Vec3& b, float thickness, const Material& material) {
  const Vec3 from = World(a), along = World(b) - from;
  const auto length = static_cast<float>(cv::norm(along));
  if (length < 1e-5f) return;
  const Vec3 u = along / length;
  Vec3 across = u.cross(canvas.camera().eye() - from);
  across /= static_cast<float>(cv::norm(across) + 1e-6);
  const float half = thickness / 2;
  Fill({from, u, across}, {Rectangle(0, -half, length, half)}, material);
}

void Artist::GroundShadow(float strength) {
  const Vec3& light = canvas.light().toward;
  // The light's slant moves the shadow; its length is kept short, as the sky lights it too.
  const float reach = std::min(0.35f * size[1], 1.5f) / std::max(light[1], 0.35f);
  const cv::Point2f away(-(cos_ * light[0] - sin_ * light[2]) * reach,
                         -(sin_ * light[0] + cos_ * light[2]) * reach);
  const float ru = 0.62f * size[0] + 0.5f * std::abs(away.x);
  const float rv = 0.62f * size[2] + 0.5f * std::abs(away.y);
  canvas.Shadow(Top(0.004f), away * 0.5f, ru, rv, 0.7f * strength);
  canvas.Shadow(Top(0.005f), {0, 0}, 0.62f * size[0] + 0.03f, 0.62f * size[2] + 0.03f,
                0.8f * strength);
}

}  // namespace netdissect
