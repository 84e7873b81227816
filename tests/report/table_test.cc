#include "report/table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace netdissect {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Table, TextIsAligned) {
  const Table table{{"layer", "size"}, {{"conv1", "11"}, {"a_long_name", "1234567"}, {"b", ""}}};
  EXPECT_EQ(table.Text(),
            "layer           size\n"
            "conv1             11\n"
            "a_long_name  1234567\n"
            "b\n");
}

TEST(Table, TextCountsCharactersNotBytes) {
  const Table table{{"", "x"}, {{"caf\u00e9", "1"}, {"cafes", "22"}}};
  EXPECT_EQ(table.Text(), "        x\ncaf\u00e9    1\ncafes  22\n");
}

TEST(Table, TextOfRowsOfOtherLengths) {
  const Table table{{"a"}, {{"b", "c", "d"}, {}, {"e"}}};
  EXPECT_EQ(table.Text(), "a\nb  c  d\n\ne\n");
  EXPECT_EQ(Table().Text(), "\n");
}

// A reader of RFC 4180 of its own.
Rows ReadCsv(const std::string& text) {
  Rows rows(1);
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[i++];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      rows.back().push_back(field);
      field.clear();
      if (c == '\n') rows.emplace_back();
    } else {
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_TRUE(rows.back().empty() && field.empty()) << "no newline at the end";
  rows.pop_back();
  return rows;
}

TEST(Table, CsvReadsBack) {
  const Table table{{"image", "class, with comma", "\"quoted\""},
                    {{"a b.jpg", "", "x"},
                     {"line\nbreak", "carriage\rreturn", "\""},
                     {",", "\"\"", "caf\u00e9"},
                     {" space ", "tench, Tinca tinca", "1.5 +- 0.2"}}};
  Rows expected = {table.header};
  expected.insert(expected.end(), table.rows.begin(), table.rows.end());
  EXPECT_EQ(ReadCsv(table.Csv()), expected);
  EXPECT_EQ((Table{{"a", "b"}, {{"1", "2"}}}.Csv()), "a,b\n1,2\n");  // no needless quotes
}

TEST(Table, LatexIsEscaped) {
  const Table table{{"", "pool_1"}, {{"50% & #1 {a}", "17.9 +- 1.6"}, {"$x^2~y\\z", "a+b-c"}}};
  EXPECT_EQ(table.Latex(),
            "\\begin{tabular}{lr}\n"
            "\\hline\n"
            " & pool\\_1 \\\\\n"
            "\\hline\n"
            "50\\% \\& \\#1 \\{a\\} & 17.9 $\\pm$ 1.6 \\\\\n"
            "\\$x\\^{}2\\~{}y\\textbackslash{}z & a+b-c \\\\\n"
            "\\hline\n"
            "\\end{tabular}\n");
}

}  // namespace
}  // namespace netdissect
