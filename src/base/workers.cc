#include "base/workers.h"

#include <ATen/Parallel.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "netdissect/base/error.h"

namespace netdissect {

struct Workers::State {
  explicit State(int count) {
    constexpr int kMost = 1024;
    if (count < 1 || count > kMost) Fail("threads: expected 1 to {}, found {}", kMost, count);
    at::get_num_threads();  // settles the caller's own number before the workers change the default
    threads.reserve(static_cast<size_t>(count));
    try {
      for (int i = 0; i < count; ++i) threads.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      Stop();
      Fail("threads: {} could not be started: {}", count, error.what());
    }
  }

  ~State() { Stop(); }

  void Stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    begun.notify_all();
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }

  void Work() {
    at::set_num_threads(1);  // of this thread
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      begun.wait(lock, [&] { return stopping || next < items; });
      if (stopping) return;
      const int64_t item = next++;
      ++running;
      lock.unlock();
      std::exception_ptr accident;
      try {
        (*work)(item);
      } catch (...) {
        accident = std::current_exception();
      }
      lock.lock();
      if (accident && !failure) {
        failure = accident;
        next = items;
      }
      --running;
      if (running == 0 && next == items) ended.notify_all();
    }
  }

  void Run(int64_t count, const std::function<void(int64_t)>& task) {
    if (count <= 0) return;
    std::unique_lock<std::mutex> lock(mutex);
    work = &task;
    failure = nullptr;
    next = 0;
    items = count;
    begun.notify_all();
    ended.wait(lock, [&] { return running == 0 && next == items; });
    work = nullptr;
    if (failure) std::rethrow_exception(failure);
  }

  std::mutex mutex;  // guards what follows up to `stopping`
  std::condition_variable begun, ended;
  const std::function<void(int64_t)>* work = nullptr;
  int64_t next = 0, items = 0, running = 0;
  std::exception_ptr failure;
  bool stopping = false;
  std::vector<std::thread> threads;
};

Workers::Workers(int threads) : state_(std::make_unique<State>(threads)) {}

Workers::~Workers() = default;

void Workers::Run(int64_t items, const std::function<void(int64_t)>& work) {
  state_->Run(items, work);
}

}  // namespace netdissect
