#include "nn/graph_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "nn/alexnet.h"
#include "nn/expect_error.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

const Path kFile = "weights.safetensors";

// Through the text, as a file has it.
Network ThroughText(const Network& network) {
  return NetworkFrom(Json::parse(ToJson(network).dump()), WeightsOf(network), kFile);
}

void ExpectSame(const Network& network, const Network& read, const std::string& what) {
  EXPECT_EQ(network.ComputeDigest(), read.ComputeDigest()) << what;
  EXPECT_EQ(network.names(), read.names()) << what;
  const Shape& shape = network.input();
  const at::Tensor input = at::randn({2, shape.units, shape.height, shape.width});
  const std::vector<int> last = {network.size() - 1};
  EXPECT_TRUE(at::equal(network.Forward(input, last)[0], read.Forward(input, last)[0])) << what;
}

TEST(GraphFile, ReadsWhatItWrites) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Network network = RandomNetwork(seed, 33, 12, seed % 2 == 0);
    ExpectSame(network, ThroughText(network), fmt::format("seed {}", seed));
  }
}

TEST(GraphFile, ReadsTheKindsThatRandomGraphsLack) {
  Network network = RandomNetwork(5, 33, 6);
  const Shape shape = network.layers().back().shape;
  Relu each;
  each.slopes = at::rand({shape.units});
  const int spatial = network.Add("each", each, {network.size() - 1});
  Dropout dropout;
  dropout.rate = 0.1f;  // no number that has few binary digits
  const int dropped = network.Add("dropped", dropout, {spatial});
  const int average = network.Add("average", GlobalAveragePooling{}, {dropped});
  const int largest = network.Add("largest", GlobalMaxPooling{}, {spatial});
  const int flat = network.Add("flat", Flatten{}, {spatial});
  InnerProduct product;
  product.units = shape.units;
  product.weight = at::randn({shape.units, network.layer(flat).shape.units});
  const int connected = network.Add("connected", product, {flat});
  Sum sum;
  sum.coefficients = {0.1f, -1.0f / 3, 7};
  const int both = network.Add("sum", sum, {average, largest, connected});
  network.Add("prob", Softmax{}, {both});
  network.Add("open", Pointwise(Pointwise::Function::kClip, -INFINITY, 0.1f), {both});
  network.Add("closed", Pointwise(Pointwise::Function::kClip, 0.1f, INFINITY), {both});
  network.Bind("another name", both);
  const Network read = ThroughText(network);
  ExpectSame(network, read, "all kinds");
  EXPECT_EQ(read.layer(read.Find("dropped")).kind.As<Dropout>()->rate, 0.1f);
  EXPECT_EQ(read.layer(read.Find("open")).kind.As<Pointwise>()->a, -INFINITY);
  EXPECT_EQ(read.layer(read.Find("closed")).kind.As<Pointwise>()->b, INFINITY);
}

TEST(GraphFile, KeepsInPlaceNames) {
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  const Network read = ThroughText(network);
  ExpectSame(network, read, "alexnet");
  EXPECT_EQ(read.Find("conv1"), read.Find("relu1"));
}

TEST(GraphFile, SaysWhatDoesNotFit) {
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  const Json graph = ToJson(network);
  const SafeTensors weights = WeightsOf(network);
  const auto with = [&](const char* pointer, const Json& value) {
    Json changed = graph;
    changed[Json::json_pointer(pointer)] = value;
    return [changed, weights] { NetworkFrom(changed, weights, kFile); };
  };
  const std::string file = kFile.string();
  ExpectError(with("/layers/0/kind", "sigmoids"), {file, "layer conv1", "sigmoids", "softmax"});
  ExpectError(with("/layers/0/groups", 2.5), {file, "layer conv1", "groups", "integer", "2.5"});
  ExpectError(with("/layers/0/groups", 3000000000), {file, "layer conv1", "groups", "3000000000"});
  ExpectError(with("/layers/0/groups", 2), {file, "layer conv1", "groups that divide 3"});
  ExpectError(with("/layers/0/stride", Json::array({1})), {file, "layer conv1", "stride"});
  ExpectError(with("/layers/0/kernel", Json::array({11, 12})), {file, "layer conv1", "weight"});
  ExpectError(with("/layers/3/inputs", Json::array({"later"})), {file, "layer norm1", "later"});
  ExpectError(with("/layers/3/beta", 1e300), {file, "layer norm1", "beta", "1e+300"});
  ExpectError(with("/names/conv1", "nothing"), {file, "conv1", "nothing"});
  ExpectError(with("/input", 3), {file, "expected a key"});

  SafeTensors missing = weights;
  missing.tensors.erase("conv3.bias");
  ExpectError([&] { NetworkFrom(graph, missing, kFile); }, {file, "layer conv3", "conv3.bias"});
  SafeTensors surplus = weights;
  surplus.tensors["conv9.weight"] = at::randn({2});
  ExpectError([&] { NetworkFrom(graph, surplus, kFile); }, {file, "conv9.weight"});
}

TEST(GraphFile, RefusesDamagedText) {
  const Network network = RandomNetwork(3, 33, 8);
  const SafeTensors weights = WeightsOf(network);
  const int refused = CountRefusedMutations(ToJson(network).dump(), 300, [&](const auto& text) {
    const Json graph = Json::parse(text, nullptr, false);
    if (!graph.is_discarded()) NetworkFrom(graph, weights, kFile);
  });
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace netdissect
