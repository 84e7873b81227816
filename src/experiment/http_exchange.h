#pragma once
// cpp-httplib between a whole request and its whole reply: it parses, routes and writes; the
// connections are HttpListener's. Its own server has a thread for each connection, waits for each
// byte instead of for the request, and (in 0.11) takes headers without number.

#include <httplib.h>

#include <string>

#include "base/http_listener.h"

namespace netdissect {

class HttpExchange : public httplib::Server {
 public:
  /// The handlers that were set answer it. Safe to use from many threads where they are.
  HttpReply Answer(const std::string& request);
};

}  // namespace netdissect
