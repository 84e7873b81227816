#include "mpi_crew.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "netdissect/base/observer.h"

namespace netdissect {
namespace {

constexpr int kAsk = 1, kAnswer = 2;  // tags

enum class Question : int64_t { kNext, kMeet, kLeave, kAlive };

constexpr std::chrono::seconds kPulse{5};     // between signs of life
constexpr std::chrono::seconds kSilence{60};  // after which a process is taken for lost

// MPI's own waiting takes a whole core.
void Nap() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

// A message is numbers and a text: {number, number, length} and the text.
struct Message {
  std::array<int64_t, 2> numbers = {};
  std::string text;
};

void Send(const Message& message, int rank, int tag) {
  const std::array<int64_t, 3> head = {message.numbers[0], message.numbers[1],
                                       static_cast<int64_t>(message.text.size())};
  std::string bytes(reinterpret_cast<const char*>(head.data()), sizeof(head));
  bytes += message.text;
  MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD);
}

Message Receive(const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  std::string bytes(static_cast<size_t>(size), '\0');
  MPI_Recv(bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  Message message;
  std::copy_n(bytes.data(), sizeof(message.numbers),
              reinterpret_cast<char*>(message.numbers.data()));
  message.text = bytes.substr(sizeof(std::array<int64_t, 3>));
  return message;
}

std::string MachineName() {
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  MPI_Get_processor_name(name.data(), &length);
  return {name.data(), static_cast<size_t>(length)};
}

Error OutOf(const std::string& failure) {
  return Error{failure + "; what was done is kept, and the same command goes on from there"};
}

// What rank 0 knows: which items are left, who waits. Called by one thread at a time.
class Desk {
 public:
  explicit Desk(int size) : size_(size) {}

  void Begin(const ItemRanges& todo) { todo_ = todo; }
  void Tell(std::string text) { told_ = std::move(text); }

  // Few at a time while many are left, so that little is decided ahead of its time, and none waits
  // long for the last one.
  ItemRange Next(int64_t most) {
    if (todo_.empty()) return {};
    const ItemRange first = todo_.list().front();
    const int64_t fair = std::max<int64_t>(1, todo_.count() / (2 * int64_t{size_}));
    const ItemRange next = {first.begin, std::min({first.end, first.begin + most,
                                                   first.begin + std::max(fair, Least(most))})};
    ItemRanges rest;
    for (const ItemRange& range : todo_.list()) {
      rest.Add({std::max(range.begin, next.end), range.end});
    }
    todo_ = rest;
    return next;
  }

  // Whether all are here.
  bool Arrive(int rank) {
    waiting_.push_back(rank);
    return static_cast<int>(waiting_.size()) == size_;
  }
  std::vector<int> Release() { return std::exchange(waiting_, {}); }

  void Fail(const std::string& why) {
    if (failure_.empty()) failure_ = why;
  }
  const std::string& failure() const { return failure_; }
  const std::string& told() const { return told_; }

  void Leave() { ++left_; }
  bool AllLeft() const { return left_ == size_; }

 private:
  // Below this a share is not worth its message.
  static int64_t Least(int64_t most) { return std::max<int64_t>(1, most / 8); }

  const int size_;
  ItemRanges todo_;
  std::string told_, failure_;
  std::vector<int> waiting_;
  int left_ = 0;
};

class Member : public MpiCrew {
 public:
  Member(int rank, int size, std::function<bool()> stop)
      : rank_(rank),
        size_(size),
        stop_(std::move(stop)),
        name_(fmt::format("rank {} on {}", rank, MachineName())) {
    MPI_Comm machine = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
    MPI_Comm_rank(machine, &place_);
    MPI_Comm_free(&machine);
  }

  std::string mark() const override { return rank_ == 0 ? "" : fmt::format("rank-{}", rank_); }
  int size() const override { return size_; }
  int place_on_machine() const override { return place_; }

 protected:
  void CheckStopped() const {
    if (stop_()) throw Stopped("stopped while waiting for other processes");
  }

  const int rank_, size_;
  const std::function<bool()> stop_;
  const std::string name_;

 private:
  int place_ = 0;
};

// Rank 0: a thread of its own answers the others, the only one that speaks with them.
class First : public Member {
 public:
  First(int size, std::function<bool()> stop)
      : Member(0, size, std::move(stop)),
        desk_(size),
        heard_(static_cast<size_t>(size), Clock::now()),
        thread_([this] { Serve(); }) {}

  ~First() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      desk_.Leave();
      ended_ = true;
    }
    thread_.join();
    if (lost_) {  // it would be waited for
      std::cerr << "netdissect: " << OutOf(desk_.failure()).what() << std::endl;
      MPI_Abort(MPI_COMM_WORLD, 1);
    }
    MPI_Finalize();
  }

