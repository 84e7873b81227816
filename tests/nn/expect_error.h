#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "netdissect/base/error.h"

namespace netdissect {

/// `run()` has to end in an Error whose message has all the words.
template <typename Run>
void ExpectError(const Run& run, const std::vector<std::string>& words) {
  try {
    run();
    ADD_FAILURE() << "expected an error with \"" << words.back() << "\", found none";
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const std::string& word : words) {
      EXPECT_NE(message.find(word), std::string::npos)
          << "expected \"" << word << "\" in: " << message;
    }
  }
}

/// `bytes` cut off or with a few bytes changed, the same for the same seed.
inline std::string Mutate(const std::string& bytes, uint64_t seed) {
  Random random(seed, 4711);
  std::string mutated = bytes;
  if (random.Below(4) == 0) {
    mutated.resize(random.Below(bytes.size()));
    return mutated;
  }
  for (uint64_t flips = 1 + random.Below(4); flips > 0; --flips) {
    // Half of them near the beginning, where headers are.
    const uint64_t range =
        random.Below(2) == 0 ? bytes.size() : std::min<size_t>(bytes.size(), 400);
    mutated[random.Below(range)] = static_cast<char>(random.Below(256));
  }
  return mutated;
}

/// Runs `read(bytes)` on many mutations; only Error may come out of it. Returns how many it
/// refused.
template <typename Read>
int CountRefusedMutations(const std::string& bytes, int count, const Read& read) {
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    try {
      read(Mutate(bytes, static_cast<uint64_t>(i)));
    } catch (const Error& error) {
      EXPECT_STRNE(error.what(), "");
      ++refused;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "mutation " << i << ": not an Error: " << error.what();
    }
  }
  return refused;
}

}  // namespace netdissect
