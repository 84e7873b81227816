#pragma once
// Channels of layers whose input and output units fall into groups that have nothing to do with
// each other.

#include <vector>

#include "nn/rows/channels.h"

namespace netdissect {

void RequireGroups(int groups, int inputs, int outputs);

/// Marks all input channels of the groups in which an output channel is wanted.
void MarkGroups(int groups, const std::vector<char>& wanted, std::vector<char>& input);

/// Runs of wanted channels inside one group; gaps that cost less than another run are computed too.
std::vector<ChannelRun> DivideGroups(int groups, const std::vector<char>& wanted);

}  // namespace netdissect
