#include "nn/rows/windows.h"

#include <cstring>

namespace netdissect {

void CutBack(const RowSource& base, const ChannelRun& wanted, Windows& windows) {
  for (size_t i = 0; i < windows.changed.size(); ++i) {
    Rect& rect = windows.changed[i];
    const Rect stored = rect;
    const auto same = [&](int y, int x) {
      const float* value =
          windows.values.data() + (windows.offsets[i] + stored.IndexOf(y, x)) * base.channels;
      return std::memcmp(value + wanted.first, base.Row(0, y, x) + wanted.first,
                         static_cast<size_t>(wanted.count) * sizeof(float)) == 0;
    };
    const auto same_row = [&](int y) {
      for (int x = rect.x.start; x <= rect.x.end; ++x) {
        if (!same(y, x)) return false;
      }
      return true;
    };
    const auto same_column = [&](int x) {
      for (int y = rect.y.start; y <= rect.y.end; ++y) {
        if (!same(y, x)) return false;
      }
      return true;
    };
    while (!rect.empty() && same_row(rect.y.start)) ++rect.y.start;
    while (!rect.empty() && same_row(rect.y.end)) --rect.y.end;
    while (!rect.empty() && same_column(rect.x.start)) ++rect.x.start;
    while (!rect.empty() && same_column(rect.x.end)) --rect.x.end;
  }
}

}  // namespace netdissect
