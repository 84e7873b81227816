#include "base/http_answerers.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "netdissect/base/error.h"

namespace netdissect {

HttpAnswerers::HttpAnswerers(int threads, const HttpResponder& respond, int wake)
    : respond_(respond), wake_(wake) {
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error& error) {
    Stop();
    Fail("threads: {} could not be started: {}", threads, error.what());
  }
}

HttpAnswerers::~HttpAnswerers() { Stop(); }

void HttpAnswerers::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  more_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void HttpAnswerers::Give(uint64_t connection, std::string request) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back({connection, std::move(request), {}});
  }
  more_.notify_one();
}

std::vector<HttpAnswerers::Item> HttpAnswerers::TakeDone() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(done_, {});
}

void HttpAnswerers::Work() {
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    more_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Item item = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    item.reply = respond_(item.request);
    lock.lock();
    done_.push_back(std::move(item));
    lock.unlock();
    const uint64_t one = 1;
    while (write(wake_, &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
}

}  // namespace netdissect
