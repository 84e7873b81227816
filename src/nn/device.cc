#include "nn/device.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

namespace {

int64_t CountDevices() {
  return static_cast<int64_t>(torch::cuda::is_available() ? torch::cuda::device_count() : 0);
}

}  // namespace

void AllowTf32(bool allow) {
  at::globalContext().setAllowTF32CuDNN(allow);
  at::globalContext().setAllowTF32CuBLAS(allow);
}

std::string DeviceOf(const std::string& text, int place) {
  if (text != "auto" && text != "cuda") return text;
  const int64_t devices = CountDevices();
  return devices > 1 ? fmt::format("cuda:{}", place % devices) : text;
}

at::Device ParseDevice(const std::string& text) {
  const int64_t devices = CountDevices();
  if (text == "cpu" || (text == "auto" && devices == 0)) return {at::kCPU};
  if (text != "auto" && text != "cuda" && text.rfind("cuda:", 0) != 0) {
    Fail("device: expected auto, cpu, cuda or cuda:N, found \"{}\"", text);
  }
  const int64_t index = text.rfind("cuda:", 0) == 0 ? ParseInteger(text.substr(5), "device") : 0;
  if (index < 0 || index >= devices) {
    Fail("device {}: expected one of this machine's {} CUDA devices", text, devices);
  }
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

}  // namespace netdissect
