#pragma once
// The world's geometry: a pinhole camera that looks at planes on which outlines are drawn.
//
// World coordinates are metres: x to the right, y up (the ground is y = 0), z away from the viewer.
// A plane maps its own coordinates (u, v), metres too, to the world: origin + u * U + v * V, so
// that one 3 x 3 homography takes it to the picture, and its inverse finds each pixel's place on
// it.

#include <opencv2/core.hpp>
#include <vector>

namespace netdissect {

constexpr float kPi = 3.14159265f;

using Vec3 = cv::Vec3f;
using Contour = std::vector<cv::Point2f>;
using Outline = std::vector<Contour>;  // even-odd: a contour inside another is a hole

struct Plane {
  Vec3 origin;
  Vec3 u, v;  // unit vectors
};

struct CameraOptions {
  Vec3 eye{0, 1.5f, 0};
  float yaw = 0;       // radians, to the right
  float pitch = 0;     // radians, upwards
  float focal = 0.9f;  // in heights of the picture
};

class Camera {
 public:
  explicit Camera(const CameraOptions& options);

  /// Coordinates (x right, y down, z forward) as the camera sees them.
  Vec3 FromWorld(const Vec3& point) const;

  /// Where a point in front of the camera is seen, the picture being 1 x 1.
  cv::Point2f Project(const Vec3& point) const;

  /// Homogeneous pixels of a picture of `size` pixels from (u, v, 1); the third is the depth in
  /// metres.
  cv::Matx33f PixelFromPlane(const Plane& plane, float size) const;

  const Vec3& eye() const { return options_.eye; }
  float focal() const { return options_.focal; }
  float yaw() const { return options_.yaw; }

 private:
  CameraOptions options_;
  cv::Matx33f camera_from_world_;
};

struct Bounds {
  Vec3 low, high;
};

/// The order in which boxes that do not overlap are to be painted, so that each is painted before
/// those that may hide it: for two of them that are apart along an axis, the one on the eye's side
/// is painted last.
std::vector<size_t> BackToFront(const std::vector<Bounds>& boxes, const Vec3& eye);

/// The contour's pixels, without what is nearer to the camera than 5 cm.
std::vector<cv::Point2f> ProjectContour(const Contour& contour,
                                        const cv::Matx33f& pixel_from_plane);

/// The part of a closed contour with both coordinates between `low` and `high`.
Contour Clipped(const Contour& contour, float low, float high);

// Outlines of one contour.
Contour Rectangle(float x0, float y0, float x1, float y1);
Contour RoundedRectangle(float x0, float y0, float x1, float y1, float radius);
Contour Ellipse(float x, float y, float rx, float ry, float from = 0, float to = 360);
/// A limb: thick at `a` by radius ra, at `b` by rb, round at both ends.
Contour Limb(cv::Point2f a, cv::Point2f b, float ra, float rb);
/// A smooth closed curve through points (Catmull and Rom's spline).
Contour Smooth(const Contour& points);
/// A circle whose radius wobbles by noise: foliage, rocks, clouds.
Contour Blob(float x, float y, float rx, float ry, float wobble, float seed, int points = 28);
Contour Moved(Contour contour, float x, float y, float scale_x = 1, float scale_y = 1);

}  // namespace netdissect
