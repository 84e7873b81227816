#include "nn/rows/channels.h"

#include <algorithm>

namespace netdissect {

ChannelRun HullOf(const std::vector<char>& wanted) {
  const auto first = std::find(wanted.begin(), wanted.end(), 1);
  if (first == wanted.end()) return {};
  const auto last = std::find(wanted.rbegin(), wanted.rend(), 1);
  ChannelRun hull;
  hull.first = static_cast<int>(first - wanted.begin());
  hull.count = static_cast<int>(wanted.rend() - last) - hull.first;
  return hull;
}

}  // namespace netdissect
