#include "world/material.h"

#include <algorithm>
#include <cmath>

#include "world/noise.h"

namespace netdissect {
namespace {

float Fraction(float x) { return x - std::floor(x); }
float Clamp(float x) { return std::min(1.0f, std::max(0.0f, x)); }

// 1 within `width` of the edges of the unit cell, with a soft border.
float Joint(float x, float width) {
  const float edge = std::min(x, 1 - x);
  return Clamp(2 - edge / width);
}

struct Pattern {
  float mix;        // of the second colour
  float light = 1;  // times both
  float mean = 0;   // of mix, where it is too fine to be seen
};

Pattern Planks(float u, float v) {
  const float board = std::floor(v);
  const float tone = CellNoise(board, std::floor(u * 0.14f + 0.37f * board));
  const float grain = Noise(u * 0.9f + 31 * board, v * 7);
  return {0.55f * tone + 0.45f * grain, 1 - 0.35f * Joint(Fraction(v), 0.03f), 0.5f};
}

Pattern Bricks(float u, float v) {
  const float row = std::floor(v);
  const float x = u * 0.5f + 0.5f * Fraction(row * 0.5f) * 2;
  const float joint = std::max(Joint(Fraction(v), 0.07f), Joint(Fraction(x), 0.035f));
  return {joint, 0.82f + 0.3f * CellNoise(std::floor(x), row), 0.2f};
}

Pattern Facade(float u, float v) {
  const float x = Fraction(u), y = Fraction(v);
  const bool pane = x > 0.25f && x < 0.75f && y > 0.25f && y < 0.8f;
  if (!pane) return {0, 1, 0.3f};
  return {1, 0.6f + 0.9f * CellNoise(std::floor(u), std::floor(v)), 0.3f};
}

Pattern PatternAt(Texture texture, float u, float v) {
  switch (texture) {
    case Texture::kMottle:
      return {Fractal(u, v), 1, 0.5f};
    case Texture::kWood:
      return {Noise(u * 0.7f, v * 5 + 0.8f * Noise(u, v)), 1, 0.5f};
    case Texture::kPlanks:
      return Planks(u, v);
    case Texture::kStripes:
      return {Clamp(4 * (std::abs(Fraction(u) - 0.5f) - 0.25f) / 0.3f + 0.5f), 1, 0.5f};
    case Texture::kChecks: {
      const float cell = std::floor(u) + std::floor(v);
      return {Fraction(cell * 0.5f) > 0.25f ? 1.0f : 0.0f, 1, 0.5f};
    }
    case Texture::kTiles: {
      const float joint = std::max(Joint(Fraction(u), 0.025f), Joint(Fraction(v), 0.025f));
      return {joint, 0.93f + 0.12f * CellNoise(std::floor(u), std::floor(v)), 0.1f};
    }
    case Texture::kBricks:
      return Bricks(u, v);
    case Texture::kGrass:
      return {Clamp(0.6f * Noise(u * 5, v * 1.6f) + 0.7f * Noise(u * 0.5f, v * 0.5f) - 0.15f), 1,
              0.5f};
    case Texture::kLeaves:
      return {Clamp(1.9f * Fractal(u, v) - 0.45f), 1, 0.5f};
    case Texture::kWater: {
      const float wave = Noise(u * 0.35f, v) * 0.6f + Noise(u, v * 3.1f) * 0.4f;
      return {Clamp(2.4f * wave - 0.75f), 1, 0.45f};
    }
    case Texture::kWindows:
      return Facade(u, v);
    case Texture::kCorrugated:
      return {0, 0.86f + 0.14f * std::sin(6.2832f * u)};
    case Texture::kPlain:
      break;
  }
  return {0};
}

}  // namespace

Color ColorAt(const Material& material, const SurfacePoint& point) {
  if (material.texture == Texture::kPlain) return material.color;
  const float scale = 1 / material.scale;
  Pattern pattern = PatternAt(material.texture, point.u * scale, point.v * scale);
  const float seen = Clamp(1.6f - 2.0f * point.footprint * scale);
  pattern.mix = pattern.mean + (pattern.mix - pattern.mean) * seen;
  pattern.light = 1 + (pattern.light - 1) * seen;
  Color color;
  for (int c = 0; c < 3; ++c) {
    color[c] = (material.color[c] + (material.second[c] - material.color[c]) * pattern.mix) *
               pattern.light;
  }
  return color;
}

}  // namespace netdissect
