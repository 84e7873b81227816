#include "data/coco_rle.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

cv::Mat RandomMask(uint64_t seed, int height, int width) {
  Random random(seed);
  cv::Mat mask(height, width, CV_8U);
  const uint64_t density = random.Below(20);  // from long runs to single pixels
  uchar value = 0;
  for (int x = 0; x < width; ++x) {
    for (int y = 0; y < height; ++y) {
      if (random.Below(20) <= density) value = random.Below(2) == 0 ? 0 : 255;
      mask.at<uchar>(y, x) = value;
    }
  }
  return mask;
}

// From the definition: the pixels in a row, down the columns, counted one by one.
std::vector<uint32_t> SlowCounts(const cv::Mat& mask) {
  std::string pixels;
  for (int x = 0; x < mask.cols; ++x) {
    for (int y = 0; y < mask.rows; ++y) pixels += mask.at<uchar>(y, x) != 0 ? '1' : '0';
  }
  std::vector<uint32_t> counts = {0};
  char current = '0';
  for (const char pixel : pixels) {
    if (pixel != current) counts.push_back(0);
    current = pixel;
    ++counts.back();
  }
  return counts;
}

TEST(CocoRleTest, CountsAreThoseOfTheDefinitionAndDecodeToTheMask) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const int height = 1 + static_cast<int>(seed % 13), width = 1 + static_cast<int>(seed % 17);
    const cv::Mat mask = RandomMask(seed, height, width);
    const CocoRle rle = EncodeRle(mask);
    EXPECT_EQ(rle.counts, SlowCounts(mask));
    EXPECT_EQ(cv::norm(DecodeRle(rle), mask, cv::NORM_INF), 0);
    const CocoRle again = RleFromJson(ToJson(rle));
    EXPECT_EQ(again.counts, rle.counts);
    EXPECT_EQ(again.height, height);
    EXPECT_EQ(again.width, width);
  }
}

TEST(CocoRleTest, TextIsCocosOwn) {
  // Pairs as COCO's tools write them: a first run of 0, negative differences, several characters.
  const std::vector<std::pair<std::vector<uint32_t>, std::string>> pairs = {
      {{0, 6, 1, 3}, "061M"}, {{0, 6, 1}, "061"},
      {{0, 6, 1, 1}, "061K"}, {{0, 6, 1, 5}, "061O"},
      {{0, 6, 1, 6}, "0610"}, {{0, 1, 1, 2, 1, 3, 1, 4, 1}, "011101010"},
      {{0, 1024}, "0PP1"},    {{}, ""}};
  for (const auto& [counts, text] : pairs) {
    EXPECT_EQ(CompressCounts(counts), text);
    EXPECT_EQ(ExpandCounts(text), counts);
  }
}

TEST(CocoRleTest, AMaskOfCocosToolsFillsItsImage) {
  // 50 x 70 pixels, written by pycocotools.
  const std::string text =
      "0g05b08J4M2N2NA^O1`0OCO=0E090H080IO68DH;>@C>a0_O_O`0j0OWOF<:CM72I24NL43JM92FN;1ENKO72L0L"
      "O91J0MO92INO0NO122OO0M031O000NO31OO11MO40N011MO41MO21L06OL021L06OL021L06OL021L060J040L06"
      "0J040L060J040L060J040L060J040L060J040L060KO31L060KO31L06OL021L06OL021L06OL021MO41MO21MO4"
      "0N100NO310O00M0310O00NO1220NO92IONO91KOMO72M0<1EO:2GN63KM34OLM73JF<;=1G_O_Ob0=AC`07EH=1I"
      "O71H090F0:1DO>1_O1b0>2N2N3L6H]O";
  const CocoRle rle = RleFromJson({{"size", {50, 70}}, {"counts", text}});
  const cv::Mat mask = DecodeRle(rle);  // checks the sum
  EXPECT_EQ(mask.size(), cv::Size(70, 50));
  EXPECT_GT(cv::countNonZero(mask), 100);
  EXPECT_EQ(CompressCounts(rle.counts), text);
  EXPECT_EQ(EncodeRle(mask).counts, rle.counts);
}

TEST(CocoRleTest, LargeCountsKeepTheirValue) {
  const std::vector<uint32_t> counts = {4294967295u, 0, 4294967295u, 4294967295u, 0, 7};
  EXPECT_EQ(ExpandCounts(CompressCounts(counts)), counts);
}

TEST(CocoRleTest, WhatDoesNotFitIsRefused) {
  const auto refuses = [](const std::string& json, const std::vector<std::string>& words) {
    return HasAll(ErrorOf([&] { DecodeRle(RleFromJson(Json::parse(json), "here"), "here"); }),
                  words);
  };
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":[2,3]})", {"here", "2 x 3 = 6", "found 5"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":[2,3,9]})", {"here", "found 14"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":[-2,8]})", {"here", "found -2 as number 1"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":[1.5]})", {"here", "1.5"}));
  EXPECT_TRUE(refuses(R"({"size":[2],"counts":[6]})", {"here", "[height, width]"}));
  EXPECT_TRUE(refuses(R"({"size":[2,0],"counts":[0]})", {"here", "found 0"}));
  EXPECT_TRUE(refuses(R"({"size":[100000,100000],"counts":[0]})", {"here", "100000 x 100000"}));
  EXPECT_TRUE(refuses(R"({"counts":[0]})", {"here", "\"size\""}));
  EXPECT_TRUE(refuses(R"([1])", {"here", "array"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":true})", {"here", "boolean"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":"0P"})", {"here", "ends within its number 2"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":"0 "})", {"here", "code 32 as character 2"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":"oooooooooo"})", {"here", "character 8"}));
  EXPECT_TRUE(refuses(R"({"size":[2,3],"counts":"O"})", {"here", "found -1 as number 1"}));
}

}  // namespace
}  // namespace netdissect
