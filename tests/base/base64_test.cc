#include "base/base64.h"

#include <gtest/gtest.h>

namespace netdissect {
namespace {

// RFC 4648, Section 10.
TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foob"), "Zm9vYg==");
  EXPECT_EQ(Base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64(std::string("\xff\xfe\x00\x80", 4)), "//4AgA==");
}

TEST(FromBase64, GivesTheBytesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(FromBase64(Base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(FromBase64(" Zm9v\nYmE= \n"), "fooba");
  for (const char* bad : {"Zm9", "Zm9v!", "Z===", "Zm=v", "=", "Zm9vYg=a"}) {
    EXPECT_FALSE(FromBase64(bad)) << bad;
  }
}

}  // namespace
}  // namespace netdissect
