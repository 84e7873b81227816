#include "base/crew.h"

#include "base/text.h"

namespace netdissect {
namespace {

class Solo : public Crew {
 public:
  bool alone() const override { return true; }

  void Begin(const ItemRanges& todo, int64_t /*total*/) override {
    todo_ = todo.list();
    next_ = 0;
  }

  // All that is in one piece: nothing interrupts it.
  ItemRange Next(int64_t /*most*/) override {
    return next_ < todo_.size() ? todo_[next_++] : ItemRange();
  }

 private:
  std::vector<ItemRange> todo_;
  size_t next_ = 0;
};

class ShardOfJob : public Solo {
 public:
  ShardOfJob(int64_t part, int64_t of) : part_(part), of_(of) {}

  std::string mark() const override { return fmt::format("{}-of-{}", part_ + 1, of_); }
  bool alone() const override { return false; }

  void Begin(const ItemRanges& todo, int64_t total) override {
    Solo::Begin(todo.In(PartOf(total, part_, of_)), total);
  }

 private:
  int64_t part_, of_;
};

class Merger : public Crew {
 public:
  void Begin(const ItemRanges& todo, int64_t /*total*/) override { todo_ = todo; }

  ItemRange Next(int64_t /*most*/) override {
    if (todo_.empty()) return {};
    const ItemRange& first = todo_.list().front();
    Fail(
        "merge: expected parts that hold all items of the list, found none with {} of them, the "
        "first of which are {} to {}, from 0: run what is missing with its --shard, and merge "
        "again",
        todo_.count(), first.begin, first.end - 1);
  }

 private:
  ItemRanges todo_;
};

}  // namespace

std::unique_ptr<Crew> MakeSolo() { return std::make_unique<Solo>(); }

std::unique_ptr<Crew> MakeShard(int64_t part, int64_t of) {
  if (of < 1 || part < 0 || part >= of) {
    Fail("shard: expected a part from 1 to the number of parts, found {}/{}", part + 1, of);
  }
  return std::make_unique<ShardOfJob>(part, of);
}

std::unique_ptr<Crew> MakeMerger() { return std::make_unique<Merger>(); }

std::unique_ptr<Crew> ParseShard(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) {
    Fail("shard: expected PART/PARTS, as 2/4, found \"{}\"", text);
  }
  return MakeShard(ParseInteger(text.substr(0, slash), "shard") - 1,
                   ParseInteger(text.substr(slash + 1), "shard"));
}

}  // namespace netdissect
