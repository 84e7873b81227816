#pragma once
// The picture being painted, back to front, and the mask of each object, by the same strokes.
//
// Everything is drawn at twice the picture's size or more and reduced by averaging. An object's
// mask has the pixels of which its strokes cover half or more, whatever is painted over them later.

#include "world/geometry.h"
#include "world/material.h"
#include "world/shader.h"
#include "world/synthetic.h"

namespace netdissect {

/// What the camera does to the light, at the end.
struct Development {
  Color gain{1, 1, 1};
  float vignette = 0.2f;
  float slope_x = 0, slope_y = 0;  // brightness gradient across the picture
  float blur = 0.4f;               // sigma, in 1/160 of the picture
  float noise = 0.01f;             // standard deviation, of 1, in a picture of 160 pixels
  uint64_t seed = 0;
};

class WorldCanvas {
 public:
  WorldCanvas(int size, const Camera& camera, const Light& light);

  /// What is painted between these belongs to one object of the class.
  void BeginObject(int class_index);
  void EndObject();

  void Fill(const Plane& plane, const Outline& outline, const Material& material);
  /// Makes the outline part of the object's mask without painting: what an outline of the object
  /// would enclose, as the open middle of a wheel.
  void Claim(const Plane& plane, const Outline& outline);
  /// A soft dark ellipse on the plane.
  void Shadow(const Plane& plane, cv::Point2f center, float ru, float rv, float strength = 1);
  /// Light around a point, added to what is there.
  void Shine(const Vec3& point, float radius, const Color& color);
  /// The sky: a gradient over the whole picture from the zenith to the horizon, pixel row by row.
  void Backdrop(const Color& zenith, const Color& horizon, float horizon_row);

  const Camera& camera() const { return camera_; }
  const Light& light() const { return light_; }

  /// The picture, the masks in the order they were painted, and what is seen of them.
  SyntheticImage Develop(const Development& development);

 private:
  // Coverage (0..255) of the outline in the part of the picture that it lies in.
  cv::Rect Cover(const Outline& outline, const cv::Matx33f& pixel_from_plane);
  void Mark(const cv::Rect& box);
  cv::Mat Exposed(const Development& development) const;

  int size_, factor_;
  Camera camera_;
  Light light_;
  cv::Mat picture_;   // CV_32FC3
  cv::Mat coverage_;  // of the present stroke
  cv::Mat mask_;      // of the present object
  cv::Rect dirty_;    // where mask_ may be other than 0
  int class_index_ = -1;
  std::vector<SyntheticObject> objects_;
};

}  // namespace netdissect
