#pragma once
// A small network that has every kind of layer that can be trained.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "netdissect/nn/network.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"

namespace netdissect {

/// Of weights 0, for `channels` of the input, padded so that the output is as large.
inline Convolution BlankConvolution(int channels, int units, int kernel, int groups = 1) {
  Convolution c;
  c.units = units;
  c.kernel = {kernel, kernel};
  c.groups = groups;
  const int pad = kernel / 2;
  c.padding = {pad, pad, pad, pad};
  c.weight = at::zeros({units, channels / groups, kernel, kernel});
  return c;
}

inline InnerProduct BlankProduct(int inputs, int units) {
  InnerProduct p;
  p.units = units;
  p.weight = at::zeros({units, inputs});
  p.bias = at::zeros({units});
  return p;
}

inline Pooling HalvingPool(Pooling::Method method) {
  Pooling p;
  p.method = method;
  p.kernel = {2, 2};
  p.stride = {2, 2};
  return p;
}

/// Branches, a shortcut, a grouped convolution, convolutions without bias; 5 classes.
inline Network NetworkOfEveryKind(int size = 12) {
  Network network({3, size, size});
  Relu leaky, learnt;
  leaky.slope = 0.3f;
  learnt.slopes = at::zeros({8});
  LocalResponseNorm norm;
  norm.size = 3;
  norm.alpha = 0.5f;
  Sum sum;
  sum.coefficients = {1.0f, -0.5f};
  const int conv1 = network.Add("conv1", BlankConvolution(3, 8, 3), {0});
  const int relu1 = network.Add("relu1", leaky, {conv1});
  const int norm1 = network.Add("norm1", norm, {relu1});
  const int pool1 = network.Add("pool1", HalvingPool(Pooling::Method::kAverage), {norm1});
  const int left = network.Add("left", BlankConvolution(8, 4, 1), {pool1});
  const int right = network.Add("right", BlankConvolution(8, 4, 3), {pool1});
  const int join = network.Add("join", Concatenation{}, {left, right});
  const int scale = network.Add("scale", Affine(at::ones({8}), at::zeros({8})), {join});
  const int relu2 = network.Add("relu2", learnt, {scale});
  const int conv3 = network.Add("conv3", BlankConvolution(8, 8, 3, 2), {relu2});
  const int add = network.Add("add", sum, {relu2, conv3});
  const int pool2 = network.Add("pool2", HalvingPool(Pooling::Method::kMax), {add});
  const int mean = network.Add("mean", GlobalAveragePooling{}, {pool2});
  const int most = network.Add("most", GlobalMaxPooling{}, {pool2});
  const int both = network.Add("both", Concatenation{}, {mean, most});
  const int flat = network.Add("flat", Flatten{}, {both});
  const int drop = network.Add("drop", Dropout{}, {flat});
  const int scores = network.Add("scores", BlankProduct(16, 5), {drop});
  network.Add("prob", Softmax{}, {scores});
  network.SetOutputs({"prob"});
  return network;
}

}  // namespace netdissect
