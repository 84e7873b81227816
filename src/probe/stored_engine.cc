#include "probe/stored_engine.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "base/clock.h"
#include "base/digest.h"
#include "base/regular_file.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr size_t kDigest = 32;  // characters of an image's digest, and of a checksum

// What a response is found by.
using PairKey = std::tuple<std::string, int, int, int, int>;  // image's digest, layer, unit, y, x

// The fixed part of a record; what changed follows as floats, row by row, then a checksum.
struct RecordHead {
  char image[kDigest];
  int32_t layer, unit, y, x;
  float original;
  int32_t top, left, height, width;  // of the box of occluders that change something
};
static_assert(sizeof(RecordHead) == kDigest + 36, "expected no padding");

std::string DigestOf(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kCPU).contiguous();
  return Digest().Add(values.data_ptr(), values.nbytes()).Hex();
}

// Of a record's bytes: one that was cut off or spoilt is told.
std::string Checksum(const std::string& bytes) { return Digest().Add(bytes).Hex(); }

class StoredEngine : public OcclusionEngine {
 public:
  StoredEngine(std::unique_ptr<OcclusionEngine> engine, const Network& network,
               const OccluderSet& occluders, Path file, const std::string& key,
               const std::vector<Path>& others, Observer& observer)
      : engine_(std::move(engine)), file_(std::move(file)) {
    rows_ = occluders.rows();
    columns_ = occluders.columns();
    Digest digest;
    digest.Add(key).Add(network.ComputeDigest()).Add(DigestOf(occluders.patches()));
    const int grid[] = {rows_, columns_, occluders.stride()};
    digest.Add(grid, sizeof(grid));
    title_ = "netdissect responses 1 " + digest.Hex() + "\n";
    RequireRegularFile(file_);
    end_ = ForEachRecord(
        file_, observer,
        [&](const RecordHead& head, const std::string&, int64_t at) { index_[KeyOf(head)] = at; });
    if (end_ == 0) {
      if (Exists(file_)) {
        observer.Note(file_.string() + ": of other inputs or options, or damaged: begun anew");
      }
      WriteFile(file_, title_);
      end_ = static_cast<int64_t>(title_.size());
    } else {
      std::error_code error;
      std::filesystem::resize_file(file_, static_cast<std::uintmax_t>(end_), error);
      if (error) Fail("{}: cannot be shortened: {}", file_.string(), error.message());
    }
    out_.open(file_, std::ios::binary | std::ios::app);
    in_.open(file_, std::ios::binary);
    if (!out_ || !in_) Fail("{}: cannot be opened for writing", file_.string());
    flushed_ = end_;
    for (const Path& other : others) TakeOver(other, observer);
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    const std::string digest = DigestOf(image);
    std::vector<OcclusionResponse> responses(units.size());
    std::vector<size_t> missing;
    std::vector<UnitPosition> wanted;
    for (size_t i = 0; i < units.size(); ++i) {
      if (auto found = Find(KeyOf(digest, units[i]))) {
        responses[i] = std::move(*found);
      } else {
        missing.push_back(i);
        wanted.push_back(units[i]);
      }
    }
    if (!missing.empty()) {
      std::vector<OcclusionResponse> computed = engine_->Respond(image, wanted);
      for (size_t i = 0; i < missing.size(); ++i) {
        Append(KeyOf(digest, wanted[i]), computed[i]);
        responses[missing[i]] = std::move(computed[i]);
      }
      // Where the run is stopped from outside, little is lost; where it ends, nothing.
      constexpr double kSeconds = 1;
      if (SecondsSince(flush_time_) > kSeconds) Flush();
    }
    const int64_t stored = work_.stored + static_cast<int64_t>(units.size() - missing.size());
    work_ = engine_->work();
    work_.pairs += stored;
    work_.stored = stored;
    return responses;
  }

 private:
  static PairKey KeyOf(const std::string& digest, const UnitPosition& unit) {
    return {digest, unit.layer, unit.unit, unit.y, unit.x};
  }

