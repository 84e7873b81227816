#include "world/geometry.h"

#include <algorithm>
#include <cmath>

#include "world/noise.h"

namespace netdissect {
namespace {

constexpr float kNear = 0.05f;   // metres
constexpr float kTouch = 1e-3f;  // metres by which boxes that touch may overlap

// Whether `a` may hide a part of `b`: not where a plane between them has the eye on b's side.
bool MayHide(const Bounds& a, const Bounds& b, const Vec3& eye) {
  for (int k = 0; k < 3; ++k) {
    if (a.low[k] >= b.high[k] - kTouch && eye[k] <= a.low[k]) return false;
    if (a.high[k] <= b.low[k] + kTouch && eye[k] >= a.high[k]) return false;
  }
  return true;
}

}  // namespace

Camera::Camera(const CameraOptions& options) : options_(options) {
  const float cy = std::cos(options.yaw), sy = std::sin(options.yaw);
  const float cp = std::cos(options.pitch), sp = std::sin(options.pitch);
  const Vec3 forward(sy * cp, sp, cy * cp);
  const Vec3 right(cy, 0, -sy);
  const Vec3 down(sy * sp, -cp, cy * sp);
  camera_from_world_ = cv::Matx33f(right[0], right[1], right[2], down[0], down[1], down[2],
                                   forward[0], forward[1], forward[2]);
}

Vec3 Camera::FromWorld(const Vec3& point) const {
  return camera_from_world_ * (point - options_.eye);
}

cv::Point2f Camera::Project(const Vec3& point) const {
  const Vec3 p = FromWorld(point);
  const float scale = options_.focal / std::max(p[2], kNear);
  return {0.5f + scale * p[0], 0.5f + scale * p[1]};
}

cv::Matx33f Camera::PixelFromPlane(const Plane& plane, float size) const {
  const Vec3 u = camera_from_world_ * plane.u, v = camera_from_world_ * plane.v;
  const Vec3 o = FromWorld(plane.origin);
  const float f = options_.focal * size, c = 0.5f * size;
  const cv::Matx33f intrinsics(f, 0, c, 0, f, c, 0, 0, 1);
  return intrinsics * cv::Matx33f(u[0], v[0], o[0], u[1], v[1], o[1], u[2], v[2], o[2]);
}

std::vector<cv::Point2f> ProjectContour(const Contour& contour,
                                        const cv::Matx33f& pixel_from_plane) {
  std::vector<Vec3> seen;
  seen.reserve(contour.size());
  for (const cv::Point2f& p : contour) seen.push_back(pixel_from_plane * Vec3(p.x, p.y, 1));
  std::vector<cv::Point2f> pixels;
  pixels.reserve(contour.size() + 4);
  for (size_t i = 0; i < seen.size(); ++i) {
    const Vec3& a = seen[i];
    const Vec3& b = seen[(i + 1) % seen.size()];
    if (a[2] >= kNear) pixels.emplace_back(a[0] / a[2], a[1] / a[2]);
    if ((a[2] >= kNear) != (b[2] >= kNear)) {
      const Vec3 cut = a + (b - a) * ((kNear - a[2]) / (b[2] - a[2]));
      pixels.emplace_back(cut[0] / kNear, cut[1] / kNear);
    }
  }
  return pixels;
}

std::vector<size_t> BackToFront(const std::vector<Bounds>& boxes, const Vec3& eye) {
  std::vector<size_t> rest(boxes.size()), order;
  for (size_t i = 0; i < rest.size(); ++i) rest[i] = i;
  // Farthest middle first, which also decides where boxes overlap and each may hide the other.
  const auto distance = [&](size_t i) {
    return cv::norm((boxes[i].low + boxes[i].high) * 0.5f - eye);
  };
  std::stable_sort(rest.begin(), rest.end(),
                   [&](size_t a, size_t b) { return distance(a) > distance(b); });
  while (!rest.empty()) {
    size_t chosen = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      const bool free = std::all_of(rest.begin(), rest.end(), [&](size_t other) {
        return other == rest[i] || !MayHide(boxes[rest[i]], boxes[other], eye);
      });
      if (free) {
        chosen = i;
        break;
      }
    }
    order.push_back(rest[chosen]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return order;
}

Contour Clipped(const Contour& contour, float low, float high) {
  Contour kept = contour;
  for (float cv::Point2f::*axis : {&cv::Point2f::x, &cv::Point2f::y}) {
    for (const bool lower : {true, false}) {
      const float edge = lower ? low : high;
      const auto inside = [&](const cv::Point2f& p) {
        return lower ? p.*axis >= edge : p.*axis <= edge;
      };
      if (std::all_of(kept.begin(), kept.end(), inside)) continue;
      Contour rest;
      for (size_t i = 0; i < kept.size(); ++i) {
        const cv::Point2f &a = kept[i], &b = kept[(i + 1) % kept.size()];
        if (inside(a)) rest.push_back(a);
        if (inside(a) == inside(b)) continue;
        rest.push_back(a + (b - a) * ((edge - a.*axis) / (b.*axis - a.*axis)));
        rest.back().*axis = edge;
      }
      kept = std::move(rest);
    }
  }
  return kept;
}

Contour Rectangle(float x0, float y0, float x1, float y1) {
  return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
}

Contour RoundedRectangle(float x0, float y0, float x1, float y1, float radius) {
  const float r = std::min({radius, 0.5f * (x1 - x0), 0.5f * (y1 - y0)});
  Contour contour;
  const cv::Point2f centres[] = {
      {x1 - r, y1 - r}, {x0 + r, y1 - r}, {x0 + r, y0 + r}, {x1 - r, y0 + r}};
  for (int corner = 0; corner < 4; ++corner) {
    const auto from = static_cast<float>(90 * corner);
    const cv::Point2f& c = centres[corner];
    const Contour arc = Ellipse(c.x, c.y, r, r, from, from + 90);
    contour.insert(contour.end(), arc.begin(), arc.end());
  }
  return contour;
}

Contour Ellipse(float x, float y, float rx, float ry, float from, float to) {
  const int points = std::max(5, static_cast<int>(std::abs(to - from) / 11));
  const bool closed = std::abs(to - from) >= 360;
  Contour contour;
  for (int i = 0; i < points + (closed ? 0 : 1); ++i) {
    const float angle =
        (from + (to - from) * static_cast<float>(i) / static_cast<float>(points)) * kPi / 180;
    contour.emplace_back(x + rx * std::cos(angle), y + ry * std::sin(angle));
  }
  return contour;
}

Contour Limb(cv::Point2f a, cv::Point2f b, float ra, float rb) {
  const float angle = std::atan2(b.y - a.y, b.x - a.x) * 180 / kPi;
  Contour contour = Ellipse(a.x, a.y, ra, ra, angle + 90, angle + 270);
  const Contour end = Ellipse(b.x, b.y, rb, rb, angle - 90, angle + 90);
  contour.insert(contour.end(), end.begin(), end.end());
  return contour;
}

Contour Smooth(const Contour& points) {
  constexpr int kSteps = 5;
  Contour curve;
  const size_t n = points.size();
  for (size_t i = 0; i < n; ++i) {
    const cv::Point2f &p0 = points[(i + n - 1) % n], &p1 = points[i], &p2 = points[(i + 1) % n],
                      &p3 = points[(i + 2) % n];
    for (int step = 0; step < kSteps; ++step) {
      const float t = static_cast<float>(step) / kSteps;
      curve.push_back(0.5f * (2 * p1 + t * (p2 - p0) + t * t * (2 * p0 - 5 * p1 + 4 * p2 - p3) +
                              t * t * t * (3 * p1 - p0 - 3 * p2 + p3)));
    }
  }
  return curve;
}

Contour Blob(float x, float y, float rx, float ry, float wobble, float seed, int points) {
  Contour contour;
  for (int i = 0; i < points; ++i) {
    const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(points);
    const float c = std::cos(angle), s = std::sin(angle);
    const float noise = Fractal(1.6f * c + seed, 1.6f * s + 0.7f * seed) - 0.5f;
    const float r = 1 + 2 * wobble * noise;
    contour.emplace_back(x + rx * r * c, y + ry * r * s);
  }
  return contour;
}

Contour Moved(Contour contour, float x, float y, float scale_x, float scale_y) {
  for (cv::Point2f& p : contour) p = {x + scale_x * p.x, y + scale_y * p.y};
  return contour;
}

}  // namespace netdissect
