#include "experiment/study_cost.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "experiment/experiment.h"
#include "experiment/rf.h"
#include "experiment/segment.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "netdissect/probe/receptive_field.h"
#include "netdissect/probe/record.h"

namespace netdissect {
namespace {

// What a network takes; as they stand here, where nothing is measured.
struct NetworkSpeed {
  double load = 0.3;                        // seconds
  double forward = 0.01;                    // seconds an image, all layers
  double units = 1500;                      // that `record` records
  std::map<std::string, double> occlusion;  // seconds a unit and image, by layer
  std::map<std::string, double> layer_units;
  double pixels = 227.0 * 227;  // of its input
};

// Of a layer that was not measured.
constexpr double kOcclusion = 0.05;  // seconds a unit and image
constexpr double kUnits = 256;

struct ImageSpeed {
  double decode = 0.003;  // seconds an image, on one thread
  double pixels = 256.0 * 256;
};

// Smooth as photographs are, so that as much of it changes nothing.
at::Tensor MadeUpImage(const InputFormat& format) {
  constexpr int kCoarse = 16;
  std::vector<float> values(static_cast<size_t>(format.channels()) * kCoarse * kCoarse);
  Random random(0);
  for (float& value : values) value = static_cast<float>(255 * random.Uniform());
  const at::Tensor coarse = at::tensor(values).view({1, format.channels(), kCoarse, kCoarse});
  const at::Tensor smooth = at::upsample_bilinear2d(coarse, {format.height, format.width}, false);
  return Normalize(smooth[0], format);
}

// Seconds of the fastest of a few rounds, of which the first warms up and others may be disturbed.
double Fastest(const std::function<void()>& work) {
  constexpr int kRounds = 3;
  double fastest = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    work();
    const double seconds = SecondsSince(start);
    fastest = round == 0 ? seconds : std::min(fastest, seconds);
  }
  return fastest;
}

NetworkSpeed MeasureNetwork(const Path& descriptor, const std::vector<std::string>& occluded,
                            const OcclusionOptions& occlusion, const CostOptions& options,
                            int batch) {
  const c10::InferenceMode inference;
  NetworkSpeed speed;
  const auto start = Clock::now();
  const Model model = LoadOn(options.device, options.forward, descriptor.string());
  speed.load = SecondsSince(start);
  const Network& network = model.network;
  speed.pixels = static_cast<double>(model.input.height) * model.input.width;
  speed.units = 0;
  std::vector<int> recorded;
  for (const std::string& name : DefaultRecordLayers(network)) {
    recorded.push_back(network.Find(name));
    speed.units += network.layer(recorded.back()).shape.units;
  }
  const std::vector<at::Tensor> images(static_cast<size_t>(batch), MadeUpImage(model.input));
  const at::Tensor input = at::stack(images);
  speed.forward = Fastest([&] {
                    network.Forward(input, recorded, [](size_t, const at::Tensor& output) {
                      output.sum().item<float>();  // waits for the device
                    });
                  }) /
                  batch;
  if (occluded.empty()) return speed;
  const OccluderSet occluders(model.input, occlusion);
  const auto engine = MakeEngine({}, network, occluders);
  for (const std::string& name : occluded) {
    const int layer = network.Find(name);
    const Shape& shape = network.layer(layer).shape;
    speed.layer_units[name] = shape.units;
    const UnitPosition unit{layer, shape.units / 2, shape.height / 2, shape.width / 2};
    speed.occlusion[name] = Fastest([&] { engine->Respond(images[0], {unit}); });
  }
  return speed;
}

ImageSpeed MeasureImages(const Dataset& set) {
  constexpr size_t kImages = 8;
  ImageSpeed speed;
  double seconds = 0, pixels = 0;
  int read = 0;
  for (size_t i = 0; i < std::min(kImages, set.images.size()); ++i) {
    const Path& file = set.images[i * set.images.size() / kImages].path;
    if (file.empty() || !Exists(file)) continue;
    try {
      const auto start = Clock::now();
      const cv::Mat image = DecodeImage(file);
      seconds += SecondsSince(start);
      pixels += static_cast<double>(image.total());
      ++read;
    } catch (const Error&) {
      continue;  // skipped by the steps too, which say so
    }
  }
  if (read > 0) speed = {seconds / read, pixels / read};
  return speed;
}

double NumberOf(const StudyStep& step, const std::string& option, double otherwise) {
  const std::string text = step.Option(option);
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

constexpr double kRecordedBytes = 13.5e3;  // of a unit with its 100 top images

// The costs of single steps. Constants are seconds and bytes as measured on two cores of 2026.
class CostModel {
 public:
  CostModel(const StudyFacts& facts, std::map<std::string, NetworkSpeed> networks,
            std::map<std::string, ImageSpeed> sets, int threads)
      : facts_(facts), networks_(std::move(networks)), sets_(std::move(sets)), threads_(threads) {}

  StepCost CostOf(const StudyStep& step) const {
    const NetworkSpeed network = NetworkOf(step);
    const double images = ImagesOf(step), pass = PassOf(step, network);
    const double units = UnitsOf(step, network);
    const double recording = units * kRecordedBytes;
    const std::string& c = step.command;
    if (c == "info") return {network.load, 2e4};
    if (c == "train") return {TrainingOf(step, network), 2e7};
    if (c == "classify") return {network.load + pass, images * 500 + 2e4};
    if (c == "record") {
      return {network.load + 2 * pass + 1, network.units * kRecordedBytes + 1.7e6};
    }
    if (c == "rf") return FieldsOf(step, network);
    if (c == "annotate auto") {
      return {network.load + 3 * pass + 2, recording + 2.8e6};
    }
    if (c == "annotate import") return {network.load + 1, 2e6};
    if (c == "segment") {
      const double tiles = NumberOf(step, "best", NumberOf(step, "sample", units)) *
                           NumberOf(step, "k", SegmentExperiment().recording.k);
      return {network.load + 1 + tiles * (0.005 + network.forward), tiles * 3e4};
    }
    if (c == "evaluate") return {network.load + 2 * pass + 2, 2.1e6};
    if (c == "localize") return {network.load + pass + images * 0.05, images * 3e5};
    if (c == "simplify") return SimplifyOf(step, network, images);
    if (c == "semantics") return {0.5, 4e5};
    if (c == "emergence") {
      const auto networks = static_cast<double>(step.networks.size());
      return {networks * (network.load + 1) + images * 0.01 + 2, 8e5 + networks * 6e6};
    }
    if (c == "probe") {
      constexpr double kFeatures = 2000;
      const auto layers = static_cast<double>(step.Values("layer").size());
      const double costs = std::max<double>(1, static_cast<double>(step.Values("cost").size()));
      return {network.load + pass + layers * costs * images * 4e-3,
              layers * images * kFeatures * sizeof(float) + 4e5};
    }
    return {};
  }

 private:
  NetworkSpeed NetworkOf(const StudyStep& step) const {
    if (step.networks.empty()) return {};
    const auto found = networks_.find(step.networks.front().name);
    return found == networks_.end() ? NetworkSpeed() : found->second;
  }

  double CountOf(const StepImages& images) const {
    const auto found = facts_.sets.find(images.source);
    double count =
        found == facts_.sets.end() ? 1000 : static_cast<double>(found->second.images.size());
    if (images.limit > 0) count = std::min(count, static_cast<double>(images.limit));
    return count;
  }

  double ImagesOf(const StudyStep& step) const {
    double count = 0;
    for (const StepImages& images : step.images) count += CountOf(images);
    return count;
  }

  // Decodes on threads while the network computes; on two cores neither waits for nothing.
  double PassOf(const StudyStep& step, const NetworkSpeed& network) const {
    double seconds = 0;
    for (const StepImages& images : step.images) {
      const auto found = sets_.find(images.source);
      const ImageSpeed speed = found == sets_.end() ? ImageSpeed() : found->second;
      seconds += CountOf(images) * (network.forward + speed.decode / threads_);
    }
    return seconds;
  }

  static double UnitsOfLayer(const NetworkSpeed& network, const std::string& layer) {
    const auto found = network.layer_units.find(layer);
    return found == network.layer_units.end() ? kUnits : found->second;
  }

  static double UnitsOf(const StudyStep& step, const NetworkSpeed& network) {
    double units = 0;
    for (const std::string& layer : step.Values("layer")) units += UnitsOfLayer(network, layer);
    return units;
  }

  static StepCost FieldsOf(const StudyStep& step, const NetworkSpeed& network) {
    const double k = NumberOf(step, "k", FieldOptions().k);
    StepCost cost{network.load + 1, 1e6};
    for (const std::string& layer : step.Values("layer")) {
      double units = UnitsOfLayer(network, layer);
      if (const double sample = NumberOf(step, "sample", 0); sample > 0) {
        units = std::min(units, sample);
      }
      if (!step.Option("units").empty()) {
        units = static_cast<double>(ParseUnits(step.Option("units")).size());
      }
      const auto found = network.occlusion.find(layer);
      double map = found == network.occlusion.end() ? kOcclusion : found->second;
      double response = 5e3;  // bytes that are kept
      if (step.Option("method") == "gradient") {
        map = 2 * network.forward;
        response = network.pixels;  // a float for a pixel of the field, about a fourth of the image
      }
      cost.seconds += units * (k * map + 0.1);
      cost.bytes += units * (k * response + network.pixels * sizeof(float) + 1.5e4);
    }
    return cost;
  }

  static StepCost SimplifyOf(const StudyStep& step, const NetworkSpeed& network, double images) {
    const bool annotated = step.Option("segments") == "annotated";
    const double candidates = annotated ? 250 : 2000;  // of a picture's segments, step by step
    return {network.load + images * (candidates * network.forward + 0.3),
            images * (annotated ? 7e5 : 1.2e6)};
  }

  static double TrainingOf(const StudyStep& step, const NetworkSpeed& network) {
    constexpr double kImages = 10000, kForwards = 4;
    return NumberOf(step, "minutes", 0) > 0
               ? 60 * NumberOf(step, "minutes", 0)
               : NumberOf(step, "epochs", 30) * kImages * kForwards * network.forward;
  }

  const StudyFacts& facts_;
  const std::map<std::string, NetworkSpeed> networks_;
  const std::map<std::string, ImageSpeed> sets_;
  const double threads_;
};

}  // namespace

std::vector<StepCost> EstimateCosts(const std::vector<StudyStep>& steps, const StudyFacts& facts,
                                    const StudySources& sources, const CostOptions& options,
                                    Observer& observer) {
  std::map<std::string, NetworkSpeed> networks;
  std::map<std::string, ImageSpeed> sets;
  if (options.measure) {
    std::map<std::string, Path> descriptors;
    std::map<std::string, std::vector<std::string>> occluded;
    for (const StudyStep& step : steps) {
      for (const StepNetwork& network : step.networks) {
        if (network.made) continue;  // it may not be there yet
        descriptors[network.name] = sources.network_file(network.source);
        if (step.command == "rf") occluded[network.name] = step.Values("layer");
      }
    }
    int64_t done = 0;
    for (const auto& [name, descriptor] : descriptors) {
      networks[name] = MeasureNetwork(descriptor, occluded[name], {}, options, PassOptions().batch);
      observer.Progress("networks measured", ++done, static_cast<int64_t>(descriptors.size()));
    }
    for (const auto& [source, set] : facts.sets) sets[source] = MeasureImages(set);
  }
  const CostModel model(facts, std::move(networks), std::move(sets), options.threads);
  std::vector<StepCost> costs;
  for (const StudyStep& step : steps) costs.push_back(model.CostOf(step));
  return costs;
}

}  // namespace netdissect
