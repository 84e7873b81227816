#include "nn/rows/row_forward.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "netdissect/base/error.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/pooling.h"
#include "nn/planar.h"
#include "nn/random_network.h"
#include "nn/rows/map_pool.h"

namespace netdissect {
namespace {

class ForwardOfEachSet : public testing::TestWithParam<const RowKernels*> {};

INSTANTIATE_TEST_SUITE_P(Kernels, ForwardOfEachSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& set) { return std::string(set.param->name); });

at::Tensor Images(int64_t count, int size, uint64_t seed) {
  at::manual_seed(seed);
  return at::randn({count, 3, size, size});
}

std::vector<at::Tensor> ByLibTorch(Network network, const at::Tensor& input,
                                   const std::vector<int>& wanted) {
  network.SetForward(ForwardBy::kLibTorch);
  return network.Forward(input, wanted);
}

std::vector<at::Tensor> ByRows(const Network& network, const at::Tensor& input,
                               const std::vector<int>& wanted,
                               const RowKernels& kernels = Kernels()) {
  std::vector<at::Tensor> outputs(wanted.size());
  ForwardByRows(
      network, input, wanted,
      [&](size_t which, const at::Tensor& output) { outputs[which] = output; }, kernels);
  return outputs;
}

double LargestOf(const at::Tensor& values) { return values.abs().max().item<double>(); }

void ExpectNear(const at::Tensor& expected, const at::Tensor& found, const std::string& what,
                double scale = 0) {
  ASSERT_EQ(expected.sizes(), found.sizes()) << what;
  scale = std::max(scale, LargestOf(expected));
  EXPECT_LE(LargestOf(found - expected), 1e-5 * scale) << what;
}

TEST_P(ForwardOfEachSet, EqualsLibTorchInEveryLayerOfRandomGraphs) {
  for (uint64_t seed = 0; seed < 80; ++seed) {
    const Network network = RandomNetwork(seed, 29, 12, seed % 3 == 0);
    const at::Tensor input = Images(1 + static_cast<int64_t>(seed % 5), 29, seed);
    std::vector<int> all(static_cast<size_t>(network.size()));
    std::iota(all.begin(), all.end(), 0);
    const std::vector<at::Tensor> expected = ByLibTorch(network, input, all);
    const std::vector<at::Tensor> found = ByRows(network, input, all, *GetParam());
    for (size_t i = 0; i < all.size(); ++i) {
      // What is near zero may be a difference of large numbers.
      double inputs = 0;
      for (int below : network.layer(all[i]).inputs) {
        inputs = std::max(inputs, LargestOf(expected[static_cast<size_t>(below)]));
      }
      ExpectNear(expected[i], found[i],
                 "seed " + std::to_string(seed) + ", layer " + network.layer(all[i]).name,
                 0.1 * inputs);
    }
    // Alone the last one is reached in other stretches, with rectifications done on the way.
    const int last = network.size() - 1;
    EXPECT_TRUE(ByRows(network, input, {last}, *GetParam())[0].equal(found.back())) << seed;
  }
}

TEST(ForwardByRows, IsTheSameToTheBitForAnyBatchAndThreads) {
  const int threads = at::get_num_threads();
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const Network network = RandomNetwork(seed, 31, 14, seed % 2 == 0);
    const std::vector<int> wanted = {network.size() / 2, network.size() - 1};
    const at::Tensor input = Images(9, 31, seed);
    at::set_num_threads(1);
    const std::vector<at::Tensor> whole = ByRows(network, input, wanted);
    for (const int other : {1, 2, 5}) {
      at::set_num_threads(other);
      for (const int64_t batch : {1, 2, 4, 9}) {
        for (int64_t first = 0; first + batch <= 9; first += batch) {
          const auto part = ByRows(network, input.narrow(0, first, batch), wanted);
          for (size_t i = 0; i < wanted.size(); ++i) {
            ASSERT_TRUE(part[i].equal(whole[i].narrow(0, first, batch)))
                << seed << ", " << other << " threads, " << batch << " images";
          }
        }
      }
    }
  }
  at::set_num_threads(threads);
}

