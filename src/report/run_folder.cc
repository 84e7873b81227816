#include "report/run_folder.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fstream>

#include "base/file_lock.h"
#include "base/json.h"
#include "base/json_bounds.h"
#include "base/regular_file.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

// Hidden, so that no list of a folder's files has it.
constexpr char kLockFile[] = ".lock";

std::vector<Path> LocksOf(const Path& folder) {
  std::vector<Path> locks;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name == kLockFile ||
        name.compare(0, sizeof(kLockFile), std::string(kLockFile) + ".") == 0) {
      locks.push_back(entry.path());
    }
  }
  return locks;
}

// A result's first member, {"netdissect": VALUE, ...: the text of the value. Reads no further: a
// recording may have a hundred megabytes.
class HeaderText {
 public:
  explicit HeaderText(const Path& file) : file_(file), stream_(OpenRegularFile(file)) {
    if (!stream_) ReadFile(file);  // says why
  }

  std::string Read() {
    Expect("{");
    Expect("\"netdissect\"");
    Expect(":");
    std::string text;
    int depth = 0;
    bool quoted = false;
    do {
      const char c = Next();
      text += c;
      if (quoted) {
        if (c == '\\') text += Next();
        if (c == '"') quoted = false;
        continue;
      }
      if (c == '"') quoted = true;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      constexpr size_t kLongest = 16 << 20;
      if (text.size() > kLongest) Complain();
    } while (depth > 0 || (text.find_first_not_of(" \t\r\n") == std::string::npos));
    return text;
  }

 private:
  [[noreturn]] void Complain() const {
    Fail("{}: expected a result of this program, which begins with its header \"netdissect\"",
         file_.string());
  }

  char Next() {
    const int c = stream_.get();
    if (c == std::char_traits<char>::eof()) Complain();
    return static_cast<char>(c);
  }

  void Expect(std::string_view word) {
    stream_ >> std::ws;
    for (const char c : word) {
      if (Next() != c) Complain();
    }
  }

  const Path& file_;
  std::ifstream stream_;
};

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unknown host";
}

std::string LocalTime() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

// Who has the folder, as its lock file says.
std::string HolderOf(const Path& lock_file) {
  try {
    const Json holder = ReadJson(lock_file);
    return fmt::format("process {} on {} (`netdissect {}`, since {})",
                       holder.at("process").get<int64_t>(), holder.at("host").get<std::string>(),
                       holder.at("command").get<std::string>(),
                       holder.at("since").get<std::string>());
  } catch (const std::exception&) {
    return "another process";  // which is just beginning or ending
  }
}

// What has ended is gone, though a parent may never ask how (a container's first process).
bool IsGone(int64_t process) {
  if (kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH) return true;
  std::string state;  // "PID (NAME) STATE ...": the name may hold anything
  std::getline(std::ifstream(fmt::format("/proc/{}/stat", process)), state);
  const size_t name_end = state.rfind(") ");
  return name_end != std::string::npos && state.compare(name_end, 3, ") Z") == 0;
}

// Files of a process that is gone, which never got their names (base/file.h). Not in folders that
// may be another run's.
void RemoveUnfinished(const Path& folder, int depth) {
  namespace fs = std::filesystem;
  std::error_code error, ignored;
  fs::directory_iterator at(folder, error);
  std::vector<Path> unfinished, folders;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->is_symlink(ignored)) continue;
    if (at->is_directory(ignored)) {
      folders.push_back(at->path());
    } else if (const std::optional<int64_t> process = ProcessOfTemporary(at->path());
               process && IsGone(*process)) {
      unfinished.push_back(at->path());
    }
  }
  for (const Path& file : unfinished) fs::remove(file, ignored);
  for (const Path& each : folders) {
    if (depth > 0 && !fs::exists(each / kLockFile, ignored)) RemoveUnfinished(each, depth - 1);
  }
}

bool IsFile(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

bool IsOfNetwork(const Path& result, const std::string& digest) {
  try {
    return ReadHeader(result).provenance.network_digest == digest;
  } catch (const Error&) {
    return false;  // who reads it whole says what is wrong with it
  }
}

std::vector<Path> FoldersIn(const Path& folder) {
  std::vector<Path> folders;
  std::error_code error, ignored;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (at->is_directory(ignored)) folders.push_back(at->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

ResultHeader ReadHeader(const Path& file) {
  const std::string text = HeaderText(file).Read();
  RequireBoundedJson(text, file.string());
  try {
    const Json json = Json::parse(text);
    ResultHeader header;
    header.format = ReadFormat(file, json);
    header.version = json.value("version", "");
    header.provenance = ProvenanceFrom(json);
    return header;
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected a result's header, found {}: {}", file.string(), Excerpt(text),
         error.what());
  }
}

std::optional<Path> FindResult(const Path& place, ResultKind kind, const std::string& descriptor,
                               const std::string& network_digest) {
  if (place.extension() == ".json") return IsFile(place) ? std::optional(place) : std::nullopt;
  std::vector<Path> folders = {place / Path(descriptor).stem(), place};
  for (Path& folder : FoldersIn(place)) folders.push_back(std::move(folder));
  std::optional<Path> first;
  for (const Path& folder : folders) {
    const Path file = RunFiles(folder).Result(kind);
    if (!IsFile(file)) continue;
    if (IsOfNetwork(file, network_digest)) return file;
    if (!first) first = file;
  }
  return first;
}

Path RequireResult(const Path& place, ResultKind kind, const std::string& descriptor,
                   const std::string& network_digest) {
  if (auto found = FindResult(place, kind, descriptor, network_digest)) return *found;
  const Path expected = place.extension() == ".json" ? place : RunFiles(place).Result(kind);
  if (const auto unfinished = UnfinishedAt(expected, kind)) Fail("{}", *unfinished);
  Fail("{}: expected what `{}` writes, found no such file", expected.string(), CommandOf(kind));
}

struct RunFolder::Lock {
  std::unique_ptr<FileLock> file;
};

RunFolder::RunFolder(const Path& folder, const std::string& command, const FolderHolder& holder)
    : files_(folder), lock_(std::make_unique<Lock>()) {
  RequireWritableFolder(folder);
  if (holder.guest) return;
  const Json owner = {
      {"process", getpid()}, {"host", HostName()}, {"command", command}, {"since", LocalTime()}};
  const std::string text = owner.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const auto refuse = [&](const Path& file) {
    Fail("{}: in use by {}; give another --out", folder.string(), HolderOf(file));
  };
  const Path whole = folder / kLockFile;
  const Path own = holder.mark.empty() ? whole : Path(whole.string() + "." + holder.mark);
  lock_->file = FileLock::Try(own, text);
  if (!lock_->file) refuse(own);
  // Each locks its own first, then looks for the other kind: of two that come at once one at least
  // sees the other.
  for (const Path& other : LocksOf(folder)) {
    if (other == own || (!holder.mark.empty() && other != whole)) continue;
    if (!FileLock::Try(other, "")) refuse(other);
  }
  if (!holder.mark.empty()) return;
  constexpr int kDeepest = 3;  // NETWORK/rf/LAYER
  RemoveUnfinished(folder, kDeepest);
}

RunFolder::~RunFolder() = default;
RunFolder::RunFolder(RunFolder&&) noexcept = default;
RunFolder& RunFolder::operator=(RunFolder&&) noexcept = default;

}  // namespace netdissect
