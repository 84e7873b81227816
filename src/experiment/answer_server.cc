#include "experiment/answer_server.h"

#include <algorithm>
#include <atomic>
#include <ctime>

#include "base/text.h"
#include "experiment/http_exchange.h"
#include "experiment/page_files.h"
#include "experiment/request_guard.h"
#include "netdissect/base/error.h"
#include "report/overview_report.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

using httplib::Request;
using httplib::Response;

constexpr char kJson[] = "application/json";

// What a browser may do with what it gets: nothing but show it, by the server's own scripts.
const httplib::Headers& SafeHeaders() {
  static const httplib::Headers kHeaders = {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
       "'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"}};
  return kHeaders;
}

void SetJson(Response& response, int status, const Json& json) {
  response.status = status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(json.dump(-1, ' ', false, Json::error_handler_t::replace), kJson);
}

void SetError(Response& response, int status, const std::string& why) {
  SetJson(response, status, {{"error", why}});
}

// A request that is none: its sender's mistake.
class BadRequest : public Error {
 public:
  using Error::Error;
};

Json BodyOf(const Request& request) {
  constexpr int kDeepest = 8;  // far beyond any answer; one that is deeper could exhaust the stack
  try {
    return Json::parse(request.body, [](int depth, Json::parse_event_t, Json&) {
      if (depth > kDeepest) throw BadRequest("expected flat JSON, found it nested deeply");
      return true;
    });
  } catch (const nlohmann::json::exception& error) {
    throw BadRequest(fmt::format("expected JSON: {}", Excerpt(error.what())));
  }
}

struct UnitRequest {
  std::string annotator;
  int unit = -1;
};

// {"annotator", "unit"}; the unit may be null only where `optional`.
UnitRequest UnitRequestFrom(const Json& json, int units, bool optional) {
  constexpr size_t kLongestName = 200;
  if (!json.is_object() || !json.contains("annotator") || !json["annotator"].is_string()) {
    throw BadRequest("expected {\"annotator\": name, \"unit\": index}");
  }
  UnitRequest request;
  request.annotator = json["annotator"].get<std::string>();
  if (Trim(request.annotator).empty() || request.annotator.size() > kLongestName) {
    throw BadRequest(fmt::format("annotator: expected a name of at most {} bytes, found {}",
                                 kLongestName, request.annotator.size()));
  }
  const Json unit = json.value("unit", Json());
  if (unit.is_null() && optional) return request;
  if (!unit.is_number_integer() || unit < 0 || unit >= units) {
    throw BadRequest(
        fmt::format("unit: expected a whole number of 0 to {}, found {}", units - 1, Shown(unit)));
  }
  request.unit = unit.get<int>();
  return request;
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

bool IsApi(const std::string& path) { return path.rfind("/api/", 0) == 0; }

bool IsJson(const Request& request) {
  const std::string type = request.get_header_value("Content-Type");
  return Trim(type.substr(0, type.find(';'))) == kJson && !request.has_header("Content-Encoding");
}

}  // namespace

struct AnswerServer::State {
  State(const AnnotationTask& for_task, const RunFiles& files, AnswerDesk& at_desk,
        const HttpListenerOptions& options, const std::string& token)
      : task(for_task),
        desk(at_desk),
        pages(for_task, files),
        listener(options),
        guard(options.host, listener.port(), token) {
    constexpr size_t kManyRequests = 1000000;
    exchange.set_default_headers(SafeHeaders());
    exchange.set_keep_alive_max_count(kManyRequests);
    exchange.set_keep_alive_timeout(static_cast<time_t>(options.idle_seconds));
    exchange.set_payload_max_length(options.limits.body);
    exchange.set_pre_routing_handler([this](const Request& request, Response& response) {
      return Admit(request, response) ? httplib::Server::HandlerResponse::Unhandled
                                      : httplib::Server::HandlerResponse::Handled;
    });
    using Handler = void (State::*)(const Json&, Response&);
    for (const auto& [path, handler] : {std::pair<const char*, Handler>{"/api/next", &State::Next},
                                        {"/api/renew", &State::Renew},
                                        {"/api/release", &State::Release},
                                        {"/api/answer", &State::Answer}}) {
      exchange.Post(path, [this, handle = handler](const Request& request, Response& response) {
        Handle(handle, request, response);
      });
      posts.emplace_back(path);
    }
  }

