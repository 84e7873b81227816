#include "netdissect/probe/record.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "netdissect/base/system.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/relu.h"
#include "probe/divided_pass.h"
#include "probe/small_model.h"

namespace netdissect {
namespace {

constexpr int kUnits = 5, kHeight = 4, kWidth = 7;

// (images, units, height, width) with few different values: ties between positions and images.
at::Tensor Maps(uint64_t seed, int64_t images, int64_t different) {
  at::manual_seed(seed);
  const at::Tensor maps = at::randint(different, {images, kUnits, kHeight, kWidth}).to(at::kFloat);
  return (maps - static_cast<double>(different) / 3) * 0.5;
}

std::vector<int64_t> Range(int64_t begin, int64_t end) {
  std::vector<int64_t> range(static_cast<size_t>(end - begin));
  std::iota(range.begin(), range.end(), begin);
  return range;
}

// A unit's responses from the definition, cut to k.
std::vector<UnitResponse> ExpectedTop(const at::Tensor& maps, int unit, int k) {
  const auto values = maps.accessor<float, 4>();
  std::vector<UnitResponse> all;
  for (int64_t n = 0; n < maps.size(0); ++n) {
    UnitResponse response{n, -std::numeric_limits<float>::infinity(), 0, 0};
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        if (values[n][unit][y][x] > response.value) response = {n, values[n][unit][y][x], y, x};
      }
    }
    all.push_back(response);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const UnitResponse& a, const UnitResponse& b) { return a.value > b.value; });
  all.resize(std::min(all.size(), static_cast<size_t>(k)));
  return all;
}

std::vector<LayerResponse> ExpectedImages(const at::Tensor& maps, int count) {
  const at::Tensor sums = maps.to(at::kDouble).sum({1, 2, 3});
  std::vector<LayerResponse> all;
  for (int64_t n = 0; n < maps.size(0); ++n) all.push_back({n, sums[n].item<double>()});
  std::stable_sort(all.begin(), all.end(), [](const LayerResponse& a, const LayerResponse& b) {
    return a.value > b.value;
  });
  all.resize(std::min(all.size(), static_cast<size_t>(count)));
  return all;
}

double ExpectedQuantile(const at::Tensor& maps, int unit, double q) {
  const at::Tensor sorted = std::get<0>(maps.select(1, unit).flatten().sort());
  const auto rank = static_cast<int64_t>(std::ceil(q * static_cast<double>(sorted.numel()))) - 1;
  return sorted[rank].item<double>();
}

// Values within `rounding` of each other, all else equal.
void ExpectSame(const std::vector<UnitResponse>& a, const std::vector<UnitResponse>& b,
                double rounding = 0) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].image, b[i].image) << "rank " << i;
    EXPECT_NEAR(a[i].value, b[i].value, rounding) << "rank " << i;
    EXPECT_EQ(a[i].y, b[i].y) << "rank " << i;
    EXPECT_EQ(a[i].x, b[i].x) << "rank " << i;
  }
}

void ExpectSame(const std::vector<LayerResponse>& a, const std::vector<LayerResponse>& b,
                double rounding = 0) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].image, b[i].image) << "rank " << i;
    EXPECT_NEAR(a[i].value, b[i].value, rounding) << "rank " << i;
  }
}

RecordOptions Keeping(int k, int layer_images) {
  RecordOptions options;
  options.k = k;
  options.layer_images = layer_images;
  options.sampled = 20;
  return options;
}

void ExpectRecorded(const LayerRecorder& recorder, const at::Tensor& maps, int k, int images) {
  ExpectSame(recorder.TopImages(), ExpectedImages(maps, images));
  for (int unit = 0; unit < kUnits; ++unit) {
    SCOPED_TRACE(unit);
    ExpectSame(recorder.TopOf(unit), ExpectedTop(maps, unit, k));
    for (double q : {0.1, 0.5, 0.995}) {
      EXPECT_EQ(recorder.Quantile(unit, q), ExpectedQuantile(maps, unit, q));
    }
  }
}

std::vector<int64_t> ImagesOf(const std::vector<ImageValue>& values) {
  std::vector<int64_t> images;
  for (const ImageValue& value : values) images.push_back(value.image);
  return images;
}

