#include "nn/safetensors.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kDeepest = 4;  // {name: {shape: [n]}}

// A header may have any number of tensors, so that they are found by name in a tree; in which order
// they stand in it means nothing.
using Header = nlohmann::json;
const char kMetadata[] = "__metadata__";

struct Type {
  const char* name;
  at::ScalarType type;
  uint64_t bytes;
};
constexpr Type kTypes[] = {{"F64", at::kDouble, 8},
                           {"F32", at::kFloat, 4},
                           {"F16", at::kHalf, 2},
                           {"BF16", at::kBFloat16, 2}};

std::optional<Type> TypeNamed(const std::string& name) {
  for (const Type& type : kTypes) {
    if (name == type.name) return type;
  }
  return std::nullopt;
}

std::optional<Type> TypeOf(at::ScalarType scalar) {
  for (const Type& type : kTypes) {
    if (scalar == type.type) return type;
  }
  return std::nullopt;
}

uint64_t ReadLength(const std::string& bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return length;
}

// JSON itself lets a key occur twice; here the second would silently replace the first. Depth is
// limited before anything recurses.
class StrictParser {
 public:
  explicit StrictParser(const Path& file) : file_(file) {}

  Header Parse(const std::string& text) {
    // What was checked is dropped: at every value's end the parser searches all that it keeps for
    // what is to be dropped.
    const auto check = [this](int depth, Header::parse_event_t event, const Header& parsed) {
      Check(static_cast<size_t>(depth), event, parsed);
      return event != Header::parse_event_t::object_end &&
             event != Header::parse_event_t::array_end;
    };
    try {
      const Header dropped = Header::parse(text, check);
      return Header::parse(text);
    } catch (const nlohmann::json::exception& error) {
      Fail("{}: expected a header in JSON, found otherwise: {}", file_.string(), error.what());
    }
  }

 private:
  bool Check(size_t depth, Header::parse_event_t event, const Header& parsed) {
    if (depth > kDeepest) Fail("{}: header: nested deeper than {}", file_.string(), kDeepest);
    if (event == Header::parse_event_t::object_start) {
      keys_.resize(std::max(keys_.size(), depth + 1));
      keys_[depth].clear();
    } else if (event == Header::parse_event_t::key) {
      // A key's depth counts the object that it stands in.
      const auto name = parsed.get<std::string>();
      if (!keys_[depth - 1].insert(name).second) {
        Fail("{}: header: key \"{}\" occurs twice", file_.string(), name);
      }
    }
    return true;
  }

  const Path& file_;
  std::vector<std::set<std::string>> keys_;
};

struct Entry {
  std::string name;
  Type type{};
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // bytes after the header
};

uint64_t Unsigned(const Path& file, const std::string& name, const char* what,
                  const Header& value) {
  if (!value.is_number_unsigned()) {
    Fail("{}: tensor \"{}\": {}: expected numbers from 0, found {}", file.string(), name, what,
         value.dump(-1, ' ', false, Header::error_handler_t::replace));
  }
  return value.get<uint64_t>();
}

Entry ReadEntry(const Path& file, const std::string& name, const Header& json, uint64_t data_size) {
  const auto complain = [&](const std::string& what) {
    Fail("{}: tensor \"{}\": {}", file.string(), name, what);
  };
  const auto is_array = [&json](const char* key) {
    return json.contains(key) && json.at(key).is_array();
  };
  if (!json.is_object() || !json.contains("dtype") || !json.at("dtype").is_string() ||
      !is_array("shape") || !is_array("data_offsets") || json.at("data_offsets").size() != 2 ||
      json.size() != 3) {
    complain("expected exactly dtype, shape and two data_offsets");
  }
  const auto type_name = json.at("dtype").get<std::string>();
  const std::optional<Type> type = TypeNamed(type_name);
  if (!type) complain("dtype: expected F64, F32, F16 or BF16, found " + type_name);
  Entry entry{name, *type, {}, 0, 0};
  if (json.at("shape").size() > kMostSafeTensorsAxes) {
    complain(fmt::format("shape: expected at most {} dimensions, found {}", kMostSafeTensorsAxes,
                         json.at("shape").size()));
  }
  uint64_t bytes = type->bytes;
  bool overflow = false;
  for (const Header& json_dim : json.at("shape")) {
    const uint64_t dim = Unsigned(file, name, "shape", json_dim);
    overflow = overflow || dim > uint64_t{std::numeric_limits<int64_t>::max()} ||
               __builtin_mul_overflow(bytes, dim, &bytes);
    entry.shape.push_back(static_cast<int64_t>(dim));
  }
  entry.begin = Unsigned(file, name, "data_offsets", json.at("data_offsets")[0]);
  entry.end = Unsigned(file, name, "data_offsets", json.at("data_offsets")[1]);
  if (entry.begin > entry.end || entry.end > data_size) {
    complain(fmt::format("data_offsets: expected a range within {} bytes, found {} to {}",
                         data_size, entry.begin, entry.end));
  }
  if (overflow || entry.end - entry.begin != bytes) {
    complain(fmt::format("data_offsets: expected {} bytes of {} for shape {}, found {}",
                         overflow ? "more than 2^64" : std::to_string(bytes), type->name,
                         json.at("shape").dump(), entry.end - entry.begin));
  }
  return entry;
}

