#pragma once
// The colours by which PASCAL VOC's label maps show classes, and its classes: bit k of a channel is
// a bit of the class, three at a time, the lowest ones in the highest bits. Class 0 is the
// background, 255 ("void") the seam between objects.

#include <cstdint>
#include <string>
#include <vector>

namespace netdissect {

/// 0xRRGGBB of class 0 to 255; no two are alike.
uint32_t VocColor(int index);

/// Classes 1 to 20.
const std::vector<std::string>& VocNames();

}  // namespace netdissect
