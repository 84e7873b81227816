#pragma once
// Connections of a small HTTP server, such that nobody can keep others from being served. One
// thread holds all connections and reads requests as they come, whole ones go to a few threads that
// answer them. So a client that is slow, or that opens connections and leaves them, costs neither a
// thread nor more memory than its connection may have. Where connections run out, the one that has
// waited longest for a request to come is closed for the new one.
//
// A process that may not open so many files (RLIMIT_NOFILE) has fewer connections.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/http_answerers.h"
#include "base/http_frame.h"

namespace netdissect {

struct HttpListenerOptions {
  std::string host = "127.0.0.1";  // address or name
  int port = 0;                    // 0: one that is free
  int threads = 16;                // that answer; they wait for the disk, not for clients
  size_t connections = 512;        // at a time
  size_t unsent = 64 << 20;     // bytes of replies that clients have not fetched, of all together
  double request_seconds = 10;  // from a request's first byte to its last
  double idle_seconds = 60;     // without a request
  double write_seconds = 30;    // in which a client takes nothing of a reply
  double last_seconds = 5;      // for what is in hand when it is asked to stop
  HttpLimits limits;
};

/// The reply {"error": reason} to a request that cannot be answered otherwise. Ends the connection.
HttpReply ErrorReply(int status, const std::string& reason);

class HttpListener {
 public:
  /// Listens from now on. Error where the address cannot be had.
  explicit HttpListener(const HttpListenerOptions& options);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  int port() const;

  /// Serves until `stop`, asked some times a second from this thread, says true; then accepts no
  /// more and finishes what is in hand.
  void Run(const HttpResponder& respond, const std::function<bool()>& stop);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace netdissect
