#include "base/json_bounds.h"

#include <array>

#include "netdissect/base/error.h"

namespace netdissect {

void RequireBoundedJson(std::string_view text, const std::string& what, int deepest) {
  std::array<int64_t, kDeepestJson + 1> keys{};  // of the objects that are open, by depth
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (c == '[' || c == '{') {
      if (++depth > static_cast<size_t>(deepest)) {
        Fail("{}: expected JSON nested at most {} deep, found deeper at byte {}", what, deepest, i);
      }
      keys[depth] = 0;
    }
    if (c == ':' && ++keys[depth] > kMostJsonKeys) {
      Fail("{}: expected JSON objects of at most {} keys, found more at byte {}", what,
           kMostJsonKeys, i);
    }
  }
}

}  // namespace netdissect
