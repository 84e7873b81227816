#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string ShellWord(const std::string& word) {
  const char* const plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string Excerpt(std::string_view text) {
  return text.size() > 60 ? std::string(text.substr(0, 57)) + "..." : std::string(text);
}

int64_t ParseInteger(std::string_view text, const std::string& what) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    Fail("{}: expected an integer, found \"{}\"", what, text);
  }
  return value;
}

std::vector<int> ParseUnits(const std::string& text) {
  constexpr int64_t kMost = 1 << 20;
  std::set<int> units;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string range = text.substr(begin, end - begin);
    const size_t dash = range.find('-', 1);
    const int64_t first = ParseInteger(range.substr(0, dash), "units \"" + text + "\"");
    const int64_t last = dash == std::string::npos
                             ? first
                             : ParseInteger(range.substr(dash + 1), "units \"" + text + "\"");
    if (first < 0 || last < first || last > kMost) {
      Fail("units \"{}\": expected numbers from 0 and ranges such as 40-59, found \"{}\"", text,
           range);
    }
    for (int64_t unit = first; unit <= last; ++unit) units.insert(static_cast<int>(unit));
    begin = end + 1;
  }
  return {units.begin(), units.end()};
}

int64_t ParseBytes(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  std::string suffix = end;
  suffix.erase(0, std::min(suffix.find_first_not_of(' '), suffix.size()));
  const struct {
    const char* name;
    double bytes;
  } kUnits[] = {{"", 1},       {"B", 1},        {"kB", 1e3},     {"MB", 1e6},
                {"GB", 1e9},   {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
                {"K", 0x1p10}, {"M", 0x1p20},   {"G", 0x1p30}};
  for (const auto& unit : kUnits) {
    // The bound keeps the product within 64 bits.
    if (suffix == unit.name && end != text.c_str() && number > 0 && number * unit.bytes < 0x1p62) {
      return static_cast<int64_t>(number * unit.bytes);
    }
  }
  Fail("expected a size such as 512MiB or 2GiB, found \"{}\"", text);
}

std::string FormatBytes(int64_t bytes) {
  if (bytes >= (int64_t{1} << 30))
    return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / 0x1p30);
  if (bytes >= (int64_t{1} << 20))
    return fmt::format("{:.0f} MiB", static_cast<double>(bytes) / 0x1p20);
  return fmt::format("{:.0f} KiB", static_cast<double>(bytes) / 0x1p10);
}

std::string FormatDuration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string Join(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : separator) + words[i];
  return text;
}

std::string Closest(const std::string& name, const std::vector<std::string>& words) {
  std::string best;
  size_t distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& word : words) {
    const size_t d = EditDistance(name, word);
    if (d < distance) {
      distance = d;
      best = word;
    }
  }
  return best;
}

size_t FindNoUtf8(std::string_view text) {
  const auto byte = [&](size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  for (size_t at = 0; at < text.size();) {
    const int first = byte(at);
    const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length > 1) {
      // What the second byte has to be, so that nothing is longer than needed, a surrogate, or
      // beyond U+10FFFF.
      const int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
      const int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
      if (first < 0xc2 || first > 0xf4 || byte(at + 1) < low || byte(at + 1) > high) return at;
      for (size_t i = 2; i < length; ++i) {
        if (byte(at + i) < 0x80 || byte(at + i) > 0xbf) return at;
      }
    }
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace netdissect
