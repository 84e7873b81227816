#pragma once
// The program as a subprocess, and a world for it: a network of random weights and pictures.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/scratch.h"
#include "cli/starter.h"
#include "data/pictures.h"

namespace netdissect {

struct Outcome {
  int status = -1;  // exit status, or -1 where a signal ended the program
  std::string out, err;
};

inline std::ostream& operator<<(std::ostream& stream, const Outcome& outcome) {
  return stream << "exit status " << outcome.status << "\nstandard output:\n"
                << outcome.out << "\nstandard error:\n"
                << outcome.err;
}

using Arguments = std::vector<std::string>;

/// A test's folder with what the program needs.
class ProgramTest : public testing::Test {
 protected:
  /// A run that has been started; its output goes through files beside the folder's results, so
  /// that no pipe can fill up.
  struct Running {
    pid_t child = 0;
    const ScratchFolder streams;
  };

  void Start(const Arguments& arguments, Running& running) const {
    const Path out = running.streams.path() / "out", err = running.streams.path() / "err";
    static const Starter starter;
    running.child = starter.Start(arguments, out.string(), err.string());
  }

  Outcome Wait(const Running& running) const {
    Outcome outcome;
    int status = 0;
    EXPECT_EQ(waitpid(running.child, &status, 0), running.child);
    if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
    outcome.out = ReadFile(running.streams.path() / "out");
    outcome.err = ReadFile(running.streams.path() / "err");
    return outcome;
  }

  /// Runs the program and waits for its end.
  Outcome Run(const Arguments& arguments) const {
    Running running;
    Start(arguments, running);
    return Wait(running);
  }

  /// The same for a run that has to succeed.
  Outcome RunWell(const Arguments& arguments) const {
    Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome;
    return outcome;
  }

  /// Small and quick, with the geometry of the paper's Table 1.
  std::string Network(const std::string& name = "tiny", int seed = 1) const {
    return scratch_
        .File(name + ".json", Json{{"name", name},
                                   {"format", "random"},
                                   {"architecture", "alexnet"},
                                   {"width", 0.05},
                                   {"classes", 7},
                                   {"seed", seed},
                                   {"input", {{"size", 227}, {"mean", {104, 117, 123}}}}}
                                  .dump())
        .string();
  }

  /// A list of `count` pictures that all differ; labels run from 0 to 6.
  std::string Images(const std::string& name = "pictures", int count = 6) const {
    std::string list;
    for (int i = 0; i < count; ++i) {
      const std::string file = name + "/" + std::to_string(i) + ".png";
      cv::Mat picture = Gradient(48, 64, 40 * i);
      cv::circle(picture, {10 + 9 * i, 24}, 6 + i, cv::Scalar(255 - 30 * i, 40 * i, 90),
                 cv::FILLED);
      scratch_.File(file, Encoded(picture, ".png"));
      list += file + " " + std::to_string(i % 7) + "\n";
    }
    return scratch_.File(name + ".txt", list).string();
  }

  std::string Place(const std::string& name) const { return (scratch_.path() / name).string(); }

  Json ReadResult(const std::string& name) const { return ReadJson(scratch_.path() / name); }

  /// Whether a file is under the folder that only exists while another is being written.
  bool HasHalfWrittenFiles() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path())) {
      if (entry.path().filename().string().find(".tmp") != std::string::npos) return true;
    }
    return false;
  }

  const ScratchFolder scratch_;
};

/// Whether the object has all the keys; says which it lacks.
inline testing::AssertionResult HasKeys(const Json& object, const std::vector<std::string>& keys) {
  if (!object.is_object()) return testing::AssertionFailure() << "no object: " << object.dump();
  for (const std::string& key : keys) {
    if (!object.contains(key)) return testing::AssertionFailure() << "no key \"" << key << "\"";
  }
  return testing::AssertionSuccess();
}

/// The header that every result has.
inline testing::AssertionResult HasHeader(const Json& result, const std::string& command) {
  if (!HasKeys(result, {"netdissect"})) return HasKeys(result, {"netdissect"});
  const Json& header = result["netdissect"];
  const std::vector<std::string> keys = {"version", "command", "options",
                                         "seed",    "network", "images"};
  if (!HasKeys(header, keys)) return HasKeys(header, keys);
  if (header["command"] != command) {
    return testing::AssertionFailure() << "command " << header["command"];
  }
  for (const Json& set : header["images"]) {
    if (!HasKeys(set, {"name", "digest", "count"}))
      return HasKeys(set, {"name", "digest", "count"});
  }
  return HasKeys(header["network"], {"name", "digest"});
}

}  // namespace netdissect
