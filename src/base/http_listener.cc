#include "base/http_listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/http_answerers.h"
#include "base/json.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::string NetReason() { return std::strerror(errno); }

Clock::time_point After(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Descriptor Listen(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (status != 0) Fail("{}: expected an address of this machine: {}", host, gai_strerror(status));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  Descriptor listener(
      socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int yes = 1;
  // A server that was killed leaves its port waiting.
  if (listener.get() < 0 ||
      setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      bind(listener.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      listen(listener.get(), SOMAXCONN) != 0) {
    Fail("{} port {}: cannot be listened at: {}", host, port, NetReason());
  }
  return listener;
}

int PortOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Fail("the server's socket has no address: {}", NetReason());
  }
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// Connections that leave the process some files for what else it does.
size_t AffordableConnections(size_t wanted) {
  constexpr rlim_t kOthers = 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const rlim_t rest = limit.rlim_cur > kOthers ? limit.rlim_cur - kOthers : 1;
  return std::min<size_t>(wanted, rest);
}

const char* ReasonPhrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    default:
      return "Error";
  }
}

}  // namespace

HttpReply ErrorReply(int status, const std::string& reason) {
  const std::string body =
      Json{{"error", reason}}.dump(-1, ' ', true, Json::error_handler_t::replace);
  return {fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
                      "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
                      "Connection: close\r\n\r\n{}",
                      status, ReasonPhrase(status), body.size(), body),
          false};
}

struct HttpListener::Loop {
  // What a connection waits for.
  enum class Phase {
    kIdle,     // a request's first byte
    kReading,  // the rest of it
    kWorking,  // the reply
    kWriting,  // the client, to take it
    kClosing  // the client, to close: a reply that it has not read is lost with the connection else
  };

  struct Connection {
    Descriptor socket;
    Phase phase = Phase::kIdle;
    std::string in, out;
    size_t sent = 0;
    bool keep = true;
    Clock::time_point deadline{}, since{};  // since: it came into its phase
  };

  static constexpr uint64_t kListener = 0, kWake = 1, kFirstConnection = 2;

  explicit Loop(const HttpListenerOptions& given)
      : options(given),
        most_connections(AffordableConnections(given.connections)),
        listener(Listen(given.host, given.port)),
        epoll(epoll_create1(EPOLL_CLOEXEC)),
        wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (epoll.get() < 0 || wake.get() < 0) Fail("the server cannot wait: {}", NetReason());
    Watch(listener.get(), kListener, EPOLLIN, EPOLL_CTL_ADD);
    Watch(wake.get(), kWake, EPOLLIN, EPOLL_CTL_ADD);
  }

  void Run(const HttpResponder& respond, const std::function<bool()>& stop);

  void Watch(int descriptor, uint64_t name, uint32_t events, int operation) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = name;
    if (epoll_ctl(epoll.get(), operation, descriptor, &event) != 0) {
      Fail("the server cannot wait for a connection: {}", NetReason());
    }
  }

  // Waits for `events` from now on, at most as long; a connection that waits for its reply is not
  // watched.
  void Enter(uint64_t name, Connection& connection, Phase phase, uint32_t events, double seconds) {
    const bool was_watched = connection.phase != Phase::kWorking;
    const bool is_watched = phase != Phase::kWorking;
    connection.phase = phase;
    connection.since = Clock::now();
    connection.deadline = After(seconds);
    if (is_watched || was_watched) {
      Watch(connection.socket.get(), name, events,
            !is_watched   ? EPOLL_CTL_DEL
            : was_watched ? EPOLL_CTL_MOD
                          : EPOLL_CTL_ADD);
    }
  }

  void Accept();
  bool MakeRoom();
  void Read(uint64_t name, Connection& connection);
  void TakeRequest(uint64_t name, Connection& connection);
  void Reply(uint64_t name, Connection& connection, HttpReply reply);
  void Write(uint64_t name, Connection& connection);
  void Drain(uint64_t name, Connection& connection);
  void CloseLate();
  void CloseUnfetched();
  void Close(uint64_t name) {
    const auto found = connections.find(name);
    unsent -= found->second.out.size();
    connections.erase(found);  // the descriptor's end takes it from the epoll's list
  }

  bool IsBusy() const {
    return std::any_of(connections.begin(), connections.end(), [](const auto& each) {
      const Phase phase = each.second.phase;
      return phase == Phase::kWorking || phase == Phase::kWriting || phase == Phase::kClosing;
    });
  }

  const HttpListenerOptions options;
  const size_t most_connections;
  Descriptor listener, epoll, wake;
  std::unordered_map<uint64_t, Connection> connections;
  uint64_t next_name = kFirstConnection;
  size_t unsent = 0;  // of all replies
  bool stopping = false;
  HttpAnswerers* answerers = nullptr;
};

