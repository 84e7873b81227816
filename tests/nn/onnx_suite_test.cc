// The ONNX project's own tests of operators (Debian: libonnx-testdata) that begin with an image:
// each is read and right, or refused with a reason; none is wrong.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "nn/compare.h"
#include "nn/expect_error.h"
#include "nn/onnx/onnx.h"
#include "nn/onnx/proto.h"
#include "nn/onnx/tensor.h"
#include "nn/temporary_folder.h"

namespace netdissect {
namespace {

const Path kData = "/usr/share/libonnx-testdata/data";

// Results differ by rounding: the suite's own tolerance.
constexpr double kLargest = 1e-3;

onnx::TensorProto ReadTensor(const Path& file) {
  onnx::TensorProto tensor;
  std::ifstream stream(file, std::ios::binary);
  tensor.ParseFromIstream(&stream);
  return tensor;
}

bool IsImage(const onnx::TensorProto& tensor) {
  using onnx::TensorProto;
  const int type = tensor.data_type();
  return tensor.dims_size() == 4 && (type == TensorProto::FLOAT || type == TensorProto::DOUBLE ||
                                     type == TensorProto::FLOAT16);
}

enum class Outcome { kNoImage, kRight, kRefused, kWrong };

// The model with its inputs other than the image as constants, as a network has its weights.
Outcome Try(const Path& folder, const Path& file, std::string& why) {
  onnx::ModelProto model;
  std::ifstream stream(folder / "model.onnx", std::ios::binary);
  if (!model.ParseFromIstream(&stream)) return Outcome::kNoImage;
  const Path data = folder / "test_data_set_0";
  onnx::GraphProto& graph = *model.mutable_graph();
  std::set<std::string> weights;
  for (const onnx::TensorProto& weight : graph.initializer()) weights.insert(weight.name());
  at::Tensor image;
  int read = 0;
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    const Path values = data / fmt::format("input_{}.pb", read);
    if (weights.count(input.name()) != 0 || !Exists(values)) continue;
    ++read;
    onnx::TensorProto tensor = ReadTensor(values);
    if (!image.defined()) {
      if (!IsImage(tensor)) return Outcome::kNoImage;
      image = DecodeOnnxTensor(values, tensor);
      *inputs.Add() = input;
      continue;
    }
    tensor.set_name(input.name());
    *graph.add_initializer() = tensor;
  }
  if (!image.defined()) return Outcome::kNoImage;
  *graph.mutable_input() = inputs;
  std::ofstream(file, std::ios::binary) << model.SerializeAsString();
  try {
    const Network network = ReadOnnx(file);
    const Shape& in = network.input();
    at::Tensor x = image;
    // The file's form is (N, H, W, C) where the network says so.
    if (x.size(1) != in.units || x.size(2) != in.height || x.size(3) != in.width) {
      x = x.permute({0, 3, 1, 2}).contiguous();
    }
    int compared = 0;
    for (int i = 0; i < graph.output_size(); ++i) {
      const std::string& name = graph.output(i).name();
      // Masks and places, say, which nothing computes here.
      if (!network.Has(name)) {
        if (i == 0) {
          why = network.unread().empty() ? "not the image's" : network.unread()[0].why;
          return Outcome::kRefused;
        }
        continue;
      }
      const at::Tensor expected =
          DecodeOnnxTensor(file, ReadTensor(data / fmt::format("output_{}.pb", i)));
      const double error = RelativeError(Output(network, x, name), expected.to(at::kFloat));
      if (!(error <= kLargest)) {
        why = fmt::format("output {}: {}", name, error);
        return Outcome::kWrong;
      }
      ++compared;
    }
    return compared > 0 ? Outcome::kRight : Outcome::kRefused;
  } catch (const Error& error) {
    why = error.what();
    return Outcome::kRefused;
  }
}

TEST(OnnxSuite, NoOperatorIsWrong) {
  if (!Exists(kData / "node")) GTEST_SKIP() << "expected Debian's libonnx-testdata, found none";
  const TemporaryFolder scratch;
  int right = 0, refused = 0, wrong = 0, others = 0;
  const bool shown = std::getenv("NETDISSECT_SHOW_REFUSED") != nullptr;
  for (const char* group : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    std::vector<Path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(kData / group)) {
      if (Exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const Path& folder : folders) {
      std::string why;
      const Outcome outcome = Try(folder, scratch / "model.onnx", why);
      right += outcome == Outcome::kRight ? 1 : 0;
      others += outcome == Outcome::kNoImage ? 1 : 0;
      if (outcome == Outcome::kRefused) {
        ++refused;
        if (shown) std::printf("refused %s: %.300s\n", folder.filename().c_str(), why.c_str());
      }
      if (outcome == Outcome::kWrong) {
        ++wrong;
        ADD_FAILURE() << folder << ": " << why;
      }
    }
  }
  std::printf("%d right, %d refused, %d wrong; %d do not begin with an image\n", right, refused,
              wrong, others);
  EXPECT_GT(right, 110);
}

}  // namespace
}  // namespace netdissect
