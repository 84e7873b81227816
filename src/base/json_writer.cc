#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

const char* NameOfScope(bool object) { return object ? "an object" : "an array"; }

// Text that stands for itself between quotation marks.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

}  // namespace

JsonWriter& JsonWriter::Begin(bool object) {
  BeforeValue();
  const bool within_compact = !scopes_.empty() && scopes_.back().compact;
  scopes_.push_back({object, compact_ || within_compact, true});
  compact_ = false;
  out_.put(object ? '{' : '[');
  return *this;
}

JsonWriter& JsonWriter::End(bool object) {
  if (scopes_.empty() || scopes_.back().object != object) {
    Fail("JSON: expected the end of {}, found that of {}",
         scopes_.empty() ? "nothing" : NameOfScope(scopes_.back().object), NameOfScope(object));
  }
  if (has_key_) Fail("JSON: expected a value after a key, found the end of its object");
  const Scope scope = scopes_.back();
  scopes_.pop_back();
  if (!scope.empty && !scope.compact) NewLine();
  out_.put(object ? '}' : ']');
  done_ = scopes_.empty();
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  if (scopes_.empty() || !scopes_.back().object || has_key_) {
    Fail("JSON: expected {}, found the key \"{}\"",
         has_key_ ? "a value after a key" : "a key within an object alone", Excerpt(key));
  }
  Separate();
  Quote(key);
  out_ << ": ";
  has_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Compact() {
  compact_ = true;
  return *this;
}

JsonWriter& JsonWriter::Members(const Json& object) {
  if (!object.is_object()) Fail("JSON: expected an object's members, found {}", Shown(object));
  for (const auto& [key, value] : object.items()) Key(key).Tree(value);
  return *this;
}

void JsonWriter::Finish() {
  if (!done_) {
    Fail("JSON: expected {}, found the end",
         scopes_.empty() ? "a value"
                         : std::string("the end of ") + NameOfScope(scopes_.back().object));
  }
  out_.put('\n');
}

JsonWriter& JsonWriter::Scalar(std::string_view text) {
  BeforeValue();
  out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  done_ = scopes_.empty();
  return *this;
}

JsonWriter& JsonWriter::Number(double value) {
  if (!std::isfinite(value)) return Scalar("null");
  // The same digits as WriteJson's: there may be several shortest ones.
  std::array<char, 64> digits{};
  const char* end = nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), value);
  return Scalar({digits.data(), static_cast<size_t>(end - digits.data())});
}

JsonWriter& JsonWriter::Text(std::string_view text) {
  BeforeValue();
  Quote(text);
  done_ = scopes_.empty();
  return *this;
}

JsonWriter& JsonWriter::Tree(const Json& tree) {
  if (tree.is_object()) return BeginObject().Members(tree).EndObject();
  if (tree.is_array()) {
    BeginArray();
    for (const Json& item : tree) Tree(item);
    return EndArray();
  }
  if (tree.is_string()) return Text(tree.get_ref<const std::string&>());
  return Scalar(tree.dump());
}

void JsonWriter::Quote(std::string_view text) {
  if (IsPlain(text)) {
    out_.put('"');
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    out_.put('"');
  } else {
    out_ << Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

void JsonWriter::BeforeValue() {
  if (scopes_.empty()) {
    if (done_) Fail("JSON: expected the end, found another value");
    return;
  }
  if (scopes_.back().object) {
    if (!has_key_) Fail("JSON: expected a key before a value in an object, found none");
    has_key_ = false;
  } else {
    Separate();
  }
}

// Between the items of an object or array, and before its first.
void JsonWriter::Separate() {
  Scope& scope = scopes_.back();
  if (!scope.empty) out_.put(',');
  if (!scope.compact) {
    NewLine();
  } else if (!scope.empty) {
    out_.put(' ');
  }
  scope.empty = false;
}

void JsonWriter::NewLine() {
  out_.put('\n');
  for (size_t i = 0; i < scopes_.size(); ++i) out_.write("  ", 2);
}

}  // namespace netdissect
