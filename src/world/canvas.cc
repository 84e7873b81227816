#include "world/canvas.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/random.h"

namespace netdissect {
namespace {

constexpr int kShift = 4;          // fractional bits of the rasteriser's coordinates
constexpr int kLeastCanvas = 256;  // below it thin strokes would be lost

int FactorOf(int size) {
  int factor = 2;
  while (size * factor < kLeastCanvas) ++factor;
  return factor;
}

cv::Rect2f BoundsOf(const Outline& outline) {
  float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
  for (const Contour& contour : outline) {
    for (const cv::Point2f& p : contour) {
      x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
  }
  return {x0, y0, std::max(x1 - x0, 1e-6f), std::max(y1 - y0, 1e-6f)};
}

// The metres that a pixel of a row covers: those to the next row or column, where it is larger.
float FootprintAt(const Vec3& at, const Vec3& step, const Vec3& down) {
  const auto length = [&](const Vec3& to) {
    return std::abs(to[0] / to[2] - at[0] / at[2]) + std::abs(to[1] / to[2] - at[1] / at[2]);
  };
  return std::max(length(at + down), length(at + step));
}

// Highlights bend towards white, as film's do, where a sensor's would be cut off.
float Toned(float light) {
  constexpr float kShoulder = 0.72f, kRest = 1 - kShoulder;
  if (light <= kShoulder) return light;
  return kShoulder + kRest * (1 - std::exp((kShoulder - light) / kRest));
}

}  // namespace

WorldCanvas::WorldCanvas(int size, const Camera& camera, const Light& light)
    : size_(size),
      factor_(FactorOf(size)),
      camera_(camera),
      light_(light),
      picture_(size * factor_, size * factor_, CV_32FC3, cv::Scalar::all(0.5)),
      coverage_(picture_.size(), CV_8U, cv::Scalar(0)),
      mask_(picture_.size(), CV_8U, cv::Scalar(0)) {}

cv::Rect WorldCanvas::Cover(const Outline& outline, const cv::Matx33f& pixel_from_plane) {
  // Beyond this nothing is seen, and the rasteriser's fixed point would overflow.
  const float low = -0.5f * static_cast<float>(picture_.cols);
  const float high = 1.5f * static_cast<float>(picture_.cols);
  std::vector<std::vector<cv::Point>> polygons;
  float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
  for (const Contour& contour : outline) {
    polygons.emplace_back();
    for (const cv::Point2f& p : Clipped(ProjectContour(contour, pixel_from_plane), low, high)) {
      x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
      polygons.back().emplace_back(cvRound((p.x - 0.5f) * (1 << kShift)),
                                   cvRound((p.y - 0.5f) * (1 << kShift)));
    }
    if (polygons.back().size() < 3) polygons.pop_back();
  }
  if (polygons.empty()) return {};
  const cv::Rect whole(0, 0, picture_.cols, picture_.rows);
  const cv::Rect box = cv::Rect(cv::Point(cvFloor(x0) - 1, cvFloor(y0) - 1),
                                cv::Point(cvFloor(x1) + 3, cvFloor(y1) + 3)) &
                       whole;
  if (box.empty()) return {};
  cv::Mat part = coverage_(box);
  part.setTo(0);
  // The offset has fractional bits too.
  cv::fillPoly(part, polygons, cv::Scalar(255), cv::LINE_AA, kShift, box.tl() * -(1 << kShift));
  return box;
}

void WorldCanvas::Mark(const cv::Rect& box) { dirty_ = dirty_.empty() ? box : (dirty_ | box); }

void WorldCanvas::Fill(const Plane& plane, const Outline& outline, const Material& material) {
  const cv::Matx33f pixel_from_plane =
      camera_.PixelFromPlane(plane, static_cast<float>(picture_.cols));
  const cv::Rect box = Cover(outline, pixel_from_plane);
  if (box.empty() || std::abs(cv::determinant(pixel_from_plane)) < 1e-9) return;
  const cv::Rect2f bounds = BoundsOf(outline);
  const Shader shader(material, light_, plane, bounds, camera_.eye());
  const bool marks = material.marks && class_index_ >= 0;
  if (marks) Mark(box);
  // (u, v, 1) / depth is linear in the pixel.
  const cv::Matx33f plane_from_pixel = pixel_from_plane.inv();
  const Vec3 step(plane_from_pixel(0, 0), plane_from_pixel(1, 0), plane_from_pixel(2, 0));
  const Vec3 down(plane_from_pixel(0, 1), plane_from_pixel(1, 1), plane_from_pixel(2, 1));
  for (int y = box.y; y < box.y + box.height; ++y) {
    const uchar* coverage = coverage_.ptr<uchar>(y);
    Color* row = picture_.ptr<Color>(y);
    uchar* mask = mask_.ptr<uchar>(y);
    int first = box.x, last = box.x + box.width;
    while (first < last && coverage[first] == 0) ++first;
    while (last > first && coverage[last - 1] == 0) --last;
    if (first == last) continue;
    Vec3 at =
        plane_from_pixel * Vec3(static_cast<float>(first) + 0.5f, static_cast<float>(y) + 0.5f, 1);
    SurfacePoint point{};
    point.footprint =
        FootprintAt(at + step * (0.5f * static_cast<float>(last - first)), step, down);
    for (int x = first; x < last; ++x, at += step) {
      if (coverage[x] == 0) continue;
      const float depth = 1 / at[2];
      point.u = at[0] * depth;
      point.v = at[1] * depth;
      shader.Locate(point);
      const float alpha = static_cast<float>(coverage[x]) / 255 * shader.Softness(point);
      if (marks && alpha >= 0.5f) mask[x] = 255;
      const Color color = shader.ColorOf(point, depth, x, y);
      const float share = alpha * material.opacity;
      for (int c = 0; c < 3; ++c) row[x][c] += (color[c] - row[x][c]) * share;
    }
  }
}

void WorldCanvas::Claim(const Plane& plane, const Outline& outline) {
  const cv::Rect box =
      Cover(outline, camera_.PixelFromPlane(plane, static_cast<float>(picture_.cols)));
  if (box.empty()) return;
  Mark(box);
  mask_(box).setTo(255, coverage_(box) >= 128);
}

void WorldCanvas::Shadow(const Plane& plane, cv::Point2f center, float ru, float rv,
                         float strength) {
  Material dark(Color(0, 0, 0));
  dark = dark.Soft(1)
             .Opacity(std::clamp(strength * light_.shadows, 0.0f, 1.0f))
             .Unmarked()
             .Glow()
             .Grain(0);
  Fill(plane, {Ellipse(center.x, center.y, ru, rv)}, dark);
}

void WorldCanvas::Shine(const Vec3& point, float radius, const Color& color) {
  const Vec3 seen = camera_.FromWorld(point);
  if (seen[2] < 0.3f) return;
  const auto size = static_cast<float>(picture_.cols);
  const cv::Point2f center = camera_.Project(point) * size;
  const float pixels = std::min(radius * camera_.focal() / seen[2] * size, 2 * size);
  const cv::Rect box = cv::Rect(cvFloor(center.x - pixels), cvFloor(center.y - pixels),
                                cvCeil(2 * pixels), cvCeil(2 * pixels)) &
                       cv::Rect(0, 0, picture_.cols, picture_.rows);
  for (int y = box.y; y < box.y + box.height; ++y) {
    Color* row = picture_.ptr<Color>(y);
    const float dy = (static_cast<float>(y) - center.y) / pixels;
    for (int x = box.x; x < box.x + box.width; ++x) {
      const float dx = (static_cast<float>(x) - center.x) / pixels;
      const float rest = 1 - dx * dx - dy * dy;
      if (rest > 0) row[x] += color * (rest * rest * rest);
    }
  }
}

void WorldCanvas::Backdrop(const Color& zenith, const Color& horizon, float horizon_row) {
  const auto size = static_cast<float>(picture_.rows);
  for (int y = 0; y < picture_.rows; ++y) {
    const float t =
        std::clamp(static_cast<float>(y) / (size * std::max(horizon_row, 0.1f)), 0.0f, 1.0f);
    const Color color = zenith + (horizon - zenith) * std::pow(t, 1.4f);
    picture_.row(y).setTo(cv::Scalar(color[0], color[1], color[2]));
  }
  if (class_index_ < 0) return;
  mask_.setTo(255);
  Mark(cv::Rect(0, 0, picture_.cols, picture_.rows));
}

void WorldCanvas::BeginObject(int class_index) {
  class_index_ = class_index;
  dirty_ = {};
}

void WorldCanvas::EndObject() {
  const int class_index = std::exchange(class_index_, -1);
  if (dirty_.empty()) return;
  // Whole pixels of the picture.
  const int x0 = dirty_.x / factor_, y0 = dirty_.y / factor_;
  const int x1 = (dirty_.br().x + factor_ - 1) / factor_;
  const int y1 = (dirty_.br().y + factor_ - 1) / factor_;
  cv::Mat part =
      mask_(cv::Rect(cv::Point(x0 * factor_, y0 * factor_), cv::Point(x1 * factor_, y1 * factor_)));
  cv::Mat reduced;
  cv::resize(part, reduced, {x1 - x0, y1 - y0}, 0, 0, cv::INTER_AREA);
  part.setTo(0);
  reduced = reduced >= 127;
  const cv::Rect tight = cv::boundingRect(reduced);
  if (tight.empty()) return;
  SyntheticObject object;
  object.class_index = class_index;
  object.box = tight + cv::Point(x0, y0);
  object.mask = reduced(tight).clone();
  object.area = cv::countNonZero(object.mask);
  objects_.push_back(std::move(object));
}

SyntheticImage WorldCanvas::Develop(const Development& development) {
  SyntheticImage image;
  image.picture = Exposed(development);
  image.visible.create(size_, size_, CV_32S);
  image.visible.setTo(-1);
  image.classes.create(size_, size_, CV_8U);
  image.classes.setTo(0);
  for (size_t i = 0; i < objects_.size(); ++i) {
    const SyntheticObject& object = objects_[i];
    image.visible(object.box).setTo(static_cast<double>(i), object.mask);
    image.classes(object.box).setTo(object.class_index + 1, object.mask);
  }
  for (int y = 0; y < size_; ++y) {
    for (int x = 0; x < size_; ++x) {
      const int index = image.visible.at<int>(y, x);
      if (index >= 0) ++objects_[static_cast<size_t>(index)].visible;
    }
  }
  image.objects = std::move(objects_);
  return image;
}

cv::Mat WorldCanvas::Exposed(const Development& development) const {
  cv::Mat light;
  cv::resize(picture_, light, {size_, size_}, 0, 0, cv::INTER_AREA);
  const double sigma = static_cast<double>(development.blur) * size_ / 160;
  if (sigma > 0.1) cv::GaussianBlur(light, light, {}, sigma, sigma, cv::BORDER_REPLICATE);
  cv::Mat bytes(size_, size_, CV_8UC3);
  Random random(development.seed);
  const auto place = [&](int pixel) {
    return 2 * (static_cast<float>(pixel) + 0.5f) / static_cast<float>(size_) - 1;
  };
  for (int y = 0; y < size_; ++y) {
    const float dy = place(y);
    for (int x = 0; x < size_; ++x) {
      const float dx = place(x);
      const float brightness = (1 + development.slope_x * dx + development.slope_y * dy) *
                               (1 - development.vignette * 0.5f * (dx * dx + dy * dy));
      const Color& from = light.at<Color>(y, x);
      auto& to = bytes.at<cv::Vec3b>(y, x);
      const uint64_t bits = random.Next();
      for (int c = 0; c < 3; ++c) {
        // The sum of two uniform numbers is near enough to normal for a sensor's noise.
        const auto a = static_cast<float>((bits >> (20 * c)) & 1023);
        const auto b = static_cast<float>((bits >> (20 * c + 10)) & 1023);
        const float noise = (a + b - 1023) / 418 * development.noise;
        const float seen = Toned(from[c] * development.gain[c] * brightness);
        to[c] = cv::saturate_cast<uchar>(255 * (seen + noise));
      }
    }
  }
  return bytes;
}

}  // namespace netdissect
