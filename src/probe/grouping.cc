#include "probe/grouping.h"

#include <map>
#include <tuple>

#include "probe/program.h"

namespace netdissect {
namespace {

// Every how many occluders, along each axis, the cost is sampled.
constexpr int kSampling = 3;
// Beyond this many groups only near ones are tried together.
constexpr size_t kTryAll = 12;

// What a number that is written costs, and one that is read by who reads whole maps, in
// multiply-adds: measured on networks of many small layers.
constexpr double kWritten = 20, kRead = 5;

// Of a step that computes `rect`, beside its multiply-adds.
double CostOfMoving(const Network& network, const RowStep& step, const Rect& rect) {
  double cost = kWritten * rect.area() * network.layer(step.output).shape.units;
  for (size_t k = 0; k < step.reaches.size(); ++k) {
    if (rect.empty() || !step.reaches[k].everything()) continue;
    const Shape& shape = network.layer(network.layer(step.layer).inputs[k]).shape;
    cost += kRead * shape.units * shape.height * shape.width;
  }
  return cost;
}

// Of the sampled occluders that a group sees, in multiply-adds.
double CostOf(const Network& network, const OccluderSet& occluders,
              const std::vector<UnitPosition>& units) {
  const Program program = Compile(network, units);
  double cost = 0;
  for (int row = 0; row < occluders.rows(); row += kSampling) {
    for (int column = 0; column < occluders.columns(); column += kSampling) {
      const Rect patch = PatchOf(occluders, row, column);
      cost += static_cast<double>(CountMultiplyAdds(network, program, patch));
      const std::vector<Rect> reached = ReachedBy(network, program, patch);
      for (size_t s = 0; s < reached.size(); ++s) {
        cost += CostOfMoving(network, program.plan.steps[s], reached[s]);
      }
    }
  }
  return cost;
}

struct Group {
  std::vector<size_t> members;
  double cost = 0;
};

// Units behind a gate that sees everything share nearly all, wherever they are: all of them as one
// group, where that is cheaper.
template <typename Cost>
std::vector<Group> UniteWhatSeesEverything(const Network& network,
                                           const std::vector<UnitPosition>& units,
                                           const std::vector<Group>& groups, const Cost& cost_of) {
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  std::vector<Group> result;
  Group all;
  double apart = 0;
  for (const Group& group : groups) {
    const ReceptiveField& field = fields[At(units[group.members.front()].layer)];
    if (!field.y.everything || !field.x.everything) {
      result.push_back(group);
      continue;
    }
    all.members.insert(all.members.end(), group.members.begin(), group.members.end());
    apart += group.cost;
  }
  if (all.members.empty()) return groups;
  all.cost = cost_of(all.members);
  if (all.cost >= apart) return groups;
  result.push_back(std::move(all));
  return result;
}

}  // namespace

Rect PatchOf(const OccluderSet& occluders, int row, int column) {
  const int y = row * occluders.stride(), x = column * occluders.stride();
  return {{y, y + occluders.patch() - 1}, {x, x + occluders.patch() - 1}};
}

std::vector<UnitPosition> MembersOf(const std::vector<UnitPosition>& units,
                                    const std::vector<size_t>& group) {
  std::vector<UnitPosition> members;
  members.reserve(group.size());
  for (size_t i : group) members.push_back(units[i]);
  return members;
}

std::vector<std::vector<size_t>> GroupUnits(const Network& network, const OccluderSet& occluders,
                                            const std::vector<UnitPosition>& units, bool share) {
  std::map<std::tuple<int, int, int>, std::vector<size_t>> by_position;
  for (size_t i = 0; i < units.size(); ++i) {
    by_position[{units[i].layer, units[i].y, units[i].x}].push_back(i);
  }
  const auto cost_of = [&](const std::vector<size_t>& members) {
    return CostOf(network, occluders, MembersOf(units, members));
  };
  std::vector<Group> groups;
  for (auto& [position, members] : by_position) {
    groups.push_back({members, share && by_position.size() > 1 ? cost_of(members) : 0});
  }
  if (share && groups.size() > kTryAll)
    groups = UniteWhatSeesEverything(network, units, groups, cost_of);
  // Greedily: the two groups that save most, until no two save anything. Savings of pairs are kept.
  std::map<std::pair<size_t, size_t>, Group> together;  // of groups that are still there
  const auto try_pair = [&](size_t a, size_t b) {
    Group both;
    both.members = groups[a].members;
    both.members.insert(both.members.end(), groups[b].members.begin(), groups[b].members.end());
    both.cost = cost_of(both.members);
    if (both.cost < groups[a].cost + groups[b].cost) together[{a, b}] = std::move(both);
  };
  const bool try_all = groups.size() <= kTryAll;
  const auto near = [&](size_t a, size_t b) {
    if (try_all) return true;
    const UnitPosition &p = units[groups[a].members[0]], &q = units[groups[b].members[0]];
    return p.layer == q.layer && std::abs(p.y - q.y) <= 1 && std::abs(p.x - q.x) <= 1;
  };
  if (share) {
    for (size_t a = 0; a < groups.size(); ++a) {
      for (size_t b = a + 1; b < groups.size(); ++b) {
        if (near(a, b)) try_pair(a, b);
      }
    }
  }
  std::vector<bool> gone(groups.size(), false);
  while (!together.empty()) {
    const auto saving = [&](const auto& entry) {
      return groups[entry.first.first].cost + groups[entry.first.second].cost - entry.second.cost;
    };
    const auto best =
        std::max_element(together.begin(), together.end(),
                         [&](const auto& p, const auto& q) { return saving(p) < saving(q); });
    const auto [a, b] = best->first;
    groups.push_back(std::move(best->second));
    gone[a] = gone[b] = true;
    gone.push_back(false);
    for (auto it = together.begin(); it != together.end();) {
      const auto [p, q] = it->first;
      it = p == a || p == b || q == a || q == b ? together.erase(it) : std::next(it);
    }
    const size_t merged = groups.size() - 1;
    for (size_t other = 0; other < merged; ++other) {
      if (!gone[other] && near(other, merged)) try_pair(other, merged);
    }
  }
  std::vector<std::vector<size_t>> result;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!gone[i]) result.push_back(std::move(groups[i].members));
  }
  return result;
}

}  // namespace netdissect
