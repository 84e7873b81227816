#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/seal.h"
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
  Put(object ? '{' : '[');
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
  done_ = scopes_.empty();
  if (done_ && sealed_) {
    Drain();
    Put(SealMember(digest_));
    sealed_ = false;
  } else if (!scope.empty && !scope.compact) {
    NewLine();
  }
  Put(object ? '}' : ']');
  if (done_) Drain();
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  if (scopes_.empty() || !scopes_.back().object || has_key_) {
    Fail("JSON: expected {}, found the key \"{}\"",
         has_key_ ? "a value after a key" : "a key within an object alone", Excerpt(key));
  }
  sealed_ = sealed_ || (scopes_.size() == 1 && scopes_.back().empty && key == kHeaderKey);
  Separate();
  Quote(key);
  Put(": ");
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
  Put('\n');
  Drain();
}

JsonWriter& JsonWriter::Scalar(std::string_view text) {
  BeforeValue();
  Put(text);
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
    Put('"');
    Put(text);
    Put('"');
  } else {
    Put(Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace));
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
  if (!scope.empty) Put(',');
  if (!scope.compact) {
    NewLine();
  } else if (!scope.empty) {
    Put(' ');
  }
  scope.empty = false;
}

void JsonWriter::NewLine() {
  Put('\n');
  text_.append(2 * scopes_.size(), ' ');
}

void JsonWriter::Put(char c) { text_ += c; }

void JsonWriter::Put(std::string_view text) {
  constexpr size_t kHeld = 64 << 10;  // bytes
  text_ += text;
  if (text_.size() > kHeld) Drain();
}

void JsonWriter::Drain() {
  if (sealed_) digest_.Add(text_.data(), text_.size());
  out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
  text_.clear();
}

}  // namespace netdissect