TEST(LayerRecorder, IsTheDefinition) {
  for (int64_t different : {2, 5, 100000}) {  // ties nearly everywhere ... nowhere
    for (int k : {1, 7, 200}) {               // more than there are images, too
      SCOPED_TRACE(fmt::format("{} values, k {}", different, k));
      const at::Tensor maps = Maps(static_cast<uint64_t>(k), 60, different);
      LayerRecorder recorder(kUnits, Keeping(k, 10));
      for (int64_t n = 0; n < 60; n += 8) {
        const int64_t count = std::min<int64_t>(8, 60 - n);
        recorder.Add(Range(n, n + count), maps.narrow(0, n, count));
      }
      ExpectRecorded(recorder, maps, k, 10);
    }
  }
}

TEST(LayerRecorder, TakesAnyLayoutAndThePositionsOfPlainVectors) {
  const at::Tensor maps = Maps(3, 20, 50);
  LayerRecorder recorder(kUnits, Keeping(9, 9));
  recorder.Add(Range(0, 20), maps.contiguous(at::MemoryFormat::ChannelsLast));
  ExpectRecorded(recorder, maps, 9, 9);

  LayerRecorder vectors(3, Keeping(1, 1));
  vectors.Add({4, 9}, at::tensor({1., 2., 3., 4., 1., 3.}).view({2, 3, 1, 1}));
  EXPECT_EQ(vectors.TopOf(0).front().image, 9);
  EXPECT_EQ(vectors.TopOf(1).front().image, 4);
  EXPECT_EQ(vectors.TopOf(2).front().image, 4);  // the first of equals
  EXPECT_EQ(vectors.TopImages().front().image, 9);
}

// A sweep over channels that lie beside each other, most of whose values are only counted.
TEST(LayerRecorder, SweepsToTheSameAsMapByMap) {
  at::manual_seed(11);
  constexpr int kChannels = 37, kImages = 120;  // and no multiple of what a sweep takes together
  at::Tensor maps = at::randn({kImages, kChannels, 9, 11});
  maps.narrow(1, 0, 20).clamp_min_(0.3).sub_(0.3);  // mostly zeros
  maps.select(1, 4).fill_(0);                       // never active
  maps.select(1, 5).sub_(10);                       // always negative
  const int64_t largest = QuantileSketch::LargestFor(kThresholdQuantile, kImages * 9 * 11);
  LayerRecorder swept(kChannels, Keeping(6, 8), largest), planar(kChannels, Keeping(6, 8));
  for (int64_t n = 0; n < kImages; n += 8) {
    const at::Tensor batch = maps.narrow(0, n, 8);
    swept.Add(Range(n, n + 8), batch.contiguous(at::MemoryFormat::ChannelsLast));
    planar.Add(Range(n, n + 8), batch.contiguous());
  }
  ExpectSame(swept.TopImages(), planar.TopImages());
  for (int unit = 0; unit < kChannels; ++unit) {
    SCOPED_TRACE(unit);
    ExpectSame(swept.TopOf(unit), planar.TopOf(unit));
    EXPECT_EQ(swept.Quantile(unit, kThresholdQuantile), planar.Quantile(unit, kThresholdQuantile));
    EXPECT_EQ(ImagesOf(swept.FarFrom(unit, 5)), ImagesOf(planar.FarFrom(unit, 5)));
  }
}

TEST(LayerRecorder, TakesImagesFromAnyThread) {
  at::manual_seed(12);
  constexpr int kChannels = 40, kImages = 160, kThreads = 4;
  const at::Tensor maps =
      at::randn({kImages, kChannels, 5, 6}).relu().contiguous(at::MemoryFormat::ChannelsLast);
  const int64_t largest = QuantileSketch::LargestFor(kThresholdQuantile, kImages * 5 * 6);
  LayerRecorder together(kChannels, Keeping(6, 8), largest), alone(kChannels, Keeping(6, 8));
  const float* values = maps.data_ptr<float>();
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t n = kImages - 1 - t; n >= 0; n -= kThreads) {
        together.Add(n, {values + n * kChannels * 5 * 6, kChannels, 5, 6, 1, kChannels});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int64_t n = 0; n < kImages; ++n) {
    alone.Add(n, {values + n * kChannels * 5 * 6, kChannels, 5, 6, 1, kChannels});
  }
  ExpectSame(together.TopImages(), alone.TopImages());
  for (int unit = 0; unit < kChannels; ++unit) {
    SCOPED_TRACE(unit);
    ExpectSame(together.TopOf(unit), alone.TopOf(unit));
    EXPECT_EQ(together.Quantile(unit, 0.997), alone.Quantile(unit, 0.997));
    EXPECT_EQ(ImagesOf(together.FarFrom(unit, 5)), ImagesOf(alone.FarFrom(unit, 5)));
  }
}

