#pragma once
// Which channels of a layer are computed.

#include <cstddef>
#include <vector>

namespace netdissect {

/// A layer, row or item as an index of a vector.
inline size_t At(int index) { return static_cast<size_t>(index); }

/// Channels [first, first + count).
struct ChannelRun {
  int first = 0;
  int count = 0;
  bool common = false;  // of many plans: what is packed for it is kept
};

/// From the first wanted channel to the last; empty where none is.
ChannelRun HullOf(const std::vector<char>& wanted);

}  // namespace netdissect