  // What needs no body is answered here; false then. True: the body is read, and one of the
  // handlers above called.
  bool Admit(const Request& request, Response& response) {
    RequestClaims claims;
    claims.host = request.get_header_value("Host");
    claims.origin = request.get_header_value("Origin");
    claims.fetch_site = request.get_header_value("Sec-Fetch-Site");
    claims.token = request.get_param_value("token");
    claims.cookies = request.get_header_value("Cookie");
    claims.is_api = IsApi(request.path);
    if (const auto refusal = guard.Check(claims)) {
      SetError(response, refusal->status, refusal->reason);
      return false;
    }
    if (guard.IsToken(claims.token)) {
      response.set_header("Set-Cookie", guard.Cookie() + "; Path=/; HttpOnly; SameSite=Strict");
    }
    const bool is_post = std::find(posts.begin(), posts.end(), request.path) != posts.end();
    const PageFile* file = pages.Find(request.path);
    const bool is_overview = request.path == "/api/overview";
    if (!is_post && !is_overview && file == nullptr) {
      SetError(response, 404, "no such file");
      return false;
    }
    const bool is_reading = request.method == "GET" || request.method == "HEAD";
    if (is_post ? request.method != "POST" : !is_reading) {
      response.set_header("Allow", is_post ? "POST" : "GET, HEAD");
      SetError(response, 405, is_post ? "expected POST" : "expected GET");
      return false;
    }
    if (is_post && !IsJson(request)) {
      SetError(response, 415, "expected application/json");
      return false;
    }
    if (is_post) return true;
    if (is_overview) {
      Overview(response);
    } else {
      Show(*file, response);
    }
    return false;
  }

  void Show(const PageFile& file, Response& response) const {
    // Another task's page may come from the same address tomorrow.
    response.set_header("Cache-Control", "no-store");
    try {
      response.set_content(file.path.empty() ? file.text : ReadFile(file.path), file.type);
      response.status = 200;
    } catch (const Error&) {
      SetError(response, 500, "the file cannot be read any more");
    }
  }

  void Overview(Response& response) const {
    SetJson(response, 200, desk.With([](const Assignment& assignment) {
      return ToJson(assignment, OverviewOf(assignment));
    }));
  }

  void Handle(void (State::*handler)(const Json&, Response&), const Request& request,
              Response& response) {
    try {
      (this->*handler)(BodyOf(request), response);
    } catch (const Error& error) {
      SetError(response, 400, error.what());
    }
  }

  void Next(const Json& json, Response& response) {
    const auto units = static_cast<int>(task.units.size());
    const UnitRequest request = UnitRequestFrom(json, units, true);
    const AnswerDesk::Work work = desk.Next(request.annotator, request.unit);
    SetJson(response, 200,
            {{"unit", work.unit < 0 ? Json(nullptr) : Json(work.unit)},
             {"lease_seconds", lease()},
             {"answered", work.answered},
             {"done", work.done},
             {"total", units}});
  }

  void Renew(const Json& json, Response& response) {
    const auto request = UnitRequestFrom(json, static_cast<int>(task.units.size()), false);
    const bool held = desk.Renew(request.annotator, request.unit);
    SetJson(response, 200, {{"held", held}, {"lease_seconds", lease()}});
  }

  void Release(const Json& json, Response& response) {
    const auto request = UnitRequestFrom(json, static_cast<int>(task.units.size()), false);
    desk.Release(request.annotator, request.unit);
    SetJson(response, 200, Json::object());
  }

  void Answer(const Json& json, Response& response) {
    netdissect::Answer answer = AnswerFrom(json, "answer");
    RequireAnswerTo(task, answer, "answer");
    if (answer.time.empty()) answer.time = UtcNow();
    AnswerVerdict verdict{};
    try {
      verdict = desk.Take(answer);
    } catch (const LostLog&) {
      broken = true;
      return SetError(response, 500, "the answer may not be saved: its file is broken");
    } catch (const Error&) {
      return SetError(response, 507, "the answer is not saved: it cannot be written");
    }
    switch (verdict) {
      case AnswerVerdict::kNew:
      case AnswerVerdict::kAgain:
        return SetJson(response, 200, {{"saved", answer.id}});
      case AnswerVerdict::kUncrossed:
        return SetError(response, 422, "uncrossed");
      case AnswerVerdict::kConflict:
        return SetError(response, 409, "the id is another answer's");
    }
  }

  double lease() const {
    return desk.With([](const Assignment& assignment) { return assignment.options().lease; });
  }

  const AnnotationTask& task;
  AnswerDesk& desk;
  const PageFiles pages;
  HttpListener listener;
  const RequestGuard guard;
  HttpExchange exchange;
  std::vector<std::string> posts;
  std::atomic<bool> broken{false};
};

AnswerServer::AnswerServer(const AnnotationTask& task, const RunFiles& files, AnswerDesk& desk,
                           const HttpListenerOptions& listener, const std::string& token)
    : state_(std::make_unique<State>(task, files, desk, listener, token)) {}

AnswerServer::~AnswerServer() = default;

std::string AnswerServer::Link() const { return state_->guard.Link(); }

void AnswerServer::Run(const std::function<bool()>& stop) {
  state_->listener.Run([&](const std::string& request) { return state_->exchange.Answer(request); },
                       [&] { return stop() || state_->broken; });
  if (state_->broken) state_->desk.RequireSaved();
}

}  // namespace netdissect
