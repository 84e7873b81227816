#include "base/json.h"

#include <cmath>
#include <limits>

#include "base/json_bounds.h"
#include "base/result_format.h"
#include "base/seal.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

std::string Shown(const Json& value) {
  return Excerpt(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

namespace {

Json Parsed(const Path& path, const Json::parser_callback_t& filter) {
  const std::string text = Unsealed(path, ReadFile(path));
  RequireBoundedJson(text, path.string());
  Json json;
  try {
    json = Json::parse(text, filter);
  } catch (const Json::exception& error) {  // of syntax, or a number out of range
    Fail("{}: not valid JSON: {}", path.string(), error.what());
  }
  if (IsResult(json) && json.front().is_object()) ReadFormat(path, json.front());
  return json;
}

}  // namespace

Json ReadJson(const Path& path) {
  return ReadJson(path, "", [](const std::string&) { return true; });
}

Json ReadJson(const Path& path, const std::string& key,
              const std::function<bool(const std::string& name)>& keep) {
  if (key.empty()) return Parsed(path, nullptr);
  bool inside = false;
  return Parsed(path, [&](int depth, Json::parse_event_t event, Json& value) {
    if (event != Json::parse_event_t::key) return true;
    if (depth == 1) inside = value == key;
    return depth != 2 || !inside || keep(value.get_ref<const std::string&>());
  });
}

Json ReadJsonWhere(const Path& path, const std::function<bool(const std::string& name)>& keep) {
  return Parsed(path, [&](int, Json::parse_event_t event, Json& value) {
    return event != Json::parse_event_t::key || keep(value.get_ref<const std::string&>());
  });
}

void WriteJson(const Path& path, const Json& json) {
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  WriteFile(path, IsResult(json) ? Sealed(text) : text);
}

JsonObject::JsonObject(Path file, std::string prefix, Json json, std::shared_ptr<Asked> asked)
    : file_(std::move(file)),
      prefix_(std::move(prefix)),
      json_(std::move(json)),
      asked_(std::move(asked)) {}

JsonObject JsonObject::Read(const Path& path) {
  return Read(path, [](const std::string&) { return true; });
}

JsonObject JsonObject::Read(const Path& path,
                            const std::function<bool(const std::string& name)>& keep) {
  Json json = ReadJsonWhere(path, keep);
  if (!json.is_object()) {
    Fail("{}: expected an object at the top level, found {}", path.string(), Shown(json));
  }
  return {path, "", std::move(json), std::make_shared<Asked>()};
}

void JsonObject::Complain(const std::string& key, const std::string& what) const {
  Fail("{}: key \"{}{}\": {}", file_.string(), prefix_, key, what);
}

bool JsonObject::Has(const std::string& key) const {
  asked_->emplace(prefix_ + key, false);
  return json_.contains(key) && !json_[key].is_null();
}

const Json& JsonObject::Required(const std::string& key, const char* expected) const {
  if (Has(key)) return json_[key];
  std::vector<std::string> others;  // of which one may be meant
  for (const auto& item : json_.items()) {
    if (asked_->count(prefix_ + item.key()) == 0) others.push_back(item.key());
  }
  const std::string meant = Closest(key, others);
  Complain(key, fmt::format(
                    "expected {}, found nothing{}", expected,
                    meant.empty() ? "" : fmt::format("; is \"{}\" meant for it?", Excerpt(meant))));
}

const Json& JsonObject::Value(const std::string& key) const { return Required(key, "a value"); }

JsonObject JsonObject::Object(const std::string& key) const {
  const Json& value = Required(key, "an object");
  if (!value.is_object()) Complain(key, "expected an object, found " + Shown(value));
  (*asked_)[prefix_ + key] = true;
  return {file_, prefix_ + key + ".", value, asked_};
}

std::vector<JsonObject> JsonObject::Objects(const std::string& key) const {
  return Objects(key, "");
}

std::vector<JsonObject> JsonObject::Objects(const std::string& key,
                                            const std::string& shorthand) const {
  const Json& value = Required(key, "a list of objects");
  if (!value.is_array()) Complain(key, "expected a list of objects, found " + Shown(value));
  std::vector<JsonObject> objects;
  for (const Json& item : value) {
    const std::string name = fmt::format("{}[{}]", key, objects.size());
    const bool is_short = item.is_string() && !shorthand.empty();
    if (!item.is_object() && !is_short) {
      Complain(name, fmt::format("expected an object{}, found {}",
                                 shorthand.empty() ? "" : " or a string", Shown(item)));
    }
    objects.push_back(
        JsonObject(file_, prefix_ + name + ".", is_short ? Json{{shorthand, item}} : item, asked_));
  }
  return objects;
}

std::string JsonObject::String(const std::string& key) const {
  const Json& value = Required(key, "a string");
  if (!value.is_string()) Complain(key, "expected a string, found " + Shown(value));
  return value.get<std::string>();
}

std::string JsonObject::String(const std::string& key, const std::string& otherwise) const {
  return Has(key) ? String(key) : otherwise;
}

double JsonObject::Number(const std::string& key) const {
  const Json& value = Required(key, "a number");
  if (!value.is_number()) Complain(key, "expected a number, found " + Shown(value));
  return value.get<double>();
}

double JsonObject::Number(const std::string& key, double otherwise) const {
  return Has(key) ? Number(key) : otherwise;
}

int JsonObject::CheckedInteger(const std::string& key, const Json& value) const {
  const double number = value.is_number() ? value.get<double>() : 0.5;
  if (number != std::floor(number) || std::abs(number) > std::numeric_limits<int>::max()) {
    Complain(key, "expected an integer, found " + Shown(value));
  }
  return static_cast<int>(number);
}

int JsonObject::Integer(const std::string& key) const {
  return CheckedInteger(key, Required(key, "an integer"));
}

int JsonObject::Integer(const std::string& key, int otherwise) const {
  return Has(key) ? Integer(key) : otherwise;
}

std::vector<double> JsonObject::Numbers(const std::string& key) const {
  const Json& value = Required(key, "a list of numbers");
  std::vector<double> numbers;
  if (!value.is_array()) Complain(key, "expected a list of numbers, found " + Shown(value));
  for (const Json& item : value) {
    if (!item.is_number()) Complain(key, "expected a list of numbers, found " + Shown(value));
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

std::vector<int> JsonObject::Integers(const std::string& key) const {
  const Json& value = Required(key, "a list of integers");
  if (!value.is_array()) Complain(key, "expected a list of integers, found " + Shown(value));
  std::vector<int> integers;
  for (const Json& item : value) integers.push_back(CheckedInteger(key, item));
  return integers;
}

std::vector<std::string> JsonObject::Strings(const std::string& key) const {
  const Json& value = Required(key, "a list of strings");
  if (!value.is_array()) Complain(key, "expected a list of strings, found " + Shown(value));
  std::vector<std::string> strings;
  for (const Json& item : value) {
    if (!item.is_string()) Complain(key, "expected strings, found " + Shown(item));
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

std::string JsonObject::OneOf(const std::string& key, const std::vector<std::string>& words) const {
  const std::string value = String(key);
  for (const std::string& word : words) {
    if (value == word) return value;
  }
  Complain(key, fmt::format("expected one of {}, found \"{}\"", Join(words), value));
}

Path JsonObject::ExistingPath(const std::string& key) const {
  const Path path = file_.parent_path() / String(key);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    Complain(key, fmt::format("expected an existing file or folder, found none at {}{}",
                              path.string(), About()));
  }
  return path.lexically_normal();
}

std::string JsonObject::About() const {
  const bool says = json_.contains("about") && json_["about"].is_string();
  return says ? "; its \"about\": " + json_["about"].get<std::string>() : "";
}

// Those of this object, without its own name.
std::vector<std::string> JsonObject::AskedKeys() const {
  std::vector<std::string> keys;
  for (const auto& [name, as_object] : *asked_) {
    if (name.compare(0, prefix_.size(), prefix_) != 0) continue;
    const std::string key = name.substr(prefix_.size());
    if (key.find('.') == std::string::npos) keys.push_back(key);
  }
  return keys;
}

namespace {

// "; nor are "a", "b" and 17 more" of the keys behind the first.
std::string OthersThanFirst(const std::vector<std::string>& keys) {
  constexpr size_t kShown = 4;
  if (keys.size() == 1) return "";
  std::vector<std::string> shown;
  for (size_t i = 1; i < std::min(keys.size(), kShown); ++i) {
    shown.push_back(fmt::format("\"{}\"", Excerpt(keys[i])));
  }
  const std::string more =
      keys.size() > kShown ? fmt::format(" and {} more", keys.size() - kShown) : "";
  return fmt::format("; not known either: {}{}", Join(shown), more);
}

}  // namespace

void JsonObject::RequireKnownKeys() const {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : json_.items()) {
    const auto asked = asked_->find(prefix_ + key);
    if (asked == asked_->end()) {
      unknown.push_back(key);
    } else if (asked->second && unknown.empty()) {
      JsonObject(file_, prefix_ + key + ".", value, asked_).RequireKnownKeys();
    }
  }
  if (unknown.empty()) return;
  const std::vector<std::string> known = AskedKeys();
  const std::string meant = Closest(unknown.front(), known);
  Complain(unknown.front(), fmt::format("not a known key; {}{}",
                                        meant.empty() ? "expected one of " + Join(known)
                                                      : fmt::format("did you mean \"{}\"?", meant),
                                        OthersThanFirst(unknown)));
}

}  // namespace netdissect
