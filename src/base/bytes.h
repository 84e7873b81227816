#pragma once
// Numbers, texts and lists as bytes, in the processor's order: for what this program keeps for
// itself while a job goes on (base/part_files.h), and reads nowhere else.

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "netdissect/base/error.h"

namespace netdissect {

class ByteWriter {
 public:
  template <typename T>
  void Put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void Put(const std::string& text) {
    Put(text.size());
    bytes_ += text;
  }
  template <typename T>
  void Put(const std::vector<T>& values) {
    Put(values.size());
    if constexpr (std::is_trivially_copyable_v<T>) {
      bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    } else {
      for (const T& value : values) Put(value);
    }
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Error where less, or more than is left, is asked for.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void Get(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(&value, Take(sizeof(T)).data(), sizeof(T));
  }
  void Get(std::string& text) { text = Take(Count(1)); }
  template <typename T>
  void Get(std::vector<T>& values) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      values.resize(Count(sizeof(T)));
      const size_t size = values.size() * sizeof(T);
      if (size > 0) std::memcpy(values.data(), Take(size).data(), size);
    } else {
      values.resize(Count(1));
      for (T& value : values) Get(value);
    }
  }
  template <typename T>
  T Get() {
    T value{};
    Get(value);
    return value;
  }

  /// Error where something is left.
  void Finish() const {
    if (!rest_.empty()) Fail("expected an end, found {} bytes more", rest_.size());
  }

 private:
  std::string_view Take(size_t size) {
    if (size > rest_.size()) Fail("expected {} bytes more, found {}", size, rest_.size());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Of items of which each takes at least `size` bytes.
  size_t Count(size_t size) {
    const auto count = Get<size_t>();
    if (count > rest_.size() / size) {
      Fail("expected at most {} items, found {}", rest_.size() / size, count);
    }
    return count;
  }

  std::string_view rest_;
};

}  // namespace netdissect
