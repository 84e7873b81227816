// Networks of others: Caffe's two files, ONNX, safetensors, graphs and descriptors. Not
// TorchScript: LibTorch's own reader does not survive every archive.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>

#include "base/json.h"
#include "data/caffe.pb.h"
#include "fuzz/target.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/model.h"
#include "nn/caffe.h"
#include "nn/describe.h"
#include "nn/graph_file.h"
#include "nn/input_object.h"
#include "nn/onnx/onnx.h"
#include "nn/onnx_file.h"
#include "nn/random_network.h"
#include "nn/safetensors.h"

namespace netdissect {
namespace {

const char kGraph[] = R"(name: "n" input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
layer { name: "c" type: "Convolution" bottom: "data" top: "c"
        convolution_param { num_output: 2 kernel_size: 3 pad: 1 group: 1 } }
layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
layer { name: "p" type: "Pooling" bottom: "c" top: "p"
        pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "l" type: "LRN" bottom: "p" top: "l" lrn_param { local_size: 3 alpha: 0.1 } }
layer { name: "f" type: "InnerProduct" bottom: "l" top: "f" inner_product_param { num_output: 2 } }
layer { name: "s" type: "Softmax" bottom: "f" top: "s" }
)";

void AddBlob(caffe::LayerParameter& layer, const std::vector<int64_t>& shape) {
  caffe::BlobProto* blob = layer.add_blobs();
  int64_t count = 1;
  for (const int64_t size : shape) {
    blob->mutable_shape()->add_dim(size);
    count *= size;
  }
  for (int64_t i = 0; i < count; ++i) blob->add_data(0.1f);
}

std::string Weights() {
  caffe::NetParameter net;
  caffe::LayerParameter& convolution = *net.add_layer();
  convolution.set_name("c");
  AddBlob(convolution, {2, 3, 3, 3});
  AddBlob(convolution, {2});
  caffe::LayerParameter& product = *net.add_layer();
  product.set_name("f");
  AddBlob(product, {2, 32});
  AddBlob(product, {2});
  return net.SerializeAsString();
}

const AddTarget prototxt({"prototxt",
                          [](const std::string& bytes) {
                            static const Path weights = FuzzFile("good.caffemodel", Weights());
                            ReadCaffe(FuzzFile("n.prototxt", bytes), weights);
                          },
                          [] { return std::vector<std::string>{kGraph}; }});

const AddTarget caffemodel({"caffemodel",
                            [](const std::string& bytes) {
                              static const Path graph = FuzzFile("good.prototxt", kGraph);
                              ReadCaffe(graph, FuzzFile("n.caffemodel", bytes));
                            },
                            [] { return std::vector<std::string>{Weights()}; }});

std::vector<std::string> OnnxModels() {
  OnnxFile file;
  file.Weight("w", at::randn({2, 3, 3, 3}));
  file.Node("Conv", {"data", "w"}, "c");
  file.Node("Relu", {"c"}, "r");
  onnx::NodeProto* pool = file.Node("MaxPool", {"r"}, "p");
  OnnxFile::Set(pool, "kernel_shape", std::vector<int64_t>{2, 2});
  file.Node("Shape", {"p"}, "shape");
  file.Integers("axis", {0}, true);
  file.Node("Gather", {"shape", "axis"}, "n");
  file.Integers("minus", {-1, 162});
  file.Node("Reshape", {"p", "minus"}, "flat");
  file.Weight("v", at::randn({5, 162}), false);
  OnnxFile::Set(file.Node("Gemm", {"flat", "v"}, "scores"), "transB", 1);
  OnnxFile::AddTensorInfo(file.model.mutable_graph()->add_output(), "scores", {1, 5});
  OnnxFile sum({1, 3, 6, 6});
  sum.Node("Sigmoid", {"data"}, "a");
  sum.Node("Mul", {"a", "data"}, "b");
  sum.Node("Concat", {"a", "b"}, "c");
  OnnxFile::Set(sum.model.mutable_graph()->mutable_node(2), "axis", 1);
  sum.Node("GlobalAveragePool", {"c"}, "g");
  OnnxFile::AddTensorInfo(sum.model.mutable_graph()->add_output(), "g", {1, 6, 1, 1});
  return {file.model.SerializeAsString(), sum.model.SerializeAsString()};
}

const AddTarget onnx_model({"onnx",
                            [](const std::string& bytes) {
                              ReadOnnx(FuzzFile("n.onnx", bytes), Shape{3, 12, 12});
                            },
                            OnnxModels});

std::string TensorFile(const SafeTensors& tensors) {
  const Path file = FuzzFile("seed.safetensors", "");
  WriteSafeTensors(file, tensors);
  return ReadFile(file);
}

const AddTarget safetensors({"safetensors",
                             [](const std::string& bytes) {
                               ReadSafeTensors(FuzzFile("t.safetensors", bytes));
                             },
                             [] {
                               SafeTensors tensors;
                               tensors.tensors["a"] = at::randn({2, 3});
                               tensors.tensors["b.half"] = at::randn({3}).to(at::kHalf);
                               tensors.metadata["format"] = "pt";
                               return std::vector<std::string>{TensorFile(tensors)};
                             }});

// The weights are those of the first seed.
const AddTarget graph({"graph",
                       [](const std::string& bytes) {
                         static const SafeTensors weights = WeightsOf(RandomNetwork(3, 20, 6));
                         const Path file = FuzzFile("n.graph.json", bytes);
                         NetworkFrom(ReadJson(file), weights, file);
                       },
                       [] {
                         return std::vector<std::string>{ToJson(RandomNetwork(3, 20, 6)).dump()};
                       }});

// A random network is not made, for it may be as large as it says, nor is one of TorchScript read.
void ReadDescriptor(const std::string& bytes) {
  static const Path weights = FuzzFile("w.safetensors", TensorFile({}));
  const Path file = FuzzFile("net.json", bytes);
  const JsonObject descriptor = JsonObject::Read(file);
  const Json format = descriptor.Has("format") ? descriptor.Value("format") : Json();
  if (format == "random" || format == "torchscript") {
    ReadInputFormat(descriptor.Object("input"));
    return;
  }
  LoadModel(file);
}

const AddTarget descriptor(
    {"descriptor", ReadDescriptor, [] {
       FuzzFile("labels.txt", "a\nb\n");
       FuzzFile("good.prototxt", kGraph);
       FuzzFile("good.caffemodel", Weights());
       return std::vector<std::string>{
           R"({"name": "x", "format": "caffe", "graph": "good.prototxt", "labels": "labels.txt",
               "weights": "good.caffemodel", "output": "s", "input": {"size": [8, 8], "order":
               "BGR", "mean": [1, 2.5, 3], "scale": 0.5, "resize": "crop", "side": 9, "fill": 1,
               "interpolation": "bicubic", "antialias": true}})",
           R"({"format": "random", "architecture": "alexnet", "width": 0.1, "fc": 16,
               "classes": 3, "seed": 1, "input": {"size": 227, "order": "gray", "mean": 0}})"};
     }});

const AddTarget mean_image({"binaryproto",
                            [](const std::string& bytes) {
                              ReadMeanImage(FuzzFile("mean.binaryproto", bytes), 4, 4,
                                            ChannelOrder::kBgr);
                            },
                            [] {
                              caffe::BlobProto blob;
                              blob.set_num(1);
                              blob.set_channels(3);
                              blob.set_height(4);
                              blob.set_width(5);
                              for (int i = 0; i < 60; ++i) blob.add_data(static_cast<float>(i));
                              return std::vector<std::string>{blob.SerializeAsString()};
                            }});

}  // namespace
}  // namespace netdissect
