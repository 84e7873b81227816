#pragma once
// SHA-256, by which a stage knows that an earlier stage's result is of the same network and images.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace netdissect {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  Digest& Add(const void* bytes, size_t count);
  /// Adds the text's length too, so that ("ab", "c") and ("a", "bc") differ.
  Digest& Add(std::string_view text);

  /// Of what was added so far: the first 16 bytes as 32 hexadecimal digits.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of the text, then of the 32 bytes before, `rounds` digests in all; 64 hexadecimal
/// digits.
std::string Sha256Hex(std::string_view text, int rounds = 1);

}  // namespace netdissect
