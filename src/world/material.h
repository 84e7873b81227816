#pragma once
// What a surface looks like: two colours mixed by a texture, lit as a flat, cylindrical or
// spherical surface. Colours are BGR, 0 to 1; textures are functions of the plane's metres, so that
// they shrink with distance, and fade where the picture cannot resolve them.

#include <opencv2/core.hpp>

namespace netdissect {

using Color = cv::Vec3f;

enum class Texture {
  kPlain,
  kMottle,     // clouds of the second colour
  kWood,       // grain along u
  kPlanks,     // boards along u, `scale` wide
  kStripes,    // upright stripes, a pair every `scale`
  kChecks,     // squares of `scale`
  kTiles,      // square tiles with joints of the second colour
  kBricks,     // bricks 2 x `scale` long with joints of the second colour
  kGrass,      // blades
  kLeaves,     // foliage
  kWater,      // ripples
  kWindows,    // a facade's grid of panes in the second colour
  kCorrugated  // ridges along v
};

enum class Relief { kFlat, kCylinder, kSphere };  // cylinder: its axis is along v

struct Material {
  Color color{0.5f, 0.5f, 0.5f};
  Color second{0.3f, 0.3f, 0.3f};
  Texture texture = Texture::kPlain;
  float scale = 0.3f;  // metres
  Relief relief = Relief::kFlat;
  float grain = 0.03f;  // roughness, as a share of the brightness
  float corners = 0;    // darkening towards the outline, as where surfaces meet
  float foot = 0;       // darkening towards the lower edge
  float gloss = 0;      // a highlight on round surfaces, a sheen on flat ones
  float glow = 0;       // 0: lit by the scene, 1: shines by itself
  float opacity = 1;
  float soft = 0;     // > 0: fades towards the rim of the outline's ellipse
  bool marks = true;  // belongs to the object's mask

  Material() = default;
  Material(const Color& c, Texture t = Texture::kPlain, float s = 0.3f)  // NOLINT
      : color(c), second(c * 0.8f), texture(t), scale(s) {}

  // The same material with one property changed, so that materials are written in one line.
  Material Second(const Color& c) const { return With(&Material::second, c); }
  Material Round() const { return With(&Material::relief, Relief::kCylinder); }
  Material Ball() const { return With(&Material::relief, Relief::kSphere); }
  Material Grain(float value) const { return With(&Material::grain, value); }
  Material Corners(float value) const { return With(&Material::corners, value); }
  Material Foot(float value) const { return With(&Material::foot, value); }
  Material Gloss(float value) const { return With(&Material::gloss, value); }
  Material Glow(float value = 1) const { return With(&Material::glow, value); }
  Material Opacity(float value) const { return With(&Material::opacity, value); }
  Material Soft(float value) const { return With(&Material::soft, value); }
  Material Unmarked() const { return With(&Material::marks, false); }

 private:
  template <typename T>
  Material With(T Material::*member, const T& value) const {
    Material changed = *this;
    changed.*member = value;
    return changed;
  }
};

/// A place on a surface: its metres, the metres that a pixel covers, and where it is in the
/// outline's bounding box, -1 to 1 from left to right and from bottom to top.
struct SurfacePoint {
  float u, v, footprint, across, upwards;
};

/// The unlit colour.
Color ColorAt(const Material& material, const SurfacePoint& point);

}  // namespace netdissect
