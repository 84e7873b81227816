// Requests to the server of annotations.

#include "base/http_frame.h"
#include "base/json.h"
#include "experiment/http_exchange.h"
#include "experiment/request_guard.h"
#include "fuzz/target.h"
#include "netdissect/base/error.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

// Handlers as the server's: one reads a file's name, one an answer.
HttpExchange& Exchange() {
  static HttpExchange exchange;
  static const bool ready = [] {
    exchange.Get("/(.*)", [](const httplib::Request& request, httplib::Response& response) {
      const RequestGuard guard("127.0.0.1", 80, "0123456789abcdef0123456789abcdef");
      RequestClaims claims;
      claims.host = request.get_header_value("Host");
      claims.origin = request.get_header_value("Origin");
      claims.cookies = request.get_header_value("Cookie");
      response.status = guard.Check(claims) ? 403 : 200;
    });
    exchange.Post("/api/answer", [](const httplib::Request& request, httplib::Response& response) {
      const Json json = Json::parse(request.body, nullptr, false);
      try {
        AnswerFrom(json, "request");
      } catch (const Error&) {
        response.status = 400;
      }
    });
    return true;
  }();
  static_cast<void>(ready);
  return exchange;
}

const AddTarget request(
    {"request",
     [](const std::string& bytes) {
       std::string_view rest = bytes;  // one after the other, as a connection has them
       while (!rest.empty()) {
         const HttpFrame frame = FrameOf(rest);
         if (frame.status != 0 || frame.size == 0) return;
         Exchange().Answer(std::string(rest.substr(0, frame.size)));
         rest.remove_prefix(frame.size);
       }
     },
     [] {
       return std::vector<std::string>{
           "GET /sheets/a.jpg HTTP/1.1\r\nHost: 127.0.0.1:80\r\nCookie: a=b\r\n\r\n"
           "GET / HTTP/1.0\r\nHost: localhost\r\nRange: bytes=0-3\r\n\r\n",
           "POST /api/answer HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Type: application/json\r\n"
           "Content-Length: 12\r\n\r\n{\"id\": \"a\"}\r\n"};
     }});

}  // namespace
}  // namespace netdissect
