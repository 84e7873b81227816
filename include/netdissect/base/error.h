#pragma once
// The one exception of the library. Its message names the file, layer or option, what was expected
// and what was found; nothing below `main` prints or exits.

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with a formatted message: `Fail("{}: expected {}, found {}", path, 3, n)`.
template <typename... Args>
[[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace netdissect
