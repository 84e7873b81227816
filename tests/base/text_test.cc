#include "base/text.h"

#include <gtest/gtest.h>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

TEST(ParseUnits, ExpandsRangesSortedAndOnce) {
  EXPECT_EQ(ParseUnits("17,3,40-43,41"), (std::vector<int>{3, 17, 40, 41, 42, 43}));
}

TEST(ParseUnits, RefusesWhatIsNoListOfUnits) {
  for (const char* text : {"", "a", "3,", "5-2", "-1", "1.5", "0-99999999", "3 4"}) {
    EXPECT_THROW(ParseUnits(text), Error) << text;
  }
}

TEST(ParseBytes, KnowsBinaryAndDecimalSuffixes) {
  EXPECT_EQ(ParseBytes("2GiB"), int64_t{2} << 30);
  EXPECT_EQ(ParseBytes("1.5GB"), 1'500'000'000);
  EXPECT_EQ(ParseBytes("4096"), 4096);
  for (const char* text : {"", "GiB", "-1MiB", "2 giga", "inf", "nan"}) {
    EXPECT_THROW(ParseBytes(text), Error) << text;
  }
}

TEST(Closest, FindsAMisspeltNameAndNothingForAnother) {
  EXPECT_EQ(Closest("pol5", {"pool1", "pool5", "conv5"}), "pool5");
  EXPECT_EQ(Closest("entirely", {"pool1", "pool5"}), "");
}

TEST(FindNoUtf8, FindsTheFirstByteThatIsNone) {
  constexpr size_t kNone = std::string_view::npos;
  for (const char* good : {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\xb3",
                           "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(FindNoUtf8(good), kNone) << good;
  }
  for (const char* bad : {"caf\xe9", "caf\xe9 au lait", "caf\x80", "caf\xc0\xaf", "caf\xe0\x9f\xbf",
                          "caf\xed\xa0\x80", "caf\xf4\x90\x80\x80", "caf\xf5\x80\x80\x80",
                          "caf\xe2\x82", "caf\xf0\x9f\x8c", "caf\xc3"}) {
    EXPECT_EQ(FindNoUtf8(bad), 3u);
  }
  // Every byte alone, and every pair.
  for (int first = 0; first < 256; ++first) {
    EXPECT_EQ(FindNoUtf8(std::string(1, static_cast<char>(first))) == kNone, first < 0x80);
    for (int second = 0; second < 256; ++second) {
      const std::string pair = {static_cast<char>(first), static_cast<char>(second)};
      const bool two = first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;
      EXPECT_EQ(FindNoUtf8(pair) == kNone, two || (first < 0x80 && second < 0x80));
    }
  }
}

TEST(ShellWord, ComesBackFromAShell) {
  for (const std::string word : {"plain", "a b", "", "it's", "$HOME", "a\"b\\", "runs/x.json"}) {
    FILE* pipe = popen(("printf %s " + ShellWord(word)).c_str(), "r");
    std::string back;
    for (int c; (c = std::fgetc(pipe)) != EOF;) back += static_cast<char>(c);
    pclose(pipe);
    EXPECT_EQ(back, word);
  }
  EXPECT_EQ(ShellWord("--layer"), "--layer");
}

}  // namespace
}  // namespace netdissect
