#include "netdissect/data/dataset.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "base/bulk_write.h"
#include "base/random.h"
#include "base/scratch.h"
#include "base/slowness.h"
#include "data/image_list.h"
#include "netdissect/data/annotation.h"

namespace netdissect {
namespace {

std::vector<std::string> NamesOf(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const ImageEntry& image : dataset.images) names.push_back(image.name);
  return names;
}

class DatasetTest : public testing::Test {
 protected:
  // Loads a list; what it says of the line is in the error.
  Dataset List(const std::string& text) { return LoadDataset(scratch_.File("list.txt", text)); }
  testing::AssertionResult Refuses(const std::string& descriptor, std::vector<std::string> parts) {
    const Path path = scratch_.File("set.json", descriptor);
    return HasAll(ErrorOf([&] { LoadDataset(path); }), parts);
  }
  ScratchFolder scratch_;
};

TEST_F(DatasetTest, AListHasPathsAndLabels) {
  const Dataset set = List(
      "\xef\xbb\xbf"
      "a.jpg 3\r\nfolder/my cat.jpg  12\r\nmy dog 2.png\n"
      "plain\nb.jpg\t-1\n\n/elsewhere/c.jpg 0\nIMG 7\nlast.jpg 1");
  EXPECT_EQ(set.name, "list");
  EXPECT_EQ(NamesOf(set),
            (std::vector<std::string>{"a.jpg", "folder/my cat.jpg", "my dog 2.png", "plain",
                                      "b.jpg", "/elsewhere/c.jpg", "IMG", "last.jpg"}));
  std::vector<int> labels;
  for (const ImageEntry& image : set.images) labels.push_back(image.label);
  EXPECT_EQ(labels, (std::vector<int>{3, 12, -1, -1, -1, 0, 7, 1}));
  EXPECT_EQ(set.images[1].path, scratch_.path() / "folder/my cat.jpg");
  EXPECT_EQ(set.images[5].path, "/elsewhere/c.jpg");
}

TEST_F(DatasetTest, ABadLineIsNamed) {
  for (const char* line :
       {"b.jpg cat", "b.jpg 1.5", "b.jpg -2", "b.jpg 99999999999", "b.jpg n0144"}) {
    const std::string text = std::string("a.jpg 0\n\n") + line + "\n";
    EXPECT_TRUE(HasAll(ErrorOf([&] { List(text); }),
                       {(scratch_.path() / "list.txt").string() + ":3:", line}));
  }
  EXPECT_TRUE(HasAll(ErrorOf([&] { List(std::string("\0\1\2", 3)); }), {"list.txt:1", "no text"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { List("\n# nothing\n"); }), {"list.txt", "no line"}));
}

TEST_F(DatasetTest, ADescriptorFindsItsFilesUnderRootAndThenBesideItself) {
  scratch_.File("data/set/list.txt", "images/a.jpg 0\nimages/b.jpg 1\n");
  scratch_.File("data/set/train.txt", "images/t.jpg 1\n");
  scratch_.File("data/set/xml/a.xml", "");
  scratch_.File("descriptors/names.txt", "bed room\nkitchen\n");
  scratch_.File("descriptors/map.txt", "0 1\n");
  const Path path = scratch_.File("descriptors/set.json", R"({
      "name": "rooms", "kind": "scene", "root": "../data/set", "list": "list.txt",
      "train": "train.txt", "labels": "names.txt", "label_map": "map.txt",
      "annotations": {"format": "labelme", "root": "xml", "strip": "images/"}})");
  const Dataset set = LoadDataset(path);
  EXPECT_EQ(set.name, "rooms");
  EXPECT_EQ(set.kind, DatasetKind::kScene);
  EXPECT_EQ(set.labels, (std::vector<std::string>{"bed room", "kitchen"}));
  EXPECT_EQ(NamesOf(set), (std::vector<std::string>{"images/a.jpg", "images/b.jpg"}));
  EXPECT_EQ(set.images[1].path, scratch_.path() / "data/set/images/b.jpg");
  EXPECT_EQ(set.label_map, scratch_.path() / "descriptors/map.txt");
  ASSERT_TRUE(set.annotations.has_value());
  EXPECT_EQ(set.annotations->format, "labelme");
  EXPECT_EQ(set.annotations->root, scratch_.path() / "data/set/xml");
  EXPECT_EQ(set.annotations->strip, "images/");
  EXPECT_TRUE(set.annotations->names.empty());

