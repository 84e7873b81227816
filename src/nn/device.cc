#include "nn/device.h"

#include <torch/cuda.h>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

at::Device ParseDevice(const std::string& text) {
  const auto devices =
      static_cast<int64_t>(torch::cuda::is_available() ? torch::cuda::device_count() : 0);
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
