#include "world/noise.h"

#include <algorithm>
#include <array>

#include "base/random.h"

namespace netdissect {
namespace {

constexpr int kPeriod = 256;
constexpr size_t kSquare = size_t{kPeriod} * kPeriod;

// The same table for every picture: a picture's own offsets make its textures differ.
const std::array<float, kSquare>& Table() {
  static const auto kTable = [] {
    std::array<float, kSquare> table{};
    Random random(0x6e6f697365);
    for (float& value : table) value = static_cast<float>(random.Uniform());
    return table;
  }();
  return kTable;
}

struct Place {
  int cell;
  float within;
};

Place PlaceOf(float x) {
  x = std::min(1e9f, std::max(-1e9f, x));  // planes seen edge-on reach very far
  const auto whole = static_cast<int>(x) - (x < 0 ? 1 : 0);
  return {whole & (kPeriod - 1), x - static_cast<float>(whole)};
}

float Eased(float t) { return t * t * (3 - 2 * t); }

}  // namespace

float Noise(float x, float y) {
  const auto& table = Table();
  const Place px = PlaceOf(x), py = PlaceOf(y);
  const int right = (px.cell + 1) & (kPeriod - 1), below = (py.cell + 1) & (kPeriod - 1);
  const float* row = table.data() + ptrdiff_t{py.cell} * kPeriod;
  const float* next = table.data() + ptrdiff_t{below} * kPeriod;
  const float tx = Eased(px.within), ty = Eased(py.within);
  const float upper = row[px.cell] + (row[right] - row[px.cell]) * tx;
  const float lower = next[px.cell] + (next[right] - next[px.cell]) * tx;
  return upper + (lower - upper) * ty;
}

float Fractal(float x, float y) {
  return (4 * Noise(x, y) + 2 * Noise(2 * x + 17, 2 * y + 5) + Noise(4 * x + 3, 4 * y + 29)) / 7;
}

float CellNoise(float x, float y) {
  return Table()[static_cast<size_t>(PlaceOf(y).cell * kPeriod + PlaceOf(x).cell)];
}

float PixelNoise(int x, int y) {
  // Rows are shifted against each other, so that the table's repetition does not show.
  const int shifted = x + 97 * (y >> 8) + 13 * y;
  return Table()[static_cast<size_t>((y & (kPeriod - 1)) * kPeriod + (shifted & (kPeriod - 1)))];
}

}  // namespace netdissect
