#pragma once
// The threads of a server that answer whole requests, with what they have to answer and what they
// have answered.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace netdissect {

struct HttpReply {
  std::string bytes;  // head and body
  bool keep = false;  // the connection, for more requests
};

/// Answers a whole request; called from several threads, must not throw.
using HttpResponder = std::function<HttpReply(const std::string& request)>;

class HttpAnswerers {
 public:
  struct Item {
    uint64_t connection = 0;
    std::string request;
    HttpReply reply;
  };

  /// Writes to the eventfd `wake` after each reply. `respond` has to outlive it. Error where so
  /// many threads cannot be started.
  HttpAnswerers(int threads, const HttpResponder& respond, int wake);
  /// Answers what it was given.
  ~HttpAnswerers();
  HttpAnswerers(const HttpAnswerers&) = delete;
  HttpAnswerers& operator=(const HttpAnswerers&) = delete;

  void Give(uint64_t connection, std::string request);
  /// What was answered since the last call.
  std::vector<Item> TakeDone();

 private:
  void Work();
  void Stop();

  const HttpResponder& respond_;
  const int wake_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Item> waiting_;
  std::vector<Item> done_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace netdissect
