#include "base/http_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace netdissect {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A method or a header's name.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsAlphanumeric(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool IsVisible(char c) { return c > ' ' && c < 127; }

// No control characters but tabs: a line's end in a value would be a header of its own.
bool IsValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || static_cast<unsigned char>(c) >= 32; }) &&
         text.find('\x7f') == std::string_view::npos;
}

bool IsSame(std::string_view name, std::string_view lower) {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

HttpFrame Refused(int status, std::string reason) { return {0, status, std::move(reason)}; }

bool IsRequestLine(std::string_view line) {
  const size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  return IsToken(line.substr(0, first)) && target.substr(0, 1) == "/" &&
         std::all_of(target.begin(), target.end(), IsVisible) &&
         (version == "HTTP/1.1" || version == "HTTP/1.0");
}

}  // namespace

HttpFrame FrameOf(std::string_view bytes, const HttpLimits& limits) {
  const size_t head = bytes.substr(0, limits.head).find("\r\n\r\n");
  const size_t first_line = bytes.find("\r\n");
  if (std::min(first_line, bytes.size()) > limits.line) {
    return Refused(414, fmt::format("a request's line has at most {} bytes", limits.line));
  }
  if (head == std::string_view::npos) {
    if (bytes.size() < limits.head) return {};
    return Refused(431, fmt::format("headers have at most {} bytes", limits.head));
  }
  if (!IsRequestLine(bytes.substr(0, first_line))) {
    return Refused(400, "expected METHOD /PATH HTTP/1.1");
  }
  size_t body = 0;
  int headers = 0, hosts = 0, lengths = 0;
  for (size_t at = first_line + 2; at < head + 2;) {
    const size_t end = bytes.find("\r\n", at);
    const std::string_view line = bytes.substr(at, end - at);
    at = end + 2;
    if (++headers > limits.headers || line.size() > limits.line) {
      return Refused(
          431, fmt::format("expected at most {} headers of {} bytes", limits.headers, limits.line));
    }
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !IsToken(name) || !IsValue(line.substr(colon + 1))) {
      return Refused(400, "expected headers as NAME: VALUE");
    }
    const std::string_view value = Trim(line.substr(colon + 1));
    if (IsSame(name, "transfer-encoding")) {
      return Refused(501, "expected a body of Content-Length bytes");
    }
    hosts += IsSame(name, "host") ? 1 : 0;
    if (!IsSame(name, "content-length")) continue;
    const bool is_number =
        !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (++lengths > 1 || !is_number) return Refused(400, "expected one number as Content-Length");
    if (value.size() > 12 || (body = std::stoull(std::string(value))) > limits.body) {
      return Refused(413, fmt::format("a body has at most {} bytes", limits.body));
    }
  }
  if (hosts != 1) return Refused(400, "expected one Host");
  const size_t size = head + 4 + body;
  return bytes.size() < size ? HttpFrame() : HttpFrame{size, 0, ""};
}

}  // namespace netdissect
