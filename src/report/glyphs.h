#pragma once
// Fonts and glyphs: which letter is in which font, and where it stands.

#include <cairo.h>

#include <string>
#include <vector>

namespace netdissect {

/// Glyphs of one font.
struct GlyphRun {
  cairo_font_face_t* face = nullptr;  // kept as long as the program runs
  std::vector<cairo_glyph_t> glyphs;
  std::string text;  // of the glyphs
  std::vector<cairo_text_cluster_t> clusters;
};

struct GlyphLine {
  std::vector<GlyphRun> runs;  // in the order of the text
  double width = 0;
};

/// Lays out a line of text that begins at the origin: letters by their own widths, unhinted, so
/// that it has the same shape at any place and on any machine with the same font.
GlyphLine LayOut(const std::string& text, double size, bool bold);

/// Of all text: smoothed in grey, unhinted.
const cairo_font_options_t* FontOptions();

}  // namespace netdissect
