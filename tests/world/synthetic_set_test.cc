#include "world/synthetic_set.h"

#include <gtest/gtest.h>

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/no_more_threads.h"
#include "base/scratch.h"
#include "data/object_names.h"
#include "netdissect/data/annotation.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/decode.h"

namespace netdissect {
namespace {

SyntheticSetOptions Few() {
  SyntheticSetOptions options;
  options.picture.size = 64;
  options.train = 17;
  options.val = 3;
  return options;
}

class Warnings : public Observer {
 public:
  void Warning(const std::string& text) override { all += text + "\n"; }
  std::string all;
};

cv::Mat Grey(const cv::Mat& bgr) {
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  return grey;
}

// Every file below the folder, by its name there.
std::map<std::string, std::string> FilesIn(const Path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder).generic_string()] = ReadFile(entry.path());
  }
  return files;
}

// A picture that was cut off, a label map, an annotation: it is made again, as it was.
TEST(SyntheticSet, SpoiltFilesAreRenderedAgain) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  options.train = 3;
  WriteSyntheticSets(scratch.path(), options);
  const std::map<std::string, std::string> whole = FilesIn(scratch.path());
  int spoilt = 0;
  for (const auto& [name, bytes] : whole) {
    const std::string ending = Path(name).extension().string();
    if (ending != ".jpg" && ending != ".png" && ending != ".xml") continue;
    WriteFile(scratch.path() / name, spoilt % 5 == 0 ? "" : bytes.substr(0, bytes.size() / 2));
    if (ending == ".xml" && spoilt % 2 == 0) {
      WriteFile(scratch.path() / name, "<annotation><object><name>wblk</name></annotation>");
    }
    ++spoilt;
  }
  EXPECT_EQ(spoilt, 18);
  Warnings warnings;
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options, warnings)[0].rendered, 6);
  EXPECT_TRUE(HasAll(warnings.all, {"scenes", "6 images", "damaged", "rendered again"}));
  EXPECT_EQ(FilesIn(scratch.path()), whole);
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 0);
}

// A single bit, in files that still are pictures and annotations, and in the digests themselves.
TEST(SyntheticSet, NoBitFlipsUnnoticed) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  options.train = 0;
  options.val = 1;
  WriteSyntheticSets(scratch.path(), options);
  const std::map<std::string, std::string> whole = FilesIn(scratch.path());
  for (const auto& [name, bytes] : whole) {
    for (const size_t place : {bytes.size() / 3, bytes.size() - 1}) {
      if (name == "world.json") continue;  // says whether the folder may be written to
      std::string bad = bytes;
      bad[place] = static_cast<char>(bad[place] ^ 4);
      WriteFile(scratch.path() / name, bad);
      WriteSyntheticSets(scratch.path(), options);
      EXPECT_EQ(FilesIn(scratch.path()), whole) << name << " " << place;
    }
  }
}

// As in the cache of bundled sets: nothing that is in it stops a command.
TEST(SyntheticSet, OfAFolderOfItsOwnIsMadeWhateverIsInIt) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  options.own = true;
  options.train = 0;
  WriteSyntheticSets(scratch.path(), options);
  const std::map<std::string, std::string> whole = FilesIn(scratch.path());
  for (const char* world : {"", "{", "{\"galaxy\": 1}", "{\"rendering\": {\"size\": 9}}"}) {
    scratch.File("world.json", world);
    EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 0);
    EXPECT_EQ(FilesIn(scratch.path()), whole);
  }
  std::filesystem::remove(scratch.path() / "world.json");
  for (const auto& [name, bytes] : whole) scratch.File(name, "");
  WriteSyntheticSets(scratch.path(), options);
  EXPECT_EQ(FilesIn(scratch.path()), whole);
  // What was rendered otherwise is not taken for this.
  SyntheticSetOptions other = options;
  other.picture.seed = 9;
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), other)[0].rendered, 3);
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 3);
  EXPECT_EQ(FilesIn(scratch.path()), whole);
}

TEST(SyntheticSet, WhatCannotBeUsedIsSaidWithWhatToDo) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.advice = "do this";
  for (const char* marker : {"{", "[1]", R"({"rendering": {"size": 9}})"}) {
    scratch.File("world.json", marker);
    EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), options); }),
                       {"world.json", "do this"}))
        << marker;
  }
}