  DatasetOptions options;
  options.train = true;
  EXPECT_EQ(NamesOf(LoadDataset(path, options)), std::vector<std::string>{"images/t.jpg"});
  // What is under the root wins.
  scratch_.File("data/set/names.txt", "one\ntwo\nthree\n");
  EXPECT_EQ(LoadDataset(path).labels.size(), 3u);
}

TEST_F(DatasetTest, ADescriptorWithoutRootIsRelativeToItself) {
  scratch_.File("here/l.txt", "a.jpg\n");
  scratch_.File("here/instances.json", "{}");
  const Dataset set = LoadDataset(scratch_.File("here/set.json", R"({"list": "l.txt",
      "annotations": {"format": "coco", "file": "instances.json"}})"));
  EXPECT_EQ(set.name, "set");
  EXPECT_EQ(set.kind, DatasetKind::kUnknown);
  EXPECT_EQ(set.images[0].path, scratch_.path() / "here/a.jpg");
  EXPECT_EQ(set.annotations->root, scratch_.path() / "here/instances.json");
}

TEST_F(DatasetTest, ErrorsOfADescriptorNameFileKeyExpectedAndFound) {
  scratch_.File("list.txt", "a.jpg 0\nb.jpg 2\n");
  scratch_.File("two.txt", "x\ny\n");
  const std::string file = (scratch_.path() / "set.json").string();
  EXPECT_TRUE(Refuses("{", {file, "JSON"}));
  EXPECT_TRUE(Refuses("[]", {file, "object"}));
  EXPECT_TRUE(Refuses("{}", {file, "\"list\"", "nothing"}));
  EXPECT_TRUE(Refuses(R"({"list": 3})", {file, "\"list\"", "string", "3"}));
  EXPECT_TRUE(Refuses(R"({"list": ""})", {file, "\"list\"", "empty"}));
  EXPECT_TRUE(Refuses(R"({"list": "no.txt"})", {file, "\"list\"", "no.txt"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "root": "no"})", {file, "\"root\"", "no"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "root": "two.txt"})", {file, "\"root\"", "folder"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "kind": "secne"})", {file, "\"kind\"", "secne"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "labels": "two.txt"})",
                      {"list.txt:2:", "0 to 1", "found 2", "b.jpg 2"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "annotations": {"format": "xml"}})",
                      {file, "\"annotations.format\"", "labelme", "xml"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "annotations": {"format": "coco", "root": "."}})",
                      {file, "\"annotations.file\""}));
  DatasetOptions train;
  train.train = true;
  const Path path = scratch_.File("set.json", R"({"list": "list.txt"})");
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadDataset(path, train); }), {file, "\"train\""}));
}

TEST_F(DatasetTest, FilesOfAFolderThatAreNoImagesAreCounted) {
  for (const char* name : {"a.JPG", "b.jfif", "c.heic", "sub/d.HEIC", "sub/plain", "notes.txt",
                           ".hidden.heic", ".cache/e.heic", "sub.v2/plain"}) {
    scratch_.File(name, "x");
  }
  EXPECT_EQ(ListFolder(scratch_.path()).size(), 2U);
  EXPECT_EQ(OtherFilesIn(scratch_.path()),
            (std::map<std::string, int64_t>{{"", 2}, {"heic", 2}, {"txt", 1}}));
}

TEST_F(DatasetTest, AFolderIsItsImagesSorted) {
  for (const char* name : {"set/b.PNG", "set/a/z.jpg", "set/a/y.jpeg", "set/notes.txt", "set/c",
                           "set/.hidden.jpg", "set/.cache/x.jpg", "set/c.jpg/d.webp"}) {
    scratch_.File(name, "");
  }
  const Dataset set = LoadDataset(scratch_.path() / "set");
  EXPECT_EQ(set.name, "set");
  EXPECT_EQ(NamesOf(set),
            (std::vector<std::string>{"a/y.jpeg", "a/z.jpg", "b.PNG", "c.jpg/d.webp"}));
  EXPECT_EQ(set.images[0].path, scratch_.path() / "set/a/y.jpeg");
  EXPECT_EQ(LoadDataset(scratch_.path() / "set/").name, "set");
  EXPECT_EQ(NamesOf(LoadDataset(scratch_.path() / "set/")), NamesOf(set));
  scratch_.File("empty/notes.txt", "");
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadDataset(scratch_.path() / "empty"); }), {"empty", "none"}));
}

TEST_F(DatasetTest, OneImageIsASet) {
  const Path path = scratch_.File("cat.JPG", "");
  const Dataset set = LoadDataset(path);
  EXPECT_EQ(set.images.at(0).path, path);
  EXPECT_EQ(NamesOf(set), std::vector<std::string>{"cat.JPG"});
}

