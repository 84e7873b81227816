#include "nn/onnx/tensor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isnan.h>

#include <cstring>
#include <fstream>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/import/not_supported.h"

namespace netdissect {
namespace {

using onnx::TensorProto;

at::ScalarType TypeOf(const TensorProto& tensor) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return at::kFloat;
    case TensorProto::DOUBLE:
      return at::kDouble;
    case TensorProto::FLOAT16:
      return at::kHalf;
    case TensorProto::BFLOAT16:
      return at::kBFloat16;
    case TensorProto::INT64:
      return at::kLong;
    case TensorProto::INT32:
      return at::kInt;
    case TensorProto::INT16:
      return at::kShort;
    case TensorProto::INT8:
      return at::kChar;
    case TensorProto::UINT16:  // two bytes, made positive below
      return at::kShort;
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return at::kByte;
    default:
      FailUnsupported(
          "tensor \"{}\": expected numbers of FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT64, INT32, "
          "INT16, "
          "INT8, UINT8, UINT16 or BOOL, found {}",
          tensor.name(), OnnxTypeName(tensor.data_type()));
  }
}

template <typename To, typename Field>
std::string BytesOf(const Field& field) {
  std::string bytes(sizeof(To) * static_cast<size_t>(field.size()), '\0');
  for (int i = 0; i < field.size(); ++i) {
    const To value = static_cast<To>(field.Get(i));
    std::memcpy(bytes.data() + sizeof(To) * static_cast<size_t>(i), &value, sizeof(To));
  }
  return bytes;
}

// The range of the file beside the model that the entries "location", "offset" and "length" mean.
std::string ExternalBytes(const Path& model, const TensorProto& tensor) {
  const std::string what = fmt::format("tensor \"{}\"", tensor.name());
  std::string location;
  std::optional<int64_t> offset, length;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = ParseInteger(entry.value(), what + ": offset");
    if (entry.key() == "length") length = ParseInteger(entry.value(), what + ": length");
  }
  const Path relative(location);
  bool inside =
      !location.empty() && relative.is_relative() && location.find('\0') == std::string::npos;
  for (const Path& part : relative) inside = inside && part != "..";
  if (!inside) {
    Fail("{}: expected external data in a file below the model's folder, found \"{}\"", what,
         location);
  }
  const Path file = model.parent_path() / relative;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    Fail("{}: external data: no file {}", what, file.string());
  }
  const auto size = static_cast<int64_t>(std::filesystem::file_size(file, error));
  const int64_t begin = offset.value_or(0);
  if (error || begin < 0 || begin > size || length.value_or(0) < 0 ||
      length.value_or(0) > size - begin) {
    Fail("{}: external data: expected offset {} and length {} within the {} bytes of {}", what,
         begin, length.value_or(0), size, file.string());
  }
  std::string bytes(static_cast<size_t>(length.value_or(size - begin)), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(begin);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) Fail("{}: external data: {} cannot be read", what, file.string());
  return bytes;
}

std::string BytesOf(const Path& model, const TensorProto& tensor, at::ScalarType type) {
  if (tensor.has_data_location() && tensor.data_location() == TensorProto::EXTERNAL) {
    return ExternalBytes(model, tensor);
  }
  if (tensor.has_raw_data()) return tensor.raw_data();
  switch (type) {
    case at::kFloat:
      return BytesOf<float>(tensor.float_data());
    case at::kDouble:
      return BytesOf<double>(tensor.double_data());
    case at::kLong:
      return BytesOf<int64_t>(tensor.int64_data());
    case at::kInt:
      return BytesOf<int32_t>(tensor.int32_data());
    case at::kShort:
      return BytesOf<int16_t>(tensor.int32_data());
    case at::kChar:
      return BytesOf<int8_t>(tensor.int32_data());
    case at::kByte:
      return BytesOf<uint8_t>(tensor.int32_data());
    default:  // the bits of a 16-bit type
      return BytesOf<uint16_t>(tensor.int32_data());
  }
}

}  // namespace

std::string OnnxTypeName(int64_t type) {
  const int number = static_cast<int>(type);
  return TensorProto::DataType_IsValid(number) ? TensorProto::DataType_Name(number)
                                               : fmt::format("the unknown type {}", type);
}

at::Tensor DecodeOnnxTensor(const Path& model, const TensorProto& tensor) {
  const at::ScalarType type = TypeOf(tensor);
  const std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  const std::string what = fmt::format("tensor \"{}\"", tensor.name());
  if (tensor.has_segment()) Fail("{}: stored in segments, which is not supported", what);
  if (dims.size() > kMostOnnxAxes) {
    Fail("{}: expected at most {} dimensions, found {}", what, kMostOnnxAxes, dims.size());
  }
  const std::string bytes = BytesOf(model, tensor, type);
  uint64_t expected = at::elementSize(type);
  bool valid = true;
  for (const int64_t dim : dims) {
    valid = valid && dim >= 0 &&
            !__builtin_mul_overflow(expected, static_cast<uint64_t>(dim), &expected);
  }
  if (!valid || expected != bytes.size()) {
    Fail("{}: expected the bytes of {} numbers of type {}, found {} bytes", what,
         dims.empty() ? "1" : fmt::format("{}", fmt::join(dims, " x ")),
         TensorProto::DataType_Name(tensor.data_type()), bytes.size());
  }
  at::Tensor values = at::empty(dims, type);
  if (!bytes.empty()) std::memcpy(values.data_ptr(), bytes.data(), bytes.size());
  if (!at::isFloatingType(type)) {
    values = values.to(at::kLong);
    return tensor.data_type() == TensorProto::UINT16 ? values.bitwise_and(0xffff) : values;
  }
  values = values.to(at::kFloat);
  // A bound may be open; no weight is.
  const at::Tensor valid_numbers =
      values.numel() == 1 ? at::isnan(values).logical_not() : at::isfinite(values);
  if (!valid_numbers.all().item<bool>()) {
    Fail("{}: expected finite numbers, found NaN or infinity", what);
  }
  return values;
}

}  // namespace netdissect