TEST(LayerRecorder, AllNegative) {
  const at::Tensor maps = Maps(4, 15, 6) - 100;
  LayerRecorder recorder(kUnits, Keeping(4, 4));
  recorder.Add(Range(0, 15), maps);
  ExpectRecorded(recorder, maps, 4, 4);
}

TEST(LayerRecorder, MergedShardsAreOneRun) {
  const at::Tensor maps = Maps(5, 50, 4);
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Random random(seed, 1);
    const size_t shards = 1 + random.Below(6);
    std::vector<std::vector<int64_t>> images(shards);
    for (int64_t n = 0; n < 50; ++n) images[random.Below(shards)].push_back(n);
    LayerRecorder merged(kUnits, Keeping(6, 8));
    for (size_t s = shards; s-- > 0;) {  // and not in the order of the list
      LayerRecorder shard(kUnits, Keeping(6, 8));
      if (!images[s].empty()) shard.Add(images[s], maps.index_select(0, at::tensor(images[s])));
      merged.Merge(shard);
    }
    ExpectRecorded(merged, maps, 6, 8);
    LayerRecorder whole(kUnits, Keeping(6, 8));
    whole.Add(Range(0, 50), maps);
    for (int unit = 0; unit < kUnits; ++unit) {
      EXPECT_EQ(ImagesOf(merged.FarFrom(unit, 5)), ImagesOf(whole.FarFrom(unit, 5)));
    }
  }
  LayerRecorder other(kUnits + 1, Keeping(6, 8)), merged(kUnits, Keeping(6, 8));
  EXPECT_TRUE(HasAll(ErrorOf([&] { merged.Merge(other); }), {"5 units", "found 6"}));
}

TEST(LayerRecorder, RefusesWhatIsNotFinite) {
  for (double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    at::Tensor maps = Maps(6, 4, 5);
    maps[2][3][1][1] = bad;
    LayerRecorder recorder(kUnits, Keeping(4, 4));
    EXPECT_TRUE(HasAll(ErrorOf([&] {
                         recorder.Add({10, 11, 12, 13}, maps);
                       }),
                       {"unit 3", "image 12"}));
  }
}

const std::vector<std::string> kLayers = {"relu1", "conv2", "fc"};

void ExpectSame(const RecordResult& a, const RecordResult& b, double rounding = 0) {
  EXPECT_EQ(a.recorded, b.recorded);
  EXPECT_EQ(a.images.sets().size(), b.images.sets().size());
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t l = 0; l < a.layers.size(); ++l) {
    SCOPED_TRACE(a.layers[l].name);
    ASSERT_EQ(a.layers[l].units.size(), b.layers[l].units.size());
    ExpectSame(a.layers[l].top_images, b.layers[l].top_images, 1000 * rounding);
    for (size_t u = 0; u < a.layers[l].units.size(); ++u) {
      SCOPED_TRACE(u);
      ExpectSame(a.layers[l].units[u].top, b.layers[l].units[u].top, rounding);
      EXPECT_NEAR(a.layers[l].units[u].quantile, b.layers[l].units[u].quantile, rounding);
    }
  }
}

