#pragma once
// The types that a source file defines where other files can meet them: outside functions and
// unnamed namespaces. Two definitions of one name in a program are undefined behaviour that no
// linker notices: of their inline members one is taken for both.

#include <cctype>
#include <string>
#include <vector>

namespace netdissect {

/// Words and marks of C++ source, without comments, text, numbers and preprocessor lines.
inline std::vector<std::string> TokensOf(const std::string& source) {
  std::vector<std::string> tokens;
  const size_t end = source.size();
  const auto word = [&](size_t i) {
    return i < end && (std::isalnum(static_cast<unsigned char>(source[i])) || source[i] == '_');
  };
  const auto after = [&](const std::string& mark, size_t from) {
    const size_t found = source.find(mark, from);
    return found == std::string::npos ? end : found + mark.size();
  };
  bool line_start = true;
  for (size_t i = 0; i < end;) {
    const char c = source[i];
    const bool first = line_start && !std::isspace(static_cast<unsigned char>(c));
    line_start = c == '\n' || (line_start && !first);
    if (std::isspace(static_cast<unsigned char>(c))) {
      ++i;
    } else if (first && c == '#') {
      while (i < end && source[i] != '\n') i += source[i] == '\\' ? 2 : 1;
    } else if (source.compare(i, 2, "//") == 0) {
      i = after("\n", i);
      line_start = true;
    } else if (source.compare(i, 2, "/*") == 0) {
      i = after("*/", i + 2);
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      while (word(i) || (i < end && (source[i] == '.' || source[i] == '\''))) ++i;
    } else if (word(i)) {
      const size_t begin = i;
      while (word(i)) ++i;
      tokens.push_back(source.substr(begin, i - begin));
      if (tokens.back().back() == 'R' && i < end && source[i] == '"') {  // R"mark(...)mark"
        const size_t open = source.find('(', i);
        i = after(")" + source.substr(i + 1, open - i - 1) + "\"", open);
        tokens.pop_back();
      }
    } else if (c == '"' || c == '\'') {
      for (++i; i < end && source[i] != c; ++i) i += source[i] == '\\' ? 1 : 0;
      ++i;
    } else {
      tokens.push_back(source.compare(i, 2, "::") == 0 ? "::" : std::string(1, c));
      i += tokens.back().size();
    }
  }
  return tokens;
}

/// The name in the head of a definition, such as `NETDISSECT_API Network final`: what is last.
inline std::string NameInHead(const std::vector<std::string>& head) {
  std::string name;
  bool joined = true;  // to what comes next
  int depth = 0;       // of < and [
  for (const std::string& token : head) {
    if (token == ":" && depth == 0) break;
    if (token == "final" && depth == 0) break;
    const bool opens = token == "<" || token == "[" || token == "(";
    const bool closes = token == ">" || token == "]" || token == ")";
    const bool starts = !joined && depth == 0 && !opens && !closes && token != "::";
    if (starts) name.clear();
    name += token;
    depth += opens ? 1 : closes ? -1 : 0;
    joined = token == "::";
  }
  return name;
}

/// Full names of the types that `source` defines at namespace scope, in order. Forward declarations
/// define nothing.
inline std::vector<std::string> TypesDefinedIn(const std::string& source) {
  struct Scope {
    std::string prefix;
    bool seen = true;  // from other files, and no type or function
  };
  std::vector<Scope> scopes = {{}};
  std::vector<std::string> types;
  const std::vector<std::string> tokens = TokensOf(source);
  const auto is = [&](size_t i, const char* text) {
    return i < tokens.size() && tokens[i] == text;
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Scope scope = scopes.back();
    if (is(i, "}")) {
      if (scopes.size() > 1) scopes.pop_back();
    } else if (is(i, "{")) {
      scopes.push_back({"", false});
    } else if (is(i, "namespace") && scope.seen) {
      std::string name;
      for (++i; i < tokens.size() && !is(i, "{") && !is(i, ";") && !is(i, "="); ++i) {
        if (!is(i, "NETDISSECT_PUBLIC")) name += tokens[i];  // an attribute
      }
      if (is(i, "{")) scopes.push_back({scope.prefix + name + "::", !name.empty()});
    } else if (is(i, "template") && scope.seen) {
      int depth = 0;
      do {
        ++i;
        depth += is(i, "<") ? 1 : is(i, ">") ? -1 : 0;
      } while (depth > 0 && i < tokens.size());
    } else if (scope.seen &&
               (is(i, "struct") || is(i, "class") || is(i, "union") || is(i, "enum"))) {
      if (is(i, "enum") && (is(i + 1, "class") || is(i + 1, "struct"))) ++i;
      std::vector<std::string> head;
      bool function = false;  // that returns a `struct A`
      for (++i; i < tokens.size() && !is(i, "{") && !is(i, ";") && !is(i, "="); ++i) {
        function = function || (is(i, "(") && !is(i - 1, "alignas"));
        head.push_back(tokens[i]);
      }
      if (!is(i, "{")) continue;
      const std::string name = NameInHead(head);
      if (!name.empty() && !function) types.push_back(scope.prefix + name);
      scopes.push_back({"", false});
    }
  }
  return types;
}

}  // namespace netdissect
