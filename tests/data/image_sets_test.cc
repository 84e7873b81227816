#include "netdissect/data/image_sets.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

Dataset SetOf(const std::string& name, int images) {
  Dataset set;
  set.name = name;
  for (int i = 0; i < images; ++i) {
    const std::string file = name + std::to_string(i);
    set.images.push_back({"/" + file, file, i});
  }
  return set;
}

TEST(ImageSets, AreOneListSetAfterSet) {
  const ImageSets images{SetOf("a", 2), SetOf("none", 0), SetOf("b", 3)};
  ASSERT_EQ(images.size(), 5);
  const std::vector<std::string> names = {"a0", "a1", "b0", "b1", "b2"};
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(images[i].name, names[static_cast<size_t>(i)]);
    const Dataset& set = images.sets()[static_cast<size_t>(images.SetOf(i))];
    EXPECT_EQ(set.images[static_cast<size_t>(images.IndexInSet(i))].name, images[i].name);
  }
  EXPECT_EQ(images.SetOf(1), 0);
  EXPECT_EQ(images.SetOf(2), 2);
  EXPECT_EQ(AllOf(images), (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(ImageSets, OutsideIsAnError) {
  const ImageSets images{SetOf("a", 2)};
  for (const int64_t index : {int64_t{-1}, int64_t{2}, int64_t{1} << 40}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { images[index]; }), {"below 2", std::to_string(index)}));
  }
  EXPECT_TRUE(ImageSets().empty());
  EXPECT_TRUE(AllOf(ImageSets()).empty());
}

}  // namespace
}  // namespace netdissect
