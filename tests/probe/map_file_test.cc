#include "probe/map_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "base/npy.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

const Shape kShape{2, 2, 3};

class MapFile : public testing::Test {
 protected:
  std::string ErrorFor(const std::string& text) const {
    const Path file = folder_.File("map.csv", text);
    return ErrorOf([&] { ReadMapFile(file, kShape, 0); });
  }
  const ScratchFolder folder_;
  const at::Tensor expected_ = at::tensor({1.5f, -2.f, 3.f, 0.f, 1e3f, 6.f}).view({2, 3});
};

TEST_F(MapFile, TextInAnyUsualForm) {
  for (const char* text : {"1.5,-2,3\n0,1e3,6", "1.5 -2 3\n0 1e3 6\n", "1.5;-2;3;\r\n0;1e3;6;\r\n",
                           "# unit 4\n1.5\t-2\t3\n\n0, 1e3, 6\n"}) {
    EXPECT_TRUE(at::equal(ReadMapFile(folder_.File("map.csv", text), kShape, -1), expected_))
        << text;
  }
}

TEST_F(MapFile, ArraysOfOneUnitOrAll) {
  const std::vector<float> values = {9, 9, 9, 9, 9, 9, 1.5f, -2, 3, 0, 1e3f, 6};
  WriteNpy(folder_.path() / "one.npy", {2, 3}, values.data() + 6);
  WriteNpy(folder_.path() / "all.npy", {2, 2, 3}, values.data());
  EXPECT_TRUE(at::equal(ReadMapFile(folder_.path() / "one.npy", kShape, -1), expected_));
  EXPECT_TRUE(at::equal(ReadMapFile(folder_.path() / "all.npy", kShape, 1), expected_));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadMapFile(folder_.path() / "all.npy", kShape, -1); }),
                     {"all.npy", "units 0 to 1", "found none"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadMapFile(folder_.path() / "all.npy", kShape, 2); }),
                     {"all.npy", "units 0 to 1", "found 2"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       ReadMapFile(folder_.path() / "one.npy", {2, 3, 2}, 0);
                     }),
                     {"one.npy", "expected a map of 3 x 2", "found 2 x 3"}));
}

TEST_F(MapFile, WrongSizesAndValuesSayWhatWasExpectedAndFound) {
  EXPECT_TRUE(HasAll(ErrorFor("1,2,3\n4,5\n"), {"map.csv:2", "3 values", "found 2"}));
  EXPECT_TRUE(HasAll(ErrorFor("1,2,3\n"), {"map.csv", "2 rows", "2 x 3", "found 1"}));
  EXPECT_TRUE(HasAll(ErrorFor("1,2,3\n4,5,6\n7,8,9\n"), {"2 rows", "found 3"}));
  EXPECT_TRUE(HasAll(ErrorFor("1,2,3\n4,lamp,6\n"), {"map.csv:2", "a number", "\"lamp\""}));
  EXPECT_TRUE(HasAll(ErrorFor("1,2,3\n4,nan,6\n"), {"map.csv", "finite"}));
  EXPECT_TRUE(HasAll(ErrorFor(""), {"map.csv", "found 0"}));
}

}  // namespace
}  // namespace netdissect
