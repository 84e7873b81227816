// The work of a command divided among processes: parts that are merged, parts that run at the same
// time, and runs that are ended and begun again give the results of one process.

#include <csignal>
#include <cstdlib>
#include <thread>

#include "cli/program.h"

namespace netdissect {
namespace {

// What of a result says how it came about, not what it is.
Json WithoutCosts(const Json& json) {
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json) list.push_back(WithoutCosts(item));
    return list;
  }
  if (!json.is_object()) return json;
  Json kept = Json::object();
  for (const auto& [key, value] : json.items()) {
    const bool cost = key == "seconds" || key == "peak_memory" || key == "stored" ||
                      key == "occluders" || key == "macs" || key == "reused" || key == "out" ||
                      key == "force";
    if (!cost) kept[key] = WithoutCosts(value);
  }
  return kept;
}

class Parts : public ProgramTest {
 protected:
  Parts() {
    Images("pictures", 11);
    Network();
  }

  // A command with its options but --out, and the name of its result.
  struct Command {
    Arguments words;
    std::string result;
  };

  Command Record() const {
    return {{"record", "--layer", "pool2", "--layer", "fc7", "--batch", "2"}, "record.json"};
  }
  Command Rf() const {
    return {{"rf", "--layer", "pool2", "--units", "0-3", "--k", "2", "--stride", "9", "--record",
             Place("recorded")},
            "rf.json"};
  }
  Command Simplify() const {
    return {{"simplify", "--target", "predicted", "--segments", "auto", "--limit", "3"},
            "simplify.json"};
  }

  Outcome Out(const Command& command, const std::string& out, const Arguments& more = {}) const {
    Arguments words = {"--threads", "1"};
    words.insert(words.end(), command.words.begin(), command.words.end());
    const Arguments inputs = {"--network", Place("tiny.json"), "--images", Place("pictures.txt"),
                              "--out",     Place(out)};
    words.insert(words.end(), inputs.begin(), inputs.end());
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }

  void ExpectSame(const Command& command, const std::string& one, const std::string& other) const {
    const Json a = ReadResult(one + "/" + command.result);
    const Json b = ReadResult(other + "/" + command.result);
    EXPECT_EQ(WithoutCosts(a), WithoutCosts(b));
    EXPECT_FALSE(HasHalfWrittenFiles());
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(scratch_.path() / other)) {
      EXPECT_NE(entry.path().extension(), ".part") << entry.path();
    }
  }

  void RunBoth(const Command& command, const Arguments& more = {}) const {
    EXPECT_EQ(Out(command, "one").status, 0);
    for (int part = 3; part >= 1; --part) {
      Arguments words = {"--shard", std::to_string(part) + "/3"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome outcome = Out(command, "parts", words);
      EXPECT_EQ(outcome.status, 0) << outcome;
      EXPECT_NE(outcome.err.find("netdissect merge"), std::string::npos) << outcome;
      EXPECT_FALSE(Exists(Place("parts/" + command.result)));
    }
    RunWell({"merge", Place("parts")});
    ExpectSame(command, "one", "parts");
  }
};

TEST_F(Parts, OfRecordMakeOneResult) { RunBoth(Record()); }

TEST_F(Parts, OfRfMakeOneResult) {
  Out({{"record", "--layer", "pool2"}, ""}, "recorded");
  RunBoth(Rf());
  EXPECT_EQ(ReadFile(scratch_.path() / "one/rf/pool2/unit_0002.npy"),
            ReadFile(scratch_.path() / "parts/rf/pool2/unit_0002.npy"));
}

TEST_F(Parts, OfSimplifyMakeOneResult) { RunBoth(Simplify(), {"--force"}); }

TEST_F(Parts, InFoldersOfTheirOwnAreBroughtTogether) {
  Out(Record(), "one");
  Out(Record(), "a", {"--shard", "1/2"});
  Out(Record(), "b", {"--shard", "2/2"});
  scratch_.File("b/images/mark", "");  // files without contents are brought, too
  Outcome outcome = Run({"merge", Place("a"), "--out", Place("all")});
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_NE(outcome.err.find("6 to 10"), std::string::npos) << outcome;
  RunWell({"merge", Place("a"), Place("b"), "--out", Place("all")});
  ExpectSame(Record(), "one", "all");
  EXPECT_TRUE(Exists(Place("all/images/mark")));
  outcome = Run({"merge", Place("pictures")});
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_NE(outcome.err.find("options.toml"), std::string::npos) << outcome;
}

