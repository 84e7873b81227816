#include "experiment/request_guard.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

bool IsWildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// Without the port: "[::1]:8017" is "[::1]". The port may be that of a tunnel's other end.
std::string NameIn(const std::string& host) {
  const size_t colon = host.rfind(':'), bracket = host.rfind(']');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos || bracket < colon);
  return Lower(host.substr(0, has_port ? colon : std::string::npos));
}

// Of this machine's interfaces, those of other machines' use first.
std::vector<std::string> OwnAddresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  std::vector<std::string> addresses;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    const int family = each->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const void* address = nullptr;
    if (family == AF_INET) {
      address = &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr;
    } else {
      address = &reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr;
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(family, address, text.data(), text.size()) != nullptr) {
      addresses.emplace_back(text.data());
    }
  }
  std::stable_partition(addresses.begin(), addresses.end(), [](const std::string& address) {
    return !IsLoopback(address) && address.find(':') == std::string::npos;
  });
  return addresses;
}

std::vector<std::string> NamesOf(const std::string& host) {
  std::vector<std::string> names = {Lower(Bracketed(host))};
  if (IsLoopback(host) || IsWildcard(host)) {
    names.insert(names.end(), {"localhost", "127.0.0.1", "[::1]"});
  }
  if (IsLoopback(host)) return names;
  std::array<char, 256> own{};
  if (gethostname(own.data(), own.size() - 1) == 0) names.push_back(Lower(own.data()));
  for (const std::string& address : OwnAddresses()) names.push_back(Bracketed(address));
  return names;
}

// Takes as long for every text of one length.
bool IsEqual(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

}  // namespace

bool IsLoopback(const std::string& host) {
  in_addr address{};
  const bool is_v4 = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (is_v4 && ntohl(address.s_addr) >> 24 == 127);
}

std::string MakeToken() {
  std::array<unsigned char, 16> bytes{};
  for (size_t filled = 0; filled < bytes.size();) {
    const ssize_t count = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (count < 0 && errno != EINTR) Fail("a token: the system gives no random numbers");
    filled += count > 0 ? static_cast<size_t>(count) : 0;
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

void RequireToken(const std::string& token) {
  constexpr size_t kShortest = 16, kLongest = 200;
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!plain || token.size() < kShortest || token.size() > kLongest) {
    Fail("expected {} to {} letters, digits, - and _ as a token, found {} characters{}", kShortest,
         kLongest, token.size(), plain ? "" : " with others among them");
  }
}

RequestGuard::RequestGuard(const std::string& host, int port, std::string token)
    : host_(host), port_(port), token_(std::move(token)), names_(NamesOf(host)) {}

bool RequestGuard::IsToken(const std::string& token) const {
  return !token_.empty() && IsEqual(token, token_);
}

std::string RequestGuard::Cookie() const { return fmt::format("netdissect_{}={}", port_, token_); }

std::string RequestGuard::Link() const {
  std::string host = host_;
  if (IsWildcard(host)) {
    const std::vector<std::string> addresses = OwnAddresses();
    host = addresses.empty() ? "localhost" : addresses.front();
  }
  const std::string link = fmt::format("http://{}:{}/", Bracketed(host), port_);
  return token_.empty() ? link : link + "?token=" + token_;
}

std::optional<Refusal> RequestGuard::Check(const RequestClaims& claims) const {
  if (std::find(names_.begin(), names_.end(), NameIn(claims.host)) == names_.end()) {
    return Refusal{421, "this server has another name"};
  }
  if (!claims.origin.empty() && claims.origin != "http://" + claims.host &&
      claims.origin != "https://" + claims.host) {
    return Refusal{403, "a page of another origin may not ask this server"};
  }
  const std::string& site = claims.fetch_site;
  if (claims.is_api && !site.empty() && site != "same-origin" && site != "none") {
    return Refusal{403, "a page of another site may not ask this server"};
  }
  if (token_.empty() || IsToken(claims.token)) return std::nullopt;
  for (size_t at = 0; at < claims.cookies.size();) {
    const size_t end = std::min(claims.cookies.find(';', at), claims.cookies.size());
    if (IsEqual(std::string(Trim(claims.cookies.substr(at, end - at))), Cookie())) {
      return std::nullopt;
    }
    at = end + 1;
  }
  return Refusal{401, "open the link that the server printed: it has the token"};
}

}  // namespace netdissect
