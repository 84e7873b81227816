#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "netdissect/base/error.h"

namespace netdissect {

/// What a file says rightly and no kind of layer computes: the layers that do not need it can be
/// read nevertheless. Any other Error means that the file contradicts itself.
class NotSupported : public Error {
 public:
  using Error::Error;
};

template <typename... Args>
[[noreturn]] void FailUnsupported(fmt::format_string<Args...> format, Args&&... args) {
  throw NotSupported(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace netdissect
