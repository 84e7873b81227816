#include "checks.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace netdissect {
namespace {

CLI::Validator NumberCheck(const std::string& name, const std::string& expected,
                           bool (*holds)(double)) {
  const auto check = [=](std::string& text) -> std::string {
    double number = 0;
    if (CLI::detail::lexical_cast(text, number) && holds(number)) return "";
    return fmt::format("expected {}, found {}", expected, text);
  };
  return CLI::Validator(check, name);
}

}  // namespace

CLI::Validator Positive() {
  return NumberCheck("POSITIVE", "a number above 0", [](double n) { return n > 0; });
}

CLI::Validator NotNegative() {
  return NumberCheck("NONNEGATIVE", "0 or a number above", [](double n) { return n >= 0; });
}

CLI::Validator SeedNumber() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        uint64_t seed = 0;
        const char* const end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, seed);
        if (error == std::errc() && rest == end) return "";
        return fmt::format("expected a number from 0 to {}, found {}",
                           std::numeric_limits<uint64_t>::max(), text);
      },
      "SEED");
}

}  // namespace netdissect
