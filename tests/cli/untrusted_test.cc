// Files that mean no good, and surroundings that are not as usual: the program ends soon, with a
// status and a message, and what it writes is whole.

#include <sys/stat.h>

#include <cstdlib>

#include "cli/program.h"

namespace netdissect {
namespace {

class Untrusted : public ProgramTest {
 protected:
  std::string Pipe(const std::string& name) const {
    const Path path = scratch_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path.string();
  }
  testing::AssertionResult Refuses(const Arguments& arguments, int status,
                                   const std::vector<std::string>& parts) const {
    const Outcome outcome = Run(arguments);
    if (outcome.status != status) return testing::AssertionFailure() << outcome;
    return HasAll(outcome.err, parts);
  }
};

TEST_F(Untrusted, PipesAreNotWaitedFor) {
  const std::string pipe = Pipe("pipe"), network = Network();
  const std::vector<std::string> said = {pipe, "expected a regular file, found a FIFO"};
  EXPECT_TRUE(Refuses({"info", "--network", pipe}, 1, said));
  EXPECT_TRUE(Refuses({"describe", pipe}, 1, said));
  EXPECT_TRUE(Refuses({"--config", pipe, "info"}, 2, said));
  EXPECT_TRUE(Refuses({"classify", "--network", network, "--out", Place("out"), pipe}, 1, said));
  const std::string list = Pipe("list.txt");
  EXPECT_TRUE(Refuses({"record", "--network", network, "--images", list, "--out", Place("out")}, 1,
                      {list, "a FIFO"}));
  EXPECT_TRUE(Refuses({"reproduce", Pipe("study.json"), "--out", Place("out")}, 1, {"a FIFO"}));
  const std::string weights =
      scratch_.File("net.json", R"({"format": "onnx", "weights": "w.onnx", "input": {"size": 8}})")
          .string();
  Pipe("w.onnx");
  EXPECT_TRUE(Refuses({"info", "--network", weights}, 1, {"w.onnx", "a FIFO"}));
}

TEST_F(Untrusted, APictureThatIsNoRegularFileIsSkipped) {
  Images();
  Pipe("pictures/pipe.png");
  std::filesystem::create_symlink("/dev/zero", scratch_.path() / "pictures/zero.png");
  scratch_.File("pictures/dicom.jpg", std::string(128, '\0') + "DICM");
  const Outcome outcome = RunWell({"record", "--network", Network(), "--images", Place("pictures"),
                                   "--layer", "pool1", "--out", Place("out")});
  EXPECT_TRUE(HasAll(outcome.err, {"pipe.png", "a FIFO", "zero.png", "a character device",
                                   "dicom.jpg", "a DICOM file"}));
  EXPECT_EQ(ReadResult("out/record.json")["skipped"].size(), 3u);
}

TEST_F(Untrusted, WhereNoPictureCanBeReadThatIsAnError) {
  scratch_.File("bad/a.jpg", "no picture");
  scratch_.File("bad/b.jpg", "nor this");
  for (const char* command : {"classify", "simplify", "record"}) {
    EXPECT_TRUE(
        Refuses({command, "--network", Network(), "--images", Place("bad"), "--out", Place("out")},
                1, {"none of the 2 images could be read", "a.jpg"}))
        << command;
  }
}

TEST_F(Untrusted, NamesNeedNotBeUtf8) {
  const std::string name = "a\xff\xfe.png", folder = "p\xffq";
  scratch_.File(folder + "/" + name, Encoded(Gradient(48, 64), ".png"));
  for (const Arguments& command :
       {Arguments{"classify", "--json"}, Arguments{"simplify", "--json"},
        Arguments{"segment", "--layer", "pool1", "--units", "0", "--json"}}) {
    Arguments all = command;
    for (const char* word : {"--network", "", "--images", "", "--out", ""}) all.emplace_back(word);
    const size_t at = command.size();
    all[at + 1] = Network();
    all[at + 3] = Place(folder);
    all[at + 5] = Place("out\xff/" + command.front());
    const Outcome outcome = RunWell(all);
    EXPECT_TRUE(Json::accept(outcome.out)) << outcome;
  }
  RunWell({"classify", "--network", Network(), "--out", Place("out"), "--json",
           Place(folder + "/" + name)});
}

// Else files take the places of standard output and error, and what is printed goes into them.
TEST_F(Untrusted, ClosedStreamsAreNobodysFiles) {
  const std::string arguments =
      fmt::format("rf --network {} --images {} --layer pool1 --units 0,1 --k 2 --json --out {}",
                  Network(), Images(), Place("out"));
  const auto run = [&](const std::string& streams) {
    return std::system(fmt::format("'{}' {} {}", NETDISSECT_PROGRAM, arguments, streams).c_str());
  };
  EXPECT_NE(run("<&- >&- 2>&-"), 0) << "its result on standard output is lost";
  const std::string responses = ReadFile(Place("out/rf/responses"));
  EXPECT_EQ(run(">/dev/null 2>&-"), 0);
  EXPECT_EQ(ReadFile(Place("out/rf/responses")), responses) << "not all of them were whole";
  EXPECT_EQ(responses.find("\"netdissect\""), std::string::npos);
}

TEST_F(Untrusted, WhatCannotBePrintedIsAnError) {
  for (const char* words : {"--help", "--version", "info --help"}) {
    const std::string line =
        fmt::format("'{}' {} >/dev/full 2>/dev/null", NETDISSECT_PROGRAM, words);
    EXPECT_NE(std::system(line.c_str()), 0) << words;
  }
}

TEST_F(Untrusted, ConfigFilesOfNoUseAreBadUsage) {
  std::string deep = "[a";
  for (int i = 0; i < 200'000; ++i) deep += ".a";
  const std::string letter = "\xcd\x99";  // toml++ takes it for what cannot be
  const std::pair<std::string, std::vector<std::string>> files[] = {
      {"[.f]", {"line 1"}},
      {"seed = 1\n" + letter + " = 1\n", {"line 2", "ASCII"}},
      {"seed = \"\"\"\n\n\"\"\"\nb" + letter + " = 1\n", {"line 4", "ASCII"}},
      {deep + "]\n", {"line 1", "at most 32 parts"}},
      {"a = " + std::string(100'000, '['), {"line 1"}}};
  for (const auto& [text, parts] : files) {
    const std::string file = scratch_.File("bad.toml", text).string();
    EXPECT_TRUE(Refuses({"--config", file, "info"}, 2, parts)) << text.substr(0, 20);
  }
  // Letters in strings and comments are no matter, nor are numbers with points.
  const std::string good =
      scratch_
          .File("good.toml", "# \xc3\xa9\nlog-level = 'warn' # \xc3\xa9.\n[info]\nout = \"" +
                                 Place("\xc3\xa9") + "\"\nnetwork = ['" + Network() + "']\n")
          .string();
  RunWell({"--config", good, "info"});
  EXPECT_TRUE(std::filesystem::exists(Place("\xc3\xa9")));
}

}  // namespace
}  // namespace netdissect
