#include "nn/network_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

#include "base/json_writer.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

enum class NetworkFile { kOther, kOnnx, kCaffeGraph, kCaffeWeights, kSafeTensors, kPyTorch };

const char* NameOfFile(NetworkFile kind) {
  switch (kind) {
    case NetworkFile::kOnnx:
      return "an ONNX model";
    case NetworkFile::kCaffeGraph:
      return "a Caffe graph";
    case NetworkFile::kCaffeWeights:
      return "Caffe weights";
    case NetworkFile::kSafeTensors:
      return "safetensors weights";
    case NetworkFile::kPyTorch:
      return "a PyTorch file";
    case NetworkFile::kOther:
      break;
  }
  return "another file";
}

// By the name's ending; files of other names by how they begin.
NetworkFile KindOf(const Path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const struct {
    const char* extension;
    NetworkFile kind;
  } kEndings[] = {{".json", NetworkFile::kOther},
                  {".onnx", NetworkFile::kOnnx},
                  {".prototxt", NetworkFile::kCaffeGraph},
                  {".caffemodel", NetworkFile::kCaffeWeights},
                  {".safetensors", NetworkFile::kSafeTensors},
                  {".pt", NetworkFile::kPyTorch},
                  {".pth", NetworkFile::kPyTorch}};
  for (const auto& ending : kEndings) {
    if (extension == ending.extension) return ending.kind;
  }
  std::array<char, 9> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  const std::string_view bytes(start.data(), start.size());
  if (bytes.substr(0, 4) == "PK\x03\x04") return NetworkFile::kPyTorch;
  // The length of a header in 8 bytes, and the header: JSON.
  if (bytes[8] == '{' && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4)) {
    return NetworkFile::kSafeTensors;
  }
  return NetworkFile::kOther;
}

// A file of the same name with another ending, as it would be named in a descriptor.
std::string Beside(const Path& path, const char* extension) {
  return Path(path.filename()).replace_extension(extension).string();
}

std::string ExampleFor(NetworkFile kind, const Path& path) {
  std::ostringstream text;
  JsonWriter json(text);
  json.BeginObject().Member("name", path.stem().string());
  switch (kind) {
    case NetworkFile::kCaffeGraph:
    case NetworkFile::kCaffeWeights:
      json.Member("format", "caffe").Member("graph", Beside(path, ".prototxt"));
      json.Member("weights", Beside(path, ".caffemodel"));
      break;
    case NetworkFile::kSafeTensors:
      json.Member("format", "safetensors").Member("weights", path.filename().string());
      if (Exists(Path(path).replace_extension(".graph.json"))) {
        json.Member("graph", Beside(path, ".graph.json"));  // as `train` writes it
      } else {
        json.Member("architecture", "alexnet");
      }
      break;
    default:
      json.Member("format", "onnx").Member("weights", Beside(path, ".onnx"));
  }
  json.Key("input").Compact().BeginObject();
  const bool caffe = kind == NetworkFile::kCaffeGraph || kind == NetworkFile::kCaffeWeights;
  json.Member("size", caffe || kind == NetworkFile::kSafeTensors ? 227 : 224);
  json.Member("order", caffe ? "BGR" : "RGB");
  json.Member("mean", caffe ? std::vector<int>{104, 117, 123} : std::vector<int>{123, 117, 104});
  json.Member("scale", caffe ? 1.0 : 0.0171).EndObject().EndObject();
  return text.str();
}

}  // namespace

void RequireDescriptor(const Path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return;  // reading it says what it is
  const NetworkFile kind = KindOf(path);
  if (kind == NetworkFile::kOther) return;
  Fail(
      "{}: expected a network descriptor (JSON), found {}{}. A descriptor to start from, to be "
      "saved "
      "as {}, with the size, channel order, mean, scale and resizing that the network was trained "
      "with:\n{}",
      path.string(), NameOfFile(kind),
      kind == NetworkFile::kPyTorch ? ", which is not read: export it by torch.onnx.export" : "",
      Path(path).replace_extension(".json").string(), ExampleFor(kind, path));
}

}  // namespace netdissect