TEST(SyntheticSet, DescriptorsLoadAndLabelMapsAreTheRenderedOnes) {
  const ScratchFolder scratch;
  const SyntheticSetOptions options = Few();
  const auto results = WriteSyntheticSets(scratch.path(), options);
  ASSERT_EQ(results.size(), 2u);
  for (const auto& result : results) {
    EXPECT_EQ(result.images, 20);
    EXPECT_EQ(result.rendered, 20);
    const bool scenes = result.name == "scenes";
    const Dataset val = LoadDataset(scratch.path() / (result.name + ".json"));
    DatasetOptions training;
    training.train = true;
    const Dataset train = LoadDataset(scratch.path() / (result.name + ".json"), training);
    EXPECT_EQ(val.images.size(), 3u);
    ASSERT_EQ(train.images.size(), 17u);
    EXPECT_EQ(val.kind, scenes ? DatasetKind::kScene : DatasetKind::kObject);
    EXPECT_EQ(val.labels.size(), scenes ? TheSyntheticWorld().categories.size()
                                        : TheSyntheticWorld().object_labels.size());
    ASSERT_TRUE(val.annotations);
    EXPECT_EQ(val.annotations->format, "label-map");
    EXPECT_EQ(ReadLabels(val.annotations->names).size(), TheSyntheticWorld().classes.size());
    const auto labelme = LoadDataset(scratch.path() / (result.name + "_labelme.json"));
    EXPECT_EQ(labelme.annotations->format, "labelme");
    EXPECT_EQ(labelme.annotations->groups, val.annotations->groups);
    const Json groups = ReadJson(val.annotations->groups);
    EXPECT_EQ(groups.size(), TheSyntheticWorld().classes.size());
    EXPECT_EQ(groups["sky"], "material");
    EXPECT_EQ(groups["bed"], "object");
    const SyntheticSet set = scenes ? SyntheticSet::kSceneTraining : SyntheticSet::kObjectTraining;
    for (size_t i = 0; i < train.images.size(); ++i) {
      const ImageEntry& entry = train.images[i];
      const SyntheticImage image = RenderSynthetic(set, static_cast<int64_t>(i), options.picture);
      EXPECT_EQ(entry.label, image.label);
      const std::string stem = entry.name.substr(
          val.annotations->strip.size(), entry.name.size() - val.annotations->strip.size() - 4);
      const cv::Mat map =
          cv::imread((val.annotations->root / (stem + ".png")).string(), cv::IMREAD_UNCHANGED);
      ASSERT_EQ(map.type(), CV_8U) << stem;
      EXPECT_EQ(cv::norm(map, image.classes, cv::NORM_INF), 0) << stem;
      // JPEG is near to the picture, colours less than brightness.
      EXPECT_LT(cv::norm(Grey(DecodeImage(entry.path)), Grey(image.picture), cv::NORM_L1) /
                    static_cast<double>(image.picture.total()),
                4)
          << stem;
      EXPECT_TRUE(std::filesystem::exists(labelme.annotations->root / (stem + ".xml")));
    }
  }
  const Json world = ReadJson(scratch.path() / "world.json");
  EXPECT_EQ(world["categories"].size(), TheSyntheticWorld().categories.size());
  EXPECT_EQ(
      world["counts"]["scenes"]["classes"]["person"]["images"],
      results[0].classes[static_cast<size_t>(TheSyntheticWorld().ClassIndex("person"))].images);
}

TEST(SyntheticSet, NamesOfClassesAreWhatAnnotationsReadBack) {
  const ObjectNames names;
  for (const SyntheticClass& each : TheSyntheticWorld().classes) {
    EXPECT_EQ(names.Normalize(each.name), each.name);
  }
}

TEST(SyntheticSet, LabelMapsReadBackAsRendered) {
  const ScratchFolder scratch;
  const SyntheticSetOptions options = Few();
  WriteSyntheticSets(scratch.path(), options);
  DatasetOptions training;
  training.train = true;
  const Dataset train = LoadDataset(scratch.path() / "scenes.json", training);
  const AnnotationReader reader(train);
  for (size_t i = 0; i < train.images.size(); ++i) {
    const SyntheticImage image =
        RenderSynthetic(SyntheticSet::kSceneTraining, static_cast<int64_t>(i), options.picture);
    const auto annotation = reader.Read(i);
    ASSERT_TRUE(annotation);
    std::map<std::string, int64_t> rendered, read;
    for (int y = 0; y < image.classes.rows; ++y) {
      for (int x = 0; x < image.classes.cols; ++x) {
        const int number = image.classes.at<uchar>(y, x);
        if (number == 0) continue;
        ++rendered[TheSyntheticWorld().classes[static_cast<size_t>(number - 1)].name];
      }
    }
    const cv::Mat seen = VisibleObjects(*annotation, image.classes.rows, image.classes.cols);
    for (int y = 0; y < seen.rows; ++y) {
      for (int x = 0; x < seen.cols; ++x) {
        const int object = seen.at<int>(y, x);
        if (object >= 0) ++read[annotation->objects[static_cast<size_t>(object)].name];
      }
    }
    EXPECT_EQ(read, rendered) << train.images[i].name;
  }
}

TEST(SyntheticSet, SameBytesWhateverTheThreads) {
  const ScratchFolder one, three;
  SyntheticSetOptions options = Few();
  options.threads = 1;
  WriteSyntheticSets(one.path(), options);
  options.threads = 3;
  WriteSyntheticSets(three.path(), options);
  EXPECT_EQ(FilesIn(one.path()), FilesIn(three.path()));
}

