// Exit status 1 for what is wrong with the inputs, with a message that names it; nothing is left
// half-written.

#include <sys/resource.h>

#include <csignal>

#include "cli/program.h"

namespace netdissect {
namespace {

struct Case {
  std::string name;
  Arguments arguments;  // words in capitals stand for files of the test
  std::vector<std::string> named;
};

class Failures : public ProgramTest {
 protected:
  std::string Stand(const std::string& word) const {
    if (word == "NETWORK") return Network();
    if (word == "IMAGES") return Images();
    if (word == "OUT") return Place("out");
    if (word == "MALFORMED_LIST") return scratch_.File("bad.txt", "a.png 0\nb.png two\n").string();
    if (word == "EMPTY_LIST") return scratch_.File("empty.txt", "\n# nothing\n").string();
    if (word == "MISSING_IMAGES") return scratch_.File("gone.txt", "gone.png 0\n").string();
    if (word == "EMPTY_FOLDER") {
      std::filesystem::create_directories(Place("nothing"));
      return Place("nothing");
    }
    if (word == "BELOW_A_FILE") return scratch_.File("file", "text").string() + "/out";
    if (word == "TEXT") return scratch_.File("note.png", "this is no picture").string();
    if (word == "TRUNCATED") {
      const std::string jpeg = Encoded(Gradient(90, 120), ".jpg");
      return scratch_.File("cut.jpg", jpeg.substr(0, jpeg.size() / 2)).string();
    }
    if (word == "NO_JSON") return scratch_.File("net.json", "{\"format\": ").string();
    if (word == "UNKNOWN_FORMAT") {
      return scratch_.File("net.json", R"({"format": "clay", "input": {"size": 227}})").string();
    }
    if (word == "NO_WEIGHTS") {
      return scratch_
          .File("net.json", R"({"format": "onnx", "weights": "no.onnx", "input": {"size": 227}})")
          .string();
    }
    if (word == "OTHER_SIZE") {
      return scratch_
          .File("net.json",
                R"({"format": "random", "architecture": "alexnet", "input": {"size": 8}})")
          .string();
    }
    return word;
  }
};

// `command` with a network, images and an output folder, all of them in order, and then `more`.
Arguments Good(const std::string& command, const Arguments& more) {
  Arguments arguments = {command, "--network", "NETWORK", "--images", "IMAGES", "--out", "OUT"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

Arguments WithImages(const std::string& command, const Arguments& images) {
  Arguments arguments = {command, "--network", "NETWORK", "--out", "OUT"};
  for (const std::string& set : images) {
    arguments.push_back("--images");
    arguments.push_back(set);
  }
  return arguments;
}

Arguments WithNetwork(const std::string& network) {
  return {"info", "--network", network, "--out", "OUT"};
}

const Case kCases[] = {
    {"NetworkMissing", WithNetwork("no/such.json"), {"no/such.json", "no such file"}},
    {"NetworkNoJson", WithNetwork("NO_JSON"), {"net.json"}},
    {"NetworkFormat",
     WithNetwork("UNKNOWN_FORMAT"),
     {"net.json", "format", "clay", "caffe", "onnx", "safetensors"}},
    {"WeightsMissing", WithNetwork("NO_WEIGHTS"), {"net.json", "weights", "no.onnx"}},
    {"InputSize", WithNetwork("OTHER_SIZE"), {"net.json", "conv1", "window of 11", "input of 8"}},
    {"ImagesMissing", WithImages("record", {"no/such.txt"}), {"no/such.txt"}},
    {"ListMalformed", WithImages("rf", {"MALFORMED_LIST"}), {"bad.txt:2", "two", "label"}},
    {"ListEmpty", WithImages("rf", {"EMPTY_LIST"}), {"empty.txt", "expected a list of images"}},
    {"FolderEmpty", WithImages("rf", {"EMPTY_FOLDER"}), {"nothing", "expected a folder of images"}},
    {"SetTwice", WithImages("record", {"IMAGES", "IMAGES"}), {"pictures", "twice"}},
    {"AllImagesUnreadable", WithImages("record", {"MISSING_IMAGES"}), {"gone.png"}},
    {"GivenFileUnreadable",
     {"classify", "--network", "NETWORK", "--out", "OUT", "TEXT"},
     {"note.png"}},
    {"GivenFileTruncated",
     {"classify", "--network", "NETWORK", "--out", "OUT", "TRUNCATED"},
     {"cut.jpg"}},
    {"RecordLayer", Good("record", {"--layer", "poool5"}), {"poool5", "pool5", "conv1", "fc7"}},
    {"RfLayer", Good("rf", {"--layer", "poool5"}), {"poool5", "pool5", "conv1", "fc7"}},
    {"UnitsOutOfRange",
     Good("rf", {"--layer", "conv1", "--units", "2,4000"}),
     {"--units", "conv1", "units 0 to "}},
    {"PatchLargerThanTheImage", Good("rf", {"--patch", "300"}), {"patch", "300", "227"}},
    {"PictureMissing",
     {"rf", "--network", "NETWORK", "--out", "OUT", "--image", "no.png", "--layer", "conv1",
      "--unit", "0"},
     {"no.png"}},
    {"OutBelowAFile",
     {"rf", "--network", "NETWORK", "--images", "IMAGES", "--out", "BELOW_A_FILE"},
     {"file/out"}},
    {"InfoOutBelowAFile", {"info", "--network", "NETWORK", "--out", "BELOW_A_FILE"}, {"file/out"}},
};

TEST_F(Failures, EndWithOneAndSayWhat) {
  for (const Case& bad : kCases) {
    SCOPED_TRACE(bad.name);
    std::filesystem::remove_all(Place("out"));
    Arguments arguments;
    for (const std::string& word : bad.arguments) arguments.push_back(Stand(word));
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 1) << outcome;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(HasAll(outcome.err, bad.named));
    EXPECT_FALSE(HasHalfWrittenFiles());
    for (const char* file :
         {"info.json", "classify.json", "record.json", "rf.json", "table2.csv"}) {
      // rf's recording is whole, and serves the next attempt.
      if (std::string(file) == "record.json" && arguments.front() == "rf") continue;
      EXPECT_FALSE(std::filesystem::exists(Place("out/") + file)) << file;
    }
  }
}

class UnreadableImages : public ProgramTest {
 protected:
  // Six pictures, and among them one that ends early and one that is not there.
  std::string Set() const {
    Images();
    const std::string jpeg = Encoded(Gradient(90, 120), ".jpg");
    scratch_.File("pictures/cut.jpg", jpeg.substr(0, jpeg.size() / 2));
    return scratch_
        .File("mixed.txt",
              "pictures/0.png 0\npictures/cut.jpg 1\npictures/1.png 1\npictures/gone.png 2\n"
              "pictures/2.png 2\n")
        .string();
  }
};

TEST_F(UnreadableImages, AreSkippedCountedAndNamed) {
  const Outcome outcome = RunWell({"record", "--network", Network(), "--images", Set(), "--layer",
                                   "pool1", "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.err, {"cut.jpg", "gone.png", "skipped"}));
  const Json json = ReadResult("out/record.json");
  EXPECT_EQ(json["recorded"], 3);
  ASSERT_EQ(json["skipped"].size(), 2u);
  EXPECT_EQ(json["skipped"][0]["image"], "pictures/cut.jpg");
  EXPECT_EQ(json["skipped"][1]["image"], "pictures/gone.png");
  EXPECT_EQ(json["layers"]["pool1"]["top_images"].size(), 3u);
}

TEST_F(UnreadableImages, AreSkippedByRfAndClassify) {
  const std::string set = Set();
  RunWell({"rf", "--network", Network(), "--images", set, "--layer", "pool1", "--units", "0", "--k",
           "5", "--stride", "18", "--out", Place("out")});
  EXPECT_EQ(ReadResult("out/rf.json")["skipped"].size(), 2u);
  EXPECT_LE(ReadResult("out/rf.json")["layers"]["pool1"]["units"][0]["images"].size(), 3u);
  RunWell({"classify", "--network", Network(), "--images", set, "--out", Place("out")});
  EXPECT_EQ(ReadResult("out/classify.json")["skipped"].size(), 2u);
  EXPECT_EQ(ReadResult("out/classify.json")["predictions"].size(), 3u);
}

// What libjpeg itself prints has no name of a file.
TEST_F(Failures, WhatDecodersSayNamesTheFile) {
  std::string jpeg = Encoded(Gradient(90, 120), ".jpg");
  jpeg.insert(jpeg.size() - 2, 64, 'a');  // before the end's mark: more than is read ahead
  for (int i = 0; i < 7; ++i) scratch_.File(fmt::format("odd/{}.jpg", i), jpeg);
  const Outcome outcome =
      RunWell({"record", "--network", Network(), "--images", Place("odd"), "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.err, {"odd/", ".jpg: its decoder says: Corrupt JPEG data",
                                   "remarks of decoders in all"}))
      << outcome;
  EXPECT_EQ(outcome.err.find("\nCorrupt"), std::string::npos) << outcome;
}

TEST_F(UnreadableImages, AreErrorsWhereStrict) {
  const std::string set = Set();
  for (const char* command : {"record", "rf", "classify"}) {
    const Outcome outcome =
        Run({command, "--network", Network(), "--images", set, "--strict", "--out", Place("out")});
    EXPECT_EQ(outcome.status, 1) << command << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {"cut.jpg"})) << command;
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(HasHalfWrittenFiles());
    for (const char* file : {"record.json", "rf.json", "classify.json"}) {
      EXPECT_FALSE(std::filesystem::exists(Place("out/") + file)) << command << ": " << file;
    }
  }
}

TEST_F(UnreadableImages, AnEarlierResultOutlivesAFailure) {
  const std::string network = Network();
  RunWell({"record", "--network", network, "--images", Images(), "--layer", "pool1", "--out",
           Place("out")});
  const std::string before = ReadFile(Place("out/record.json"));
  const Outcome outcome = Run({"record", "--network", network, "--images", Set(), "--strict",
                               "--layer", "pool1", "--out", Place("out")});
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_EQ(ReadFile(Place("out/record.json")), before);
}

// One folder is one run's: a second process says who has it, and touches nothing.
TEST_F(Failures, ASecondRunInOneFolderSaysWhoHasIt) {
  const Arguments rf = {"rf",      "--network", Network(), "--images", Images(),
                        "--layer", "conv5",     "--k",     "2",        "--engine",
                        "full",    "--stride",  "1",       "--out",    Place("out")};
  Running first;
  Start(rf, first);
  const Path lock = scratch_.path() / "out/.lock";
  for (int i = 0; i < 2000 && !std::filesystem::exists(lock); ++i) usleep(5000);
  const Outcome second =
      Run({"record", "--network", Network(), "--images", Images(), "--out", Place("out")});
  EXPECT_EQ(second.status, 1) << second;
  EXPECT_TRUE(
      HasAll(second.err, {"out", "in use by process", std::to_string(first.child), "rf", "--out"}));
  kill(first.child, SIGKILL);
  Wait(first);
  RunWell({"info", "--network", Network(), "--out", Place("out")});  // a dead process holds nothing
}

// What a killed run has replaced is not taken for what an earlier one measured.
TEST_F(Failures, AnEarlierResultIsNotBesideTheMapsOfAKilledRun) {
  const Arguments rf = {"rf",  "--network", Network(),  "--images", Images(), "--layer",   "pool2",
                        "--k", "2",         "--stride", "12",       "--out",  Place("out")};
  const auto segment = [&] {
    return Run({"segment", "--network", Network(), "--images", Images(), "--layer", "pool2",
                "--units", "0-3", "--fields", Place("out"), "--method", "receptive-field", "--out",
                Place("segments")});
  };
  RunWell(rf);
  const Path map = scratch_.path() / "out/rf/pool2/unit_0000.npy";
  const std::string before = ReadFile(map);
  EXPECT_EQ(segment().status, 0);
  Arguments other = rf;
  other.insert(other.end(), {"--fill", "mean"});
  Running run;
  Start(other, run);
  for (int i = 0; i < 60000 && ReadFile(map) == before; ++i) usleep(500);
  kill(run.child, SIGKILL);
  if (Wait(run).status == 0) GTEST_SKIP() << "it ended before it could be killed";
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf.json")));
  const Outcome outcome = segment();
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_TRUE(HasAll(outcome.err, {"rf.json", "`rf` has not ended"}));
  EXPECT_TRUE(HasAll(Run({"report", Place("out")}).err, {"rf.json", "`rf` has not ended"}));
  RunWell(other);
  EXPECT_EQ(segment().status, 0);
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf.json.unfinished")));
}

// Files may have so many bytes and no more, as on a disk that is full by then.
class NoSpaceLeft : public Failures {
 protected:
  Outcome RunWithin(rlim_t bytes, const Arguments& arguments) const {
    rlimit before{};
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit little = before;
    little.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
    Running running;
    Start(arguments, running);
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    return Wait(running);
  }

