// netdissect simplify as a subprocess.

#include "cli/program.h"

namespace netdissect {
namespace {

class SimplifyCommand : public ProgramTest {
 protected:
  // Names of the classes that the network takes the pictures for, as labels of the set.
  std::string LabelledImages(int wrong) {
    const std::string list = Images("rooms", 4);
    RunWell({"classify", "--network", Network(), "--images", list, "--out", Place("classes")});
    const Json classes = ReadResult("classes/classify.json");
    std::string lines;
    for (int i = 0; i < 4; ++i) {
      const int predicted = classes["predictions"][static_cast<size_t>(i)]["classes"][0]["class"];
      lines += fmt::format("rooms/{}.png {}\n", i, i < wrong ? (predicted + 1) % 7 : predicted);
    }
    scratch_.File("list.txt", lines);
    std::filesystem::create_directories(Place("xml"));
    scratch_.File("labels.txt", "abbey\nbar\nbedroom\ncave\nchurch\npark\nriver\n");
    return scratch_
        .File("set.json", R"({"name": "rooms", "list": "list.txt", "labels": "labels.txt",
                              "annotations": {"format": "labelme", "root": "xml"}})")
        .string();
  }

  Arguments With(const std::string& images, const Arguments& more) const {
    Arguments arguments = {"simplify", "--network",    Network(),    "--images",
                           images,     "--out",        Place("out"), "--most-regions",
                           "4",        "--most-edges", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(SimplifyCommand, WritesWhatIsPromised) {
  const Outcome outcome = RunWell(With(LabelledImages(1), {"--pictures", "2", "--json"}));
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json, ReadResult("out/simplify.json"));
  EXPECT_TRUE(HasHeader(json, "simplify"));
  EXPECT_EQ(json["target"], "label");
  EXPECT_EQ(json["not_correct"], 1);
  ASSERT_EQ(json["images"].size(), 3u);
  for (const Json& image : json["images"]) {
    ASSERT_TRUE(HasKeys(image, {"image", "label", "kept", "steps", "kept_fraction", "segments"}));
    EXPECT_EQ(image["steps"].size() + image["kept"].size(), image["segments"].size());
    for (const Json& step : image["steps"]) {
      EXPECT_TRUE(HasKeys(step, {"segment", "probability"}));
    }
  }
  for (const auto& [name, category] : json["categories"].items()) {
    EXPECT_TRUE(HasKeys(category, {"images", "objects"})) << name;
  }
  for (const char* ending : {".json", ".png", "_curve.png", "_curve.svg", ".html"}) {
    EXPECT_TRUE(std::filesystem::exists(Place(std::string("out/images/rooms_1") + ending)))
        << ending;
  }
  EXPECT_FALSE(std::filesystem::exists(Place("out/images/rooms_0.png"))) << "not correct";
  EXPECT_FALSE(std::filesystem::exists(Place("out/images/rooms_3.png"))) << "the third";
  for (const char* file : {"kept_fraction.csv", "kept_fraction.tex", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place(std::string("out/") + file))) << file;
  }
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(SimplifyCommand, GoesOnFromWhatIsThere) {
  const std::string images = LabelledImages(1);
  RunWell(With(images, {"--limit", "2"}));
  const Outcome second = RunWell(With(images, {}));
  EXPECT_TRUE(HasAll(second.err, {"2 reused"}));
  const Json resumed = ReadResult("out/simplify.json");
  EXPECT_TRUE(HasAll(RunWell(With(images, {"--force"})).err, {"0 reused"}));
  const Json whole = ReadResult("out/simplify.json");
  EXPECT_EQ(resumed["categories"], whole["categories"]);
  EXPECT_TRUE(HasAll(RunWell(With(images, {"--regions", "slic"})).err, {"0 reused"}));
}

// Whatever it has stored of an image: cut, changed or lost, it is made again, as it was.
TEST_F(SimplifyCommand, WhatWasDamagedIsComputedAgain) {
  const std::string images = LabelledImages(0);
  const Arguments words = With(images, {"--limit", "2", "--pictures", "1"});
  RunWell(words);
  Json whole = ReadResult("out/simplify.json");
  const auto without_times = [](Json json) {
    for (const char* key : {"seconds", "reused"}) json.erase(key);
    for (Json& image : json["images"]) image.erase("seconds");
    return json;
  };
  // A bit of it, its second half, all of it: in turns, since a run takes a while.
  size_t turn = 0;
  for (const char* name : {"rooms_0.json", "rooms_0.png", "rooms_0_curve.png", "rooms_0_curve.svg",
                           "rooms_0.html", "rooms_1.json"}) {
    const Path file = Place(std::string("out/images/") + name);
    const std::string good = ReadFile(file);
    std::string changed = good;
    const size_t digit = name[8] == 'j' && good.find("\"probability\": 0.") != std::string::npos
                             ? good.find("\"probability\": 0.") + 17
                             : good.size() / 2;
    changed[digit] ^= 1;
    const std::string bad[] = {changed, good.substr(0, good.size() / 2), std::string()};
    WriteFile(file, bad[turn++ % 3]);
    const Outcome outcome = RunWell(words);
    EXPECT_TRUE(HasAll(outcome.err, {name, "computed again", "1 reused"}));
    if (Path(name).extension() != ".json") {
      EXPECT_EQ(ReadFile(file), good);
    }
    EXPECT_EQ(without_times(ReadResult("out/simplify.json")), without_times(whole));
  }
  for (const char* name : {"rooms_0.html", "rooms_1.json"}) {
    const Path file = Place(std::string("out/images/") + name);
    std::filesystem::remove(file);
    EXPECT_TRUE(HasAll(RunWell(words).err, {"1 reused"})) << name;
    EXPECT_TRUE(Exists(file));
  }
  EXPECT_TRUE(HasAll(RunWell(words).err, {"2 reused"}));
}

TEST_F(SimplifyCommand, PredictedWhereNothingIsLabelled) {
  Images("rooms", 2);
  const Outcome outcome = RunWell(With(Place("rooms"), {}));
  EXPECT_EQ(ReadResult("out/simplify.json")["target"], "predicted");
  EXPECT_TRUE(HasAll(outcome.out, {"2 minimal images", "pixels kept"}));
}

TEST_F(SimplifyCommand, AnnotatedObjects) {
  const std::string images = LabelledImages(0);
  for (int i = 0; i < 3; ++i) {
    scratch_.File(fmt::format("xml/rooms/{}.xml", i),
                  "<annotation><imagesize><nrows>48</nrows><ncols>64</ncols></imagesize>"
                  "<object><name>bed</name><polygon><pt><x>5</x><y>5</y></pt><pt><x>40</x><y>5</y>"
                  "</pt><pt><x>40</x><y>40</y></pt></polygon></object></annotation>");
  }
  const Outcome outcome = RunWell(With(images, {"--segments", "annotated"}));
  EXPECT_TRUE(HasAll(outcome.err, {"1 without annotation"}));
  const Json json = ReadResult("out/simplify.json");
  int present = 0;
  for (const auto& [name, category] : json["categories"].items()) {
    const Json& bed = category["objects"]["bed"];
    EXPECT_TRUE(HasKeys(bed, {"kept", "kept_if_present", "present", "interval"})) << name;
    present += bed["present"].get<int>();
  }
  EXPECT_EQ(present, 3);
  EXPECT_TRUE(
      HasAll(ReadFile(Place("out/kept_objects.csv")), {"kept if present", "chance", "bed"}));
  EXPECT_TRUE(HasAll(ReadFile(Place("out/kept_objects.tex")), {"tabular", "bed"}));
}

TEST_F(SimplifyCommand, Mistakes) {
  const std::string images = LabelledImages(0);
  const auto fails = [&](const Arguments& more, int status, const std::vector<std::string>& words) {
    const Outcome outcome = Run(With(images, more));
    EXPECT_EQ(outcome.status, status) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, words));
  };
  fails({"--classes", "bedrom"}, 1, {"bedrom", "did you mean \"bedroom\""});
  fails({"--segments", "boxes"}, 2, {"--segments", "boxes"});
  fails({"--target", "best"}, 2, {"--target", "best"});
  fails({"--memory", "lots"}, 2, {"--memory", "lots"});
  const Outcome unlabelled = Run(With(Place("rooms"), {"--target", "label"}));
  EXPECT_EQ(unlabelled.status, 1);
  EXPECT_TRUE(HasAll(unlabelled.err, {"rooms", "target predicted"}));
  const Outcome bare = Run(With(Place("rooms"), {"--segments", "annotated"}));
  EXPECT_EQ(bare.status, 1);
  EXPECT_TRUE(HasAll(bare.err, {"annotations"}));
}

}  // namespace
}  // namespace netdissect