TEST(SyntheticSet, ThreadsThatCannotBeStartedAreAnError) {
  const ScratchFolder scratch;
  const NoMoreThreads none;
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), Few()); }), {"threads: 2"}));
}

TEST(SyntheticSet, GoesOnWhereItWasInterruptedAndReusesWhatIsDone) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  const auto first = WriteSyntheticSets(scratch.path(), options);
  const auto files = FilesIn(scratch.path());
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 0);
  // As after a crash: a picture, an annotation and a label map are not there or empty.
  const Path root = scratch.path() / "scenes";
  std::filesystem::remove(root / "images/bedroom/train_000000.jpg");
  std::filesystem::remove(root / "annotations/kitchen/train_000002.xml");
  std::filesystem::resize_file(root / "labels/office/train_000003.png", 0);
  const auto second = WriteSyntheticSets(scratch.path(), options);
  EXPECT_EQ(second[0].rendered, 3);
  EXPECT_EQ(FilesIn(scratch.path()), files);
  for (size_t i = 0; i < first[0].classes.size(); ++i) {
    EXPECT_EQ(first[0].classes[i].instances, second[0].classes[i].instances);
  }
}

TEST(SyntheticSet, OtherOptionsAreAnErrorUnlessForced) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  options.train = 2;
  WriteSyntheticSets(scratch.path(), options);
  const auto files = FilesIn(scratch.path());
  options.picture.seed = 7;
  options.train = 1;
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), options); }),
                     {"world.json", "\"seed\":7", "\"seed\":0", "--force"}));
  EXPECT_EQ(FilesIn(scratch.path()), files);
  options.force = true;
  scratch.File("mine.txt", "kept");
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 4);
  EXPECT_FALSE(
      std::filesystem::exists(scratch.path() / "scenes/images/living_room/train_000001.jpg"));
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "mine.txt"));
}

TEST(SyntheticSet, NothingForeignIsTouched) {
  const ScratchFolder scratch;
  scratch.File("scenes/holiday.jpg", "mine");
  SyntheticSetOptions options = Few();
  options.force = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), options); }), {"scenes"}));
  EXPECT_EQ(scratch.CountFiles(), 1u);
  const ScratchFolder other;
  other.File("world.json", "{\"galaxy\": 1}");
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(other.path(), options); }), {"world.json"}));
}

TEST(SyntheticSet, BadOptionsSayWhich) {
  const ScratchFolder scratch;
  const std::pair<std::string, std::function<void(SyntheticSetOptions&)>> cases[] = {
      {"size", [](auto& o) { o.picture.size = 20; }},
      {"sets", [](auto& o) { o.scenes = o.objects = false; }},
      {"train", [](auto& o) { o.train = -1; }},
      {"val", [](auto& o) { o.val = 1'000'000; }},
      {"train, val", [](auto& o) { o.train = o.val = 0; }},
      {"jpeg_quality", [](auto& o) { o.jpeg_quality = 101; }},
      {"threads", [](auto& o) { o.threads = 0; }},
      {"threads", [](auto& o) { o.threads = 1025; }}};
  for (const auto& [named, spoil] : cases) {
    SyntheticSetOptions options = Few();
    spoil(options);
    EXPECT_TRUE(
        HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), options); }), {named + ":"}));
  }
  EXPECT_EQ(scratch.CountFiles(), 0u);
}

TEST(SyntheticSet, AFailureLeavesNoHalfWrittenFile) {
  const ScratchFolder scratch;
  // A file where a folder has to be.
  scratch.File("world.json", Json{{"rendering", nullptr}}.dump());
  SyntheticSetOptions options = Few();
  options.force = true;
  options.objects = false;
  WriteSyntheticSets(scratch.path(), options);
  std::filesystem::remove_all(scratch.path() / "scenes/images");
  scratch.File("scenes/images", "in the way");
  options.force = false;
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteSyntheticSets(scratch.path(), options); }), {"images"}));
  for (const auto& [name, bytes] : FilesIn(scratch.path())) {
    EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
  }
}

TEST(SyntheticSet, GoesByTheNameAskedForThoughItWasRenderedUnderAnother) {
  const ScratchFolder scratch;
  SyntheticSetOptions options = Few();
  options.objects = false;
  options.train = 0;
  WriteSyntheticSets(scratch.path(), options);
  EXPECT_EQ(LoadDataset(scratch.path() / "scenes.json").name, "synthetic_scenes");
  options.prefix = "world_";
  EXPECT_EQ(WriteSyntheticSets(scratch.path(), options)[0].rendered, 0);
  for (const char* file : {"scenes.json", "scenes_labelme.json"}) {
    EXPECT_EQ(LoadDataset(scratch.path() / file).name, "world_scenes");
  }
}

}  // namespace
}  // namespace netdissect