  // The result of full/COMMAND is that of whole/COMMAND, where nothing was short of room.
  void ExpectAsWhole(const std::string& command, const std::string& result) const {
    const Json whole = ReadResult("whole/" + command + "/" + result);
    const Json full = ReadResult("full/" + command + "/" + result);
    for (const char* key : {"layers", "images", "sets", "parameters"}) {
      EXPECT_EQ(whole.contains(key), full.contains(key)) << command;
      if (whole.contains(key) && command != "simplify") {  // whose images have their times
        EXPECT_EQ(whole[key], full[key]) << command;
      }
    }
  }
};

TEST_F(NoSpaceLeft, IsSaidOfTheFileAndTheNextRunEndsAsEver) {
  const std::string network = Network(), images = Images();
  const std::pair<std::string, Arguments> commands[] = {
      {"record.json", {"record", "--network", network, "--images", images, "--layer", "pool2"}},
      {"rf.json",
       {"rf", "--network", network, "--images", images, "--layer", "pool2", "--units", "1-2", "--k",
        "2", "--stride", "12"}},
      {"simplify.json",
       {"simplify", "--network", network, "--images", images, "--target", "predicted", "--limit",
        "2", "--most-regions", "4", "--most-edges", "2"}},
      {"synth.json", {"synth", "--kind", "scenes", "--train", "2", "--val", "1", "--size", "64"}},
      {"train.json",
       {"train", "--images", images, "--width", "0.04", "--fc", "12", "--batch", "6", "--epochs",
        "1", "--resume"}}};
  for (const auto& [result, words] : commands) {
    Arguments whole = words, full = words;
    const std::string name = words[0];
    whole.insert(whole.end(), {"--out", Place("whole/" + name)});
    full.insert(full.end(), {"--out", Place("full/" + name)});
    RunWell(whole);
    int refused = 0;
    for (const rlim_t bytes : {800, 4000, 16000}) {
      const Outcome outcome = RunWithin(bytes, full);
      if (outcome.status == 0) continue;  // all of its files are smaller
      ++refused;
      EXPECT_EQ(outcome.status, 1) << outcome;
      EXPECT_TRUE(HasAll(outcome.err, {Place("full/" + name), "cannot be written"})) << outcome;
      EXPECT_FALSE(HasHalfWrittenFiles()) << name;
      // What a picture beside it had no room for is whole itself: a recording is not lost.
      if (std::filesystem::exists(Place("full/" + name + "/" + result)))
        ExpectAsWhole(name, result);
    }
    EXPECT_GE(refused, 1) << name;
    RunWell(full);
    ExpectAsWhole(name, result);
  }
}

// SIGTERM is a request to stop: what is in hand is finished, and the exit status says so.
TEST_F(Failures, ASignalEndsARunBetweenTwoItems) {
  Running run;
  Start({"rf", "--network", Network(), "--images", Images(), "--layer", "conv5", "--k", "2",
         "--engine", "full", "--stride", "5", "--out", Place("out")},
        run);
  const Path responses = scratch_.path() / "out/rf/responses";
  for (int i = 0; i < 4000 && !std::filesystem::exists(responses); ++i) usleep(5000);
  kill(run.child, SIGTERM);
  const Outcome outcome = Wait(run);
  EXPECT_EQ(outcome.status, 128 + SIGTERM) << outcome;
  EXPECT_TRUE(HasAll(outcome.err, {"stopped after", "unit-image pairs"}));
  EXPECT_FALSE(std::filesystem::exists(Place("out/rf.json")));
  EXPECT_FALSE(HasHalfWrittenFiles());
}

}  // namespace
}  // namespace netdissect
