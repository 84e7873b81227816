#pragma once
// The layers, and the rule that a file includes only from its own layer and those below it:
//
//   tools -> experiment -> report -> study -> probe -> nn -> data -> base
//            train -> nn            world -> data
//
// The world and training stand beside the others: tools alone, and tests, include from them.

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace netdissect {

struct SourceLayer {
  std::string_view name;
  int rank = 0;
  bool apart = false;  // included by itself, tools and tests alone
};

constexpr std::array<SourceLayer, 10> kLayers = {{{"base", 0},
                                                  {"data", 10},
                                                  {"world", 15, true},
                                                  {"nn", 20},
                                                  {"train", 25, true},
                                                  {"probe", 30},
                                                  {"study", 40},
                                                  {"report", 50},
                                                  {"experiment", 60},
                                                  {"tools", 70}}};

/// Index in kLayers; none for what is no layer.
inline std::optional<size_t> LayerIndex(std::string_view name) {
  const auto found = std::find_if(kLayers.begin(), kLayers.end(),
                                  [&](const SourceLayer& layer) { return layer.name == name; });
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

/// The layer that a line includes from: `#include "<layer>/x.h"`, or a private
/// header by `"<layer>/x.h"` or a relative path that ends so. In angle brackets too. None where the
/// line includes nothing of the project's.
inline std::optional<size_t> IncludedLayer(const std::string& line) {
  static const std::regex kInclude(
      R"(^\s*#\s*include\s*["<](?:\.\.?/)*(?:(?:src|include)/)?(?:netdissect/)?([a-z]+)/[^">]*[">].*$)");
  std::smatch match;
  if (!std::regex_match(line, match, kInclude)) return std::nullopt;
  return LayerIndex(match[1].str());
}

/// The header that includes all public ones: for other projects, whatever their layers.
constexpr std::string_view kUmbrella = "netdissect/netdissect.h";

/// What is wrong with `line` of the file, or "".
inline std::string LayeringViolation(const std::string& path, const std::string& line) {
  if (line.find("#include \"" + std::string(kUmbrella)) != std::string::npos) {
    return path + ": includes all layers: " + line;
  }
  const std::optional<size_t> own = LayerOfFile(path), other = IncludedLayer(line);
  if (!own || !other || *own == *other) return "";
  const SourceLayer &from = kLayers[*own], &to = kLayers[*other];
  if (to.rank < from.rank && (!to.apart || from.name == "tools")) return "";
  return path + ": layer " + std::string(from.name) + " includes from " + std::string(to.name) +
         ": " + line;
}

}  // namespace netdissect
