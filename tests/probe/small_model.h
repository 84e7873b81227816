#pragma once
// Image sets of generated files, and a small network to run on them.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>

#include <cmath>
#include <string>

#include "base/random.h"
#include "base/scratch.h"
#include "data/pictures.h"
#include "netdissect/data/dataset.h"
#include "netdissect/nn/model.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"

namespace netdissect {

/// `count` PNG files of smooth random pictures in `folder`, of sizes that differ from the
/// network's.
inline Dataset RandomPictures(const ScratchFolder& folder, const std::string& name, int count,
                              uint64_t seed) {
  Dataset set;
  set.name = name;
  for (int i = 0; i < count; ++i) {
    Random random(seed, i);
    cv::Mat image =
        Gradient(30 + static_cast<int>(random.Below(20)), 30 + static_cast<int>(random.Below(20)),
                 static_cast<int>(random.Below(256)));
    for (int blob = 0; blob < 5; ++blob) {
      const cv::Rect place(static_cast<int>(random.Below(20)), static_cast<int>(random.Below(20)),
                           10, 10);
      image(place) =
          cv::Scalar(static_cast<double>(random.Below(256)), static_cast<double>(random.Below(256)),
                     static_cast<double>(random.Below(256)));
    }
    const std::string file = name + "_" + std::to_string(i) + ".png";
    set.images.push_back({folder.File(file, Encoded(image, ".png")), file, -1});
  }
  return set;
}

inline Convolution RandomConvolution(int units, int channels, int kernel, int stride, int pad) {
  Convolution c;
  c.units = units;
  c.kernel = {kernel, kernel};
  c.stride = {stride, stride};
  c.padding = {pad, pad, pad, pad};
  c.weight =
      at::randn({units, channels, kernel, kernel}) * std::sqrt(2.0 / (channels * kernel * kernel));
  c.bias = at::randn({units}) * 0.1;
  return c;
}

/// conv1 (5x5/2), relu1, pool1 (3x3/2), conv2 (3x3), relu2, fc of `classes` and prob, on 3 x 33 x
/// 33 pixels less 100, in hundredths.
inline Model SmallModel(uint64_t seed, int classes = 7) {
  at::manual_seed(seed);
  Network network({3, 33, 33});
  int last = network.Add("conv1", RandomConvolution(6, 3, 5, 2, 1), {0});
  last = network.Add("relu1", Relu{}, {last});
  Pooling pool;
  pool.kernel = {3, 3};
  pool.stride = {2, 2};
  last = network.Add("pool1", pool, {last});
  last = network.Add("conv2", RandomConvolution(8, 6, 3, 1, 1), {last});
  last = network.Add("relu2", Relu{}, {last});
  InnerProduct product;
  product.units = classes;
  const Shape& shape = network.layer(last).shape;
  const int inputs = shape.units * shape.height * shape.width;
  product.weight = at::randn({classes, inputs}) / std::sqrt(static_cast<double>(inputs));
  last = network.Add("fc", product, {last});
  network.Add("prob", Softmax{}, {last});
  network.SetOutputs({"prob"});
  InputFormat format;
  format.height = format.width = 33;
  format.mean = {100, 100, 100};
  format.scale = {0.01f, 0.01f, 0.01f};
  Model model{"small", network, format, {}, network.ComputeDigest()};
  return model;
}

}  // namespace netdissect
