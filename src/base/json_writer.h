#pragma once
// JSON written piece by piece, so that what grows with images or units is never held as a whole:
//
//   JsonWriter json(stream);
//   json.BeginObject().Member("recorded", 5).Key("units").BeginArray();
//   for (...) json.Compact().BeginObject().Member("unit", i).EndObject();  // one a line
//   json.EndArray().EndObject().Finish();
//
// Values and their text are those of WriteJson: indented by two spaces, numbers in digits that read
// back equal, what is not finite as null, text that is no UTF-8 with replacement characters; a
// result is sealed (base/seal.h).

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/digest.h"
#include "base/json.h"

namespace netdissect {

class JsonWriter {
 public:
  /// `out` must outlive the writer.
  explicit JsonWriter(std::ostream& out) : out_(out) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Each is an Error where it cannot stand: a value without a key in an object, a key elsewhere, an
  // end of what was not begun, anything after the end.
  JsonWriter& BeginObject() { return Begin(true); }
  JsonWriter& EndObject() { return End(true); }
  JsonWriter& BeginArray() { return Begin(false); }
  JsonWriter& EndArray() { return End(false); }
  JsonWriter& Key(std::string_view key);

  /// What begins next is written in one line, with all that is in it.
  JsonWriter& Compact();

  /// A number, a boolean, text, or anything that Json can be made of.
  template <typename T>
  JsonWriter& Value(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return Scalar(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<T>) {
      return Scalar(std::to_string(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      return Number(static_cast<double>(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return Text(value);
    } else if constexpr (std::is_same_v<T, Json>) {
      return Tree(value);
    } else {
      return Tree(Json(value));
    }
  }

  template <typename T>
  JsonWriter& Member(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }

  /// The members of an object that is written elsewhere: {"a": 1} within an object adds "a".
  JsonWriter& Members(const Json& object);

  /// Ends the text with a new line. Error where something that was begun has not ended.
  void Finish();

 private:
  struct Scope {
    bool object = false;
    bool compact = false;
    bool empty = true;
  };

  JsonWriter& Begin(bool object);
  JsonWriter& End(bool object);
  JsonWriter& Scalar(std::string_view text);
  JsonWriter& Number(double value);
  JsonWriter& Text(std::string_view text);
  JsonWriter& Tree(const Json& tree);
  void Quote(std::string_view text);
  void BeforeValue();
  void Separate();
  void NewLine();
  void Put(char c);
  void Put(std::string_view text);
  void Drain();

  std::ostream& out_;
  std::string text_;  // that is still to go out
  Digest digest_;     // of what went out, where it is a result
  bool sealed_ = false;
  std::vector<Scope> scopes_;  // the outermost first
  bool has_key_ = false;       // its value is to come
  bool compact_ = false;       // what begins next is to be
  bool done_ = false;          // the one value has ended
};

}  // namespace netdissect