TEST_F(Parts, AreNamedByTheirNumbers) {
  for (const std::string word : {"0/3", "4/3", "1", "1/0", "a/b", "1/2/3"}) {
    const Outcome outcome = Out(Record(), "out", {"--shard", word});
    EXPECT_EQ(outcome.status, 2) << outcome;
    EXPECT_NE(outcome.err.find("--shard"), std::string::npos) << outcome;
  }
}

// As a run is ended by a scheduler: the next one goes on, and the result is that of one run.
TEST_F(Parts, OfRunsThatWereEndedMakeOneResult) {
  EXPECT_EQ(Out(Record(), "one").status, 0);
  bool went_on = false;
  for (int times = 0; times < 40; ++times) {
    Arguments words = {"--threads", "1"};
    const Command record = Record();
    words.insert(words.end(), record.words.begin(), record.words.end());
    for (const std::string& word :
         {std::string("--network"), Place("tiny.json"), std::string("--images"),
          Place("pictures.txt"), std::string("--out"), Place("ended"), std::string("--keep-every"),
          std::string("0")}) {
      words.push_back(word);
    }
    Running run;
    Start(words, run);
    // A little later each time: before the pass, in it, and after it.
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + 25 * times));
    kill(run.child, times % 2 == 0 ? SIGKILL : SIGTERM);
    const Outcome outcome = Wait(run);
    went_on = went_on || outcome.err.find("were done before") != std::string::npos;
    if (outcome.status == 0) break;
    // It may have been ended between its result and its own end.
    if (Exists(Place("ended/record.json"))) {
      EXPECT_EQ(WithoutCosts(ReadResult("one/record.json")),
                WithoutCosts(ReadResult("ended/record.json")));
    }
  }
  const Outcome last = Out(Record(), "ended");
  EXPECT_EQ(last.status, 0) << last;
  ExpectSame(Record(), "one", "ended");
  EXPECT_TRUE(went_on || last.err.find("reused") != std::string::npos) << last;
}

#if defined(NETDISSECT_MPIEXEC)
class Mpi : public Parts {
 protected:
  // Of `processes` that mpirun starts together.
  int Together(int processes, const Command& command, const std::string& out,
               const std::string& more = "") const {
    // OpenMPI leaves memory behind, which a build that looks for leaks would say at each end.
    std::string line =
        "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" "
        "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 " NETDISSECT_MPIEXEC
        " --oversubscribe -n " +
        std::to_string(processes) + " " NETDISSECT_PROGRAM " --threads 1";
    for (const std::string& word : command.words) line += " '" + word + "'";
    line += " --network '" + Place("tiny.json") + "' --images '" + Place("pictures.txt") +
            "' --out '" + Place(out) + "' " + more + " >'" + Place("mpi.out") + "' 2>'" +
            Place("mpi.err") + "'";
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void RunTogether(const Command& command) const {
    EXPECT_EQ(Out(command, "one").status, 0);
    for (const int processes : {2, 3}) {
      const std::string out = "together" + std::to_string(processes);
      EXPECT_EQ(Together(processes, command, out), 0) << ReadFile(Place("mpi.err"));
      ExpectSame(command, "one", out);
    }
  }
};

TEST_F(Mpi, RecordsAsOneProcessDoes) { RunTogether(Record()); }

TEST_F(Mpi, MeasuresFieldsAsOneProcessDoes) {
  Out({{"record", "--layer", "pool2"}, ""}, "recorded");
  RunTogether(Rf());
}

TEST_F(Mpi, SimplifiesAsOneProcessDoes) { RunTogether(Simplify()); }

TEST_F(Mpi, AnUnreadableImageEndsAllByName) {
  scratch_.File("pictures/4.png", "not an image");
  EXPECT_EQ(Together(2, Record(), "out", "--strict"), 1);
  const std::string said = ReadFile(Place("mpi.err"));
  EXPECT_NE(said.find("4.png"), std::string::npos) << said;
  EXPECT_FALSE(Exists(Place("out/record.json")));
}

TEST_F(Mpi, RefusesWhatIsNotShared) {
  EXPECT_EQ(Together(2, {{"classify"}, ""}, "out"), 1);
  const std::string said = ReadFile(Place("mpi.err"));
  EXPECT_NE(said.find("classify: expected one process, found 2"), std::string::npos) << said;
}
#endif

}  // namespace
}  // namespace netdissect
