#include "nn/kinds/group_runs.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"

namespace netdissect {
namespace {

// Channels that nobody wants, as long as computing them costs less than another run.
constexpr int kGap = 8;

}  // namespace

void RequireGroups(int groups, int inputs, int outputs) {
  RequirePositive("groups", groups);
  if (inputs % groups != 0 || outputs % groups != 0) {
    Fail("expected groups that divide {} input and {} output units, found {}", inputs, outputs,
         groups);
  }
}

void MarkGroups(int groups, const std::vector<char>& wanted, std::vector<char>& input) {
  const auto out = static_cast<ptrdiff_t>(wanted.size()) / groups;
  const auto in = static_cast<ptrdiff_t>(input.size()) / groups;
  for (ptrdiff_t g = 0; g < groups; ++g) {
    const auto begin = wanted.begin() + g * out;
    if (std::none_of(begin, begin + out, [](char w) { return w; })) continue;
    std::fill_n(input.begin() + g * in, in, char{1});
  }
}

std::vector<ChannelRun> DivideGroups(int groups, const std::vector<char>& wanted) {
  const int out = static_cast<int>(wanted.size()) / groups;
  std::vector<ChannelRun> runs;
  for (int group = 0; group < groups; ++group) {
    const auto begin = wanted.begin() + static_cast<ptrdiff_t>(group) * out;
    const auto many = std::count(begin, begin + out, char{1});
    if (many == 0) continue;
    if (4 * many > int64_t{3} * out) {
      runs.push_back({group * out, out, true});
      continue;
    }
    for (int c = group * out; c < (group + 1) * out;) {
      if (wanted[At(c)] == 0) {
        ++c;
        continue;
      }
      int end = c + 1;  // past the run
      for (int n = end; n < std::min(end + kGap, (group + 1) * out); ++n) {
        if (wanted[At(n)] != 0) end = n + 1;
      }
      runs.push_back({c, end - c, end - c == out});
      c = end;
    }
  }
  return runs;
}

}  // namespace netdissect