// The format allows neither gaps nor overlaps between the tensors.
void RequireGapless(const Path& file, std::vector<Entry> entries, uint64_t data_size) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected) {
      Fail(
          "{}: tensor \"{}\": data_offsets: expected to begin at {}, where the tensor before it "
          "ends, found {}",
          file.string(), entry.name, expected, entry.begin);
    }
    expected = entry.end;
  }
  if (expected != data_size) {
    Fail("{}: expected {} bytes of tensors, found {}", file.string(), expected, data_size);
  }
}

}  // namespace

SafeTensors ReadSafeTensors(const Path& path) {
  const std::string bytes = ReadFile(path);
  if (bytes.size() < kLengthBytes) {
    Fail("{}: expected a header's length of 8 bytes, found {} bytes", path.string(), bytes.size());
  }
  const uint64_t length = ReadLength(bytes);
  if (length > kLongestSafeTensorsHeader || length > bytes.size() - kLengthBytes) {
    Fail("{}: expected a header of at most {} bytes, found a length of {}", path.string(),
         std::min<uint64_t>(kLongestSafeTensorsHeader, bytes.size() - kLengthBytes), length);
  }
  const Header header = StrictParser(path).Parse(bytes.substr(kLengthBytes, length));
  if (!header.is_object()) Fail("{}: expected a JSON object as header", path.string());
  const size_t data_begin = kLengthBytes + length;
  const uint64_t data_size = bytes.size() - data_begin;
  SafeTensors result;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name != kMetadata) {
      entries.push_back(ReadEntry(path, name, json, data_size));
      continue;
    }
    if (!json.is_object()) Fail("{}: {}: expected an object", path.string(), kMetadata);
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string()) Fail("{}: {}: {}: expected a string", path.string(), kMetadata, key);
      result.metadata[key] = value.get<std::string>();
    }
  }
  RequireGapless(path, entries, data_size);
  for (const Entry& entry : entries) {
    at::Tensor tensor = at::empty(entry.shape, entry.type.type);
    if (entry.end != entry.begin) {
      std::memcpy(tensor.data_ptr(), bytes.data() + data_begin + entry.begin,
                  entry.end - entry.begin);
    }
    result.tensors[entry.name] = tensor.to(at::kFloat);
  }
  return result;
}

void WriteSafeTensors(const Path& path, const SafeTensors& tensors) {
  Json header = Json::object();
  if (!tensors.metadata.empty()) {
    Json metadata = Json::object();
    for (const auto& [key, value] : tensors.metadata) metadata[key] = value;
    header[kMetadata] = metadata;
  }
  uint64_t offset = 0;
  std::vector<at::Tensor> contiguous;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (name == kMetadata) Fail("{}: no tensor may be called {}", path.string(), name);
    const std::optional<Type> type = tensor.defined() ? TypeOf(tensor.scalar_type()) : std::nullopt;
    if (!type) {
      Fail("{}: tensor \"{}\": expected float64, float32, float16 or bfloat16, found {}",
           path.string(), name, tensor.defined() ? at::toString(tensor.scalar_type()) : "nothing");
    }
    contiguous.push_back(tensor.detach().to(at::kCPU).contiguous());
    const uint64_t size = static_cast<uint64_t>(contiguous.back().nbytes());
    header[name] = {{"dtype", type->name},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: names and metadata: expected UTF-8: {}", path.string(), error.what());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors begin at a multiple of 8 bytes
  WriteFile(path, [&](std::ostream& stream) {
    for (size_t i = 0; i < kLengthBytes; ++i) {
      stream.put(static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff));
    }
    stream << text;
    for (const at::Tensor& tensor : contiguous) {
      stream.write(static_cast<const char*>(tensor.data_ptr()),
                   static_cast<std::streamsize>(tensor.nbytes()));
    }
  });
}

}  // namespace netdissect
