#include "base/bytes.h"

#include <gtest/gtest.h>

namespace netdissect {
namespace {

TEST(Bytes, ReadWhatWasWritten) {
  ByteWriter out;
  out.Put(7);
  out.Put(std::string("a b"));
  out.Put(std::vector<double>{1.5, -0.0});
  out.Put(std::vector<std::string>{"", "x"});
  ByteReader in(out.bytes());
  EXPECT_EQ(in.Get<int>(), 7);
  EXPECT_EQ(in.Get<std::string>(), "a b");
  EXPECT_EQ(in.Get<std::vector<double>>(), (std::vector<double>{1.5, -0.0}));
  EXPECT_EQ(in.Get<std::vector<std::string>>(), (std::vector<std::string>{"", "x"}));
  in.Finish();
}

TEST(Bytes, RefuseWhatIsNotThere) {
  ByteWriter out;
  out.Put(size_t{1} << 60);  // a count
  ByteReader list(out.bytes()), texts(out.bytes()), number(std::string_view("abc"));
  EXPECT_THROW(list.Get<std::vector<double>>(), Error);
  EXPECT_THROW(texts.Get<std::vector<std::string>>(), Error);
  EXPECT_THROW(number.Get<int>(), Error);
  EXPECT_THROW(number.Finish(), Error);
}

}  // namespace
}  // namespace netdissect
