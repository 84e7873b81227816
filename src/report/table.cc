#include "report/table.h"

#include <algorithm>

namespace netdissect {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 take no room.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string LatexField(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "+-") == 0) {
      escaped += "$\\pm$";
      ++i;
    } else if (text[i] == '\\') {
      escaped += "\\textbackslash{}";
    } else if (text[i] == '~' || text[i] == '^') {
      escaped += std::string("\\") + text[i] + "{}";
    } else {
      if (std::string("&%$#_{}").find(text[i]) != std::string::npos) escaped += '\\';
      escaped += text[i];
    }
  }
  return escaped;
}

template <typename Field>
std::string Line(const std::vector<std::string>& row, const char* separator, const Field& field) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : separator) + field(row[i]);
  return line;
}

}  // namespace

std::string Table::Text() const {
  std::vector<size_t> widths;
  const auto measure = [&](const std::vector<std::string>& row) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  };
  measure(header);
  for (const auto& row : rows) measure(row);
  std::string text;
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string room(widths[i] - WidthOf(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 ? row[i] + room : room + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  print(header);
  for (const auto& row : rows) print(row);
  return text;
}

std::string Table::Csv() const {
  std::string text = Line(header, ",", CsvField) + "\n";
  for (const auto& row : rows) text += Line(row, ",", CsvField) + "\n";
  return text;
}

std::string Table::Latex() const {
  std::string text = "\\begin{tabular}{l" +
                     std::string(header.empty() ? 0 : header.size() - 1, 'r') + "}\n\\hline\n" +
                     Line(header, " & ", LatexField) + " \\\\\n\\hline\n";
  for (const auto& row : rows) text += Line(row, " & ", LatexField) + " \\\\\n";
  return text + "\\hline\n\\end{tabular}\n";
}

}  // namespace netdissect
