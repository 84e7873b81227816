#pragma once
// Value noise: random numbers on a grid of 256 x 256, interpolated smoothly, repeated beyond it.

namespace netdissect {

/// In [0, 1), with features of size 1.
float Noise(float x, float y);

/// The sum of three octaves, in [0, 1).
float Fractal(float x, float y);

/// A number in [0, 1) for each cell of the unit grid.
float CellNoise(float x, float y);

/// White noise: a number in [0, 1) for each pixel.
float PixelNoise(int x, int y);

}  // namespace netdissect
