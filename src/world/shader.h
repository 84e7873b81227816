#pragma once
// The colour of a material under the scene's light:
//
//   color * shade * (ambient + direct * max(0, 0.85 n.l + 0.15)) + highlight,   then haze,
//
// where `shade` darkens corners and feet, and n bulges on round surfaces.

#include "world/geometry.h"
#include "world/material.h"

namespace netdissect {

struct Light {
  Vec3 toward{0.4f, 0.8f, -0.4f};  // unit vector to the light
  Color ambient{0.55f, 0.55f, 0.55f};
  Color direct{0.5f, 0.5f, 0.5f};
  Color haze{0.8f, 0.8f, 0.8f};
  float haze_distance = 0;  // metres at which haze hides half; 0: none
  float shadows = 0.5f;     // 0 to 1
  bool night = false;       // outside a room's windows
};

class Shader {
 public:
  /// Of an outline with these bounds on the plane. All must outlive the shader.
  Shader(const Material& material, const Light& light, const Plane& plane, const cv::Rect2f& bounds,
         const Vec3& eye);

  /// Sets `across` and `upwards` from (u, v).
  void Locate(SurfacePoint& point) const {
    point.across = (point.u - bounds_.x) * across_scale_ - 1;
    point.upwards = (point.v - bounds_.y) * upwards_scale_ - 1;
  }
  /// Opacity's fall towards the rim of a soft outline.
  float Softness(const SurfacePoint& point) const {
    return material_.soft == 0 ? 1 : SoftnessAt(point);
  }
  /// The colour at a point seen from `depth` metres in pixel (x, y).
  Color ColorOf(const SurfacePoint& point, float depth, int x, int y) const;

 private:
  struct Reflected {
    float direct, highlight;
  };
  float SoftnessAt(const SurfacePoint& point) const;
  Color LitAt(const SurfacePoint& point) const;
  Reflected ReflectedAt(const SurfacePoint& point) const;
  float ShadeAt(const SurfacePoint& point) const;

  const Material& material_;
  const Light& light_;
  const cv::Rect2f& bounds_;
  float across_scale_, upwards_scale_;
  Vec3 toward_;  // the light in the plane's axes, the third its normal towards the viewer
  bool even_;    // flat and dull: reflects the same everywhere
  Reflected evenly_{};
  bool plain_;  // has one colour, but for grain and haze
  Color plainly_;
};

}  // namespace netdissect
