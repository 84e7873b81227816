#include "base/digest.h"

#include <openssl/evp.h>

#include <array>

#include "netdissect/base/error.h"

namespace netdissect {

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) {
    Fail("SHA-256 is not available in this machine's OpenSSL");
  }
}

Digest::~Digest() = default;

Digest& Digest::Add(const void* bytes, size_t count) {
  if (EVP_DigestUpdate(state_->context, bytes, count) != 1) Fail("SHA-256 failed");
  return *this;
}

Digest& Digest::Add(std::string_view text) {
  const uint64_t size = text.size();
  return Add(&size, sizeof size).Add(text.data(), text.size());
}

std::string Digest::Hex() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  const State so_far;  // its end would be the digest's
  if (EVP_MD_CTX_copy_ex(so_far.context, state_->context) != 1 ||
      EVP_DigestFinal_ex(so_far.context, bytes.data(), nullptr) != 1) {
    Fail("SHA-256 failed");
  }
  std::string hex;
  for (size_t i = 0; i < 16; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

std::string Sha256Hex(std::string_view text, int rounds) {
  std::array<unsigned char, 32> bytes{};
  for (int i = 0; i < rounds; ++i) {
    const void* data = i == 0 ? static_cast<const void*>(text.data()) : bytes.data();
    const size_t count = i == 0 ? text.size() : bytes.size();
    std::array<unsigned char, 32> next{};
    if (EVP_Digest(data, count, next.data(), nullptr, EVP_sha256(), nullptr) != 1) {
      Fail("SHA-256 failed");
    }
    bytes = next;
  }
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace netdissect
