#include "report/canvas.h"

#include <cairo.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "report/cairo_handles.h"
#include "report/glyphs.h"

namespace netdissect {

Canvas::Canvas(cairo_t* context)
    : context_(context),
      is_raster_(cairo_surface_get_type(cairo_get_target(context)) == CAIRO_SURFACE_TYPE_IMAGE) {
  cairo_set_antialias(context_, CAIRO_ANTIALIAS_GRAY);
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
}

void Canvas::SetColor(const cv::Scalar& color, double opacity) {
  cairo_set_source_rgba(context_, color[2] / 255, color[1] / 255, color[0] / 255, opacity);
}

void Canvas::Fill(const cv::Rect2d& area, const cv::Scalar& color, double opacity) {
  SetColor(color, opacity);
  cairo_rectangle(context_, area.x, area.y, area.width, area.height);
  cairo_fill(context_);
}

void Canvas::Line(const cv::Point2d& from, const cv::Point2d& to, const cv::Scalar& color,
                  double width, double dash) {
  SetColor(color);
  cairo_set_line_width(context_, width);
  cairo_set_line_cap(context_, CAIRO_LINE_CAP_BUTT);
  if (dash > 0) cairo_set_dash(context_, &dash, 1, 0);
  cairo_move_to(context_, from.x, from.y);
  cairo_line_to(context_, to.x, to.y);
  cairo_stroke(context_);
  cairo_set_dash(context_, nullptr, 0, 0);
}

void Canvas::Curve(const std::vector<cv::Point2d>& points, const cv::Scalar& color, double width) {
  if (points.empty()) return;
  SetColor(color);
  cairo_set_line_width(context_, points.size() == 1 ? 3 * width : width);
  cairo_set_line_cap(context_, CAIRO_LINE_CAP_ROUND);
  cairo_move_to(context_, points.front().x, points.front().y);
  for (const cv::Point2d& point : points) cairo_line_to(context_, point.x, point.y);
  cairo_stroke(context_);
}

void Canvas::Text(const std::string& text, const cv::Point2d& at, double align,
                  const TextStyle& style) {
  const GlyphLine line = LayOut(text, style.size, style.bold);
  SetColor(style.color);
  cairo_save(context_);
  // The baseline is on a pixel's edge, where letters that stand on it are sharp.
  cairo_translate(context_, at.x - align * line.width, is_raster_ ? std::round(at.y) : at.y);
  cairo_set_font_size(context_, style.size);
  cairo_set_font_options(context_, FontOptions());
  for (const GlyphRun& run : line.runs) {
    cairo_set_font_face(context_, run.face);
    cairo_set_font_size(context_, style.size);
    const auto count = static_cast<int>(run.glyphs.size());
    if (is_raster_) {
      // As outlines: cairo moves glyphs to whole pixels, some versions more than others.
      cairo_glyph_path(context_, run.glyphs.data(), count);
      cairo_fill(context_);
    } else {
      cairo_show_text_glyphs(context_, run.text.data(), static_cast<int>(run.text.size()),
                             run.glyphs.data(), count, run.clusters.data(),
                             static_cast<int>(run.clusters.size()), {});
    }
  }
  cairo_restore(context_);
}

void Canvas::Moved(const cv::Point2d& origin, const std::function<void(Canvas&)>& paint) {
  cairo_save(context_);
  cairo_translate(context_, origin.x, origin.y);
  paint(*this);
  cairo_restore(context_);
}

void PaintOn(cv::Mat& image, const cv::Point2d& origin, const std::function<void(Canvas&)>& paint) {
  CV_Assert(image.type() == CV_8UC3);
  cv::Mat pixels;
  cv::cvtColor(image, pixels, cv::COLOR_BGR2BGRA);
  // Its 32 bits are blue, green, red and nothing in the memory of little-endian machines.
  const CairoSurface surface(cairo_image_surface_create_for_data(
      pixels.data, CAIRO_FORMAT_RGB24, pixels.cols, pixels.rows, static_cast<int>(pixels.step)));
  CheckCairo(cairo_surface_status(surface.get()));
  const CairoContext context(cairo_create(surface.get()));
  cairo_translate(context.get(), -origin.x, -origin.y);
  Canvas canvas(context.get());
  paint(canvas);
  CheckCairo(cairo_status(context.get()));
  cairo_surface_flush(surface.get());
  cv::cvtColor(pixels, image, cv::COLOR_BGRA2BGR);
}

}  // namespace netdissect
