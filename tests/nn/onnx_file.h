#pragma once
// ONNX models made by tests.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <map>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "nn/onnx/proto.h"

namespace netdissect {

struct OnnxFile {
  onnx::ModelProto model;

  explicit OnnxFile(std::vector<int64_t> input = {1, 3, 12, 12}, int64_t opset = 13) {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(opset);
    model.mutable_graph()->set_name("test");
    AddTensorInfo(model.mutable_graph()->add_input(), "data", input);
  }

  /// 0 is a free dimension.
  static void AddTensorInfo(onnx::ValueInfoProto* info, const std::string& name,
                            const std::vector<int64_t>& dims) {
    info->set_name(name);
    onnx::TypeProto::Tensor* type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    for (const int64_t dim : dims) {
      onnx::TensorShapeProto::Dimension* d = type->mutable_shape()->add_dim();
      if (dim == 0) {
        d->set_dim_param("free");
      } else {
        d->set_dim_value(dim);
      }
    }
  }

  /// An operator called "n_" and its output's name.
  onnx::NodeProto* Node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output) {
    onnx::NodeProto* node = model.mutable_graph()->add_node();
    node->set_op_type(op);
    node->set_name("n_" + output);
    for (const std::string& input : inputs) node->add_input(input);
    node->add_output(output);
    return node;
  }

  static void Set(onnx::NodeProto* node, const std::string& name, int64_t value) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
  }
  static void Set(onnx::NodeProto* node, const std::string& name, int value) {
    Set(node, name, int64_t{value});
  }
  static void Set(onnx::NodeProto* node, const std::string& name, float value) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
  }
  static void Set(onnx::NodeProto* node, const std::string& name, const char* value) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value);
  }
  static void Set(onnx::NodeProto* node, const std::string& name,
                  const std::vector<int64_t>& values) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute->add_ints(value);
  }

  /// A weight, as raw bytes or as typed numbers.
  onnx::TensorProto* Weight(const std::string& name, const at::Tensor& values, bool raw = true) {
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    Fill(tensor, values, raw);
    return tensor;
  }

  static void Fill(onnx::TensorProto* tensor, const at::Tensor& values, bool raw) {
    static const std::map<at::ScalarType, int> types = {{at::kFloat, onnx::TensorProto::FLOAT},
                                                        {at::kDouble, onnx::TensorProto::DOUBLE},
                                                        {at::kHalf, onnx::TensorProto::FLOAT16},
                                                        {at::kLong, onnx::TensorProto::INT64}};
    tensor->set_data_type(types.at(values.scalar_type()));
    for (const int64_t dim : values.sizes()) tensor->add_dims(dim);
    const at::Tensor contiguous = values.contiguous();
    if (raw) {
      tensor->set_raw_data(contiguous.data_ptr(), contiguous.nbytes());
      return;
    }
    for (int64_t i = 0; i < values.numel(); ++i) {
      switch (values.scalar_type()) {
        case at::kFloat:
          tensor->add_float_data(contiguous.data_ptr<float>()[i]);
          break;
        case at::kDouble:
          tensor->add_double_data(contiguous.data_ptr<double>()[i]);
          break;
        case at::kHalf:
          tensor->add_int32_data(contiguous.data_ptr<at::Half>()[i].x);
          break;
        default:
          tensor->add_int64_data(contiguous.data_ptr<int64_t>()[i]);
      }
    }
  }

  void Integers(const std::string& name, const std::vector<int64_t>& values, bool scalar = false) {
    const at::Tensor tensor = at::tensor(values, at::kLong);
    Weight(name, scalar ? tensor.reshape({}) : tensor);
  }

  void Write(const Path& path, const std::string& output = "") {
    if (!output.empty()) {
      model.mutable_graph()->clear_output();
      AddTensorInfo(model.mutable_graph()->add_output(), output, {1, 5});
    }
    WriteFile(path, model.SerializeAsString());
  }
};

}  // namespace netdissect
