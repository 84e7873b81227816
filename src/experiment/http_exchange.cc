#include "experiment/http_exchange.h"

#include <algorithm>
#include <type_traits>

namespace netdissect {
namespace {

// A connection whose client has sent all and takes all.
class WholeRequest : public httplib::Stream {
 public:
  explicit WholeRequest(const std::string& request) : request_(request) {}

  bool is_readable() const override { return at_ < request_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const size_t count = std::min(size, request_.size() - at_);
    request_.copy(to, count, at_);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    reply_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& /*address*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*address*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string TakeReply() { return std::move(reply_); }

 private:
  const std::string& request_;
  size_t at_ = 0;
  std::string reply_;
};

}  // namespace

HttpReply HttpExchange::Answer(const std::string& request) {
  WholeRequest stream(request);
  bool closed = false;
  // Many overlapping ranges of a small file make a large reply.
  const std::function<void(httplib::Request&)> without_ranges = [](httplib::Request& each) {
    each.ranges.clear();
  };
  // Later versions are told the addresses of both ends.
  const auto process = [&](auto* server) {
    using Self = std::remove_pointer_t<decltype(server)>;
    using Earlier = bool (Self::*)(httplib::Stream&, bool, bool&,
                                   const std::function<void(httplib::Request&)>&);
    if constexpr (std::is_convertible_v<decltype(&Self::process_request), Earlier>) {
      return server->process_request(stream, false, closed, without_ranges);
    } else {
      return server->process_request(stream, "", 0, "", 0, false, closed, without_ranges);
    }
  };
  const bool answered = process(this);
  return {stream.TakeReply(), answered && !closed};
}

}  // namespace netdissect