TEST_F(DatasetTest, WhatIsNoSetIsAnError) {
  const Path missing = scratch_.path() / "missing.json", other = scratch_.File("x.pdf", "");
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadDataset(missing); }), {missing.string()}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { LoadDataset(other); }), {other.string(), ".json"}));
}

TEST_F(DatasetTest, TheLimitTakesTheFirst) {
  const Path path = scratch_.File("list.txt", "a.jpg\nb.jpg\nc.jpg\n");
  DatasetOptions options;
  options.limit = 2;
  EXPECT_EQ(NamesOf(LoadDataset(path, options)), (std::vector<std::string>{"a.jpg", "b.jpg"}));
  options.limit = 9;
  EXPECT_EQ(LoadDataset(path, options).images.size(), 3u);
  options.limit = -1;
  EXPECT_THROW(LoadDataset(path, options), Error);
}

TEST_F(DatasetTest, MisspeltKeysAreErrorsThatNameTheClosest) {
  scratch_.File("list.txt", "a.jpg 0\n");
  scratch_.File("map.txt", "0 1\n");
  scratch_.File("xml/a.xml", "");
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "labelmap": "map.txt"})",
                      {"\"labelmap\"", "did you mean \"label_map\"?"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "anotations": {}})",
                      {"\"anotations\"", "did you mean \"annotations\"?"}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "annotations": {"format": "labelme", "root": "xml",
                          "stirp": "images/"}})",
                      {"\"annotations.stirp\"", "did you mean \"strip\"?"}));
  EXPECT_TRUE(Refuses(R"({"lst": "list.txt"})", {"\"list\"", "nothing", "\"lst\""}));
  EXPECT_TRUE(Refuses(R"({"list": "list.txt", "copyright": "2014"})",
                      {"\"copyright\"", "expected one of", "annotations, kind, label_map"}));
  // Lists that are not asked for are known.
  EXPECT_NO_THROW(LoadDataset(scratch_.File("set.json", R"({"list": "list.txt", "train": "?"})")));
}

TEST_F(DatasetTest, TheDigestIsOfNamesLabelsAndContents) {
  const auto digest = [&](const std::string& folder, const std::string& list) {
    return DigestOf(LoadDataset(scratch_.File(folder + "/list.txt", list)));
  };
  scratch_.File("1/a.jpg", "xx");
  scratch_.File("2/a.jpg", "xx");
  const std::string first = digest("1", "a.jpg 0\n");
  EXPECT_EQ(first, digest("2", "a.jpg  0\r\n")) << "the same set elsewhere";
  EXPECT_NE(first, digest("1", "a.jpg 1\n")) << "another label";
  EXPECT_NE(first, digest("1", "b.jpg 0\n")) << "another name";
  EXPECT_NE(first, digest("1", "a.jpg 0\na.jpg 0\n")) << "another length";
  EXPECT_NE(first, digest("3", "a.jpg 0\n")) << "a missing file";
  scratch_.File("4/a.jpg", "");
  EXPECT_NE(digest("4", "a.jpg 0\n"), digest("3", "a.jpg 0\n")) << "missing is not empty";
  scratch_.File("1/a.jpg", "xy");
  EXPECT_NE(first, digest("1", "a.jpg 0\n")) << "other bytes of the same size";
}

// Of a file in one folder; each change in place, within the resolution of the file's times.
TEST_F(DatasetTest, ADigestNoticesAChangedPictureOfEqualSize) {
  const Path file = scratch_.path() / "set/a.png";
  for (const size_t size : {size_t{1}, size_t{5000}, size_t{65536}}) {
    std::string bytes(size, 'x');
    WriteFile(file, bytes);
    const Dataset set = LoadDataset(scratch_.path() / "set");
    const std::string before = DigestOf(set);
    EXPECT_EQ(DigestOf(set), before);
    for (const size_t at : {size_t{0}, size / 2, size - 1}) {
      std::fstream(file, std::ios::binary | std::ios::in | std::ios::out)
          .seekp(static_cast<std::streamoff>(at))
          .put('y');
      const std::string after = DigestOf(set);
      EXPECT_NE(after, before) << "byte " << at << " of " << size;
      std::fstream(file, std::ios::binary | std::ios::in | std::ios::out)
          .seekp(static_cast<std::streamoff>(at))
          .put('x');
      EXPECT_EQ(DigestOf(set), before) << "and back";
    }
  }
}