TEST(Record, IsOneForwardPassAnImage) {
  const ScratchFolder folder;
  const Model model = SmallModel(1);
  const std::vector<Dataset> sets = {RandomPictures(folder, "a", 9, 1),
                                     RandomPictures(folder, "b", 6, 2)};
  RecordOptions options;
  options.k = 4;
  options.layer_images = 5;
  options.pass.batch = 1;
  const RecordResult result = Record(model, sets, kLayers, options);
  ASSERT_EQ(result.images.size(), 15);
  EXPECT_EQ(result.images.sets()[1].name, "b");
  EXPECT_EQ(result.images[9].name, "b_0.png");
  EXPECT_EQ(result.images.SetOf(9), 1);
  EXPECT_EQ(result.recorded, 15);
  EXPECT_TRUE(result.skipped.empty());
  for (size_t l = 0; l < kLayers.size(); ++l) {
    SCOPED_TRACE(kLayers[l]);
    const RecordedLayer& layer = result.layers[l];
    const int index = model.network.Find(kLayers[l]);
    EXPECT_EQ(layer.shape, model.network.layer(index).shape);
    LayerRecorder expected(layer.shape.units, Keeping(4, 5));
    for (int64_t n = 0; n < 15; ++n) {
      const cv::Mat image = DecodeImage(result.images[n].path);
      const at::Tensor input = Preprocess(image, model.input).unsqueeze(0);
      expected.Add({n}, model.network.Forward(input, {index})[0]);
    }
    ExpectSame(layer.top_images, expected.TopImages());
    ASSERT_EQ(static_cast<int>(layer.units.size()), layer.shape.units);
    for (int unit = 0; unit < layer.shape.units; ++unit) {
      ExpectSame(layer.units[static_cast<size_t>(unit)].top, expected.TopOf(unit));
      EXPECT_EQ(layer.units[static_cast<size_t>(unit)].quantile, expected.Quantile(unit, 0.995));
    }
    const std::vector<double> share = SetShare(result, layer);
    double first = 0;
    for (const LayerResponse& top : layer.top_images) first += top.image < 9 ? 1 : 0;
    EXPECT_NEAR(share[0], first / 5, 1e-12);
    EXPECT_NEAR(share[0] + share[1], 1, 1e-12);
  }
}

TEST(Record, DoesNotDependOnBatchOrThreads) {
  const ScratchFolder folder;
  const Model model = SmallModel(2);
  const std::vector<Dataset> sets = {RandomPictures(folder, "a", 23, 3)};
  const int before = at::get_num_threads();
  const auto record = [&](int batch, int decoding, int computing) {
    RecordOptions options;
    options.k = 6;
    options.pass.batch = batch;
    options.pass.threads = decoding;
    SetThreads(computing);
    return Record(model, sets, kLayers, options);
  };
  const RecordResult expected = record(1, 1, 1);
  // But for rounding, which in convolutions depends on the size of a batch.
  constexpr double kRounding = 1e-5;
  for (const auto& [batch, threads] : {std::pair{5, 1}, {23, 2}, {64, 4}, {1, 3}, {8, 2}}) {
    SCOPED_TRACE(fmt::format("batch {}, threads {}", batch, threads));
    const RecordResult result = record(batch, threads, threads);
    ExpectSame(result, expected, kRounding);
    ExpectSame(result, record(batch, threads + 1, threads), 0);
  }
  SetThreads(before);
}

TEST(Record, PartsAndPiecesMakeTheWhole) {
  const ScratchFolder folder;
  const Model model = SmallModel(2);
  Dataset set = RandomPictures(folder, "a", 23, 3);
  for (const size_t place : {size_t{3}, size_t{17}, size_t{18}}) {
    const std::string name = fmt::format("broken_{}.png", place);
    set.images.insert(set.images.begin() + static_cast<ptrdiff_t>(place),
                      {folder.File(name, "not an image"), name, -1});
  }
  const Computation<RecordResult> compute = [&](const PassOptions& pass, Observer& observer) {
    RecordOptions options;
    options.k = 6;
    options.layer_images = 5;
    options.sampled = 9;
    options.pass = pass;
    return Record(model, {set}, kLayers, options, observer);
  };
  const PassOptions pass(4);
  const RecordResult whole = compute(pass, Silent());
  const auto expect_whole = [&](const RecordResult& found) {
    ExpectSame(found, whole);
    for (size_t l = 0; l < whole.layers.size(); ++l) {
      for (size_t u = 0; u < whole.layers[l].units.size(); ++u) {
        const auto& expected = whole.layers[l].units[u].far;
        const auto& far = found.layers[l].units[u].far;
        ASSERT_EQ(far.size(), expected.size());
        for (size_t i = 0; i < far.size(); ++i) EXPECT_EQ(far[i].image, expected[i].image);
      }
    }
    ASSERT_EQ(found.skipped.size(), whole.skipped.size());
    for (size_t i = 0; i < whole.skipped.size(); ++i) {
      EXPECT_EQ(found.skipped[i].image, whole.skipped[i].image);
    }
  };
  for (const int of : {2, 3, 7}) {
    SCOPED_TRACE(fmt::format("{} parts", of));
    expect_whole(InParts(pass, of, compute));
  }
  SCOPED_TRACE("in pieces");
  expect_whole(InPieces(pass, 1, compute));
}

