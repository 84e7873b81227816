#include "data/synthetic/noise.h"

#include <array>
#include <cmath>

#include "netdissect/base/random.h"

namespace netdissect {
namespace {

constexpr int kPeriod = 256;

// The same table for every picture: a picture's own offsets make its textures differ.
const std::array<float, kPeriod * kPeriod>& Table() {
  static const auto kTable = [] {
    std::array<float, kPeriod * kPeriod> table{};
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

// Far coordinates, as of a plane seen edge-on, are brought into a range that an int holds.
Place PlaceOf(float x) {
  const float floor = std::floor(x);
  const float wrapped = floor - kPeriod * std::floor(floor * (1.0f / kPeriod));
  return {static_cast<int>(wrapped) & (kPeriod - 1), x - floor};
}

float Smooth(float t) { return t * t * (3 - 2 * t); }

}  // namespace

float Noise(float x, float y) {
  const auto& table = Table();
  const Place px = PlaceOf(x), py = PlaceOf(y);
  const int right = (px.cell + 1) & (kPeriod - 1), below = (py.cell + 1) & (kPeriod - 1);
  const float* row = table.data() + py.cell * kPeriod;
  const float* next = table.data() + below * kPeriod;
  const float tx = Smooth(px.within), ty = Smooth(py.within);
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

}  // namespace netdissect
