#include "nn/rows/row_changes.h"

#include <algorithm>
#include <cstring>

#include "base/clock.h"

namespace netdissect {
namespace {

// An input position that has changed: of which span, where, and what was added to its channels.
struct Change {
  size_t span = 0;
  int y = 0, x = 0;
  const float* added = nullptr;
};

// Products that are summed up before they are added: more in one chain would lose digits.
constexpr int kMostSummed = 256;

// All positions that the spans see and that differ from the base in some channel.
std::vector<Change> ChangesOf(const RowTask& task, const Window& window) {
  const RowSource& source = task.sources.front();
  const Windows& windows = *source.windows;
  std::vector<Change> changes;
  for (size_t s = 0; s < task.spans.size(); ++s) {
    const auto& [item, rect] = task.spans[s];
    if (rect.empty()) continue;
    const Rect sight = {{window.y.first(rect.y.start), window.y.last(rect.y.end)},
                        {window.x.first(rect.x.start), window.x.last(rect.x.end)}};
    const Rect seen = Intersect(sight, windows.changed[At(item)]);
    for (int y = seen.y.start; y <= seen.y.end; ++y) {
      for (int x = seen.x.start; x <= seen.x.end; ++x) {
        const float* rows[] = {source.Row(item, y, x), source.BaseRow(item, y, x)};
        if (std::memcmp(rows[0], rows[1], At(source.channels) * sizeof(float)) == 0) continue;
        changes.push_back({s, y, x});
      }
    }
  }
  task.scratch.tiles.resize(changes.size() * At(source.channels));
  float* out = task.scratch.tiles.data();
  for (Change& change : changes) {
    const int item = task.spans[change.span].item;
    const float* rows[] = {source.Row(item, change.y, change.x),
                           source.BaseRow(item, change.y, change.x)};
    constexpr float kDifference[] = {1, -1};
    task.kernels.sum(rows, kDifference, 2, 1.0f, source.channels, out);
    change.added = out;
    out += source.channels;
  }
  return changes;
}

// The output that sees input position `i` through tap `k`; -1 where none does.
int SeeingOutput(const AxisWindow& window, int i, int k) {
  const int from = i + window.before - k * window.dilation;
  return from >= 0 && from % window.stride == 0 ? from / window.stride : -1;
}

}  // namespace

void AddChanges(const RowTask& task, const Window& window, int groups) {
  const auto start = Clock::now();
  const int channels = task.sources.front().channels, units = task.output.units;
  const std::vector<Change> changes = ChangesOf(task, window);
  // Every row as it was, and where each span's begin.
  std::vector<float*> begins;
  float* out = task.out;
  for (const Span& span : task.spans) {
    begins.push_back(out);
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
      for (int x = span.rect.x.start; x <= span.rect.x.end; ++x, out += task.pitch) {
        const float* row = task.unchanged + (ptrdiff_t{y} * task.output.width + x) * units;
        std::copy_n(row + task.hull.first, task.hull.count, out + task.hull.first);
      }
    }
  }
  RowProduct product;
  product.runs = 1;
  for (int tap = 0; tap < window.y.kernel * window.x.kernel; ++tap) {
    std::vector<const float*>& rows = task.scratch.pointers;
    std::vector<float*>& outs = task.scratch.outs;
    rows.clear();
    outs.clear();
    for (const Change& change : changes) {
      const Rect& rect = task.spans[change.span].rect;
      const int y = SeeingOutput(window.y, change.y, tap / window.x.kernel);
      const int x = SeeingOutput(window.x, change.x, tap % window.x.kernel);
      if (!rect.Holds(y, x)) continue;
      rows.push_back(change.added);
      outs.push_back(begins[change.span] + rect.IndexOf(y, x) * task.pitch);
    }
    if (rows.empty()) continue;
    product.rows = rows.data();
    product.count = static_cast<int64_t>(rows.size());
    const int length = channels / groups;
    for (const PackedRun& run : task.runs) {
      const int group = run.channels.first / (units / groups);
      for (int begin = 0; begin < length; begin += kMostSummed) {
        product.length = std::min(kMostSummed, length - begin);
        product.offset = ptrdiff_t{group} * length + begin;
        product.first = tap * length + begin;
        product.column = run.channels.first;
        Add(task.kernels, product, outs.data(), *run.weights);
        task.scratch.macs += product.count * product.length * run.weights->columns;
      }
    }
  }
  if (task.rectification.done) {
    for (float* row = task.out; row != out; row += task.pitch) {
      float* first = row + task.hull.first;
      task.kernels.rectify(first, task.rectification, task.hull.count, first);
    }
  }
  task.scratch.product_seconds += SecondsSince(start);
}

int64_t CountTaps(const AxisWindow& window, const Range& outputs, const Range& changed) {
  int64_t taps = 0;
  for (int o = outputs.start; o <= outputs.end; ++o) {
    // first(o) + k * dilation within `changed`, 0 <= k < kernel.
    for (int k = 0; k < window.kernel; ++k) {
      const int i = window.first(o) + k * window.dilation;
      taps += i >= changed.start && i <= changed.end ? 1 : 0;
    }
  }
  return taps;
}

}  // namespace netdissect
