#pragma once
// Which requests a server of one's own machine answers at all. A page from elsewhere that the same
// browser shows must not reach it: not under a name that it has made to mean this machine (DNS
// rebinding), and not by requests across origins. From other machines only who has the token does.

#include <optional>
#include <string>
#include <vector>

namespace netdissect {

struct RequestClaims {
  std::string host;        // "127.0.0.1:8017"
  std::string origin;      // "" where there is none
  std::string fetch_site;  // Sec-Fetch-Site
  std::string token;       // in the path
  std::string cookies;
  bool is_api = false;  // reads or changes answers
};

struct Refusal {
  int status = 0;
  std::string reason;
};

class RequestGuard {
 public:
  /// Of a server at `host` and `port`; no token is asked for where it is empty.
  RequestGuard(const std::string& host, int port, std::string token);

  std::optional<Refusal> Check(const RequestClaims& claims) const;

  /// Whether the path has the token, which then is to become a cookie.
  bool IsToken(const std::string& token) const;
  /// NAME=TOKEN; browsers keep one set of cookies for all ports.
  std::string Cookie() const;

  /// What to open.
  std::string Link() const;

 private:
  std::string host_;
  int port_;
  std::string token_;
  std::vector<std::string> names_;
};

/// Whether an address or name means this machine alone.
bool IsLoopback(const std::string& host);

/// 128 bits of the system's entropy as 32 hexadecimal digits.
std::string MakeToken();

/// Error where a token could not stand in a link or a cookie, or is easily guessed.
void RequireToken(const std::string& token);

}  // namespace netdissect