void HttpListener::Loop::Run(const HttpResponder& respond, const std::function<bool()>& stop) {
  HttpAnswerers team(options.threads, respond, wake.get());
  answerers = &team;
  Clock::time_point end{}, last_look{};
  constexpr int kTick = 100;  // milliseconds
  while (!stopping || (IsBusy() && Clock::now() < end)) {
    std::array<epoll_event, 256> events{};
    const int count =
        epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), kTick);
    for (int i = 0; i < count; ++i) {
      const uint64_t name = events[static_cast<size_t>(i)].data.u64;
      if (name == kListener) {
        Accept();
      } else if (name == kWake) {
        uint64_t ignored = 0;
        while (read(wake.get(), &ignored, sizeof ignored) < 0 && errno == EINTR) {
        }
      } else if (const auto found = connections.find(name); found != connections.end()) {
        Connection& connection = found->second;
        if (connection.phase == Phase::kIdle || connection.phase == Phase::kReading) {
          Read(name, connection);
        } else if (connection.phase == Phase::kWriting) {
          Write(name, connection);
        } else if (connection.phase == Phase::kClosing) {
          Drain(name, connection);
        }
      }
    }
    for (HttpAnswerers::Item& item : team.TakeDone()) {
      const auto found = connections.find(item.connection);
      if (found != connections.end()) Reply(item.connection, found->second, std::move(item.reply));
    }
    if (Clock::now() - last_look < std::chrono::milliseconds(kTick)) continue;
    last_look = Clock::now();
    CloseLate();
    if (!stopping && stop()) {
      stopping = true;
      end = After(options.last_seconds);
      listener = Descriptor();
    }
  }
  connections.clear();
}

// Whether one that waits for a request could be closed: who has sent nothing before who has sent a
// part, the one that has waited longest.
bool HttpListener::Loop::MakeRoom() {
  uint64_t chosen = 0;
  const Connection* worst = nullptr;
  for (const auto& [name, connection] : connections) {
    if (connection.phase == Phase::kWorking || connection.phase == Phase::kWriting) continue;
    const auto rank = [](const Connection& each) {
      return std::make_pair(each.phase == Phase::kReading, each.since);
    };
    if (worst != nullptr && rank(*worst) <= rank(connection)) continue;
    worst = &connection;
    chosen = name;
  }
  if (worst != nullptr) Close(chosen);
  return worst != nullptr;
}

void HttpListener::Loop::Accept() {
  constexpr int kAtOnce = 64;  // then others have their turn
  for (int i = 0; i < kAtOnce; ++i) {
    if (connections.size() >= most_connections && !MakeRoom()) return;
    Descriptor socket(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      const bool no_files =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (no_files && MakeRoom()) continue;
      return;  // nobody is waiting, or whoever was has gone
    }
    const int yes = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection& connection = connections[next_name];
    connection.socket = std::move(socket);
    connection.since = Clock::now();
    connection.deadline = After(options.idle_seconds);
    Watch(connection.socket.get(), next_name, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD);
    ++next_name;
  }
}

void HttpListener::Loop::Read(uint64_t name, Connection& connection) {
  std::array<char, 16384> bytes;
  const ssize_t count = recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return Close(name);
  connection.in.append(bytes.data(), static_cast<size_t>(count));
  if (connection.phase == Phase::kIdle) {
    Enter(name, connection, Phase::kReading, EPOLLIN | EPOLLRDHUP, options.request_seconds);
  }
  TakeRequest(name, connection);
}

