#pragma once
// Whole numbers of JSON that somebody may have changed: json.get<int>() makes something of 1e300,
// of 2^40 and of 1.5 without a word.

#include <cstdint>
#include <limits>

#include "base/json.h"
#include "netdissect/base/error.h"

namespace netdissect {

/// An integer that `Integer` (int or int64_t) holds; else an exception of nlohmann's, as where a
/// value is of another type.
template <typename Integer>
Integer WholeNumber(const Json& value) {
  constexpr auto kLeast = std::numeric_limits<Integer>::min();
  constexpr auto kMost = std::numeric_limits<Integer>::max();
  const bool fits = value.is_number_unsigned()
                        ? value.get<uint64_t>() <= static_cast<uint64_t>(kMost)
                        : value.is_number_integer() && value.get<int64_t>() >= kLeast &&
                              value.get<int64_t>() <= kMost;
  if (fits) return value.get<Integer>();
  constexpr int kOutOfRange = 406;
  throw Json::out_of_range::create(
      kOutOfRange,
      fmt::format("expected a whole number from {} to {}, found {}", kLeast, kMost, Shown(value)),
      &value);
}

}  // namespace netdissect
