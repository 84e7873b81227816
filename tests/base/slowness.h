#pragma once
// What a bound on a test's time is multiplied by: builds that look for mistakes take longer.

namespace netdissect {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NETDISSECT_SLOW_BUILD
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NETDISSECT_SLOW_BUILD
#endif

#ifdef NETDISSECT_SLOW_BUILD
constexpr double kSlowness = 10;
#else
constexpr double kSlowness = 1;
#endif

}  // namespace netdissect
