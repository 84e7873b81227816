#include "base/http_frame.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::string Request(const std::string& headers, const std::string& body = "") {
  return "POST /api/next HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

TEST(HttpFrame, EndsWhereTheRequestEnds) {
  for (const std::string& request :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Request("Content-Length: 5\r\n", "12345"),
        Request("content-length:   5  \r\nA:\r\n", "\r\n\r\n5"),
        Request("Content-Length: 0\r\n")}) {
    for (size_t here = 0; here < request.size(); ++here) {
      const HttpFrame part = FrameOf(request.substr(0, here));
      EXPECT_EQ(part.size, 0u);
      EXPECT_EQ(part.status, 0) << request.substr(0, here);
    }
    for (const std::string rest : {"", "GET / HTTP/1.1\r\n", "\0\xff\r\n\r\n"}) {
      EXPECT_EQ(FrameOf(request + rest).size, request.size());
      EXPECT_EQ(FrameOf(request + rest).status, 0);
    }
  }
}

TEST(HttpFrame, LimitsHoldToTheByte) {
  HttpLimits limits;
  limits.line = 40;
  limits.head = 200;
  limits.headers = 3;
  limits.body = 10;
  const auto status = [&](const std::string& request) { return FrameOf(request, limits).status; };
  const auto line = [](size_t bytes) {
    return "GET /" + std::string(bytes - 14, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  EXPECT_EQ(status(line(40)), 0);
  EXPECT_EQ(status(line(41)), 414);
  EXPECT_EQ(status(std::string(41, 'a')), 414);
  EXPECT_EQ(status(Request("A: " + std::string(37, 'b') + "\r\n")), 0);
  EXPECT_EQ(status(Request("A: " + std::string(38, 'b') + "\r\n")), 431);
  EXPECT_EQ(status(Request("A: b\r\nC: d\r\n")), 0);
  EXPECT_EQ(status(Request("A: b\r\nC: d\r\nE: f\r\n")), 431);
  EXPECT_EQ(status(Request("Content-Length: 10\r\n")), 0);
  EXPECT_EQ(status(Request("Content-Length: 11\r\n")), 413);
  EXPECT_EQ(status(Request("Content-Length: 99999999999999999999999\r\n")), 413);
  limits.headers = 1000;
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  while (many.size() < 200) many += "A: b\r\n";
  EXPECT_EQ(status(many), 431);  // before the end has come
}

TEST(HttpFrame, RefusesWhatIsAmbiguous) {
  for (const std::string line :
       {"GET /", "GET / HTTP/1.2", "GET / HTTP/2", "GET  HTTP/1.1", "GET x HTTP/1.1",
        "GET http://x/ HTTP/1.1", " GET / HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1.1 ",
        "GET /a b HTTP/1.1", "GET /\xc3\xa4 HTTP/1.1", ""}) {
    EXPECT_EQ(FrameOf(line + "\r\nHost: x\r\n\r\n").status, 400) << line;
  }
  for (const std::string& headers :
       {std::string("Host: y\r\n"), std::string("Content-Length: 1\r\nContent-Length: 1\r\n"),
        std::string("Content-Length: +1\r\n"), std::string("Content-Length: 1, 1\r\n"),
        std::string("Content-Length:\r\n"), std::string("Content-Length: 0x1\r\n"),
        std::string("Content-Length : 1\r\n"), std::string(" folded\r\n"), std::string("none\r\n"),
        std::string(": y\r\n"), std::string("A: b\nC: d\r\n"), std::string("A: b\rC: d\r\n"),
        std::string("A: \0\r\n", 6), std::string("A: \x7f\r\n")}) {
    EXPECT_EQ(FrameOf(Request(headers, "1")).status, 400) << headers;
  }
  EXPECT_EQ(FrameOf("GET / HTTP/1.1\r\n\r\n").status, 400);  // no host
  EXPECT_EQ(FrameOf(Request("Transfer-Encoding: chunked\r\n")).status, 501);
  EXPECT_EQ(FrameOf(Request("transfer-encoding: identity\r\n")).status, 501);
}

// Anything at all: it is refused, or its end is within it, or more has to come, which ends.
TEST(HttpFrame, AnyBytesComeToAnEnd) {
  const std::vector<std::string> words = {"GET",
                                          " ",
                                          "/",
                                          "HTTP/1.1",
                                          "\r\n",
                                          "\r\n\r\n",
                                          "Host: x",
                                          "Content-Length: ",
                                          "7",
                                          "\r",
                                          "\n",
                                          ":",
                                          "\t",
                                          "\xff",
                                          "Transfer-Encoding: chunked"};
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    std::string bytes = random.Below(2) == 0 ? "" : "GET / HTTP/1.1\r\nHost: x\r\n";
    const uint64_t count = random.Below(30);
    for (uint64_t i = 0; i < count; ++i) {
      if (random.Below(4) == 0) {
        bytes += static_cast<char>(random.Below(256));
      } else {
        bytes += words[random.Below(words.size())];
      }
    }
    const HttpFrame frame = FrameOf(bytes);
    ASSERT_LE(frame.size, bytes.size());
    ASSERT_TRUE(frame.size == 0 || frame.status == 0);
    ASSERT_EQ(frame.status == 0, frame.reason.empty());
    const std::string longer = bytes + std::string(100000, ' ');
    const HttpFrame end = FrameOf(longer);
    ASSERT_TRUE(end.size > 0 || end.status > 0);
  }
}

}  // namespace
}  // namespace netdissect
