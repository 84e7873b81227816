#include "data/class_list.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include "base/csv.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

struct Row {
  std::vector<std::string> fields;
  int line = 0;
};

bool IsInteger(const std::string& text) {
  return !text.empty() && text.size() < 10 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

std::string Trimmed(const std::string& text) { return std::string(Trim(text)); }

std::vector<Row> Split(const std::vector<Row>& lines, char separator) {
  std::vector<Row> rows;
  for (const Row& line : lines) {
    Row row{{}, line.line};
    const std::string& text = line.fields[0];
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find(separator, begin), text.size());
      row.fields.push_back(Trimmed(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

bool IsOneOf(std::string text, const std::vector<std::string>& words) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(words.begin(), words.end(), text) != words.end();
}

const std::vector<std::string>& NameTitles() {
  static const std::vector<std::string> titles = {"name", "names", "class_name", "category_name"};
  return titles;
}

// A header that says where names are, or numbers in the first column of half the rows.
bool IsTable(const std::vector<Row>& rows) {
  if (rows.empty() || rows[0].fields.size() < 2) return false;
  const bool has_names =
      std::any_of(rows[0].fields.begin(), rows[0].fields.end(),
                  [](const std::string& field) { return IsOneOf(field, NameTitles()); });
  const auto numbered = std::count_if(rows.begin(), rows.end(),
                                      [](const Row& row) { return IsInteger(row.fields[0]); });
  return has_names || 2 * static_cast<size_t>(numbered) >= rows.size();
}

bool IsEven(const std::vector<Row>& rows) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return row.fields.size() == rows[0].fields.size(); });
}

std::vector<ListedClass> ReadTable(const Path& path, const std::vector<Row>& rows) {
  size_t class_column = 0, name_column = rows[0].fields.size() - 1;
  const std::vector<std::string>& header = rows[0].fields;
  const bool has_header = !IsInteger(header[0]);
  for (size_t c = 0; has_header && c < header.size(); ++c) {
    if (IsOneOf(header[c],
                {"idx", "index", "id", "class", "class_id", "value", "number", "label"})) {
      class_column = c;
    }
    if (IsOneOf(header[c], NameTitles())) name_column = c;
  }
  std::vector<ListedClass> classes;
  for (size_t i = has_header ? 1 : 0; i < rows.size(); ++i) {
    const std::string place = fmt::format("{}:{}", path.string(), rows[i].line);
    if (rows[i].fields.size() != header.size()) {
      Fail("{}: expected {} columns as in the first line, found {}", place, header.size(),
           rows[i].fields.size());
    }
    const std::string& number = rows[i].fields[class_column];
    if (!IsInteger(number)) {
      Fail("{}: expected a class's number in column {}, found \"{}\"", place, class_column + 1,
           number);
    }
    classes.push_back({ParseInteger(number, place), rows[i].fields[name_column], rows[i].line});
  }
  return classes;
}

// Splits every line behind its first (before its last) word, which has to pass `is_index`; nothing
// where one does not.
std::optional<std::vector<Row>> SplitOff(
    const std::vector<Row>& lines, bool last,
    const std::function<bool(size_t, const std::string&)>& is_index) {
  std::vector<Row> rows;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& text = lines[i].fields[0];
    const size_t gap = last ? text.find_last_of(" \t:,") : text.find_first_of(" \t:,");
    if (gap == std::string::npos) return std::nullopt;
    const std::string before = Trimmed(text.substr(0, gap)), after = Trimmed(text.substr(gap + 1));
    const std::string& index = last ? after : before;
    if (!is_index(i, index)) return std::nullopt;
    rows.push_back({{index, last ? before : after}, lines[i].line});
  }
  return rows;
}

std::vector<ListedClass> WithIndices(const Path& path, const std::vector<Row>& rows) {
  std::vector<ListedClass> classes;
  for (const Row& row : rows) {
    classes.push_back({ParseInteger(row.fields[0], fmt::format("{}:{}", path.string(), row.line)),
                       row.fields[1], row.line});
  }
  return classes;
}

std::vector<ListedClass> Read(const Path& path, const std::vector<Row>& lines) {
  const std::vector<Row> by_tabs = Split(lines, '\t');
  if (IsTable(by_tabs)) return ReadTable(path, by_tabs);
  const bool has_comma = std::all_of(lines.begin(), lines.end(), [](const Row& line) {
    return line.fields[0].find(',') != std::string::npos;
  });
  if (has_comma) {
    std::vector<Row> cells;  // quoted fields may hold commas
    ForEachCsvRow(path, [&](const std::vector<std::string>& fields, int line) {
      if (fields[0].empty() || fields[0][0] != '#') cells.push_back({fields, line});
    });
    if (IsTable(cells) && IsEven(cells)) return ReadTable(path, cells);
  }
  // "7: name": numbers as they come. A space may belong to a name: then they rise by 1.
  const bool has_colon = std::all_of(lines.begin(), lines.end(), [](const Row& line) {
    const size_t end = line.fields[0].find_first_not_of("0123456789");
    return end != 0 && end != std::string::npos &&
           std::string_view(":,").find(line.fields[0][end]) != std::string_view::npos;
  });
  for (const int64_t first : {0, 1}) {
    const auto rises = [&](size_t i, const std::string& index) {
      return IsInteger(index) &&
             (has_colon || std::stoll(index) == static_cast<int64_t>(i) + first);
    };
    if (const auto rows = SplitOff(lines, false, rises)) return WithIndices(path, *rows);
    if (const auto rows = SplitOff(lines, true, rises); rows && !has_colon) {
      return WithIndices(path, *rows);
    }
  }
  const auto is_synset = [](size_t, const std::string& word) {
    return word.size() > 4 && word[0] == 'n' && IsInteger(word.substr(1));
  };
  std::vector<ListedClass> classes;
  if (const auto rows = SplitOff(lines, false, is_synset)) {
    for (const Row& row : *rows) classes.push_back({std::nullopt, row.fields[1], row.line});
  } else {
    for (const Row& line : lines) classes.push_back({std::nullopt, line.fields[0], line.line});
  }
  return classes;
}

}  // namespace

std::vector<ListedClass> ReadClassList(const Path& path) {
  std::vector<Row> lines;
  ForEachLine(path, [&](std::string_view line, int number) {
    lines.push_back({{Trimmed(std::string(line))}, number});
  });
  std::vector<ListedClass> classes = Read(path, lines);
  if (classes.empty()) Fail("{}: expected names of classes, found none", path.string());
  for (const ListedClass& each : classes) {
    if (!each.name.empty()) continue;
    Fail("{}:{}: expected the name of class {}, found none", path.string(), each.line,
         each.index.value_or(each.line));
  }
  return classes;
}

}  // namespace netdissect
