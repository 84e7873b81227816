// train: results that other commands read, bad lists, and interruptions by signals.

#include <csignal>
#include <thread>

#include "base/random.h"
#include "cli/program.h"

namespace netdissect {
namespace {

class TrainCommand : public ProgramTest {
 protected:
  // A descriptor of six pictures to train on and to hold out, of three classes.
  std::string Set(const std::string& train_list = "") const {
    std::string list;
    for (int i = 0; i < 6; ++i) {
      const std::string file = "set/" + std::to_string(i) + ".png";
      cv::Mat picture = Gradient(40, 40, 40 * i) / 3;
      picture.rowRange(13 * (i % 3), 13 * (i % 3) + 9) = cv::Scalar(60, 90 * (i % 3), 230);
      scratch_.File(file, Encoded(picture, ".png"));
      list += file + " " + std::to_string(i % 3) + "\n";
    }
    scratch_.File("list.txt", list);
    scratch_.File("train.txt", train_list.empty() ? list : train_list);
    scratch_.File("names.txt", "red\ngreen\nblue sky\n");
    return scratch_
        .File("tints.json", R"({"list": "list.txt", "train": "train.txt", "labels": "names.txt"})")
        .string();
  }

  Arguments Command(const std::string& set, const Arguments& more) const {
    Arguments words = {"train", "--images", set, "--width", "0.04", "--fc",     "12", "--batch",
                       "6",     "--shard",  "3", "--rate",  "0.02", "--jitter", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // Starts a training that would take long, and sends it a signal once it has a checkpoint.
  Outcome Interrupt(const Arguments& arguments, const std::string& out, int signal) const {
    Running running;
    Start(arguments, running);
    const Path checkpoint = Path(out) / "checkpoint.safetensors";
    for (int i = 0; i < 6000 && !std::filesystem::exists(checkpoint); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(std::filesystem::exists(checkpoint));
    kill(running.child, signal);
    return Wait(running);
  }
};

TEST_F(TrainCommand, WritesANetworkThatOtherCommandsLoad) {
  const std::string set = Set();
  const Outcome outcome = RunWell(Command(set, {"--epochs", "12", "--warmup", "0", "--dropout", "0",
                                                "--crop", "1", "--half", "--out", Place("out")}));
  EXPECT_TRUE(HasAll(outcome.out, {"alexnet_tints", "top-1"}));
  EXPECT_TRUE(HasAll(outcome.err, {"epoch 12/12", "held out"}));
  const Json json = ReadResult("out/train.json");
  EXPECT_TRUE(HasHeader(json, "train"));
  EXPECT_TRUE(HasKeys(json, {"top1", "top5", "counted", "epochs", "steps", "images", "seconds",
                             "images_per_second", "skipped"}));
  EXPECT_EQ(json["epochs"].size(), 12u);
  EXPECT_EQ(json["netdissect"]["images"].size(), 2u);
  EXPECT_TRUE(std::filesystem::exists(Place("out/curve.png")));
  EXPECT_TRUE(std::filesystem::exists(Place("out/curve.svg")));
  EXPECT_TRUE(HasAll(ReadFile(Place("out/curve.csv")), {"epoch,loss", "\n12,"}));
  EXPECT_FALSE(std::filesystem::exists(Place("out/checkpoint.safetensors")));

  const std::string network = Place("out/alexnet_tints.json");
  const Outcome classified =
      RunWell({"classify", "--network", network, "--images", set, "--out", Place("classified")});
  EXPECT_EQ(classified.err.find("not used"), std::string::npos) << classified.err;
  const Json result = ReadResult("classified/classify.json");
  EXPECT_EQ(result["top1"], json["top1"]);
  EXPECT_EQ(result["top5"], json["top5"]);
  EXPECT_EQ(result["netdissect"]["network"], json["netdissect"]["network"]);
  EXPECT_TRUE(HasAll(ReadFile(Place("classified/predictions.csv")), {"blue sky"}));
  const Json descriptor = ReadResult("out/alexnet_tints.json");
  EXPECT_EQ(descriptor["graph"], "alexnet_tints.graph.json");
  EXPECT_EQ(ReadResult("out/alexnet_tints.graph.json")["layers"][0]["units"], 4);
  EXPECT_EQ(descriptor["input"]["scale"], Json({0.0171, 0.0171, 0.0171}));
  EXPECT_EQ(descriptor["training"]["options"]["epochs"], 12);
  EXPECT_EQ(descriptor["training"]["options"]["mean"], Json({"104", "117", "123"}));

  // The same again is reused; other options train again.
  const std::string before = ReadFile(Place("out/train.json"));
  const Outcome again = RunWell(Command(set, {"--epochs", "12", "--warmup", "0", "--dropout", "0",
                                              "--crop", "1", "--half", "--out", Place("out")}));
  EXPECT_TRUE(HasAll(again.err, {"reused"}));
  EXPECT_EQ(again.out, outcome.out);
  EXPECT_EQ(ReadFile(Place("out/train.json")), before);
  // So it is by the options that were saved: defaults of several numbers too.
  const Outcome saved = RunWell({"--config", Place("out/options.toml"), "train"});
  EXPECT_TRUE(HasAll(saved.err, {"reused"}));
  RunWell(Command(set, {"--epochs", "1", "--out", Place("out")}));
  EXPECT_EQ(ReadResult("out/train.json")["epochs"].size(), 1u);
}

TEST_F(TrainCommand, InterruptedItEndsWhereAnUninterruptedOneDoes) {
  const std::string set = Set();
  const Arguments plan = {"--epochs", "40", "--checkpoint-minutes", "0.0001"};
  Arguments whole = plan, parts = plan;
  whole.insert(whole.end(), {"--out", Place("whole")});
  parts.insert(parts.end(), {"--out", Place("parts")});
  RunWell(Command(set, whole));
  const Outcome killed = Interrupt(Command(set, parts), Place("parts"), SIGKILL);
  EXPECT_EQ(killed.status, -1);
  const Outcome refused = Run(Command(set, parts));
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(HasAll(refused.err, {"checkpoint.safetensors", "--resume", "--force"}));
  parts.push_back("--resume");
  const Outcome terminated = Interrupt(Command(set, parts), Place("parts"), SIGTERM);
  EXPECT_TRUE(terminated.status == 128 + SIGTERM || terminated.status == -1) << terminated;
  if (terminated.status != -1) {
    EXPECT_TRUE(HasAll(terminated.err, {"stopped after", "--resume", "checkpoint.safetensors"}));
  }
  RunWell(Command(set, parts));
  EXPECT_FALSE(HasHalfWrittenFiles());
  EXPECT_EQ(ReadFile(Place("whole/alexnet_tints.safetensors")),
            ReadFile(Place("parts/alexnet_tints.safetensors")));
  const Json a = ReadResult("whole/train.json"), b = ReadResult("parts/train.json");
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(a["epochs"][i]["loss"], b["epochs"][i]["loss"]);
}

TEST_F(TrainCommand, StopsAtATerminationAndSaysHowToGoOn) {
  const std::string set = Set();
  const Arguments long_run =
      Command(set, {"--epochs", "100000", "--checkpoint-minutes", "0.0001", "--out", Place("out")});
  for (const int signal : {SIGTERM, SIGINT}) {
    std::filesystem::remove_all(Place("out"));
    const Outcome outcome = Interrupt(long_run, Place("out"), signal);
    EXPECT_EQ(outcome.status, 128 + signal) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {"stopped after", "--resume", "checkpoint.safetensors"}));
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(std::filesystem::exists(Place("out/train.json")));
  }
  // The checkpoint is of another architecture.
  Arguments other = long_run;
  other[std::find(other.begin(), other.end(), "0.04") - other.begin()] = "0.08";
  other.push_back("--resume");
  const Outcome refused = Run(other);
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(HasAll(refused.err, {"network: conv1: units", "expected 8", "found 4"}));
}

// Killed again and again, wherever it is: the files of the network are those of a training that was
// left alone.
TEST_F(TrainCommand, KilledAtAnyMomentItEndsWhereAnUninterruptedOneDoes) {
  const std::string set = Set();
  const Arguments plan = {"--epochs", "30", "--checkpoint-minutes", "0.0001"};
  Arguments whole = plan, parts = plan;
  whole.insert(whole.end(), {"--out", Place("whole")});
  parts.insert(parts.end(), {"--out", Place("parts"), "--resume"});
  const auto begin = std::chrono::steady_clock::now();
  RunWell(Command(set, whole));
  const std::chrono::duration<double, std::milli> length = std::chrono::steady_clock::now() - begin;
  Random random(7, 1, 8);
  for (int i = 0; i < 6; ++i) {
    Running running;
    Start(Command(set, parts), running);
    const auto moment = random.Below(static_cast<uint64_t>(length.count()));
    std::this_thread::sleep_for(std::chrono::milliseconds(moment));
    kill(running.child, SIGKILL);
    Wait(running);
  }
  const Outcome last = RunWell(Command(set, parts));
  EXPECT_EQ(last.err.find("damaged"), std::string::npos) << last;
  for (const char* file :
       {"alexnet_tints.safetensors", "alexnet_tints.graph.json", "alexnet_tints_labels.txt"}) {
    EXPECT_EQ(ReadFile(Place("whole/") + file), ReadFile(Place("parts/") + file)) << file;
  }
  EXPECT_FALSE(HasHalfWrittenFiles());
  EXPECT_FALSE(std::filesystem::exists(Place("parts/checkpoint.safetensors")));
  EXPECT_FALSE(std::filesystem::exists(Place("parts/checkpoint.previous.safetensors")));
}

TEST_F(TrainCommand, TrainsAgainWhereWhatItWroteWasDamaged) {
  const std::string set = Set();
  const Arguments words = Command(set, {"--epochs", "1", "--out", Place("out")});
  RunWell(words);
  const std::string weights = ReadFile(Place("out/alexnet_tints.safetensors"));
  const std::string names[] = {"alexnet_tints.safetensors", "alexnet_tints.graph.json",
                               "alexnet_tints_labels.txt", "alexnet_tints.json", "train.json"};
  for (const std::string& name : names) {
    const Path file = Place("out/" + name);
    const std::string good = ReadFile(file);
    for (const bool lost : {false, true}) {
      std::string bad = good;
      bad[bad.size() / 2] ^= 1;
      lost ? void(std::filesystem::remove(file)) : WriteFile(file, bad);
      const Outcome outcome = RunWell(words);
      EXPECT_EQ(outcome.err.find(", reused"), std::string::npos) << name << "\n" << outcome;
      if (!lost || name != "train.json") {
        EXPECT_TRUE(HasAll(outcome.err, {name, "trained again"}));
      }
      EXPECT_EQ(ReadFile(Place("out/alexnet_tints.safetensors")), weights);
    }
  }
  EXPECT_TRUE(HasAll(RunWell(words).err, {"reused"}));
}

TEST_F(TrainCommand, RefusesANameThatIsNoFilesBeforeItTrains) {
  const std::string set = Set();
  for (const char* name : {"a/b", "../x", "/x", ".", "train", "checkpoint", ""}) {
    const Outcome outcome =
        Run(Command(set, {"--epochs", "1", "--name", name, "--out", Place("out")}));
    EXPECT_EQ(outcome.status, 2) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {"--name", "name"}));
    EXPECT_FALSE(std::filesystem::exists(Place("out/train.json")));
    EXPECT_FALSE(std::filesystem::exists(Place("x.json")));
  }
}

TEST_F(TrainCommand, TrainsTheGraphOfADescriptor) {
  const std::string set = Set(), tiny = Network();
  const Arguments words = {"train", "--network", tiny, "--images", set,         "--epochs",
                           "1",     "--batch",   "6",  "--out",    Place("out")};
  RunWell(words);
  const Json json = ReadResult("out/train.json");
  EXPECT_EQ(json["netdissect"]["network"]["name"], "tiny_tints");
  const std::string network = Place("out/tiny_tints.json");
  RunWell({"classify", "--network", network, "--images", set, "--out", Place("classified")});
  EXPECT_EQ(ReadResult("classified/classify.json")["top1"], json["top1"]);
  // The trained network can be trained again, by its graph beside its weights.
  RunWell({"train", "--network", network, "--images", set, "--epochs", "1", "--batch", "6",
           "--name", "again", "--out", Place("again")});
  EXPECT_EQ(ReadFile(Place("again/again.safetensors")),
            ReadFile(Place("out/tiny_tints.safetensors")));

  // The saved options are those of the run; the graph is what counts of the descriptor.
  const Outcome saved = RunWell({"--config", Place("out/options.toml"), "train"});
  EXPECT_TRUE(HasAll(saved.err, {"reused"}));
  EXPECT_TRUE(HasAll(RunWell(words).err, {"reused"}));
  Json other = ReadResult("tiny.json");
  other["width"] = 0.06;
  scratch_.File("tiny.json", other.dump());
  EXPECT_FALSE(HasAll(RunWell(words).err, {"reused"}));

  Arguments wide = words;
  wide.insert(wide.end(), {"--width", "0.5"});
  const Outcome refused = Run(wide);
  EXPECT_EQ(refused.status, 2) << refused;
  EXPECT_TRUE(HasAll(refused.err, {"--width", "--architecture", "--network"}));
}

TEST_F(TrainCommand, TrainsAtTheSizeAskedFor) {
  const std::string set = Set();
  RunWell(Command(set, {"--size", "115", "--epochs", "1", "--out", Place("out")}));
  EXPECT_EQ(ReadResult("out/alexnet_tints.json")["input"]["size"], 115);
  RunWell({"classify", "--network", Place("out/alexnet_tints.json"), "--images", set, "--out",
           Place("classified")});
  const Outcome small =
      Run(Command(set, {"--size", "10", "--epochs", "1", "--out", Place("small")}));
  EXPECT_EQ(small.status, 1) << small;
  EXPECT_TRUE(HasAll(small.err, {"layer conv"}));
}

TEST_F(TrainCommand, NamesWhatIsWrongWithTheLists) {
  const auto refuse = [&](const std::string& list, const Arguments& more,
                          const std::vector<std::string>& words) {
    Arguments arguments = {"--epochs", "1", "--out", Place("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = Run(Command(Set(list), arguments));
    EXPECT_EQ(outcome.status, 1) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, words));
    EXPECT_FALSE(std::filesystem::exists(Place("out/train.json")));
  };
  refuse("set/0.png 0\nset/1.png 2\n", {}, {"tints", "class 1", "green", "training image"});
  refuse("set/0.png 0\nset/1.png 3\n", {}, {"train.txt:2", "3"});
  refuse("set/0.png 0\nset/1.png 1\nset/2.png 2\nset/no.png 2\n", {"--strict"}, {"set/no.png"});
  const Outcome left_out =
      RunWell(Command(Set("set/0.png 0\nset/1.png 1\nset/2.png 2\nset/no.png 2\n"),
                      {"--epochs", "1", "--out", Place("out")}));
  EXPECT_TRUE(HasAll(left_out.err, {"left out", "set/no.png"}));
  EXPECT_EQ(ReadResult("out/train.json")["skipped"][0]["image"], "set/no.png");
}

}  // namespace
}  // namespace netdissect
