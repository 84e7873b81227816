#pragma once
// Colours (BGR, 0 to 1) drawn at random from families.

#include "world/dice.h"
#include "world/material.h"

namespace netdissect {

/// Hue in degrees; saturation and value 0 to 1.
Color Hsv(float hue, float saturation, float value);

Color WoodColor(Dice& dice);     // pale birch to dark walnut
Color FabricColor(Dice& dice);   // anything, muted or bright
Color PaintColor(Dice& dice);    // of walls: pale, any hue
Color VividColor(Dice& dice);    // of toys, tents and rides
Color CarColor(Dice& dice);      // mostly white, grey, black, blue and red
Color FoliageColor(Dice& dice);  // greens, at times autumnal
Color SkinColor(Dice& dice);
Color StoneColor(Dice& dice);
Color GreyColor(Dice& dice, float low, float high);

/// The colour, each channel changed by up to `amount` of itself.
Color Varied(Dice& dice, const Color& color, float amount = 0.15f);
Color Mixed(const Color& a, const Color& b, float t);

}  // namespace netdissect
