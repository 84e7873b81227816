#pragma once
// Paints one object in coordinates of its own: metres, x to its right, y up from the ground it
// stands on, z to its back; its front is where z is least. Solids are boxes, extruded profiles and
// bodies of revolution; what is best drawn flat (plants, people, animals) stands on a card that
// faces the viewer.

#include <functional>

#include "world/canvas.h"
#include "world/palette.h"

namespace netdissect {

struct BoxPart {
  Vec3 low, high;
  Material material;
  std::function<void()> after;  // paints on the box's faces
};

class Artist {
 public:
  /// `size`: width, height and depth that the object is to have. `yaw` turns it, in radians.
  Artist(WorldCanvas& canvas, const Dice& dice, const Vec3& position, float yaw, const Vec3& size);

  WorldCanvas& canvas;
  Dice dice;
  const Vec3 size;

  float width() const { return size[0]; }
  float height() const { return size[1]; }
  float depth() const { return size[2]; }

  Vec3 World(const Vec3& local) const;
  /// The viewer in the object's coordinates.
  const Vec3& eye() const { return eye_; }

  // Planes with (u, v) = (x, y), (x, z), (z, y) of the object, at a given third coordinate.
  Plane Front(float z) const;
  Plane Top(float y) const;
  Plane Side(float x) const;
  /// Upright through a point, turned to the viewer: u = 0 and v = y there. Some objects are
  /// mirrored.
  Plane Card(const Vec3& local = {0, 0, 0}) const;

  void Fill(const Plane& plane, const Outline& outline, const Material& material);
  /// On the card through the object's middle.
  void OnCard(const Contour& contour, const Material& material);

  /// The faces that the viewer sees.
  void Box(const Vec3& low, const Vec3& high, const Material& material);
  /// Boxes that do not overlap, those behind first.
  void Boxes(const std::vector<BoxPart>& parts);
  /// A profile in (x, y), from z0 to z1: the strips seen, then the nearer end.
  void Extrude(const Contour& profile, float z0, float z1, const Material& side,
               const Material& end);
  /// The nearer end's plane, for what is painted on it.
  Plane NearEnd(float z0, float z1) const;
  /// An upright truncated cone.
  void Cone(float x, float z, float y0, float y1, float r0, float r1, const Material& material);
  void Ball(const Vec3& center, float radius, const Material& material);
  /// A straight bar between two points, seen from anywhere.
  void Bar(const Vec3& a, const Vec3& b, float thickness, const Material& material);

  /// A soft shadow under the object, drawn away from the light.
  void GroundShadow(float strength = 1);

 private:
  Vec3 Direction(const Vec3& local) const;

  Vec3 position_;
  float cos_, sin_;
  float mirror_;
  Vec3 eye_;
};

}  // namespace netdissect
