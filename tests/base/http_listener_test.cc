#include "base/http_listener.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/descriptor.h"

namespace netdissect {
namespace {

// A server on a thread of its own, until `stop`.
class HttpListenerTest : public testing::Test {
 protected:
  void Serve(const HttpResponder& respond) {
    server_ =
        std::thread([this, respond] { listener_.Run(respond, [this] { return bool{stop}; }); });
  }
  void TearDown() override {
    stop = true;
    if (server_.joinable()) server_.join();
  }

  // A client that has connected to it.
  Descriptor Connected() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(listener_.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return client;
  }

  static std::string RequestOf(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n";
  }

  static void Send(const Descriptor& client, const std::string& bytes) {
    EXPECT_EQ(send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  // The next `size` bytes; fewer where the server ends before.
  static std::string Received(const Descriptor& client, size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = recv(client.get(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return bytes;
  }

  std::atomic<bool> stop{false};

 private:
  HttpListener listener_{HttpListenerOptions()};
  std::thread server_;
};

TEST_F(HttpListenerTest, EachOfManyClientsHasItsOwnAnswers) {
  constexpr int kClients = 20, kRequests = 50;
  std::atomic<int> answered{0};
  Serve([&](const std::string& request) {
    ++answered;
    return HttpReply{request, true};  // the listener hands on what it is given
  });
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([this, c] {
      const Descriptor client = Connected();
      for (int i = 0; i < kRequests; ++i) {
        const std::string request = RequestOf("/" + std::to_string(c) + "/" + std::to_string(i));
        Send(client, request);
        ASSERT_EQ(Received(client, request.size()), request);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, kClients * kRequests);
}

TEST_F(HttpListenerTest, WhatIsInHandIsFinishedBeforeItStops) {
  Serve([&](const std::string& request) {
    stop = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // it has noticed by then
    return HttpReply{request, true};
  });
  const Descriptor client = Connected();
  const std::string request = RequestOf("/last");
  Send(client, request);
  EXPECT_EQ(Received(client, request.size()), request);
  EXPECT_EQ(Received(client, 1), "") << "a connection that is left open";
}

}  // namespace
}  // namespace netdissect