TEST(Record, LeavesOutUnreadableImages) {
  const ScratchFolder folder;
  const Model model = SmallModel(3);
  Dataset good = RandomPictures(folder, "a", 6, 4);
  Dataset set = good;
  const ImageEntry broken{folder.File("broken.png", "not an image"), "broken.png", -1};
  const ImageEntry missing{folder.path() / "missing.png", "missing.png", -1};
  set.images.insert(set.images.begin() + 2, broken);
  set.images.push_back(missing);
  RecordOptions options;
  options.pass.batch = 3;
  const RecordResult result = Record(model, {set}, kLayers, options);
  EXPECT_EQ(result.recorded, 6);
  ASSERT_EQ(result.images.size(), 8);
  ASSERT_EQ(result.skipped.size(), 2u);
  EXPECT_EQ(result.skipped[0].image, "broken.png");
  EXPECT_EQ(result.skipped[1].image, "missing.png");
  // The others are as without them, numbered by the list.
  RecordResult expected = Record(model, {good}, kLayers, options);
  const auto renumber = [](int64_t& image) { image += image >= 2 ? 1 : 0; };
  for (RecordedLayer& layer : expected.layers) {
    for (LayerResponse& top : layer.top_images) renumber(top.image);
    for (RecordedUnit& unit : layer.units) {
      for (UnitResponse& top : unit.top) renumber(top.image);
    }
  }
  ExpectSame(result, expected);

  options.pass.strict = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Record(model, {set}, kLayers, options); }), {"broken.png"}));
  set.images = {broken, missing};
  options.pass.strict = false;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Record(model, {set}, kLayers, options); }),
                     {"none of the 2 images", "broken.png"}));
}

TEST(Record, NamesLayersThatAreNotThereOrNotFinite) {
  const ScratchFolder folder;
  const std::vector<Dataset> sets = {RandomPictures(folder, "a", 2, 5)};
  Model model = SmallModel(4);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Record(model, sets, {"relu3"}); }), {"relu3", "relu2"}));
  Affine broken;
  broken.scale = at::full({7}, std::numeric_limits<float>::infinity());
  broken.shift = at::zeros({7});
  model.network.Add("broken", broken, {model.network.Find("fc")});
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       Record(model, sets, {"fc", "broken"});
                     }),
                     {"small", "layer broken"}));
}

TEST(Record, ChecksItsOptions) {
  const auto check = [](auto member) {
    RecordOptions options;
    options.*member = 0;
    return ErrorOf([&] { options.Validate(); });
  };
  EXPECT_TRUE(HasAll(check(&RecordOptions::k), {"k", "found 0"}));
  EXPECT_TRUE(HasAll(check(&RecordOptions::layer_images), {"image", "found 0"}));
  RecordOptions options;
  options.pass.batch = 0;
  EXPECT_TRUE(HasAll(ErrorOf([&] { options.Validate(); }), {"record", "batch", "found 0"}));
}

TEST(DefaultRecordLayers, AreThoseThatComputeSomethingOfTheirOwn) {
  EXPECT_EQ(DefaultRecordLayers(SmallModel(5).network),
            (std::vector<std::string>{"conv1", "pool1", "conv2", "fc"}));
}

TEST(DefaultRecordLayers, LeaveOutWhatConcatenationsHold) {
  Network network({3, 16, 16});
  const auto convolution = [&](const std::string& name, int input, int from) {
    return network.Add(name, RandomConvolution(4, from, 1, 1, 0), {input});
  };
  const int squeeze = convolution("squeeze", 0, 3);
  const int rectified = network.Add("relu_squeeze", Relu{}, {squeeze});
  const int left = convolution("left", rectified, 4);
  const int relu_left = network.Add("relu_left", Relu{}, {left});
  const int right = convolution("right", rectified, 4);
  const int both = network.Add("both", Concatenation{}, {relu_left, right});
  // Also read by something else, beside a concatenation; and the last, which nobody reads.
  const int shared = convolution("shared", both, 8);
  convolution("last", network.Add("again", Concatenation{}, {shared, both}), 12);
  network.Add("tail", Relu{}, {shared});
  EXPECT_EQ(DefaultRecordLayers(network),
            (std::vector<std::string>{"squeeze", "both", "shared", "again", "last"}));
}

}  // namespace
}  // namespace netdissect
