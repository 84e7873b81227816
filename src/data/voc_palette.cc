#include "data/voc_palette.h"

namespace netdissect {

uint32_t VocColor(int index) {
  uint32_t red = 0, green = 0, blue = 0;
  auto bits = static_cast<uint32_t>(index);
  for (int bit = 7; bits != 0; --bit, bits >>= 3) {
    red |= (bits & 1) << bit;
    green |= (bits >> 1 & 1) << bit;
    blue |= (bits >> 2 & 1) << bit;
  }
  return red << 16 | green << 8 | blue;
}

const std::vector<std::string>& VocNames() {
  static const std::vector<std::string> names = {
      "aeroplane", "bicycle",      "bird",  "boat",         "bottle", "bus",       "car",
      "cat",       "chair",        "cow",   "dining table", "dog",    "horse",     "motorbike",
      "person",    "potted plant", "sheep", "sofa",         "train",  "tv monitor"};
  return names;
}

}  // namespace netdissect