  void Begin(const ItemRanges& todo, int64_t /*total*/) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      desk_.Begin(todo);
    }
    Meet();
  }

  ItemRange Next(int64_t most) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    Require();
    return desk_.Next(most);
  }

  void Meet() override {
    std::unique_lock<std::mutex> lock(mutex_);
    Require();
    met_ = false;
    if (desk_.Arrive(0)) {
      Release();
    }
    while (!met_) {
      changed_.wait_for(lock, std::chrono::milliseconds(200));
      if (met_) break;
      Require();
      CheckStopped();
    }
  }

  std::string Tell(const std::string& text) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      desk_.Tell(text);
    }
    Meet();
    return text;
  }

  void Fail(const std::string& why) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    desk_.Fail(name_ + " has failed: " + why);
    LetGo();
  }

 private:
  void Require() const {
    if (!desk_.failure().empty()) throw OutOf(desk_.failure());
  }

  // Who waits is told, by the thread, what holds now.
  void LetGo() {
    const bool failed = !desk_.failure().empty();
    for (const int rank : desk_.Release()) {
      if (rank == 0) continue;
      letters_.emplace_back(rank,
                            Message{{failed ? 1 : 0, 0}, failed ? desk_.failure() : desk_.told()});
    }
    changed_.notify_all();
  }

  // All are here.
  void Release() {
    met_ = true;
    LetGo();
  }

  void Serve() {
    for (;;) {
      std::vector<std::pair<int, Message>> letters;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        LookForLost();
        if (desk_.AllLeft() || (lost_ && ended_)) return;
        letters = std::exchange(letters_, {});
      }
      for (const auto& [rank, letter] : letters) Send(letter, rank, kAnswer);
      int there = 0;
      MPI_Status status{};
      MPI_Iprobe(MPI_ANY_SOURCE, kAsk, MPI_COMM_WORLD, &there, &status);
      if (there == 0) {
        Nap();
        continue;
      }
      const Message question = Receive(status);
      if (const auto reply = AnswerTo(question, status.MPI_SOURCE)) {
        Send(*reply, status.MPI_SOURCE, kAnswer);
      }
    }
  }

  // A machine that is cut off says nothing, and MPI may not notice for minutes.
  void LookForLost() {
    for (size_t rank = 1; rank < heard_.size() && !lost_; ++rank) {
      if (heard_[rank] == Clock::time_point::max() || Clock::now() - heard_[rank] < kSilence) {
        continue;
      }
      lost_ = true;
      desk_.Fail(
          fmt::format("rank {} was not heard of for {} seconds: it, or the way to it, is gone",
                      rank, kSilence.count()));
      LetGo();
    }
  }

  std::optional<Message> AnswerTo(const Message& question, int rank) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto what = static_cast<Question>(question.numbers[0]);
    heard_[static_cast<size_t>(rank)] =
        what == Question::kLeave ? Clock::time_point::max() : Clock::now();
    if (what == Question::kAlive) return std::nullopt;
    if (what == Question::kLeave) {
      if (!question.text.empty()) desk_.Fail(question.text);
      desk_.Leave();
      if (!desk_.failure().empty()) LetGo();
      return std::nullopt;
    }
    if (!desk_.failure().empty()) return Message{{1, 0}, desk_.failure()};
    if (what == Question::kNext) {
      const ItemRange next = desk_.Next(question.numbers[1]);
      return Message{{next.begin, next.end}, ""};
    }
    if (desk_.Arrive(rank)) Release();
    return std::nullopt;
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Desk desk_;
  std::vector<Clock::time_point> heard_;  // when, by rank; max() of one that has left
  bool lost_ = false, ended_ = false;
  std::vector<std::pair<int, Message>> letters_;  // to ranks, that are not sent yet
  bool met_ = false;
  std::thread thread_;
};

class Other : public Member {
 public:
  Other(int rank, int size, std::function<bool()> stop)
      : Member(rank, size, std::move(stop)), pulse_([this] { SayAlive(); }) {}

  ~Other() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      leaving_ = true;
    }
    leaves_.notify_all();
    pulse_.join();
    Ask({{static_cast<int64_t>(Question::kLeave), 0}, failure_});
    MPI_Finalize();
  }

  void Begin(const ItemRanges& /*todo*/, int64_t /*total*/) override { Meet(); }

  ItemRange Next(int64_t most) override {
    Ask({{static_cast<int64_t>(Question::kNext), most}, ""});
    const Message answer = Answer();
    if (!answer.text.empty()) throw OutOf(answer.text);
    return {answer.numbers[0], answer.numbers[1]};
  }

  void Meet() override { Tell(""); }

  std::string Tell(const std::string& /*text*/) override {
    Ask({{static_cast<int64_t>(Question::kMeet), 0}, ""});
    const Message answer = Answer();
    if (answer.numbers[0] != 0) throw OutOf(answer.text);
    return answer.text;
  }

  void Fail(const std::string& why) override {
    if (failure_.empty()) failure_ = name_ + " has failed: " + why;
  }

 private:
  void Ask(const Message& question) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Send(question, 0, kAsk);
  }

  Message Answer() {
    for (;;) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        int there = 0;
        MPI_Status status{};
        MPI_Iprobe(0, kAnswer, MPI_COMM_WORLD, &there, &status);
        if (there != 0) return Receive(status);
      }
      CheckStopped();
      Nap();
    }
  }

  void SayAlive() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!leaves_.wait_for(lock, kPulse, [&] { return leaving_; })) {
      Send({{static_cast<int64_t>(Question::kAlive), 0}, ""}, 0, kAsk);
    }
  }

  std::string failure_;
  std::mutex mutex_;  // guards MPI, and what follows
  std::condition_variable leaves_;
  bool leaving_ = false;
  std::thread pulse_;
};

bool StartedTogether() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<MpiCrew> MakeMpiCrew(std::function<bool()> stop) {
  if (!StartedTogether()) return nullptr;
  int level = 0, rank = 0, size = 1;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == 1) {
    MPI_Finalize();
    return nullptr;
  }
  if (level < MPI_THREAD_SERIALIZED)
    netdissect::Fail("MPI: expected calls from several threads, found none");
  if (rank == 0) return std::make_shared<First>(size, std::move(stop));
  return std::make_shared<Other>(rank, size, std::move(stop));
}

}  // namespace netdissect
