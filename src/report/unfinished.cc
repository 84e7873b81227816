#include "report/unfinished.h"

#include "base/bulk_write.h"
#include "base/seal.h"
#include "netdissect/base/error.h"
#include "netdissect/base/version.h"

namespace netdissect {
namespace {

Path MarkOf(const Path& result) { return Path(result) += kUnfinishedEnding; }

bool IsOf(const Path& result, const Provenance& provenance) {
  try {
    const ResultHeader header = ReadHeader(result);
    return header.version == Version() && ToJson(header.provenance) == ToJson(provenance);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void UnfinishedResult::Begin() {
  if (begun_) return;
  begun_ = true;
  if (Exists(file_)) {
    if (IsOf(file_, provenance_)) return;
    std::error_code error;
    std::filesystem::remove(file_, error);
    if (error) Fail("{}: cannot be removed: {}", file_.string(), error.message());
  }
  WriteFile(MarkOf(file_), "");
}

void UnfinishedResult::Finish(const Json& body) const {
  Json json = {{kHeaderKey, ToJson(provenance_)}};
  json.update(body);
  FlushFileSystem(file_.parent_path());
  WriteJson(file_, json);
  std::error_code ignored;
  std::filesystem::remove(MarkOf(file_), ignored);
}

void UnfinishedResult::Finish(AtomicFile& streamed) const {
  FlushFileSystem(file_.parent_path());
  streamed.Commit();
  std::error_code ignored;
  std::filesystem::remove(MarkOf(file_), ignored);
}

std::optional<std::string> UnfinishedAt(const Path& result, ResultKind kind) {
  if (Exists(result) || !Exists(MarkOf(result))) return std::nullopt;
  return fmt::format("{}: not there: a run of `{}` has not ended; the same command goes on with it",
                     result.string(), CommandOf(kind));
}

}  // namespace netdissect