// From the outputs below a cut on, whatever the cut.
TEST(ForwardByRows, GoesOnFromLayersThatAreGiven) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Network network = RandomNetwork(seed, 27, 12, seed % 3 == 0);
    const at::Tensor input = Images(3, 27, seed);
    std::vector<int> all(static_cast<size_t>(network.size()));
    std::iota(all.begin(), all.end(), 0);
    const std::vector<at::Tensor> outputs = ByRows(network, input, all);
    const int cut = static_cast<int>(seed) % (network.size() - 1), last = network.size() - 1;
    std::map<int, at::Tensor> given;
    for (const int above : network.Needed({last})) {
      for (const int below : network.layer(above).inputs) {
        if (above > cut && below <= cut) given[below] = outputs[static_cast<size_t>(below)];
      }
    }
    int visits = 0;
    ForwardByRows(network, given, {last, given.begin()->first},
                  [&](size_t which, const at::Tensor& output) {
                    ++visits;
                    EXPECT_TRUE(output.equal(which == 0 ? outputs.back() : given.begin()->second))
                        << "seed " << seed << ", cut above " << network.layer(cut).name;
                  });
    EXPECT_EQ(visits, 2);
    if (given.count(0) != 0) continue;
    EXPECT_THROW(ForwardByRows(network, given, {last, 0}, [](size_t, const at::Tensor&) {}), Error);
  }
}

// What ForwardEach hands out, put together again.
std::vector<at::Tensor> ImageByImage(const Network& network, const at::Tensor& input,
                                     const std::vector<int>& wanted) {
  std::vector<at::Tensor> outputs;
  for (const int layer : wanted) {
    const Shape& shape = network.layer(layer).shape;
    outputs.push_back(at::full({input.size(0), shape.units, shape.height, shape.width}, NAN));
  }
  std::atomic<int64_t> calls{0};
  network.ForwardEach(input, wanted, [&](size_t which, int64_t image, const ImageMaps& maps) {
    ++calls;
    float* to = outputs[which].data_ptr<float>();
    const int64_t positions = maps.height * maps.width;
    to += image * maps.channels * positions;
    for (int64_t c = 0; c < maps.channels; ++c) {
      for (int64_t p = 0; p < positions; ++p) {
        *to++ = maps.values[c * maps.channel_step + p * maps.position_step];
      }
    }
  });
  EXPECT_EQ(calls, input.size(0) * static_cast<int64_t>(wanted.size()));
  return outputs;
}

TEST(ForwardEach, HandsOutWhatForwardDoes) {
  const int threads = at::get_num_threads();
  for (uint64_t seed = 0; seed < 120; ++seed) {
    Network network = RandomNetwork(seed, 23, 12, seed % 3 == 0);
    if (seed % 5 == 0) network.SetForward(ForwardBy::kLibTorch);
    Random random(seed, 4);
    std::vector<int> wanted;  // some of them twice
    for (uint64_t i = 0; i < 1 + random.Below(6); ++i) {
      wanted.push_back(static_cast<int>(random.Below(static_cast<uint64_t>(network.size()))));
    }
    at::set_num_threads(static_cast<int>(1 + random.Below(3)));
    const at::Tensor input = Images(1 + static_cast<int64_t>(random.Below(9)), 23, seed);
    const std::vector<at::Tensor> expected = network.Forward(input, wanted);
    const std::vector<at::Tensor> found = ImageByImage(network, input, wanted);
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_TRUE(at::equal(expected[i], found[i]))
          << "seed " << seed << ", layer " << network.layer(wanted[i]).name;
    }
  }
  at::set_num_threads(threads);
}

// What a visitor keeps is not overwritten by what is computed later.
TEST(ForwardByRows, LeavesWhatIsKeptAsItIs) {
  const Network network = RandomNetwork(3, 33, 16, false);
  const at::Tensor input = Images(6, 33, 3);
  std::vector<at::Tensor> kept, copies;
  std::vector<int> all(static_cast<size_t>(network.size()));
  std::iota(all.begin(), all.end(), 0);
  ForwardByRows(network, input, all, [&](size_t, const at::Tensor& output) {
    kept.push_back(output);
    copies.push_back(output.clone());
  });
  ASSERT_EQ(kept.size(), all.size());
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(kept[i].equal(copies[i])) << i;
}

