#pragma once
// The layers, and the rule that a file includes only from its own layer and those to its right:
//
//   tools -> report -> study -> probe -> nn -> data -> base

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace netdissect {

constexpr std::array<std::string_view, 7> kLayers = {"tools", "report", "study", "probe",
                                                     "nn",    "data",   "base"};

/// Index in kLayers; none for what is no layer.
inline std::optional<size_t> LayerIndex(std::string_view name) {
  const auto found = std::find(kLayers.begin(), kLayers.end(), name);
  if (found == kLayers.end()) return std::nullopt;
  return static_cast<size_t>(found - kLayers.begin());
}

/// The layer of a path relative to the project: tools/x.cc, src/<layer>/x.cc or
/// include/netdissect/<layer>/x.h.
inline std::optional<size_t> LayerOfFile(const std::string& path) {
  static const std::regex kPlace("^(?:src/|include/netdissect/)?([a-z]+)/.*$");
  std::smatch match;
  if (!std::regex_match(path, match, kPlace)) return std::nullopt;
  return LayerIndex(match[1].str());
}

/// The layer that a line includes from: `#include "netdissect/<layer>/x.h"`, or a private
/// header by `"<layer>/x.h"` or a relative path that ends so. In angle brackets too. None where the
/// line includes nothing of the project's.
inline std::optional<size_t> IncludedLayer(const std::string& line) {
  static const std::regex kInclude(
      R"(^\s*#\s*include\s*["<](?:\.\.?/)*(?:(?:src|include)/)?(?:netdissect/)?([a-z]+)/[^">]*[">].*$)");
  std::smatch match;
  if (!std::regex_match(line, match, kInclude)) return std::nullopt;
  return LayerIndex(match[1].str());
}

/// What is wrong with `line` of the file, or "".
inline std::string LayeringViolation(const std::string& path, const std::string& line) {
  const std::optional<size_t> own = LayerOfFile(path), other = IncludedLayer(line);
  if (!own || !other || *other >= *own) return "";
  return path + ": layer " + std::string(kLayers[*own]) + " includes from " +
         std::string(kLayers[*other]) + ": " + line;
}

}  // namespace netdissect