TEST_F(DatasetTest, ADigestOfALargeFileSeesOtherPicturesEndsAndSizes) {
  const auto digest = [&](const std::string& bytes) {
    scratch_.File("set/a.png", bytes);
    return DigestOf(LoadDataset(scratch_.path() / "set"));
  };
  Random random(4);
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(random.Below(256));
  const std::string before = digest(bytes);
  EXPECT_EQ(digest(bytes), before);
  std::string other = bytes;
  for (size_t i = 150'000; i < other.size(); ++i) other[i] ^= 1;  // as of a picture compressed anew
  EXPECT_NE(digest(other), before);
  for (const size_t at : {size_t{0}, size_t{4095}, bytes.size() - 1, bytes.size() - 4096}) {
    other = bytes;
    other[at] ^= 1;
    EXPECT_NE(digest(other), before) << at;
  }
  EXPECT_NE(digest(bytes + "x"), before);
  EXPECT_NE(digest(bytes.substr(0, 299'999)), before);
}

TEST_F(DatasetTest, ADigestTellsHowFarItIs) {
  for (int i = 0; i < 700; ++i)
    WriteFileUnflushed(scratch_.path() / fmt::format("set/{}.png", i), "x");
  class Watch : public Observer {
   public:
    void Progress(const std::string& what, int64_t done, int64_t total) override {
      EXPECT_EQ(what, "image files");
      EXPECT_EQ(total, 700);
      EXPECT_GT(done, last);
      last = done;
    }
    int64_t last = 0;
  } watch;
  DigestOf(LoadDataset(scratch_.path() / "set"), watch);
  EXPECT_EQ(watch.last, 700);
}

TEST_F(DatasetTest, TheDigestOfAnnotationsIsOfTheirContents) {
  scratch_.File("set/a.png", "x");
  scratch_.File("set/b.png", "x");
  Dataset set = LoadDataset(scratch_.path() / "set");
  EXPECT_EQ(DigestOfAnnotations(set), "");
  for (const char* format : {"labelme", "label-map"}) {
    const char* ending = std::string(format) == "labelme" ? "xml" : "png";
    const auto file = [&](const char* name) { return fmt::format("truth/{}.{}", name, ending); };
    scratch_.File(file("a"), std::string(100'000, 'x'));
    set.annotations = AnnotationSource{format, scratch_.path() / "truth", "", {}, {}, {}};
    const std::string before = DigestOfAnnotations(set);
    EXPECT_EQ(DigestOfAnnotations(set), before);
    scratch_.File(file("other"), "x");
    EXPECT_EQ(DigestOfAnnotations(set), before) << "of no image of the set";
    std::string changed(100'000, 'x');
    changed[50'000] = 'y';
    scratch_.File(file("a"), changed);
    EXPECT_NE(DigestOfAnnotations(set), before);
    scratch_.File(file("a"), std::string(100'000, 'x'));
    EXPECT_EQ(DigestOfAnnotations(set), before);
    scratch_.File(file("b"), "");
    EXPECT_NE(DigestOfAnnotations(set), before);
  }
  set.annotations = AnnotationSource{"coco", scratch_.File("coco.json", "{}"), "", {}, {}, {}};
  const std::string before = DigestOfAnnotations(set);
  scratch_.File("coco.json", "[]");
  EXPECT_NE(DigestOfAnnotations(set), before);
  const std::string plain = DigestOfAnnotations(set);
  set.annotations->aliases = scratch_.File("aliases.json", "{}");
  EXPECT_NE(DigestOfAnnotations(set), plain);
}

TEST_F(DatasetTest, LabelsAreLines) {
  const auto read = [&](const std::string& text) {
    return ReadLabels(scratch_.File("labels.txt", text));
  };
  EXPECT_EQ(read("tench, Tinca tinca\r\nroom 1\n\n"),
            (std::vector<std::string>{"tench, Tinca tinca", "room 1"}));
  EXPECT_EQ(read("/a/abbey 0\n/b/bar 1\n"), (std::vector<std::string>{"/a/abbey", "/b/bar"}));
  EXPECT_EQ(read("abbey 0\nbar 2\n"), (std::vector<std::string>{"abbey 0", "bar 2"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { read("a\n\nb\n"); }), {"labels.txt:3", "every line"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { read("\n"); }), {"labels.txt", "none"}));
}

TEST_F(DatasetTest, ALongListLoadsQuickly) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text += "train/category_" + std::to_string(i % 365) + "/" + std::to_string(i) + ".jpg " +
            std::to_string(i % 365) + "\n";
  }
  const Path path = scratch_.File("list.txt", text);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(LoadDataset(path).images.size(), 200'000u);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  RecordProperty("milliseconds", static_cast<int>(1000 * seconds.count()));
  EXPECT_LT(seconds.count(), 5 * kSlowness);
}

}  // namespace
}  // namespace netdissect
