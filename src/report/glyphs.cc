#include "report/glyphs.h"

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "netdissect/base/error.h"
#include "report/lettering.h"

namespace netdissect {
namespace {

struct Free {
  void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
  void operator()(FcCharSet* set) const { FcCharSetDestroy(set); }
  void operator()(cairo_scaled_font_t* font) const { cairo_scaled_font_destroy(font); }
  void operator()(cairo_glyph_t* glyphs) const { cairo_glyph_free(glyphs); }
  void operator()(cairo_text_cluster_t* clusters) const { cairo_text_cluster_free(clusters); }
};

using Pattern = std::unique_ptr<FcPattern, Free>;

bool Is(FcPattern* pattern, const char* property) {
  FcBool value = FcFalse;
  return FcPatternGetBool(pattern, property, 0, &value) == FcResultMatch && value != FcFalse;
}

const FcChar8* Name(const char* text) { return reinterpret_cast<const FcChar8*>(text); }

// The installed font of outlines that is closest to DejaVu Sans and has the letters, if letters are
// asked for; none where there is no such font.
Pattern FindFont(bool bold, FcCharSet* letters) {
  const Pattern wanted(FcPatternCreate());
  FcPatternAddString(wanted.get(), FC_FAMILY, Name("DejaVu Sans"));
  FcPatternAddString(wanted.get(), FC_FAMILY, Name("sans-serif"));
  FcPatternAddInteger(wanted.get(), FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddInteger(wanted.get(), FC_SLANT, FC_SLANT_ROMAN);
  FcPatternAddBool(wanted.get(), FC_OUTLINE, FcTrue);
  FcPatternAddBool(wanted.get(), FC_COLOR, FcFalse);
  if (letters != nullptr) FcPatternAddCharSet(wanted.get(), FC_CHARSET, letters);
  FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
  FcDefaultSubstitute(wanted.get());
  FcResult result = FcResultNoMatch;
  Pattern found(FcFontMatch(nullptr, wanted.get(), &result));
  // Fonts of pictures have no outline to be drawn.
  if (!found || !Is(found.get(), FC_OUTLINE) || Is(found.get(), FC_COLOR)) return nullptr;
  FcCharSet* has = nullptr;
  if (letters != nullptr &&
      (FcPatternGetCharSet(found.get(), FC_CHARSET, 0, &has) != FcResultMatch ||
       FcCharSetIntersectCount(letters, has) == 0)) {
    return nullptr;
  }
  return found;
}

// Cairo has a font of its own, of ASCII alone, for machines without any.
cairo_font_face_t* MainFace(bool bold) {
  const auto make = [](bool heavy) {
    const Pattern font = FindFont(heavy, nullptr);
    return font ? cairo_ft_font_face_create_for_pattern(font.get())
                : cairo_toy_font_face_create(
                      "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                      heavy ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  };
  static cairo_font_face_t* const faces[2] = {make(false), make(true)};
  return faces[bold ? 1 : 0];
}

// A face that has this letter, which the main face lacks; the main face where none has.
cairo_font_face_t* FaceWith(const std::string& letter, bool bold) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, bool>, cairo_font_face_t*> faces;
  static std::map<std::pair<std::string, bool>, cairo_font_face_t*> face_of_file;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto [known, is_new] = faces.try_emplace({letter, bold}, MainFace(bold));
  if (!is_new) return known->second;
  FcChar32 code = 0;
  const int bytes = FcUtf8ToUcs4(Name(letter.c_str()), &code, static_cast<int>(letter.size()));
  if (bytes <= 0) return known->second;
  const std::unique_ptr<FcCharSet, Free> letters(FcCharSetCreate());
  FcCharSetAddChar(letters.get(), code);
  const Pattern font = FindFont(bold, letters.get());
  FcChar8* file = nullptr;
  if (!font || FcPatternGetString(font.get(), FC_FILE, 0, &file) != FcResultMatch) {
    return known->second;
  }
  cairo_font_face_t*& face = face_of_file[{reinterpret_cast<const char*>(file), bold}];
  if (face == nullptr) face = cairo_ft_font_face_create_for_pattern(font.get());
  return known->second = face;
}

// Appends the text in this face at x, and returns where it ends.
double Append(cairo_font_face_t* face, const std::string& text, double size, double x,
              GlyphLine& line) {
  cairo_matrix_t scale, identity;
  cairo_matrix_init_scale(&scale, size, size);
  cairo_matrix_init_identity(&identity);
  const std::unique_ptr<cairo_scaled_font_t, Free> font(
      cairo_scaled_font_create(face, &scale, &identity, FontOptions()));
  cairo_glyph_t* glyphs = nullptr;
  cairo_text_cluster_t* clusters = nullptr;
  int glyph_count = 0, cluster_count = 0;
  cairo_text_cluster_flags_t flags{};
  const cairo_status_t status =
      cairo_scaled_font_text_to_glyphs(font.get(), x, 0, text.data(), static_cast<int>(text.size()),
                                       &glyphs, &glyph_count, &clusters, &cluster_count, &flags);
  const std::unique_ptr<cairo_glyph_t, Free> free_glyphs(glyphs);
  const std::unique_ptr<cairo_text_cluster_t, Free> free_clusters(clusters);
  if (status != CAIRO_STATUS_SUCCESS) {
    Fail("\"{}\" cannot be written: {}", text, cairo_status_to_string(status));
  }
  GlyphRun run;
  run.face = face;
  run.text = text;
  run.glyphs.assign(glyphs, glyphs + glyph_count);
  run.clusters.assign(clusters, clusters + cluster_count);
  cairo_text_extents_t extents;
  cairo_scaled_font_glyph_extents(font.get(), glyphs, glyph_count, &extents);
  line.runs.push_back(std::move(run));
  return x + extents.x_advance;
}

// One letter after the other, each with whether `run`, which is of the whole text, lacks it.
template <typename Visit>
void ForEachLetter(const GlyphRun& run, const Visit& visit) {
  size_t byte = 0, glyph = 0;
  for (const cairo_text_cluster_t& cluster : run.clusters) {
    const auto bytes = static_cast<size_t>(cluster.num_bytes);
    const auto glyphs = static_cast<size_t>(cluster.num_glyphs);
    bool missing = false;
    for (size_t g = 0; g < glyphs; ++g) missing = missing || run.glyphs[glyph + g].index == 0;
    visit(run.text.substr(byte, bytes), missing);
    byte += bytes;
    glyph += glyphs;
  }
}

}  // namespace

const cairo_font_options_t* FontOptions() {
  static const cairo_font_options_t* const options = [] {
    cairo_font_options_t* made = cairo_font_options_create();
    cairo_font_options_set_antialias(made, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(made, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(made, CAIRO_HINT_METRICS_OFF);
    return made;
  }();
  return options;
}

GlyphLine LayOut(const std::string& text, double size, bool bold) {
  const std::string legible = Legible(text);
  cairo_font_face_t* const main = MainFace(bold);
  GlyphLine line;
  line.width = Append(main, legible, size, 0, line);
  const GlyphRun whole = line.runs.front();
  // Pieces of the text that stand in one font each.
  std::vector<std::pair<cairo_font_face_t*, std::string>> pieces;
  ForEachLetter(whole, [&](const std::string& letter, bool missing) {
    cairo_font_face_t* const face = missing ? FaceWith(letter, bold) : main;
    if (pieces.empty() || pieces.back().first != face) pieces.emplace_back(face, "");
    pieces.back().second += letter;
  });
  if (pieces.size() < 2 && (pieces.empty() || pieces.front().first == main)) return line;
  line = {};
  for (const auto& [face, piece] : pieces) line.width = Append(face, piece, size, line.width, line);
  return line;
}

}  // namespace netdissect
