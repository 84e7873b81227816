#include "report/drawing.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "report/cairo_handles.h"
#include "report/canvas.h"
#include "report/figure.h"
#include "report/palette.h"

namespace netdissect {
namespace {

cairo_status_t AppendBytes(void* text, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

void PaintOnPaper(const Drawing& drawing, Canvas& canvas) {
  canvas.Fill({0, 0, drawing.width, drawing.height}, PaperColor());
  if (drawing.paint) drawing.paint(canvas);
}

void PaintPage(const Drawing& drawing, const CairoSurface& surface) {
  CheckCairo(cairo_surface_status(surface.get()));
  const CairoContext context(cairo_create(surface.get()));
  Canvas canvas(context.get());
  PaintOnPaper(drawing, canvas);
  cairo_show_page(context.get());
  CheckCairo(cairo_status(context.get()));
  cairo_surface_finish(surface.get());
  CheckCairo(cairo_surface_status(surface.get()));
}

// Cairo numbers the surfaces of a process, and names groups after them: here those of a drawing.
std::string WithOwnNumbers(const std::string& svg) {
  constexpr std::string_view kName = "surface";
  std::map<std::string, size_t> numbers;
  std::string text;
  for (size_t at = 0;;) {
    const size_t name = svg.find(kName, at);
    if (name == std::string::npos) return text + svg.substr(at);
    const size_t begin = name + kName.size();
    const size_t end = std::min(svg.find_first_not_of("0123456789", begin), svg.size());
    text.append(svg, at, begin - at);
    if (end > begin) {
      const auto number = numbers.try_emplace(svg.substr(begin, end - begin), numbers.size()).first;
      text += std::to_string(number->second);
    }
    at = end;
  }
}

Drawing Arranged(std::vector<Drawing> drawings, double gap, bool down) {
  Drawing whole;
  std::vector<cv::Point2d> origins;
  for (const Drawing& drawing : drawings) {
    double& along = down ? whole.height : whole.width;
    double& across = down ? whole.width : whole.height;
    if (!origins.empty()) along += gap;
    origins.push_back(down ? cv::Point2d(0, along) : cv::Point2d(along, 0));
    along += down ? drawing.height : drawing.width;
    across = std::max(across, down ? drawing.width : drawing.height);
  }
  whole.paint = [drawings = std::move(drawings), origins](Canvas& canvas) {
    for (size_t i = 0; i < drawings.size(); ++i) {
      if (drawings[i].paint) canvas.Moved(origins[i], drawings[i].paint);
    }
  };
  return whole;
}

}  // namespace

cv::Mat Raster(const Drawing& drawing) {
  const auto pixels = [](double length) {
    return std::max(1, static_cast<int>(std::ceil(length)));
  };
  cv::Mat picture(pixels(drawing.height), pixels(drawing.width), CV_8UC3, PaperColor());
  if (drawing.paint) PaintOn(picture, {0, 0}, drawing.paint);
  return picture;
}

std::string Svg(const Drawing& drawing) {
  std::string text;
  const CairoSurface surface(
      cairo_svg_surface_create_for_stream(AppendBytes, &text, drawing.width, drawing.height));
  cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PX);
  PaintPage(drawing, surface);
  return WithOwnNumbers(text);
}

std::string Pdf(const Drawing& drawing) {
  std::string text;
  const CairoSurface surface(
      cairo_pdf_surface_create_for_stream(AppendBytes, &text, drawing.width, drawing.height));
  // Without the time at which it was made.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
  PaintPage(drawing, surface);
  return text;
}

Drawing Beside(std::vector<Drawing> drawings, double gap) {
  return Arranged(std::move(drawings), gap, false);
}

Drawing Stacked(std::vector<Drawing> drawings, double gap) {
  return Arranged(std::move(drawings), gap, true);
}

Drawing Framed(Drawing drawing, double margin) {
  Drawing framed;
  framed.width = drawing.width + 2 * margin;
  framed.height = drawing.height + 2 * margin;
  framed.paint = [paint = std::move(drawing.paint), margin](Canvas& canvas) {
    if (paint) canvas.Moved({margin, margin}, paint);
  };
  return framed;
}

void WriteDrawing(const Path& stem, const Drawing& drawing) {
  WritePng(Path(stem) += ".png", Raster(drawing));
  WriteFile(Path(stem) += ".svg", Svg(drawing));
}

}  // namespace netdissect
