#include "report/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <regex>

#include "base/scratch.h"
#include "data/pictures.h"
#include "report/web_files.h"

namespace netdissect {
namespace {

// The data as the page's script gets it: what stands in its element, up to its first end.
Json DataOf(const std::string& page) {
  const std::string begin = "id=\"data\">";
  const size_t from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find("</script", from) - from));
}

std::string WithoutData(std::string page) {
  const size_t from = page.find("id=\"data\">");
  return page.erase(from, page.find("</script", from) - from);
}

TEST(Page, DataReachesTheScriptWhateverItIs) {
  const Json data = {{"end", "</script><script>alert(1)</script>"},
                     {"comment", "<!-- <script>"},
                     {"lines", "\u2028\u2029\r\n"},
                     {"parts", "{{style}} {{data}} }} {{"},
                     {"name", "Straße, 駅"},
                     {"quotes", "\"'`\\"},
                     {"numbers", {1, 0.5, -3e-7}}};
  const std::string page = MakePage("simplify", "t", data);
  EXPECT_EQ(DataOf(page), data);
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(page.find("<!-- <script>"), std::string::npos);
  for (const char* separator : {"\u2028", "\u2029"}) {
    EXPECT_EQ(page.find(separator), std::string::npos);
  }
  EXPECT_EQ(WithoutData(page), WithoutData(MakePage("simplify", "t", 1)));
  const Json latin =
      "Stra\xDF"
      "e";
  EXPECT_EQ(DataOf(MakePage("simplify", "t", latin)), "Stra\uFFFDe");
}

TEST(Page, TitlesAreText) {
  EXPECT_TRUE(HasAll(MakePage("simplify", "</title><b> & {{data}}", {}),
                     {"<title>&lt;/title>&lt;b> &amp; {{data}}</title>"}));
}

TEST(Page, HasItsOwnFilesWithinTheSharedOnes) {
  const std::string page = MakePage("simplify", "t", {});
  for (const char* part : {"page.css", "page.js", "simplify.html", "simplify.css", "simplify.js"}) {
    EXPECT_TRUE(HasAll(page, {ReadFile(Path(NETDISSECT_SOURCE_DIR) / "src/report/web" / part)}));
  }
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_TRUE(HasAll(ErrorOf([] { MakePage("nothing", "t", {}); }), {"nothing.html"}));
}

TEST(Page, TheProgramHoldsTheFilesAsTheyAre) {
  const auto [begin, end] = AllWebFiles();
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(Path(NETDISSECT_SOURCE_DIR) / "src/report/web")) {
    ++files;
    const WebFile* held = std::find_if(begin, end, [&](const WebFile& file) {
      return file.name == entry.path().filename().string();
    });
    ASSERT_NE(held, end) << entry.path();
    EXPECT_EQ(held->text, ReadFile(entry.path()));
  }
  EXPECT_EQ(static_cast<size_t>(end - begin), files);
  EXPECT_GE(files, 6u);
}

TEST(Page, FilesFitTogether) {
  const auto [begin, end] = AllWebFiles();
  for (const WebFile* file = begin; file != end; ++file) {
    const std::string text(file->text), name(file->name);
    const bool is_html = name.find(".html") != std::string::npos;
    EXPECT_EQ(text.empty() ? ' ' : text.back(), '\n') << name;
    if (!is_html) {
      EXPECT_EQ(text.find("</"), std::string::npos) << name << " would end its element";
    } else {
      EXPECT_FALSE(std::regex_search(text, std::regex("\\son[a-z]+\\s*="))) << name;
      EXPECT_FALSE(std::regex_search(text, std::regex("(src|href)\\s*=\\s*\"?http"))) << name;
    }
  }
}

TEST(Page, PicturesStandInIt) {
  EXPECT_EQ(DataUri("hello", "text/plain"), "data:text/plain;base64,aGVsbG8=");
  const cv::Mat picture = Gradient(20, 30);
  std::vector<unsigned char> bytes;
  cv::imencode(".png", picture, bytes);
  EXPECT_EQ(PngUri(picture),
            DataUri({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "image/png"));
  EXPECT_EQ(JpegUri(picture).rfind("data:image/jpeg;base64,/9j/", 0), 0u);
  EXPECT_TRUE(HasAll(ErrorOf([] { PngUri(cv::Mat()); }), {"0 x 0", "png"}));
}

}  // namespace
}  // namespace netdissect
