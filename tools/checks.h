#pragma once
// Checks of options' values whose messages are for people: CLI11's own show the largest double as
// an upper bound where there is none.

#include <CLI/CLI.hpp>

namespace netdissect {

/// "expected a number above 0, found -1"
CLI::Validator Positive();

/// "expected 0 or a number above, found -1"
CLI::Validator NotNegative();

/// "expected a number from 0 to 18446744073709551615, found -1"
CLI::Validator SeedNumber();

}  // namespace netdissect
