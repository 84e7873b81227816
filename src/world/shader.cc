#include "world/shader.h"

#include <algorithm>
#include <cmath>

#include "world/noise.h"

namespace netdissect {
namespace {

Vec3 TowardInPlane(const Light& light, const Plane& plane, const Vec3& eye) {
  Vec3 normal = plane.u.cross(plane.v);
  if (normal.dot(eye - plane.origin) < 0) normal = -normal;
  return {light.toward.dot(plane.u), light.toward.dot(plane.v), light.toward.dot(normal)};
}

}  // namespace

Shader::Shader(const Material& material, const Light& light, const Plane& plane,
               const cv::Rect2f& bounds, const Vec3& eye)
    : material_(material),
      light_(light),
      bounds_(bounds),
      across_scale_(2 / bounds.width),
      upwards_scale_(2 / bounds.height),
      toward_(TowardInPlane(light, plane, eye)),
      even_(material.relief == Relief::kFlat && material.gloss == 0),
      plain_(even_ && material.texture == Texture::kPlain && material.corners == 0 &&
             material.foot == 0) {
  evenly_ = ReflectedAt({});
  plainly_ = LitAt({});
}

float Shader::SoftnessAt(const SurfacePoint& point) const {
  const float radius = std::sqrt(point.across * point.across + point.upwards * point.upwards);
  const float t = std::clamp((1 - radius) / material_.soft, 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}

Shader::Reflected Shader::ReflectedAt(const SurfacePoint& point) const {
  Vec3 normal(0, 0, 1);
  if (material_.relief != Relief::kFlat) {
    normal[0] = std::clamp(point.across, -1.0f, 1.0f);
    if (material_.relief == Relief::kSphere) normal[1] = std::clamp(point.upwards, -1.0f, 1.0f);
    const float rest = 1 - normal[0] * normal[0] - normal[1] * normal[1];
    normal[2] = std::sqrt(std::max(rest, 0.02f));
  }
  // Wrapped a little around: the sky and the walls light what faces away.
  const float direct = std::max(0.0f, 0.85f * normal.dot(toward_) + 0.15f);
  if (material_.gloss == 0) return {direct, 0};
  const Vec3 half = toward_ + Vec3(0, 0, 1);
  const float aligned = normal.dot(half) / (std::sqrt(half.dot(half)) + 1e-6f);
  const float fourth = aligned > 0 ? aligned * aligned * aligned * aligned : 0;
  float shine = fourth * fourth * fourth * fourth * fourth * fourth;
  if (material_.relief == Relief::kFlat) {  // a slanting sheen
    shine += 0.4f * std::max(0.0f, 1 - 2 * std::abs(point.across - 0.8f * point.upwards - 0.2f));
  }
  return {direct, material_.gloss * shine};
}

float Shader::ShadeAt(const SurfacePoint& point) const {
  float shade = 1;
  if (material_.corners > 0) {
    const float side = std::min(point.u - bounds_.x, bounds_.x + bounds_.width - point.u);
    const float end = std::min(point.v - bounds_.y, bounds_.y + bounds_.height - point.v);
    const float near = std::max(0.0f, std::min(side, end)) / 0.35f;  // of 35 cm
    shade -= material_.corners / (1 + 4 * near * near);
  }
  const float below = 1 - point.upwards;
  return shade - material_.foot * 0.25f * below * below;
}

Color Shader::LitAt(const SurfacePoint& point) const {
  Color color = ColorAt(material_, point);
  if (material_.glow >= 1) return color;
  const Reflected reflected = even_ ? evenly_ : ReflectedAt(point);
  const float shade = ShadeAt(point);
  for (int c = 0; c < 3; ++c) {
    const float lit = color[c] * shade * (light_.ambient[c] + light_.direct[c] * reflected.direct) +
                      reflected.highlight * light_.direct[c];
    color[c] = lit + (color[c] - lit) * material_.glow;
  }
  return color;
}

Color Shader::ColorOf(const SurfacePoint& point, float depth, int x, int y) const {
  Color color = plain_ ? plainly_ : LitAt(point);
  if (material_.grain > 0) {
    const float grain = 1 + 3 * material_.grain * (PixelNoise(x >> 1, y >> 1) - 0.5f);
    for (int c = 0; c < 3; ++c) color[c] *= grain;
  }
  if (light_.haze_distance > 0) {
    const float t = depth / light_.haze_distance;
    const float hidden = t * t / (1 + t * t);
    for (int c = 0; c < 3; ++c) color[c] += (light_.haze[c] - color[c]) * hidden;
  }
  return color;
}

}  // namespace netdissect
