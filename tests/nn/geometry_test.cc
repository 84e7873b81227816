#include "netdissect/nn/geometry.h"

#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "nn/alexnet.h"
#include "nn/expect_error.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/group_norm.h"
#include "nn/kinds/product.h"
#include "nn/kinds/resize.h"
#include "nn/kinds/transposed_convolution.h"
#include "nn/random_network.h"
#include "nn/summary.h"
#include "nn/support_of_gradient.h"

namespace netdissect {
namespace {

TEST(TheoreticalFields, OfAlexNetAreThoseOfThePaper) {
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  const std::map<std::string, int> sizes = {{"conv1", 11},  {"pool1", 19}, {"conv2", 51},
                                            {"pool2", 67},  {"conv3", 99}, {"conv4", 131},
                                            {"conv5", 163}, {"pool5", 195}};
  for (const auto& [name, size] : sizes) {
    const ReceptiveField& field = fields[static_cast<size_t>(network.Find(name))];
    EXPECT_EQ(field.y.size(), size) << name;
    EXPECT_EQ(field.x.size(), size) << name;
  }
  const ReceptiveField& pool5 = fields[static_cast<size_t>(network.Find("pool5"))];
  EXPECT_EQ(pool5.y.stride, 32);
  EXPECT_EQ(pool5.y.offset(), 33);  // conv1's 5 + 4 (pool1) + 0 (conv2) + 8 (pool2) + 16 (pool5)
  EXPECT_FALSE(pool5.y.everything);
  const ReceptiveField& fc7 = fields[static_cast<size_t>(network.Find("fc7"))];
  EXPECT_TRUE(fc7.y.everything && fc7.x.everything);
  EXPECT_EQ(fc7.y.stride, 0);
}

// Table 1: units and feature sizes at full width.
TEST(Summarize, OfAlexNetIsTable1) {
  const Network network = BuildAlexNet();
  const std::map<std::string, Shape> table = {{"conv1", {96, 55, 55}},  {"pool1", {96, 27, 27}},
                                              {"conv2", {256, 27, 27}}, {"pool2", {256, 13, 13}},
                                              {"conv3", {384, 13, 13}}, {"conv4", {384, 13, 13}},
                                              {"conv5", {256, 13, 13}}, {"pool5", {256, 6, 6}},
                                              {"fc6", {4096, 1, 1}},    {"fc7", {4096, 1, 1}}};
  for (const auto& [name, shape] : table) {
    EXPECT_EQ(ToString(network.layer(network.Find(name)).shape), ToString(shape)) << name;
  }
  int64_t parameters = 0, macs = 0;
  for (const LayerSummary& row : Summarize(network)) {
    parameters += row.parameters;
    macs += row.macs;
  }
  EXPECT_EQ(parameters, 60'965'224);  // the published size of the Caffe reference model
  EXPECT_EQ(macs, 724'406'816);       // 105,415,200 + 223,948,800 + 149,520,384 + 112,140,288 +
                                      // 74,760,192 + 37,748,736 + 16,777,216 + 4,096,000
}

TEST(TheoreticalFields, ContainTheSupportOfTheGradientInRandomNetworks) {
  for (uint64_t seed = 0; seed < 120; ++seed) {
    const Network network = RandomNetwork(seed, 33, 8, seed % 3 == 0);
    ExpectFieldsContainGradients(network, seed, 2);
  }
}

TEST(TheoreticalFields, AreReachedByTheGradientWhereNothingIsRectified) {
  // Without rectification every weight takes part, so the field is the support, not only around it.
  Network network({3, 65, 65});
  int last = 0;
  for (int i = 0; i < 3; ++i) {
    Convolution c;
    c.units = 4;
    c.kernel = {3, 5};
    c.stride = {2, 1};
    c.padding = {1, 2, 1, 2};
    c.weight = at::rand({4, i == 0 ? 3 : 4, 3, 5}) + 0.1;
    last = network.Add("c" + std::to_string(i), c, {last});
  }
  const ReceptiveField field = TheoreticalFields(network).back();
  const GradientSupport support = SupportOfGradient(network, last, 1, 4, 30, 5);
  EXPECT_EQ(support.y.start, field.y.At(4).start);
  EXPECT_EQ(support.y.end, field.y.At(4).end);
  EXPECT_EQ(support.x.start, field.x.At(30).start);
  EXPECT_EQ(support.x.end, field.x.At(30).end);
}

// A 1 x 1 convolution that moves by `stride` pixels, on what sees `network`'s last layer.
int AddStep(Network& network, int stride) {
  Convolution c;
  c.units = 3;
  c.stride = {stride, stride};
  c.weight = at::ones({3, 3, 1, 1});
  return network.Add("step" + std::to_string(network.size()), c, {network.size() - 1});
}

TEST(TheoreticalFields, CountStridesBeyond32Bits) {
  Network network({3, 8, 8});
  for (int i = 0; i < 3; ++i) AddStep(network, 1 << 14);
  const ReceptiveField field = TheoreticalFields(network).back();
  EXPECT_EQ(field.y.stride, int64_t{1} << 42);
  EXPECT_FALSE(field.y.everything);
  EXPECT_EQ(field.y.At(1).start, int64_t{1} << 42);
  EXPECT_EQ(field.y.size(), 1);
}

TEST(TheoreticalFields, RefuseWhatIsLargerThanAnyImage) {
  Network network({3, 8, 8});
  for (int i = 0; i < 4; ++i) AddStep(network, 1 << 14);
  ExpectError([&] { TheoreticalFields(network); }, {"layer step4", "larger than"});
}

TEST(TheoreticalFields, SeeEverythingBesideABranchThatDoes) {
  Network network({3, 4, 4});
  const int whole = network.Add("whole", GlobalMaxPooling{}, {0});
  Convolution c;
  c.units = 3;
  c.kernel = {2, 2};
  c.stride = {9, 9};
  c.weight = at::ones({3, 3, 2, 2});
  const int part = network.Add("part", c, {0});
  network.Add("both", Concatenation{}, {whole, part});
  network.Add("both the other way", Concatenation{}, {part, whole});
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  EXPECT_EQ(fields[static_cast<size_t>(part)].y.end, 1);
  for (size_t i = 3; i < 5; ++i) {
    EXPECT_TRUE(fields[i].y.everything);
    EXPECT_EQ(fields[i].y.start, 0);
    EXPECT_EQ(fields[i].y.end, 3);
    EXPECT_EQ(fields[i].y.At(0).end, 3);
  }
}

TEST(TheoreticalFields, RefuseBranchesOfDifferentStride) {
  // Output sizes agree, positions do not: a stride of 2 beside one that crops.
  Network network({3, 9, 9});
  Convolution a, b;
  a.units = b.units = 2;
  a.kernel = {1, 1};
  a.stride = {2, 2};
  a.weight = at::ones({2, 3, 1, 1});
  b.kernel = {5, 5};
  b.weight = at::ones({2, 3, 5, 5});
  const int first = network.Add("a", a, {0}), second = network.Add("b", b, {0});
  network.Add("both", Concatenation{}, {first, second});
  try {
    TheoreticalFields(network);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("layer both"), std::string::npos) << error.what();
  }
}

TransposedConvolution Upsampling(int stride) {
  TransposedConvolution t;
  t.units = 3;
  t.kernel = {stride, stride};
  t.stride = {stride, stride};
  t.weight = at::ones({3, 3, stride, stride});
  return t;
}

TEST(TheoreticalFields, MoveByAFractionOfTheStrideBelow) {
  Network network({3, 12, 12});
  AddStep(network, 4);
  const int up = network.Add("up", Upsampling(2), {network.size() - 1});
  const ReceptiveField field = TheoreticalFields(network).back();
  EXPECT_EQ(field.y.stride, 2);
  EXPECT_FALSE(field.y.everything);
  // Positions 0 and 1 see pixel 0, positions 2 and 3 pixel 4: 2 o - 2 ... 2 o holds them.
  EXPECT_EQ(field.y.start, -2);
  EXPECT_EQ(field.y.end, 0);
  EXPECT_EQ(network.layer(up).shape.height, 6);
}

TEST(TheoreticalFields, SeeEverythingWhereTheStrideIsNoWholeNumberOfPixels) {
  Network network({3, 12, 12});
  AddStep(network, 2);
  network.Add("up", Upsampling(4), {network.size() - 1});
  Resize resize;
  resize.size = {9, 6};
  network.Add("resized", resize, {1});
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  EXPECT_TRUE(fields[2].y.everything && fields[2].x.everything);
  EXPECT_EQ(fields[2].y.end, 10);
  EXPECT_TRUE(fields[3].y.everything);
  EXPECT_FALSE(fields[3].x.everything);
  EXPECT_EQ(fields[3].x.stride, 2);
}

TEST(TheoreticalFields, SeeEverythingBehindAGate) {
  Network network({3, 8, 8});
  const int step = AddStep(network, 1);
  const int gate = network.Add("gate", GlobalAveragePooling{}, {step});
  const int rows = network.Add("rows", GlobalAveragePooling(false, true), {step});
  network.Add("product", Product{}, {step, gate});
  network.Add("product of rows", Product{}, {rows, step});
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  EXPECT_TRUE(fields[4].y.everything && fields[4].x.everything);
  EXPECT_FALSE(fields[5].y.everything);
  EXPECT_EQ(fields[5].y.size(), 1);
  EXPECT_TRUE(fields[5].x.everything);
  EXPECT_EQ(fields[5].x.size(), 8);
}

TEST(TheoreticalFields, KeepThePlacesOfPositionsBehindAGate) {
  Network network({3, 16, 16});
  Convolution c;
  c.units = 3;
  c.kernel = {3, 3};
  c.stride = {2, 2};
  c.padding = {1, 1, 1, 1};
  c.weight = at::ones({3, 3, 3, 3});
  const int map = network.Add("map", c, {0});
  const int gate = network.Add("gate", GlobalAveragePooling{}, {map});
  const int gated = network.Add("gated", Product{}, {gate, map});
  GroupNorm norm;
  const int normed = network.Add("normed", norm, {gated});
  const int strided = network.Add("strided", c, {normed});
  const int up = network.Add("up", Upsampling(2), {strided});
  Resize resize;
  resize.method = Resize::Method::kLinear;
  resize.size = {12, 12};
  const int resized = network.Add("resized", resize, {normed});
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  const auto expect = [&](int layer, double first, double pitch) {
    const AxisField& y = fields[static_cast<size_t>(layer)].y;
    EXPECT_TRUE(y.everything);
    EXPECT_NEAR(y.Place(0), first, 0.05) << network.layer(layer).name;
    EXPECT_DOUBLE_EQ(y.Pitch(), pitch) << network.layer(layer).name;
  };
  EXPECT_EQ(fields[static_cast<size_t>(map)].y.Place(3), 6);
  expect(gate, 7, 0);
  expect(gated, 0, 2);
  expect(normed, 0, 2);
  expect(strided, 0, 4);
  expect(up, -1, 2);  // positions 0 and 1 stand around pixel 0
  expect(resized, 2 * (0.5 * 8 / 12 - 0.5), 2 * 8.0 / 12);
}

TEST(TheoreticalFields, OfLonePositionsMayComeFromAnyStride) {
  Network network({3, 8, 8});
  Convolution a, b;
  a.units = b.units = 2;
  a.kernel = {8, 8};
  a.weight = at::ones({2, 3, 8, 8});
  b.kernel = {5, 5};
  b.stride = {9, 9};
  b.weight = at::ones({2, 3, 5, 5});
  const int first = network.Add("a", a, {0}), second = network.Add("b", b, {0});
  network.Add("both", Concatenation{}, {first, second});
  EXPECT_EQ(TheoreticalFields(network).back().y.size(), 8);
}

}  // namespace
}  // namespace netdissect
