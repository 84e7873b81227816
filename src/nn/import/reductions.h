#pragma once
// Products with constant matrices, reductions over axes, normalisations, softmax.

#include <string>
#include <vector>

#include "nn/import/graph_builder.h"

namespace netdissect {

/// x W^T + bias along the last axis; `weight` (M, K), `bias` (M) or undefined. A 1 x 1 convolution
/// where the axis is the channels, an inner product where it is everything.
View Multiply(GraphBuilder& graph, const std::string& name, const View& x, const at::Tensor& weight,
              const at::Tensor& bias);

enum class Reduction { kMean, kMax, kMin, kSum, kNorm2 };

View Reduce(GraphBuilder& graph, const std::string& name, Reduction what, const View& x,
            const std::vector<int64_t>& axes, bool keep);

View SoftmaxAlong(GraphBuilder& graph, const std::string& name, const View& x, int64_t axis,
                  bool log);

/// Over the last `count` axes; `scale` and `shift` with the sizes of these, or undefined.
View NormalizeLayer(GraphBuilder& graph, const std::string& name, const View& x, int64_t count,
                    const at::Tensor& scale, const at::Tensor& shift, float epsilon);

/// x with its channels along the second axis, where batch and group normalisation look for them.
View WithChannelsSecond(GraphBuilder& graph, const View& x);

/// Over each group of the layer's channels and all positions, whatever the axes; `scale` and
/// `shift` (C), or undefined.
View NormalizeGroups(GraphBuilder& graph, const std::string& name, const View& x, int64_t groups,
                     const at::Tensor& scale, const at::Tensor& shift, float epsilon);

/// (x - mean) / sqrt(variance + epsilon) * scale + shift of stored statistics, all (C); scale and
/// shift may be undefined.
View NormalizeBatch(GraphBuilder& graph, const std::string& name, const View& x,
                    const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& mean,
                    const at::Tensor& variance, double epsilon);

}  // namespace netdissect
