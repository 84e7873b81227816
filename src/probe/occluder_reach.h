#pragma once
// What occluders can change of the layers of a program, along each axis by itself: a range of rows
// for each row of their grid, one of columns for each column. An occluder changes nothing outside
// of both, and where several units are read, perhaps not all inside.

#include <vector>

#include "probe/program.h"

namespace netdissect {

struct OccluderReach {
  std::vector<std::vector<Range>> y;  // [step][row of the grid]: of the step's output
  std::vector<std::vector<Range>> x;  // [step][column of the grid]
};

OccluderReach ReachOfOccluders(const Network& network, const Program& program,
                               const OccluderSet& occluders);

}  // namespace netdissect
