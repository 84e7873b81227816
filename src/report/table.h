#pragma once
// A table that is printed for people, saved as CSV, and pasted into a paper as LaTeX.

#include <string>
#include <vector>

namespace netdissect {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// Columns aligned: the first to the left, the others to the right.
  std::string Text() const;
  /// RFC 4180.
  std::string Csv() const;
  /// A tabular environment; "+-" becomes a plus-minus sign, special characters are escaped.
  std::string Latex() const;
};

}  // namespace netdissect
