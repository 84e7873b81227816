#pragma once
// What tests of the ONNX importer share.

#include <ATen/Context.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <optional>

#include "nn/onnx/onnx.h"
#include "nn/onnx_file.h"
#include "nn/temporary_folder.h"

namespace netdissect {

class OnnxTest : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(1); }

  Path File() const { return folder_ / "n.onnx"; }

  Network Read(OnnxFile& file, const std::optional<Shape>& input_size = std::nullopt) {
    file.Write(File());
    return ReadOnnx(File(), input_size);
  }

  const TemporaryFolder folder_;
  const at::Tensor x_ = at::randn({1, 3, 12, 12});
};

}  // namespace netdissect
