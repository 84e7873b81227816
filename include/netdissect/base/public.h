#pragma once

// The library's names are hidden where it is built as a shared one, but for those of these headers.
#if defined(__GNUC__)
#define NETDISSECT_PUBLIC __attribute__((visibility("default")))
#else
#define NETDISSECT_PUBLIC
#endif
