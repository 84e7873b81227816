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

}  // namespace
}  // namespace netdissect
