#include "experiment/noise_images.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include "base/digest.h"
#include "base/random.h"

namespace netdissect {
namespace {

constexpr uint64_t kNoise = 0x6e6f697365;  // keeps these numbers apart from others of the seed

}  // namespace

ImageSets NoiseImages(int count) {
  Dataset set;
  set.name = "noise";
  for (int i = 0; i < count; ++i) set.images.push_back({"", fmt::format("noise {}", i), -1});
  return {set};
}

at::Tensor NoisePixels(const InputFormat& format, uint64_t seed, int64_t index) {
  at::Tensor pixels = at::empty({3, format.height, format.width}, at::kFloat);
  Random random(seed ^ kNoise, index);
  float* values = pixels.data_ptr<float>();
  for (int64_t i = 0; i < pixels.numel(); ++i) {
    values[i] = static_cast<float>(255.0 * random.Uniform());
  }
  return pixels;
}

std::string NoiseDigest(uint64_t seed, int64_t count) {
  return Digest().Add(fmt::format("uniform noise, seed {}, {} images", seed, count)).Hex();
}

RecordResult RecordNoise(const Model& model, const ImageSets& images,
                         const std::vector<std::string>& layers, uint64_t seed,
                         Observer& observer) {
  const c10::InferenceMode inference;
  RecordOptions options;
  options.k = static_cast<int>(images.size());
  options.far = 0;
  RecordResult record;
  record.images = images;
  std::vector<int> indices;
  std::vector<LayerRecorder> recorders;
  for (const std::string& layer : layers) {
    indices.push_back(model.network.Find(layer));
    const Shape& shape = model.network.layer(indices.back()).shape;
    recorders.emplace_back(shape.units, options, ThresholdValues(images, shape));
  }
  for (int64_t i = 0; i < images.size(); ++i) {
    const at::Tensor input = Normalize(NoisePixels(model.input, seed, i), model.input);
    model.network.Forward(input.unsqueeze(0), indices, [&](size_t which, const at::Tensor& output) {
      recorders[which].Add({i}, output.to(at::kCPU));
    });
    observer.Progress("noise images", ++record.recorded, images.size());
    if (i + 1 < images.size()) CheckStop(observer, "noise images", i + 1, images.size());
  }
  for (size_t l = 0; l < layers.size(); ++l) {
    RecordedLayer& layer = record.layers.emplace_back();
    layer.name = layers[l];
    layer.shape = model.network.layer(indices[l]).shape;
    layer.top_images = recorders[l].TopImages();
    for (int unit = 0; unit < layer.shape.units; ++unit) {
      RecordedUnit& recorded = layer.units.emplace_back();
      recorded.top = recorders[l].TopOf(unit);
      recorded.quantile = recorders[l].Quantile(unit, kThresholdQuantile);
    }
  }
  return record;
}

}  // namespace netdissect
