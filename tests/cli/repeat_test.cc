// The same command gives the same numbers: from its options.toml, whatever the threads and the
// batch, and from a recording that was there already.

#include <functional>

#include "cli/program.h"

namespace netdissect {
namespace {

class Repeat : public ProgramTest {
 protected:
  Arguments Rf(const std::string& out, const Arguments& more = {}) const {
    Arguments arguments = {"rf",      "--network", Network(), "--images", Place("pictures.txt"),
                           "--layer", "pool2",     "--units", "0-2",      "--k",
                           "2",       "--stride",  "9",       "--out",    Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Arguments Record(const std::string& out, const Arguments& more = {}) const {
    Arguments arguments = {"record",  "--network", Network(), "--images", Place("pictures.txt"),
                           "--layer", "pool2",     "--layer", "fc7",      "--out",
                           Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  static Arguments Before(const Arguments& first, const Arguments& rest) {
    Arguments all = first;
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
};

// Equal words, and numbers that differ by rounding at most.
testing::AssertionResult Near(const Json& a, const Json& b, const std::string& where = "") {
  if (a.is_number_float() || b.is_number_float()) {
    if (!a.is_number() || !b.is_number()) {
      return testing::AssertionFailure() << where << ": " << a << " and " << b;
    }
    const double x = a, y = b;
    if (std::abs(x - y) <= 1e-4 * std::max({1.0, std::abs(x), std::abs(y)})) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << where << ": " << x << " and " << y;
  }
  if (a.type() != b.type() || a.size() != b.size()) {
    return testing::AssertionFailure() << where << ": " << a << " and " << b;
  }
  if (a.is_array()) {
    for (size_t i = 0; i < a.size(); ++i) {
      const auto result = Near(a[i], b[i], where + "/" + std::to_string(i));
      if (!result) return result;
    }
  } else if (a.is_object()) {
    for (const auto& [key, value] : a.items()) {
      if (!b.contains(key)) return testing::AssertionFailure() << where << ": no " << key;
      const auto result = Near(value, b[key], where + "/" + key);
      if (!result) return result;
    }
  } else if (a != b) {
    return testing::AssertionFailure() << where << ": " << a << " and " << b;
  }
  return testing::AssertionSuccess();
}

TEST_F(Repeat, FromOptionsToml) {
  Images();
  RunWell(Before({"--seed", "5"}, Rf("out", {"--fill", "#80ff00", "--discrepancy", "drop"})));
  const Json first = ReadResult("out/rf.json");
  const std::string options = Place("kept.toml");
  std::filesystem::rename(Place("out/options.toml"), options);
  std::filesystem::remove_all(Place("out"));
  RunWell({"--config", options, "rf"});
  const Json second = ReadResult("out/rf.json");
  EXPECT_EQ(first["layers"], second["layers"]);
  EXPECT_EQ(first["netdissect"], second["netdissect"]);
  EXPECT_EQ(first["netdissect"]["seed"], 5);
  EXPECT_EQ(ReadFile(options), ReadFile(Place("out/options.toml")));
}

// A recording is read back as it is; what stands beside it may have been damaged or lost.
TEST_F(Repeat, OptionsTomlIsOfTheLastCommandThoughItsResultIsReused) {
  Images();
  RunWell(Record("out"));
  const std::string whole = ReadFile(Place("out/options.toml"));
  WriteFile(Place("out/options.toml"), whole.substr(1));
  EXPECT_TRUE(HasAll(RunWell(Record("out")).err, {"record.json", "reused"}));
  EXPECT_EQ(ReadFile(Place("out/options.toml")), whole);
}

TEST_F(Repeat, EveryCommandFromItsOptionsToml) {
  Images();
  const std::pair<std::string, Arguments> commands[] = {
      {"info", {"info", "--network", Network(), "--out", Place("out/info")}},
      {"classify",
       {"classify", "--network", Network(), "--images", Place("pictures.txt"), "--strict", "--top",
        "3", "--out", Place("out/classify")}},
      {"synth",
       {"synth", "--kind", "scenes", "--train", "2", "--val", "1", "--size", "64", "--out",
        Place("out/synth")}},
      {"record", Record("out/record", {"--k", "4", "--limit", "5"})},
  };
  for (const auto& [command, arguments] : commands) {
    RunWell(arguments);
    const std::string file = "out/" + command + "/" + command + ".json";
    Json first = ReadResult(file);
    const std::string options = Place(command + ".toml");
    std::filesystem::rename(Place("out/" + command + "/options.toml"), options);
    std::filesystem::remove_all(Place("out"));
    RunWell({"--config", options, command});
    Json second = ReadResult(file);
    first.erase("seconds");
    second.erase("seconds");
    EXPECT_EQ(first, second) << command;
  }
}

TEST_F(Repeat, TomlTakesPathsOfAllKinds) {
  const std::string odd = "a b, c#d'e=[f] \u00e9";
  const std::string images = Images(odd, 2);
  const std::string out = Place("out, 1 # 2");
  RunWell({"rf", "--network", Network(), "--images", images, "--layer", "pool1", "--units", "0,2-3",
           "--k", "1", "--stride", "36", "--out", out});
  const Json first = ReadResult("out, 1 # 2/rf.json");
  const std::string options = Place("kept.toml");
  std::filesystem::rename(out + "/options.toml", options);
  std::filesystem::remove_all(out);
  RunWell({"--config", options, "rf"});
  EXPECT_EQ(ReadResult("out, 1 # 2/rf.json")["netdissect"], first["netdissect"]);
  EXPECT_EQ(first["layers"]["pool1"]["units"].size(), 3u);
}

TEST_F(Repeat, TomlByHand) {
  Network();
  Images();
  const std::string options =
      scratch_
          .File("options.toml",
                "# every kind of value\nseed = 1_7\r\n[rf] # measured\nlayer = [\n"
                "  'pool1', # the first\n  \"conv\\u0032\",\n]\n"
                "\"k\" = 1\nstride = 36\nthreshold = 2e-1\nforce = true\n"
                "units = '0,2' # two\nimages = []\n")
          .string();
  RunWell({"--config", options, "rf", "--network", Network(), "--images", Place("pictures.txt"),
           "--out", Place("out")});
  const Json json = ReadResult("out/rf.json");
  EXPECT_EQ(json["netdissect"]["seed"], 17);
  ASSERT_TRUE(HasKeys(json["layers"], {"pool1", "conv2"}));
  EXPECT_EQ(json["layers"]["conv2"]["threshold"], 0.2);
  EXPECT_EQ(json["layers"]["conv2"]["units"].size(), 2u);
}

TEST_F(Repeat, TomlThatCannotBeReadNamesTheLine) {
  Images();
  for (const char* text :
       {"\n[rf]\nk 3\n", "\n\nseed = \n", "\n\n[rf\n", "\n\nseed = \"3\n", "\n\nseed = 3 4\n",
        "\nseed = 3\nseed = 4\n", "\n\nseed = {a = 3}\n", "\n\ndevice = cpu\n", "\n\n= 3\n",
        "\n\ndevice = \"\\q\"\n", "\n\ndevice = \"\\ud800\"\n", "\n\n[rf]]\n", "\n\n[[rf]]\n"}) {
    const std::string options = scratch_.File("options.toml", text).string();
    const Outcome outcome = Run(Before({"--config", options}, Rf("out")));
    EXPECT_EQ(outcome.status, 2) << text << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {"line 3"})) << text;
  }
}

TEST_F(Repeat, TheCommandLineWinsOverToml) {
  const std::string options = scratch_.File("options.toml", "[rf]\nk = 7\npatch = 5\n").string();
  Images();
  RunWell(Before({"--config", options}, Rf("out")));
  EXPECT_EQ(ReadResult("out/rf.json")["layers"]["pool2"]["k"], 2);
  EXPECT_EQ(ReadResult("out/rf.json")["layers"]["pool2"]["patch"], 5);
}

TEST_F(Repeat, UnknownKeysOfTomlAreErrors) {
  Images();
  for (const char* text : {"[rf]\npath = 5\n", "colour = 3\n", "[dissect]\nk = 3\n"}) {
    const std::string options = scratch_.File("options.toml", text).string();
    const Outcome outcome = Run(Before({"--config", options}, Rf("out")));
    EXPECT_EQ(outcome.status, 2) << text << outcome;
    EXPECT_FALSE(std::filesystem::exists(Place("out"))) << text;
  }
}

TEST_F(Repeat, ThreadsAndBatchDoNotMatter) {
  Images();
  const std::pair<std::string, std::string> settings[] = {
      {"1", "1"}, {"1", "8"}, {"2", "1"}, {"2", "8"}};
  Json fields, record;
  for (const auto& [threads, batch] : settings) {
    const std::string out = "out" + threads + batch;
    RunWell(Before({"--threads", threads}, Rf(out, {"--batch", batch})));
    const Json these_fields = ReadResult(out + "/rf.json")["layers"];
    const Json this_record = ReadResult(out + "/record.json")["layers"];
    if (fields.is_null()) {
      fields = these_fields;
      record = this_record;
    }
    // Equal rankings: names, sets and positions are compared as words are.
    EXPECT_TRUE(Near(record, this_record)) << "threads " << threads << ", batch " << batch;
    EXPECT_TRUE(Near(fields, these_fields)) << "threads " << threads << ", batch " << batch;
  }
}

TEST_F(Repeat, AnotherSeedIsAnotherNoise) {
  Images();
  RunWell(Before({"--seed", "1"}, Rf("one")));
  RunWell(Before({"--seed", "2"}, Rf("two")));
  EXPECT_NE(ReadFile(Place("one/rf/pool2/unit_0000.npy")),
            ReadFile(Place("two/rf/pool2/unit_0000.npy")));
}

class Reuse : public Repeat {
 protected:
  // "seconds" differs between two recordings, whereas a record that is kept keeps its bytes.
  std::string RecordOf(const std::string& out) const {
    return ReadFile(Place(out + "/record.json"));
  }
};

TEST_F(Reuse, TheSameRecordServesTwice) {
  Images();
  RunWell(Rf("out"));
  const std::string record = RecordOf("out");
  const Json fields = ReadResult("out/rf.json")["layers"];
  const Outcome again = RunWell(Rf("out"));
  EXPECT_EQ(RecordOf("out"), record);
  EXPECT_TRUE(HasAll(again.err, {"record.json", "reused"}));
  EXPECT_EQ(ReadResult("out/rf.json")["layers"], fields);
}

TEST_F(Reuse, ARecordMadeByTheRecordCommand) {
  Images();
  RunWell(Record("recorded"));
  const Outcome outcome = RunWell(Rf("out", {"--record", Place("recorded")}));
  EXPECT_TRUE(HasAll(outcome.err, {"recorded/record.json", "reused"}));
  RunWell(Rf("fresh"));
  EXPECT_EQ(ReadResult("out/rf.json")["layers"], ReadResult("fresh/rf.json")["layers"]);
}

TEST_F(Reuse, ForceRecordsAgain) {
  Images();
  RunWell(Rf("out"));
  const std::string record = RecordOf("out");
  const Outcome again = RunWell(Rf("out", {"--force"}));
  EXPECT_NE(RecordOf("out"), record);
  EXPECT_EQ(again.err.find("reused"), std::string::npos);
}

TEST_F(Reuse, NotWhenAnInputHasChanged) {
  Images("pictures", 6);
  RunWell(Rf("out"));
  const std::pair<std::string, std::function<void()>> changes[] = {
      {"an image more", [&] { Images("pictures", 7); }},
      {"the order of the list",
       [&] {
         scratch_.File("pictures.txt", "pictures/3.png 3\npictures/0.png 0\npictures/1.png 1\n");
       }},
      {"an image's content",
       [&] { scratch_.File("pictures/3.png", Encoded(Gradient(70, 80, 11), ".png")); }},
      {"the network", [&] { Network("tiny", 2); }},
  };
  for (const auto& [what, change] : changes) {
    const std::string record = RecordOf("out");
    change();
    Arguments arguments = Rf("out");
    if (what == "the network") arguments[2] = Network("tiny", 2);
    const Outcome again = RunWell(arguments);
    EXPECT_NE(RecordOf("out"), record) << what;
    EXPECT_EQ(again.err.find("reused"), std::string::npos) << what;
    if (what != "the network") {
      std::filesystem::remove_all(Place("fresh"));
      RunWell(Rf("fresh"));
      EXPECT_EQ(ReadResult("out/rf.json")["layers"], ReadResult("fresh/rf.json")["layers"]) << what;
    }
  }
}

TEST_F(Reuse, NotForLayersOrImagesThatItLacks) {
  Images();
  RunWell(Record("out", {"--k", "1"}));
  const Outcome more_images = RunWell(Rf("out"));
  EXPECT_EQ(more_images.err.find("reused"), std::string::npos);
  Arguments other_layer = Rf("out");
  other_layer[6] = "conv3";
  const Outcome outcome = RunWell(other_layer);
  EXPECT_EQ(outcome.err.find("reused"), std::string::npos);
  EXPECT_TRUE(HasKeys(ReadResult("out/rf.json")["layers"], {"conv3"}));
}

}  // namespace
}  // namespace netdissect
