#include "world/palette.h"

#include <algorithm>
#include <cmath>

namespace netdissect {

Color Hsv(float hue, float saturation, float value) {
  const auto channel = [&](float n) {
    const float k = std::fmod(n + hue / 60 + 12, 6.0f);
    return value * (1 - saturation * std::max(0.0f, std::min({k, 4 - k, 1.0f})));
  };
  return {channel(1), channel(3), channel(5)};
}

Color WoodColor(Dice& dice) {
  return Hsv(dice.Between(18, 36), dice.Between(0.35f, 0.65f), dice.Between(0.3f, 0.85f));
}

Color FabricColor(Dice& dice) {
  return Hsv(dice.Between(0, 360), dice.Between(0.05f, 0.7f), dice.Between(0.3f, 0.9f));
}

Color PaintColor(Dice& dice) {
  const float saturation = dice.Chance(0.5f) ? dice.Between(0, 0.1f) : dice.Between(0.08f, 0.32f);
  return Hsv(dice.Between(0, 360), saturation, dice.Between(0.62f, 0.95f));
}

Color VividColor(Dice& dice) {
  return Hsv(dice.Between(0, 360), dice.Between(0.6f, 0.95f), dice.Between(0.65f, 0.98f));
}

Color CarColor(Dice& dice) {
  if (dice.Chance(0.5f)) return GreyColor(dice, 0.12f, 0.95f);
  return Hsv(dice.Chance(0.5f) ? dice.Between(-8, 12) : dice.Between(40, 240),
             dice.Between(0.5f, 0.9f), dice.Between(0.35f, 0.85f));
}

Color FoliageColor(Dice& dice) {
  if (dice.Chance(0.08f)) {
    return Hsv(dice.Between(22, 50), dice.Between(0.55f, 0.8f), dice.Between(0.6f, 0.85f));
  }
  return Hsv(dice.Between(72, 130), dice.Between(0.42f, 0.7f), dice.Between(0.42f, 0.7f));
}

Color SkinColor(Dice& dice) {
  return Hsv(dice.Between(14, 28), dice.Between(0.28f, 0.6f), dice.Between(0.4f, 0.95f));
}

Color StoneColor(Dice& dice) {
  return Hsv(dice.Between(15, 60), dice.Between(0.02f, 0.2f), dice.Between(0.4f, 0.75f));
}

Color GreyColor(Dice& dice, float low, float high) {
  const float value = dice.Between(low, high);
  return Hsv(dice.Between(0, 360), 0.04f, value);
}

Color Varied(Dice& dice, const Color& color, float amount) {
  const float all = dice.Between(-amount, amount);
  Color varied = color;
  for (int c = 0; c < 3; ++c) varied[c] *= 1 + all + 0.3f * dice.Between(-amount, amount);
  return varied;
}

Color Mixed(const Color& a, const Color& b, float t) { return a + (b - a) * t; }

}  // namespace netdissect
