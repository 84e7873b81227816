#include "nn/network_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

#include "base/json_writer.h"
#include "base/regular_file.h"
#include "netdissect/base/error.h"

namespace netdissect {

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
    case NetworkFile::kTorchScript:
      return "a PyTorch file";
    case NetworkFile::kOther:
      break;
  }
  return "another file";
}

NetworkFile KindOfFile(const Path& path) {
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
                  {".pt", NetworkFile::kTorchScript},
                  {".pth", NetworkFile::kTorchScript}};
  for (const auto& ending : kEndings) {
    if (extension == ending.extension) return ending.kind;
  }
  std::array<char, 9> start{};
  OpenRegularFile(path).read(start.data(), start.size());
  const std::string_view bytes(start.data(), start.size());
  if (bytes.substr(0, 4) == "PK\x03\x04") return NetworkFile::kTorchScript;
  // The length of a header in 8 bytes, and the header: JSON.
  if (bytes[8] == '{' && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4)) {
    return NetworkFile::kSafeTensors;
  }
  return NetworkFile::kOther;
}

std::string Beside(const Path& path, const char* extension) {
  return Path(path.filename()).replace_extension(extension).string();
}

std::string DescriptorFor(NetworkFile kind, const Path& path, const Shape& input,
                          const std::string& output) {
  std::ostringstream text;
  JsonWriter json(text);
  json.BeginObject().Member("name", path.stem().string());
  const bool caffe = kind == NetworkFile::kCaffeGraph || kind == NetworkFile::kCaffeWeights;
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
    case NetworkFile::kTorchScript:
      json.Member("format", "torchscript").Member("weights", path.filename().string());
      break;
    default:
      json.Member("format", "onnx").Member("weights", path.filename().string());
  }
  if (!output.empty()) json.Member("output", output);
  json.Key("input").Compact().BeginObject();
  const int usual = caffe || kind == NetworkFile::kSafeTensors ? 227 : 224;
  const int height = input.height == 0 ? usual : input.height;
  const int width = input.width == 0 ? usual : input.width;
  if (height == width) {
    json.Member("size", height);
  } else {
    json.Member("size", std::vector<int>{height, width});
  }
  if (input.units == 1) {
    json.Member("order", "gray").Member("mean", 0).Member("scale", 1.0 / 255);
  } else {
    json.Member("order", caffe ? "BGR" : "RGB");
    json.Member("mean", caffe ? std::vector<int>{104, 117, 123} : std::vector<int>{123, 117, 104});
    json.Member("scale", caffe ? 1.0 : 0.0171);
  }
  json.EndObject().EndObject();
  return text.str();
}

void RequireDescriptor(const Path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return;  // reading it says what it is
  const NetworkFile kind = KindOfFile(path);
  if (kind == NetworkFile::kOther) return;
  Fail(
      "{}: expected a network descriptor (JSON), found {}. A descriptor to start from, to be saved "
      "as {}, with the size, channel order, mean, scale and resizing that it was trained with "
      "(`netdissect describe {}` says more):\n{}",
      path.string(), NameOfFile(kind), Path(path).replace_extension(".json").string(),
      path.string(), DescriptorFor(kind, path, {0, 0, 0}, ""));
}

}  // namespace netdissect
