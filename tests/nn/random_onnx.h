#pragma once
// Random ONNX graphs: every operator that is read, in random order and with random attributes.

#include <ATen/Context.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "nn/onnx_file.h"

namespace netdissect {

/// The last tensor is "prob"; the same for the same seed.
inline OnnxFile RandomOnnx(uint64_t seed) {
  Random random(seed, 5);
  at::manual_seed(seed);
  const int64_t side = 13 + static_cast<int64_t>(random.Below(8));
  OnnxFile file({1, 3, side, side + 1}, 12);
  std::string last = "data";
  int64_t units = 3, height = side, width = side + 1;
  int number = 0;
  const auto flip = [&] { return random.Below(2) == 0; };
  const auto name = [&](const char* stem) { return stem + std::to_string(++number); };
  const auto weight = [&](const std::string& of, const at::Tensor& values) {
    file.Weight(of, values, flip());
    return of;
  };
  const auto convolve = [&](const std::string& from, int64_t outputs, int64_t kernel,
                            int64_t stride, int64_t dilation, const std::vector<int64_t>& pads,
                            int64_t group) {
    const std::string out = name("conv");
    std::vector<std::string> inputs = {
        from, weight(out + "_w", at::randn({outputs, units / group, kernel, kernel}) * 0.3)};
    if (flip()) inputs.push_back(weight(out + "_b", at::randn({outputs})));
    onnx::NodeProto* node = file.Node("Conv", inputs, out);
    file.Set(node, "kernel_shape", {kernel, kernel});
    file.Set(node, "strides", {stride, stride});
    file.Set(node, "dilations", {dilation, dilation});
    file.Set(node, "pads", pads);
    file.Set(node, "group", group);
    return out;
  };
  for (int step = 0; step < 9; ++step) {
    switch (random.Below(8)) {
      case 0:
      case 1: {
        const int64_t kernel = flip() ? 1 : 3, stride = flip() ? 1 : 2, dilation = flip() ? 1 : 2;
        std::vector<int64_t> pads = {1, 0, 1, 0};
        if (flip()) pads = {1, 1, 1, 1};
        if (random.Below(3) == 0) pads = {0, 1, 2, 0};  // each side another
        const int64_t extent = dilation * (kernel - 1) + 1;
        const int64_t h = (height + pads[0] + pads[2] - extent) / stride + 1;
        const int64_t w = (width + pads[1] + pads[3] - extent) / stride + 1;
        if (h < 4 || w < 4) break;
        const int64_t group = units % 4 == 0 && flip() ? 2 : 1;
        last = convolve(last, 8, kernel, stride, dilation, pads, group);
        units = 8;
        height = h;
        width = w;
        break;
      }
      case 2: {
        const std::string out = name("relu");
        if (flip()) {
          file.Node("Relu", {last}, out);
        } else {
          file.Set(file.Node("LeakyRelu", {last}, out), "alpha", 0.3f);
        }
        last = out;
        break;
      }
      case 3: {
        if (std::min(height, width) < 6) break;
        const std::string out = name("pool");
        const bool max = flip();
        onnx::NodeProto* node = file.Node(max ? "MaxPool" : "AveragePool", {last}, out);
        const int64_t stride = flip() ? 1 : 2, pad = flip() ? 1 : 0;
        file.Set(node, "kernel_shape", {3, 3});
        file.Set(node, "strides", {stride, stride});
        file.Set(node, "pads", {pad, pad, pad, pad});
        // OpenCV 4.6 does not read it; CeilModeAndCountedPaddingFollowPyTorch covers it.
        if (!max && pad == 0) file.Set(node, "count_include_pad", flip() ? 1 : 0);
        height = (height + 2 * pad - 3) / stride + 1;
        width = (width + 2 * pad - 3) / stride + 1;
        last = out;
        break;
      }
      case 4: {
        const std::string out = name("lrn");
        onnx::NodeProto* node = file.Node("LRN", {last}, out);
        file.Set(node, "size", 3);
        file.Set(node, "alpha", 0.5f);
        file.Set(node, "beta", 0.6f);
        file.Set(node, "bias", 1.5f);
        last = out;
        break;
      }
      case 5: {
        const std::string from = last;
        const std::string a = convolve(from, units, 1, 1, 1, {0, 0, 0, 0}, 1);
        const std::string b = convolve(from, units, 3, 1, 1, {1, 1, 1, 1}, 1);
        last = name("join");
        if (flip()) {
          file.Set(file.Node("Concat", {a, b}, last), "axis", 1);
          units *= 2;
        } else {
          file.Node("Add", {a, b}, last);
        }
        break;
      }
      case 6: {
        const std::string out = name("bn");
        file.Set(file.Node("BatchNormalization",
                           {last, weight(out + "_s", at::rand({units}) + 0.5),
                            weight(out + "_b", at::randn({units})),
                            weight(out + "_m", at::randn({units})),
                            weight(out + "_v", at::rand({units}) + 0.2)},
                           out),
                 "epsilon", 1e-3f);
        last = out;
        break;
      }
      default: {
        const std::string out = name("drop");
        file.Node("Dropout", {last}, out);
        last = out;
      }
    }
  }
  if (flip()) {
    file.Node("GlobalAveragePool", {last}, "global");
    last = "global";
    height = width = 1;
  }
  file.Set(file.Node("Flatten", {last}, "flat"), "axis", 1);
  onnx::NodeProto* gemm =
      file.Node("Gemm",
                {"flat", weight("fc_w", at::randn({5, units * height * width}) * 0.1),
                 weight("fc_b", at::randn({5}))},
                "fc");
  file.Set(gemm, "transB", 1);
  file.Set(file.Node("Softmax", {"fc"}, "prob"), "axis", 1);
  return file;
}

}  // namespace netdissect