  static int64_t SizeOf(const RecordHead& head) {
    return static_cast<int64_t>(sizeof(RecordHead)) +
           int64_t{head.height} * head.width * int64_t{sizeof(float)} + int64_t{kDigest};
  }

  bool IsSane(const RecordHead& head) const {
    return head.top >= 0 && head.left >= 0 && head.height >= 0 && head.width >= 0 &&
           head.height <= rows_ - head.top && head.width <= columns_ - head.left;
  }

  // Every whole record of another process's file that is not there yet; the file goes.
  void TakeOver(const Path& other, Observer& observer) {
    ForEachRecord(other, observer, [&](const RecordHead& head, const std::string& record, int64_t) {
      if (index_.emplace(KeyOf(head), end_).second) Write(record);
    });
    Flush();
    std::filesystem::remove(other);
  }

  void Write(const std::string& record) {
    const std::string sum = Checksum(record);
    out_ << record << sum;
    end_ += static_cast<int64_t>(record.size() + sum.size());
  }

  // Every whole record, with its place; what is damaged between them is said. Returns where the
  // last one ends, 0 where the file is of something else or is not there.
  int64_t ForEachRecord(const Path& file, Observer& observer,
                        const std::function<void(const RecordHead& head, const std::string& record,
                                                 int64_t at)>& take) const {
    std::ifstream in(file, std::ios::binary);
    std::string bytes(title_.size(), '\0');
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || bytes != title_) {
      return 0;
    }
    auto at = static_cast<int64_t>(title_.size());
    int64_t damaged = 0;
    RecordHead head{};
    while (true) {
      if (const std::optional<std::string> record = ReadRecord(in, head)) {
        take(head, *record, at);
        at += SizeOf(head);
        continue;
      }
      const std::optional<int64_t> next = NextRecord(in, at);
      if (!next) break;
      damaged += *next - at;
      at = *next;
      Seek(in, at);
    }
    const int64_t rest = static_cast<int64_t>(std::filesystem::file_size(file)) - at;
    if (!IsCutOff(in, at, rest)) damaged += rest;
    if (damaged > 0) {
      observer.Warning(
          fmt::format("{}: {} bytes are damaged: the responses that they held are computed again",
                      file.string(), damaged));
    }
    return at;
  }

  static void Seek(std::istream& in, int64_t at) {
    in.clear();
    in.seekg(at);
  }

  // Where the next whole record behind `at` begins, as far as a damaged record and some more reach.
  std::optional<int64_t> NextRecord(std::istream& in, int64_t at) const {
    constexpr size_t kMore = 1 << 16;
    std::string window(sizeof(RecordHead) + static_cast<size_t>(rows_) * columns_ * sizeof(float) +
                           kDigest + kMore,
                       '\0');
    Seek(in, at);
    in.read(window.data(), static_cast<std::streamsize>(window.size()));
    window.resize(static_cast<size_t>(in.gcount()));
    RecordHead head{};
    for (size_t i = 0; i + sizeof(head) <= window.size(); ++i) {
      std::memcpy(&head, window.data() + i, sizeof(head));
      const bool digest = std::all_of(head.image, head.image + kDigest,
                                      [](unsigned char c) { return std::isxdigit(c) != 0; });
      if (!digest || !IsSane(head)) continue;
      Seek(in, at + static_cast<int64_t>(i));
      if (ReadRecord(in, head)) return at + static_cast<int64_t>(i);
    }
    return std::nullopt;
  }

  // Whether the last `rest` bytes are the beginning of a record, as a run leaves it that is killed.
  bool IsCutOff(std::istream& in, int64_t at, int64_t rest) const {
    RecordHead head{};
    Seek(in, at);
    if (!in.read(reinterpret_cast<char*>(&head), sizeof(head))) return true;
    return IsSane(head) && SizeOf(head) > rest;
  }

  void Flush() {
    out_.flush();
    if (!out_) Fail("{}: cannot be written; is the disk full?", file_.string());
    flushed_ = end_;
    flush_time_ = Clock::now();
  }

  static PairKey KeyOf(const RecordHead& head) {
    return {std::string(head.image, kDigest), head.layer, head.unit, head.y, head.x};
  }

  // The record that begins where `in` stands, without its checksum; nothing where it is not whole.
  std::optional<std::string> ReadRecord(std::istream& in, RecordHead& head) const {
    if (!in.read(reinterpret_cast<char*>(&head), sizeof(head)) || !IsSane(head)) {
      return std::nullopt;
    }
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof(head));
    bytes.resize(static_cast<size_t>(SizeOf(head)) - kDigest);
    std::string sum(kDigest, '\0');
    in.read(bytes.data() + sizeof(head), static_cast<std::streamsize>(bytes.size() - sizeof(head)));
    if (!in.read(sum.data(), kDigest) || sum != Checksum(bytes)) return std::nullopt;
    return bytes;
  }

  // Whatever has been done to the file meanwhile: what is not the record looked for is not there.
  std::optional<OcclusionResponse> Find(const PairKey& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    if (found->second >= flushed_) Flush();
    RecordHead head{};
    in_.clear();
    in_.seekg(found->second);
    const std::optional<std::string> bytes = ReadRecord(in_, head);
    if (!bytes || KeyOf(head) != key) {
      index_.erase(found);
      return std::nullopt;
    }
    OcclusionResponse response{head.original, at::zeros({rows_, columns_}, at::kFloat)};
    float* change = response.change.data_ptr<float>();
    const size_t row_bytes = static_cast<size_t>(head.width) * sizeof(float);
    for (int row = 0; row < head.height; ++row) {
      std::memcpy(change + int64_t{head.top + row} * columns_ + head.left,
                  bytes->data() + sizeof(head) + static_cast<size_t>(row) * row_bytes, row_bytes);
    }
    return response;
  }

  void Append(const PairKey& key, const OcclusionResponse& response) {
    const at::Tensor change = response.change.to(at::kCPU, at::kFloat).contiguous();
    const float* values = change.data_ptr<float>();
    RecordHead head{};
    std::memcpy(head.image, std::get<0>(key).data(), kDigest);
    std::tie(std::ignore, head.layer, head.unit, head.y, head.x) = key;
    head.original = response.original;
    int top = rows_, left = columns_, bottom = -1, right = -1;
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        if (values[int64_t{row} * columns_ + column] == 0) continue;
        top = std::min(top, row);
        left = std::min(left, column);
        bottom = row;
        right = std::max(right, column);
      }
    }
    if (bottom >= 0) {
      head.top = top;
      head.left = left;
      head.height = bottom - top + 1;
      head.width = right - left + 1;
    }
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof(head));
    for (int row = 0; row < head.height; ++row) {
      bytes.append(
          reinterpret_cast<const char*>(values + int64_t{head.top + row} * columns_ + head.left),
          static_cast<size_t>(head.width) * sizeof(float));
    }
    index_[key] = end_;
    Write(bytes);
  }

  std::unique_ptr<OcclusionEngine> engine_;
  Path file_;
  std::string title_;  // the first line: of which network and occluders
  int rows_ = 0, columns_ = 0;
  std::map<PairKey, int64_t> index_;  // where a record begins
  std::ifstream in_;
  std::ofstream out_;
  int64_t end_ = 0;      // of what was written
  int64_t flushed_ = 0;  // of what can be read
  Clock::time_point flush_time_ = Clock::now();
};

}  // namespace

std::unique_ptr<OcclusionEngine> MakeStoredEngine(
    std::unique_ptr<OcclusionEngine> engine, const Network& network, const OccluderSet& occluders,
    const Path& file, const std::string& key, const std::vector<Path>& others, Observer& observer) {
  return std::make_unique<StoredEngine>(std::move(engine), network, occluders, file, key, others,
                                        observer);
}

}  // namespace netdissect
