// The program, halted before its first line: forks a run of it for each request (starter.h). It has
// the program's objects; the linker's --wrap=main begins it here.

#include "cli/starter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

extern "C" int __real_main(int argc, char** argv);  // NOLINT: the linker's name

namespace netdissect {
namespace {

// The files are there before who asked learns of the run, which may be ended at once.
struct Streams {
  explicit Streams(const Json& request)
      : out(Opened(request["out"])), err(Opened(request["err"])) {}
  ~Streams() {
    close(out);
    close(err);
  }
  static int Opened(const std::string& file) {
    return open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  }
  int out, err;
};

// More than is allowed is an error of who writes, as on a disk that is full.
bool Bound(rlim_t file_bytes) {
  if (file_bytes == RLIM_INFINITY) return true;
  signal(SIGXFSZ, SIG_IGN);
  rlimit files{};
  if (getrlimit(RLIMIT_FSIZE, &files) != 0) return false;
  files.rlim_cur = file_bytes;
  return setrlimit(RLIMIT_FSIZE, &files) == 0;
}

[[noreturn]] void RunProgram(const Json& request, const Streams& streams) {
  close(Starter::kRequests);
  if (dup2(streams.out, STDOUT_FILENO) < 0 || dup2(streams.err, STDERR_FILENO) < 0 ||
      chdir(request["folder"].get_ref<const std::string&>().c_str()) != 0 ||
      !Bound(request["file_bytes"])) {
    _exit(127);
  }
  clearenv();
  for (const Json& variable : request["environment"]) {
    const auto& text = variable.get_ref<const std::string&>();
    const size_t equals = text.find('=');
    setenv(text.substr(0, equals).c_str(), text.c_str() + equals + 1, 1);
  }
  std::vector<std::string> words = {"netdissect"};
  for (const Json& argument : request["arguments"]) words.push_back(argument);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int status = __real_main(static_cast<int>(words.size()), argv.data());
#ifdef NETDISSECT_SANITIZED
  std::exit(status);  // leaks are looked for there
#else
  // LibTorch's globals are taken apart by the process that they were made for, which alone has
  // their memory to itself: here that would copy all of it.
  std::fflush(nullptr);
  std::_Exit(status);
#endif
}

// Answers with the process of a run that who asked is to become the parent of.
void Answer(const Json& request, pid_t* run) {
  *run = -1;
  const Streams streams(request);
  const pid_t between = fork();
  if (between == 0) {
    const pid_t child = fork();
    if (child == 0) RunProgram(request, streams);
    *run = child;
    _exit(0);
  }
  waitpid(between, nullptr, 0);
  send(Starter::kRequests, run, sizeof(*run), 0);
}

}  // namespace
}  // namespace netdissect

extern "C" int __wrap_main(int, char**) {  // NOLINT: the linker's name
  using netdissect::Json, netdissect::Starter;
  void* shared =
      mmap(nullptr, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  std::string bytes(Starter::kLongest, '\0');
  for (;;) {
    const ssize_t count = recv(Starter::kRequests, bytes.data(), bytes.size(), 0);
    if (count <= 0) return 0;
    netdissect::Answer(Json::from_cbor(bytes.data(), bytes.data() + count),
                       static_cast<pid_t*>(shared));
  }
}
