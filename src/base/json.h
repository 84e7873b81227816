#pragma once
// JSON that people write by hand is read through JsonObject, whose errors name file and key, what
// was expected and what was found.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

using Json = nlohmann::ordered_json;

/// A value as it stands in a file, cut short, for "found ...".
std::string Shown(const Json& value);

/// Parses a file; the error names the file and the place in it.
Json ReadJson(const Path& path);

/// The same without those members of the top level's object `key` that `keep` does not want by
/// their names: they take no memory.
Json ReadJson(const Path& path, const std::string& key,
              const std::function<bool(const std::string& name)>& keep);

/// The same without the members, at any depth, whose names `keep` does not want.
Json ReadJsonWhere(const Path& path, const std::function<bool(const std::string& name)>& keep);

/// Writes atomically, indented by two spaces, numbers in the shortest form that reads back equal.
void WriteJson(const Path& path, const Json& json);

/// An object in a JSON file, with typed access. Keys are said in full: "input.mean".
class JsonObject {
 public:
  /// The top level of `path`, which has to be an object.
  static JsonObject Read(const Path& path);
  /// The same without the members, at any depth, whose names `keep` does not want.
  static JsonObject Read(const Path& path,
                         const std::function<bool(const std::string& name)>& keep);

  bool Has(const std::string& key) const;
  JsonObject Object(const std::string& key) const;
  /// Of a list; each has keys of its own: "groups[2].name".
  std::vector<JsonObject> Objects(const std::string& key) const;
  /// The same, where an item may be a string for short: it stands for {`shorthand`: the string}.
  std::vector<JsonObject> Objects(const std::string& key, const std::string& shorthand) const;
  std::string String(const std::string& key) const;
  std::string String(const std::string& key, const std::string& otherwise) const;
  double Number(const std::string& key) const;
  double Number(const std::string& key, double otherwise) const;
  int Integer(const std::string& key) const;
  int Integer(const std::string& key, int otherwise) const;
  std::vector<double> Numbers(const std::string& key) const;
  std::vector<int> Integers(const std::string& key) const;
  std::vector<std::string> Strings(const std::string& key) const;
  const Json& Value(const std::string& key) const;

  /// One of the words, or an error that lists them.
  std::string OneOf(const std::string& key, const std::vector<std::string>& words) const;

  /// A path that is relative to the file's folder; checked to exist. Where it does not, the error
  /// repeats what the file says under "about", such as where to obtain what it describes.
  Path ExistingPath(const std::string& key) const;

  /// "; its \"about\": ..." for an error about a missing file; "" where the file says nothing.
  std::string About() const;

  /// An error about this object's key: "file: key: what".
  [[noreturn]] void Complain(const std::string& key, const std::string& what) const;

  /// Error where there is a key that nothing has asked about, here or in an object that was asked
  /// for: probably misspelt. It names the closest of those that were. To be called last.
  void RequireKnownKeys() const;

  const Path& file() const { return file_; }

 private:
  // What was asked about, by full name, and whether as an object; of all objects of a file.
  using Asked = std::map<std::string, bool>;

  JsonObject(Path file, std::string prefix, Json json, std::shared_ptr<Asked> asked);
  const Json& Required(const std::string& key, const char* expected) const;
  int CheckedInteger(const std::string& key, const Json& value) const;
  std::vector<std::string> AskedKeys() const;

  Path file_;
  std::string prefix_;
  Json json_;
  std::shared_ptr<Asked> asked_;
};

}  // namespace netdissect
