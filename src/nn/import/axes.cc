#include "nn/import/axes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace netdissect {
namespace {

// Far above any tensor's number of values: products of two stay within 64 bits.
constexpr int64_t kMostSize = int64_t{1} << 31;

Axis Joined(const Axis& parts) {
  Axis joined;
  for (const AxisPart& part : parts) {
    if (part.size == 1) continue;
    if (!joined.empty() && joined.back().of == part.of && part.of != Origin::kN &&
        joined.back().inner == part.size * part.inner) {
      joined.back().size *= part.size;
      joined.back().inner = part.inner;
    } else {
      joined.push_back(part);
    }
  }
  return joined;
}

int64_t ValuesOf(const Axes& axes) {
  int64_t values = 1;
  for (const Axis& axis : axes) {
    for (const AxisPart& part : axis) values *= part.of == Origin::kN ? 1 : part.size;
  }
  return values;
}

bool IsBatchSize(int64_t size) { return size <= kBatch; }

// Sizes without -1, or nothing where they do not hold as many values.
std::optional<std::vector<int64_t>> Resolved(std::vector<int64_t> sizes, int64_t values) {
  int64_t known = 1;
  bool has_batch = false;
  int64_t* open = nullptr;
  for (int64_t& size : sizes) {
    if (size == -1) {
      if (open != nullptr) return std::nullopt;
      open = &size;
      continue;
    }
    if (IsBatchSize(size)) {
      if (has_batch || size % kBatch != 0) return std::nullopt;
      has_batch = true;
    }
    const int64_t factor = IsBatchSize(size) ? size / kBatch : size;
    if (factor < 1 || factor > kMostSize) return std::nullopt;
    known *= factor;
    if (known > kMostSize) return std::nullopt;
  }
  if (values % known != 0) return std::nullopt;
  if (open != nullptr) {
    *open = values / known * (has_batch ? 1 : kBatch);
  } else if (known != values || !has_batch) {
    return std::nullopt;
  }
  return sizes;
}

// Takes parts of an axis of `size` from the front of `parts`.
std::optional<Axis> Take(int64_t size, Axis& parts) {
  bool wants_batch = IsBatchSize(size);
  int64_t left = wants_batch ? size / kBatch : size;
  Axis taken;
  while (wants_batch || left > 1) {
    if (parts.empty()) return std::nullopt;
    AxisPart& next = parts.front();
    if (next.of == Origin::kN) {
      if (!wants_batch) return std::nullopt;
      wants_batch = false;
    } else if (left % next.size == 0) {
      left /= next.size;
    } else if (left > 1 && next.size % left == 0) {
      const int64_t rest = next.size / left;
      taken.push_back({next.of, left, next.inner * rest});
      next.size = rest;
      left = 1;
      continue;
    } else {
      return std::nullopt;
    }
    taken.push_back(next);
    parts.erase(parts.begin());
  }
  return Joined(taken);
}

}  // namespace

bool operator==(const AxisPart& a, const AxisPart& b) {
  return a.of == b.of && a.size == b.size && a.inner == b.inner;
}

Axis WholeAxis(Origin of, int64_t size) {
  if (size == 1) return {};
  return {{of, size, 1}};
}

Axes LayerAxes(const Shape& shape) {
  return {WholeAxis(Origin::kN, kBatch), WholeAxis(Origin::kC, shape.units),
          WholeAxis(Origin::kH, shape.height), WholeAxis(Origin::kW, shape.width)};
}

Axes FlatAxes(const Shape& shape) {
  return {WholeAxis(Origin::kN, kBatch), WholeAxis(Origin::kC, shape.units)};
}

int64_t SizeOf(const Axis& axis) {
  int64_t size = 1;
  for (const AxisPart& part : axis) size *= part.size;
  return size;
}

std::vector<int64_t> SizesOf(const Axes& axes) {
  std::vector<int64_t> sizes;
  for (const Axis& axis : axes) sizes.push_back(SizeOf(axis));
  return sizes;
}

std::string ToString(const std::vector<int64_t>& sizes) {
  std::vector<std::string> words;
  for (const int64_t size : sizes) {
    if (size == kBatch) {
      words.push_back("N");
    } else if (IsBatchSize(size) && size % kBatch == 0) {
      words.push_back(fmt::format("{}N", size / kBatch));
    } else {
      words.push_back(std::to_string(size));
    }
  }
  return words.empty() ? "one number" : Join(words, " x ");
}

bool IsBatch(const Axis& axis) { return axis.size() == 1 && axis.front().of == Origin::kN; }

bool IsOnly(const Axis& axis, Origin of) {
  return std::all_of(axis.begin(), axis.end(), [&](const AxisPart& p) { return p.of == of; });
}

std::optional<Axes> Reshaped(const Axes& axes, std::vector<int64_t> sizes, int64_t batch) {
  const int64_t values = ValuesOf(axes);
  const bool names_batch = std::any_of(sizes.begin(), sizes.end(), IsBatchSize);
  const bool batch_first = !axes.empty() && IsBatch(axes.front());
  std::optional<std::vector<int64_t>> resolved;
  if (!names_batch && batch_first && !sizes.empty() && (sizes[0] == batch || sizes[0] == 1)) {
    std::vector<int64_t> with_batch = sizes;
    with_batch[0] = kBatch;
    resolved = Resolved(std::move(with_batch), values);
  }
  if (!resolved) resolved = Resolved(std::move(sizes), values);
  if (!resolved) return std::nullopt;
  Axis parts;
  for (const Axis& axis : axes) parts.insert(parts.end(), axis.begin(), axis.end());
  Axes reshaped;
  for (const int64_t size : *resolved) {
    std::optional<Axis> axis = Take(size, parts);
    if (!axis) return std::nullopt;
    reshaped.push_back(std::move(*axis));
  }
  if (!parts.empty()) return std::nullopt;
  return reshaped;
}

std::vector<int64_t> PlacesAlong(const Axis& axis, const Shape& shape) {
  std::vector<int64_t> places = {0};
  for (const AxisPart& part : axis) {
    int64_t step = part.inner;
    if (part.of == Origin::kC) step *= int64_t{shape.height} * shape.width;
    if (part.of == Origin::kH) step *= shape.width;
    std::vector<int64_t> longer;
    longer.reserve(places.size() * static_cast<size_t>(part.size));
    for (const int64_t place : places) {
      for (int64_t digit = 0; digit < part.size; ++digit) longer.push_back(place + digit * step);
    }
    places = std::move(longer);
  }
  return places;
}

}  // namespace netdissect