void HttpListener::Loop::TakeRequest(uint64_t name, Connection& connection) {
  const HttpFrame frame = FrameOf(connection.in, options.limits);
  if (frame.status != 0) return Reply(name, connection, ErrorReply(frame.status, frame.reason));
  if (frame.size == 0) return;
  std::string request = connection.in.substr(0, frame.size);
  connection.in.erase(0, frame.size);
  Enter(name, connection, Phase::kWorking, 0, 0);
  answerers->Give(name, std::move(request));
}

void HttpListener::Loop::Reply(uint64_t name, Connection& connection, HttpReply reply) {
  connection.out = std::move(reply.bytes);
  connection.sent = 0;
  connection.keep = reply.keep && !stopping;
  unsent += connection.out.size();
  Enter(name, connection, Phase::kWriting, EPOLLOUT, options.write_seconds);
  Write(name, connection);
  if (unsent > options.unsent) CloseUnfetched();
}

void HttpListener::Loop::Write(uint64_t name, Connection& connection) {
  while (connection.sent < connection.out.size()) {
    const ssize_t count = send(connection.socket.get(), connection.out.data() + connection.sent,
                               connection.out.size() - connection.sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return Close(name);
    connection.sent += static_cast<size_t>(count);
    connection.deadline = After(options.write_seconds);
  }
  unsent -= connection.out.size();
  connection.out = std::string();
  if (!connection.keep) {
    constexpr double kPatience = 2;
    shutdown(connection.socket.get(), SHUT_WR);
    return Enter(name, connection, Phase::kClosing, EPOLLIN | EPOLLRDHUP, kPatience);
  }
  if (connection.in.empty()) {
    connection.in = std::string();
    return Enter(name, connection, Phase::kIdle, EPOLLIN | EPOLLRDHUP, options.idle_seconds);
  }
  Enter(name, connection, Phase::kReading, EPOLLIN | EPOLLRDHUP, options.request_seconds);
  TakeRequest(name, connection);  // the next one had come before
}

void HttpListener::Loop::Drain(uint64_t name, Connection& connection) {
  std::array<char, 16384> ignored;
  const ssize_t count = recv(connection.socket.get(), ignored.data(), ignored.size(), 0);
  const bool goes_on = count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
  if (!goes_on) Close(name);
}

void HttpListener::Loop::CloseLate() {
  const Clock::time_point now = Clock::now();
  std::vector<uint64_t> late;
  for (const auto& [name, connection] : connections) {
    if (connection.phase != Phase::kWorking && connection.deadline < now) late.push_back(name);
  }
  for (const uint64_t name : late) {
    const auto found = connections.find(name);
    if (found == connections.end()) continue;  // closed by a reply to another
    if (found->second.phase == Phase::kReading) {
      Reply(name, found->second, ErrorReply(408, "the request did not come whole in time"));
    } else {
      Close(name);
    }
  }
}

// Of the replies that nobody fetches, the one that has waited longest.
void HttpListener::Loop::CloseUnfetched() {
  while (unsent > options.unsent) {
    uint64_t chosen = 0;
    const Connection* oldest = nullptr;
    for (const auto& [name, connection] : connections) {
      if (connection.phase != Phase::kWriting) continue;
      if (oldest != nullptr && oldest->since <= connection.since) continue;
      oldest = &connection;
      chosen = name;
    }
    if (oldest == nullptr) return;
    Close(chosen);
  }
}

HttpListener::HttpListener(const HttpListenerOptions& options)
    : loop_(std::make_unique<Loop>(options)) {}

HttpListener::~HttpListener() = default;

int HttpListener::port() const { return PortOf(loop_->listener.get()); }

void HttpListener::Run(const HttpResponder& respond, const std::function<bool()>& stop) {
  loop_->Run(respond, stop);
}

}  // namespace netdissect
