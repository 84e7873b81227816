#include "base/csv.h"

#include <gtest/gtest.h>

#include <random>

#include "base/scratch.h"

namespace netdissect {
namespace {

using CsvRows = std::vector<std::vector<std::string>>;

CsvRows RowsOf(const std::string& text, std::vector<int>* lines = nullptr) {
  const ScratchFolder scratch;
  CsvRows rows;
  ForEachCsvRow(scratch.File("table.csv", text),
                [&](const std::vector<std::string>& fields, int line) {
                  rows.push_back(fields);
                  if (lines != nullptr) lines->push_back(line);
                });
  return rows;
}

TEST(CsvTest, QuotedFieldsHoldCommasQuotesAndLines) {
  std::vector<int> lines;
  const CsvRows rows = RowsOf(
      "\xef\xbb\xbf"
      "a,b,c\r\n"
      "\"1,5\",\"say \"\"yes\"\"\",\"two\nlines\r\n\"\r\n"
      "\n"
      ",,\n"
      "x, y z ,it\"s",
      &lines);
  EXPECT_EQ(rows, (CsvRows{{"a", "b", "c"},
                           {"1,5", "say \"yes\"", "two\nlines\r\n"},
                           {"", "", ""},
                           {"x", " y z ", "it\"s"}}));
  EXPECT_EQ(lines, (std::vector<int>{1, 2, 6, 7}));
  EXPECT_EQ(RowsOf(""), CsvRows{});
  EXPECT_EQ(RowsOf("a,"), (CsvRows{{"a", ""}}));
  EXPECT_EQ(RowsOf("\"\",\"\""), (CsvRows{{"", ""}}));
}

TEST(CsvTest, AnyTextComesBackFromQuotes) {
  std::mt19937 random(3);
  const std::string letters = "a,\"\n\r \xc3\xa4;";
  for (int round = 0; round < 200; ++round) {
    CsvRows rows(1 + random() % 3);
    std::string text;
    for (auto& row : rows) {
      row.resize(1 + random() % 4);
      for (size_t i = 0; i < row.size(); ++i) {
        for (size_t n = random() % 6; n > 0; --n) row[i] += letters[random() % letters.size()];
        std::string quoted = "\"";
        for (const char c : row[i]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += (i == 0 ? "" : ",") + quoted + "\"";
      }
      text += random() % 2 == 0 ? "\n" : "\r\n";
    }
    EXPECT_EQ(RowsOf(text), rows) << text;
  }
}

TEST(CsvTest, QuotesThatDoNotEndAreErrorsWithTheirLine) {
  EXPECT_TRUE(HasAll(ErrorOf([] { RowsOf("a\nb,\"c\nd"); }), {"table.csv:2", "quoted"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { RowsOf("a\n\"b\"c\n"); }), {"table.csv:2", "'c'"}));
}

}  // namespace
}  // namespace netdissect
