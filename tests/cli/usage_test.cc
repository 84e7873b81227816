// Exit status 2 for bad usage; help and version on standard output.

#include "cli/program.h"
#include "netdissect/base/version.h"

namespace netdissect {
namespace {

class Usage : public ProgramTest {};

TEST_F(Usage, Version) {
  const Outcome outcome = RunWell({"--version"});
  EXPECT_EQ(outcome.out, std::string("netdissect ") + Version() + "\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Usage, HelpOfTheProgramNamesEveryCommand) {
  const Outcome outcome = RunWell({"--help"});
  EXPECT_TRUE(HasAll(outcome.out, {"info", "synth", "classify", "record", "rf", "--version",
                                   "--threads", "--seed", "--device", "--log-level", "--config"}));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Usage, HelpOfEveryCommand) {
  const std::pair<std::string, std::vector<std::string>> commands[] = {
      {"info", {"--network", "--out", "--json", "--force"}},
      {"synth", {"--out", "--kind", "--train", "--val", "--size", "--force", "--json"}},
      {"classify", {"--network", "--images", "--limit", "--batch", "--out", "--strict", "--json"}},
      {"record",
       {"--network", "--images", "--layer", "--limit", "--batch", "--out", "--k", "--force"}},
      {"rf",
       {"--network", "--images", "--layer", "--units", "--limit", "--batch", "--out", "--force",
        "--patch", "--stride", "--fill", "--threshold", "--image", "--unit", "--class"}},
      {"report", {"--against", "--tolerance", "--out", "--json", "Exit status 3"}},
  };
  for (const auto& [command, options] : commands) {
    const Outcome outcome = RunWell({command, "--help"});
    EXPECT_TRUE(HasAll(outcome.out, options)) << command;
    EXPECT_EQ(outcome.err, "");
  }
}

// The largest double is no bound that anybody meant.
TEST_F(Usage, NumbersOutOfRangeSayWhatIsExpected) {
  for (const auto& [option, value] :
       {std::pair{"--k", "0"}, {"--batch", "-3"}, {"--limit", "-1"}, {"--stride", "x"}}) {
    const Outcome outcome = Run({"rf", option, value, "--out", Place("out")});
    EXPECT_EQ(outcome.status, 2) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {option, "expected", value}));
    EXPECT_EQ(outcome.err.find("e+308"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("e308"), std::string::npos) << outcome.err;
  }
}

// A repeatable option takes one value each time that it is given, and none of the files behind it.
TEST_F(Usage, RepeatableOptionsLeaveFilesAlone) {
  Images();
  const std::string picture = Place("pictures/0.png");
  const Outcome outcome =
      RunWell({"classify", "--out", Place("out"), "--network", Network(), picture});
  EXPECT_TRUE(HasAll(outcome.out, {picture, "class "}));
  const Outcome two = RunWell(
      {"info", "--out", Place("two"), "--network", Network("a"), "--network", Network("b")});
  EXPECT_TRUE(HasAll(two.out, {"a\n", "b\n"}));
}

struct BadUse {
  std::string name;
  Arguments arguments;
  std::string named;  // what the message has to name
};

// `rf` with all that it requires, and then `more`.
Arguments Rf(const Arguments& more) {
  Arguments arguments = {"rf", "--network", "NETWORK", "--images", "IMAGES", "--out", "OUT"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const BadUse kBadUses[] = {
    {"NoCommand", {}, "subcommand"},
    {"UnknownCommand", {"dissect"}, "dissect"},
    {"UnknownOption",
     {"info", "--network", "NETWORK", "--out", "OUT", "--colour", "x"},
     "--colour"},
    {"UnknownGlobalOption", {"--colour", "info", "--network", "NETWORK"}, "--colour"},
    {"ThreadsNoNumber",
     {"--threads", "many", "info", "--network", "NETWORK", "--out", "OUT"},
     "--threads"},
    {"SeedTooLarge",
     {"--seed", "18446744073709551616", "info", "--network", "NETWORK", "--out", "OUT"},
     "18446744073709551615"},
    {"SeedNegative", {"--seed", "-1", "info", "--network", "NETWORK", "--out", "OUT"}, "--seed"},
    {"LogLevel", {"--log-level", "loud", "info", "--network", "NETWORK", "--out", "OUT"}, "loud"},
    {"Device", {"--device", "toaster", "info", "--network", "NETWORK", "--out", "OUT"}, "toaster"},
    {"ConfigMissing",
     {"--config", "no/such.toml", "info", "--network", "NETWORK", "--out", "OUT"},
     "no/such.toml"},
    {"LimitNegative", Rf({"--limit", "-1"}), "--limit"},
    {"BatchZero", Rf({"--batch", "0"}), "--batch"},
    {"KZero", Rf({"--k", "0"}), "--k"},
    {"PatchZero", Rf({"--patch", "0"}), "--patch"},
    {"StrideZero", Rf({"--stride", "0"}), "--stride"},
    {"FillWord", Rf({"--fill", "paint"}), "--fill"},
    {"FillHex", Rf({"--fill", "#12345g"}), "#12345g"},
    {"UnitsNoNumbers", Rf({"--units", "3,x"}), "--units"},
    {"UnitsBackwards", Rf({"--units", "9-3"}), "--units"},
    {"UnitsAndSample", Rf({"--units", "1", "--sample", "2"}), "--sample"},
    {"Threshold", Rf({"--threshold", "1.5"}), "--threshold"},
    {"Memory", Rf({"--memory", "plenty"}), "--memory"},
    {"Engine", Rf({"--engine", "steam"}), "--engine"},
    {"Discrepancy", Rf({"--discrepancy", "some"}), "--discrepancy"},
    {"MemoryTooSmall", Rf({"--memory", "1MiB"}), "--memory"},
    {"MemoryOverflows", Rf({"--memory", "1e300GiB"}), "--memory"},
    {"ImageWithoutUnit", Rf({"--image", "x.png", "--layer", "conv1"}), "--unit"},
    {"ImageWithoutLayer", Rf({"--image", "x.png", "--unit", "1"}), "--layer"},
    {"ImageWithUnitAndClass",
     Rf({"--image", "x.png", "--layer", "conv1", "--unit", "1", "--class", "2"}), "--class"},
    {"UnitWithoutImage", Rf({"--unit", "1"}), "--image"},
    {"Method", Rf({"--method", "magic"}), "--method"},
    {"Inputs", Rf({"--method", "gradient", "--inputs", "snow"}), "--inputs"},
    {"GradientOfPatches", Rf({"--method", "gradient", "--patch", "9"}), "--patch"},
    {"GradientByStrides", Rf({"--method", "gradient", "--stride", "9"}), "--stride"},
    {"GradientUnderFill", Rf({"--method", "gradient", "--fill", "mean"}), "--fill"},
    {"GradientByEngine", Rf({"--method", "gradient", "--engine", "full"}), "--engine"},
    {"GradientOfDrops", Rf({"--method", "gradient", "--discrepancy", "drop"}), "--discrepancy"},
    {"OcclusionOfNoise", Rf({"--inputs", "noise"}), "--inputs"},
    {"NoiseAndImages", Rf({"--method", "gradient", "--inputs", "noise"}), "--images"},
    {"NoiseAndAPicture",
     {"rf", "--method", "gradient", "--inputs", "noise", "--image", "x.png", "--layer", "conv1",
      "--unit", "1"},
     "--image"},
    {"NoiseAndARecording",
     {"rf", "--method", "gradient", "--inputs", "noise", "--record", "elsewhere"},
     "--record"},
    {"ClassWithoutImage", Rf({"--class", "1"}), "--image"},
};

TEST_F(Usage, BadUsageEndsWithTwoAndSaysWhat) {
  const std::string network = Network(), images = Images(), out = Place("out");
  for (const BadUse& bad : kBadUses) {
    SCOPED_TRACE(bad.name);
    Arguments arguments = bad.arguments;
    for (std::string& word : arguments) {
      if (word == "NETWORK") word = network;
      if (word == "IMAGES") word = images;
      if (word == "OUT") word = out;
    }
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(HasAll(outcome.err, {bad.named}));
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

}  // namespace
}  // namespace netdissect
