#include "report/lettering.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "data/pictures.h"
#include "report/ink.h"

namespace netdissect {
namespace {

// Texts of many writings, some of which the machine may have no letters for, and some of which are
// none: every one has to be written.
const char* const kTexts[] = {"unit 3",
                              "Straße",
                              "駅",
                              "Straße, 駅",
                              "улица",
                              "δρόμος",
                              "شارع",
                              "\xF0\x9F\x9A\x89",  // a picture of a station
                              "e\xCC\x81",         // an accent of its own
                              "Stra\xDF"
                              "e",  // Latin-1
                              "\xFF\xFE",
                              "\xE9\xA7",  // ends within a letter
                              "two\nlines\tand a tab",
                              "\x01\x7F"
                              "control"};

cv::Mat Paper(int height = 60, int width = 400) { return {height, width, CV_8UC3, PaperColor()}; }

cv::Mat Written(const std::string& text, const TextStyle& style = {}) {
  cv::Mat paper = Paper();
  WriteText(paper, text, {20, 40}, style);
  return paper;
}

TEST(Lettering, TextHasInkWhereItIsWritten) {
  const std::string text = "Hamburgefonstiv";
  const cv::Rect box = InkBox(Written(text));
  EXPECT_GE(box.x, 20);
  EXPECT_LE(box.br().x, 21 + TextWidth(text));
  EXPECT_GT(box.width, 0.9 * TextWidth(text));
  EXPECT_LT(box.y, 40 - 8);
  EXPECT_GT(box.br().y, 41) << "g reaches below the baseline";
  EXPECT_EQ(InkBox(Written("Hamburg", {13, false, InkColor()})).y, box.y);
  const cv::Rect capital = InkBox(Written("H"));
  EXPECT_EQ(capital.br().y, 40) << "it stands on the baseline";
  EXPECT_NEAR(capital.height, 0.73 * 13, 1);
  EXPECT_LE(40 - box.y, Ascent());
  EXPECT_LT(box.height, LineHeight());
}

TEST(Lettering, EveryTextCanBeWritten) {
  for (const char* text : kTexts) {
    EXPECT_GT(Ink(Written(text)), 10) << text;
    EXPECT_GT(TextWidth(text), 3) << text;
  }
  EXPECT_EQ(Ink(Written("")), 0);
  EXPECT_EQ(TextWidth(""), 0);
  // A letter of UTF-8 is one letter, and not that of another encoding.
  EXPECT_GT(Difference(Written("Straße"), Written("Strasse")), 50);
  EXPECT_LT(TextWidth("ß"), 1.5 * TextWidth("s"));
}

TEST(Lettering, WhatIsNoTextIsReplaced) {
  EXPECT_EQ(Legible("Straße, 駅"), "Straße, 駅");
  EXPECT_EQ(Legible("Stra\xDF"
                    "e"),
            "Stra\xEF\xBF\xBD"
            "e");
  EXPECT_EQ(Legible("a\nb\tc\x7F"), "a b c ");
  EXPECT_EQ(Legible(std::string("a\0b", 3)), "a b");
}

TEST(Lettering, TheSameTextIsTheSamePicture) {
  const cv::Mat once = Written("bed 0.25, 駅");
  EXPECT_EQ(Difference(once, Written("bed 0.25, 駅")), 0);
  // And elsewhere too.
  cv::Mat other = Paper();
  WriteText(other, "bed 0.25, 駅", {27, 37});
  const cv::Rect from(0, 10, 380, 45), to(7, 7, 380, 45);
  EXPECT_EQ(Difference(once(from), other(to)), 0);
}

TEST(Lettering, StylesDiffer) {
  EXPECT_NEAR(TextWidth("width", {26, false, {}}), 2 * TextWidth("width"), 1e-6);
  EXPECT_GT(TextWidth("width", {13, true, {}}), TextWidth("width"));
  const cv::Mat red = Written("width", {40, true, cv::Scalar(0, 0, 255)});
  EXPECT_GT(PixelsOf(red, {0, 0, 255}), 100);
  EXPECT_EQ(PixelsOf(red, InkColor()), 0);
}

TEST(Lettering, ALongTextIsCutOffBetweenLetters) {
  const std::string text = "ßéß駅駅 straße straße straße";
  EXPECT_EQ(Shortened(text, 1e6), text);
  double last = 0;
  for (double width = 30; width < TextWidth(text); width += 7) {
    const std::string shortened = Shortened(text, width);
    EXPECT_LE(TextWidth(shortened), width);
    EXPECT_GE(TextWidth(shortened), last);
    last = TextWidth(shortened);
    EXPECT_EQ(Legible(shortened), shortened);
    ASSERT_GT(shortened.size(), 3u);
    EXPECT_EQ(shortened.substr(shortened.size() - 3), "…");
    EXPECT_EQ(text.rfind(shortened.substr(0, shortened.size() - 3), 0), 0u);
  }
  EXPECT_EQ(Shortened("abc", 0), "…");
  EXPECT_EQ(Shortened("", 10), "");
}

TEST(Lettering, WhatReachesBeyondThePictureIsCutOff) {
  const cv::Mat large = Written("Hamburgefonstiv", {30, false, {}});
  for (const cv::Point& corner : {cv::Point(30, 25), cv::Point(-5, -5), cv::Point(100, 35)}) {
    cv::Mat small = Paper(20, 60);
    WriteText(small, "Hamburgefonstiv", cv::Point(20, 40) - corner, {30, false, {}});
    const cv::Rect inside = cv::Rect(corner, small.size()) & cv::Rect({}, large.size());
    EXPECT_EQ(Difference(small(inside - corner), large(inside)), 0) << corner;
  }
  cv::Mat beside = Paper();
  WriteText(beside, "text", {-500, 20});
  WriteText(beside, "text", {20, 5000});
  EXPECT_EQ(Ink(beside), 0);
}

TEST(LetteringDeathTest, TextHasInkWithoutAnyFont) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a new process, which has not looked for fonts
  const ScratchFolder folder;
  const Path none = folder.File("fonts.conf", "<?xml version=\"1.0\"?><fontconfig></fontconfig>");
  const auto write_all = [&] {
    setenv("FONTCONFIG_FILE", none.c_str(), 1);
    for (const char* text : kTexts) Written(text);
    const bool has_ink = Ink(Written("unit 3")) > 20 && TextWidth("unit 3") > 15;
    const bool is_other = Ink(Written("unit 3")) != Ink(Written("unit 4"));
    exit(has_ink && is_other ? 0 : 1);
  };
  EXPECT_EXIT(write_all(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace netdissect
