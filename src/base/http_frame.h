#pragma once
// Where an HTTP/1 request ends (RFC 9112), and which ones are refused before anybody looks into
// them: those that are too long, and those of whose length two programs could have two opinions.

#include <cstddef>
#include <string>
#include <string_view>

namespace netdissect {

struct HttpLimits {
  size_t line = 4096;   // bytes of the request's line and of each header
  size_t head = 16384;  // of all of them
  int headers = 64;     // their number
  size_t body = 65536;  // bytes
};

struct HttpFrame {
  size_t size = 0;     // bytes of the whole request; 0: not all of it is here
  int status = 0;      // of the refusal; 0: none
  std::string reason;  // of the refusal
};

/// Of the request that `bytes` begin with. Takes methods of HTTP/1.0 and 1.1 on a path of this
/// server, one Host, and a body of Content-Length bytes; in pieces ("chunked") none.
HttpFrame FrameOf(std::string_view bytes, const HttpLimits& limits = {});

}  // namespace netdissect
