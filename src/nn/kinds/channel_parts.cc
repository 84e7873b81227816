#include "nn/kinds/channel_parts.h"

namespace netdissect {

bool AreAll(const std::vector<ChannelRun>& runs, int units) {
  int count = 0;
  for (const ChannelRun& run : runs) count += run.count;
  return count == units;
}

}  // namespace netdissect