// Maps larger than what a thread takes together, in rows and in bands of one image.
TEST(ForwardByRows, EqualsLibTorchOnLargeImages) {
  Network network({3, 301, 420});
  Convolution first;
  first.units = 40;
  first.kernel = {7, 5};
  first.stride = {2, 2};
  first.padding = {3, 2, 3, 2};
  at::manual_seed(5);
  first.weight = at::randn({40, 3, 7, 5}) * 0.1;
  first.bias = at::randn({40});
  network.Add("conv1", first, {0});
  Pooling pool;
  pool.kernel = {3, 3};
  pool.stride = {2, 2};
  pool.ceil = true;
  network.Add("pool1", pool, {1});
  Convolution second;
  second.units = 24;
  second.kernel = {3, 3};
  second.padding = {1, 1, 1, 1};
  second.groups = 4;
  second.weight = at::randn({24, 10, 3, 3}) * 0.1;
  network.Add("conv2", second, {2});
  for (const int64_t images : {1, 5}) {
    at::manual_seed(7);
    const at::Tensor input = at::randn({images, 3, 301, 420});
    const std::vector<int> wanted = {1, 3};
    const auto expected = ByLibTorch(network, input, wanted),
               found = ByRows(network, input, wanted);
    for (size_t i = 0; i < 2; ++i) ExpectNear(expected[i], found[i], std::to_string(images));
  }
}

// Weights are packed once for a network; what is added later does not take another copy's.
TEST(ForwardByRows, CopiesThatGrowApartHaveTheirOwnWeights) {
  Network base({3, 9, 9});
  const auto add = [](Network& network, uint64_t seed) {
    Convolution c;
    c.units = 8;
    c.kernel = {3, 3};
    at::manual_seed(seed);
    c.weight = at::randn({8, network.layer(network.size() - 1).shape.units, 3, 3});
    network.Add("c" + std::to_string(network.size()), c, {network.size() - 1});
  };
  add(base, 1);
  const at::Tensor input = Images(2, 9, 1);
  ByRows(base, input, {1});
  Network other = base;
  add(base, 2);
  add(other, 3);
  for (const Network* network : {&base, &other}) {
    ExpectNear(ByLibTorch(*network, input, {2})[0], network->Forward(input, {2})[0], "copy");
  }
}

// Memory is given again, but nothing that somebody holds, and not for good.
TEST(MapPool, GivesAgainWhatNobodyHolds) {
  const auto pool = std::make_shared<MapPool>();
  at::Tensor first = pool->Take({2, 3, 4, 5});
  first.fill_(7);
  const void* place = first.data_ptr();
  const at::Tensor view = first.permute({0, 3, 1, 2});
  first.reset();
  at::Tensor second = pool->Take({2, 3, 4, 5});
  EXPECT_NE(second.data_ptr(), place);
  EXPECT_TRUE((view == 7).all().item<bool>());
  const void* other = second.data_ptr();
  second.reset();
  EXPECT_EQ(pool->Take({1, 3, 4, 5}).data_ptr(), other);  // large enough
  pool->FreeUnused();
  pool->FreeUnused();  // not taken between the two
  EXPECT_EQ(pool->Take({2, 3, 4, 5}).sizes(), view.permute({0, 2, 3, 1}).sizes());
}

TEST(Planar, HasThePositionsOfAChannelBesideEachOther) {
  for (const int64_t channels : {1, 3, 16, 17, 40}) {
    for (const int64_t size : {1, 4, 7, 16}) {
      at::manual_seed(channels);
      const at::Tensor rows = at::randn({3, size, size + 2, channels});
      const at::Tensor activations = rows.permute({0, 3, 1, 2});
      const at::Tensor maps = Planar(activations);
      EXPECT_TRUE(maps.is_contiguous());
      EXPECT_TRUE(maps.equal(activations));
    }
  }
  const at::Tensor maps = at::randn({2, 3, 4, 5});
  EXPECT_EQ(Planar(maps).data_ptr(), maps.data_ptr());
  EXPECT_TRUE(Planar(maps.transpose(2, 3)).equal(maps.transpose(2, 3)));
}

}  // namespace
}  // namespace netdissect
