#pragma once
// Runs of the program that begin where its libraries have been loaded already: that takes most of
// the time of a short run.

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/error.h"

extern char** environ;

namespace netdissect {

/// A process that is the program before its first line (starter.cc), and forks for each run.
class Starter {
 public:
  Starter() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) Fail("no socket");
    // Runs, whose parent has ended at once, become children of this process.
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) Fail("no subreaper");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], kRequests);
    std::string program = NETDISSECT_STARTER;
    char* argv[] = {program.data(), nullptr};
    pid_t child = 0;
    const int spawned = posix_spawn(&child, argv[0], &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    socket_ = ends[0];
    if (spawned != 0) Fail("{}: cannot be run", program);
  }
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;
  ~Starter() { close(socket_); }  // which ends it

  /// Starts a run with this process's environment, folder and bound on the size of files, its
  /// output into the files `out` and `err`; returns its process, a child of this one.
  pid_t Start(const std::vector<std::string>& arguments, const std::string& out,
              const std::string& err) const {
    Json variables = Json::array();
    for (char** variable = environ; *variable != nullptr; ++variable)
      variables.push_back(*variable);
    rlimit files{};
    if (getrlimit(RLIMIT_FSIZE, &files) != 0) Fail("no bound on files");
    // Not as text: what is no UTF-8 is passed on, too.
    const std::vector<uint8_t> request =
        Json::to_cbor(Json{{"arguments", arguments},
                           {"environment", variables},
                           {"folder", std::filesystem::current_path().string()},
                           {"file_bytes", files.rlim_cur},
                           {"out", out},
                           {"err", err}});
    if (request.size() > kLongest) Fail("a run's arguments and environment are too long");
    pid_t run = -1;
    if (send(socket_, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size()) ||
        recv(socket_, &run, sizeof(run), 0) != sizeof(run) || run <= 0) {
      Fail("{}: started no run", NETDISSECT_STARTER);
    }
    return run;
  }

  static constexpr int kRequests = 3;            ///< where the other process reads requests
  static constexpr size_t kLongest = 128 << 10;  ///< bytes of a request

 private:
  int socket_ = -1;
};

}  // namespace netdissect
