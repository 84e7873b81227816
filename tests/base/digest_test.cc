#include "base/digest.h"

#include <gtest/gtest.h>

namespace netdissect {
namespace {

TEST(Digest, IsTheBeginningOfSha256) {  // FIPS 180-4's examples
  EXPECT_EQ(Digest().Hex(), "e3b0c44298fc1c149afbf4c8996fb924");
  EXPECT_EQ(Digest().Add("abc", size_t{3}).Hex(), "ba7816bf8f01cfea414140de5dae2223");
  EXPECT_EQ(Digest().Add("a", size_t{1}).Add("bc", size_t{2}).Hex(),
            "ba7816bf8f01cfea414140de5dae2223");
}

TEST(Digest, GoesOnAfterItWasAsked) {
  Digest digest;
  const std::string none = digest.Hex();
  digest.Add("ab", size_t{2});
  EXPECT_NE(digest.Hex(), none);
  EXPECT_EQ(digest.Add("c", size_t{1}).Hex(), Digest().Add("abc", size_t{3}).Hex());
}

TEST(Digest, TextsDoNotRunIntoEachOther) {
  const auto of = [](std::string_view a, std::string_view b) {
    return Digest().Add(a).Add(b).Hex();
  };
  EXPECT_EQ(of("ab", "c"), of("ab", "c"));
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_NE(of("abc", ""), of("", "abc"));
}

}  // namespace
}  // namespace netdissect
