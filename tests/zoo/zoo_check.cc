// A network's file against another engine's outputs, layer by layer, and the incremental engine
// against full passes of the same network.
//
//   zoo_check NETWORK EXPECTED.safetensors [NETWORK EXPECTED ...] [--engine LAYERS]
//             [--occluders N] [--verbose]
//
// NETWORK is an ONNX or a TorchScript file. EXPECTED holds "input" (N, C, H, W) and "at NAME", the
// outputs; where the file's metadata has NAME, that is what an ONNX file calls the tensor. Prints a
// line of JSON for each.
//
// With --engine, some units of so many layers are occluded on the first image by N patches: the
// largest difference of both engines from full passes in float64, and the seconds of both.

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"
#include "in_double.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/probe/incremental.h"
#include "nn/kinds/kind.h"
#include "nn/onnx/onnx.h"
#include "nn/safetensors.h"
#include "nn/torchscript/torchscript.h"

namespace netdissect {
namespace {

constexpr int kUnits = 8;  // of each layer that is occluded

struct Options {
  std::vector<std::string> files;
  int engine_layers = 0;
  int occluders = 64;
  bool verbose = false;
};

Options Parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if ((word == "--engine" || word == "--occluders") && i + 1 < argc) {
      (word == "--engine" ? options.engine_layers : options.occluders) =
          static_cast<int>(ParseInteger(argv[++i], word));
    } else if (word == "--verbose") {
      options.verbose = true;
    } else {
      words.push_back(word);
    }
  }
  if (words.empty() || words.size() % 2 != 0) {
    Fail("usage: zoo_check NETWORK EXPECTED.safetensors ... [--engine LAYERS]");
  }
  options.files = words;
  return options;
}

// max|a - b| / max|b|, but of what is nothing but rounding (a mean of differences from the mean,
// say); infinite where the sizes differ or numbers are no numbers.
double RelativeDifference(const at::Tensor& a, const at::Tensor& b) {
  if (a.numel() != b.numel()) return std::numeric_limits<double>::infinity();
  const at::Tensor x = a.reshape({-1}).to(at::kDouble), y = b.reshape({-1}).to(at::kDouble);
  const double difference = (x - y).abs().max().item<double>();
  if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
  constexpr double kNothing = 1e-3;
  return difference == 0 ? 0 : difference / std::max(y.abs().max().item<double>(), kNothing);
}

nlohmann::json CompareLayers(const Network& network, const SafeTensors& expected, bool is_onnx,
                             bool verbose) {
  const at::Tensor input = expected.tensors.at("input");
  int compared = 0, folded = 0, absent = 0;
  double largest = 0;
  std::string where;
  std::vector<int> wanted;
  std::vector<std::string> names;
  std::vector<const at::Tensor*> references;
  for (const auto& [key, tensor] : expected.tensors) {
    if (key.substr(0, 3) != "at ") continue;
    std::string name = key.substr(3);
    if (is_onnx && !expected.metadata.empty()) {
      const auto found = expected.metadata.find(name);
      if (found == expected.metadata.end()) {
        ++absent;
        continue;
      }
      name = found->second;
    } else if (name.empty()) {
      name = network.outputs().empty() ? "" : network.outputs().front();
    }
    try {
      wanted.push_back(network.Find(name));
      names.push_back(name);
      references.push_back(&tensor);
    } catch (const Error& error) {
      const bool is_folded = std::string(error.what()).find("folded") != std::string::npos;
      ++(is_folded ? folded : absent);
      if (verbose && !is_folded) std::cerr << error.what() << '\n';
    }
  }
  network.Forward(input, wanted, [&](size_t which, const at::Tensor& output) {
    at::Tensor reference = *references[which];
    // Some modules of PyTorch have their channels last.
    if (reference.dim() == 4 && reference.sizes() != output.sizes() &&
        reference.permute({0, 3, 1, 2}).sizes() == output.sizes()) {
      reference = reference.permute({0, 3, 1, 2});
    }
    const double difference = RelativeDifference(output, reference);
    ++compared;
    if (verbose && difference > 1e-4) {
      std::cerr << names[which] << ": " << difference << ", " << output.sizes() << " and "
                << reference.sizes() << '\n';
    }
    if (!(difference < largest)) {
      largest = difference;
      where = names[which];
    }
  });
  return {{"compared", compared}, {"folded", folded}, {"absent", absent},
          {"largest", largest},   {"where", where},   {"layers", network.size() - 1}};
}

// The wanted layer in float64, for inputs (N, C, H, W).
at::Tensor InDouble(const Network& network, const at::Tensor& input, int wanted) {
  at::Tensor found;
  VisitInDouble(network, input, {wanted}, [&](int index, const at::Tensor& output) {
    if (index == wanted) found = output;
  });
  return found;
}

nlohmann::json CompareEngines(const Network& network, const at::Tensor& image,
                              const Options& options) {
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  OcclusionOptions occlusion;
  const double side = std::sqrt(static_cast<double>(options.occluders));
  occlusion.stride =
      std::max(1, static_cast<int>((std::min(format.height, format.width) - 11) / (side - 1)));
  const OccluderSet occluders(format, occlusion);
  const int64_t count = int64_t{occluders.rows()} * occluders.columns();
  at::Tensor occluded = image.unsqueeze(0).repeat({count, 1, 1, 1});
  for (int64_t o = 0; o < count; ++o) {
    occluded[o]
        .narrow(1, o / occluders.columns() * occluders.stride(), occluders.patch())
        .narrow(2, o % occluders.columns() * occluders.stride(), occluders.patch())
        .copy_(occluders.patches()[o]);
  }
  // Layers that people record, at even distances, the last among them.
  std::vector<int> recorded;
  for (int i = 1; i < network.size(); ++i) {
    const Recording as = network.layer(i).kind->RecordedAs();
    if (as == Recording::kAlways || as == Recording::kJoins || as == Recording::kUnlessJoined) {
      recorded.push_back(i);
    }
  }
  std::vector<int> layers;
  const auto wanted = std::min<size_t>(static_cast<size_t>(options.engine_layers), recorded.size());
  for (size_t i = 1; i <= wanted; ++i) layers.push_back(recorded[i * recorded.size() / wanted - 1]);
  double worst_multiple = 0, worst_ratio = 0, total_full = 0, total_incremental = 0;
  nlohmann::json rows = nlohmann::json::array();
  for (const int layer : layers) {
    const at::Tensor map = network.Forward(image.unsqueeze(0), {layer})[0][0];
    const Shape& shape = network.layer(layer).shape;
    // The units that are largest somewhere, where the first of them is: differences are the largest
    // over them, since one number's rounding is chance.
    const at::Tensor ranked = map.flatten(1).abs().amax(1).argsort(0, true);
    const auto largest = ranked[0].item<int64_t>();
    const int64_t place = map[largest].abs().argmax().item<int64_t>();
    const auto y = static_cast<int>(place / shape.width), x = static_cast<int>(place % shape.width);
    std::vector<UnitPosition> units;
    for (int64_t i = 0; i < std::min<int64_t>(kUnits, shape.units); ++i) {
      units.push_back({layer, static_cast<int>(ranked[i].item<int64_t>()), y, x});
    }
    double full_seconds = 1e30, seconds = 1e30;
    std::vector<OcclusionResponse> full, incremental;
    for (int round = 0; round < 2; ++round) {
      ReferenceEngineOptions everywhere;
      everywhere.everywhere = true;
      const auto reference = MakeReferenceEngine(network, occluders, everywhere);
      auto start = Clock::now();
      full = reference->Respond(image, units);
      full_seconds = std::min(full_seconds, SecondsSince(start));
      const auto fast = MakeIncrementalEngine(network, occluders, {});
      start = Clock::now();
      incremental = fast->Respond(image, {units.front()});
      seconds = std::min(seconds, SecondsSince(start));  // of one unit
      incremental = fast->Respond(image, units);
    }
    const at::Tensor before =
        InDouble(network, image.unsqueeze(0), layer).select(3, x).select(2, y)[0];
    at::Tensor exact = at::empty({count, shape.units}, at::kDouble);
    for (int64_t o = 0; o < count; o += 8) {
      const int64_t n = std::min<int64_t>(8, count - o);
      exact.narrow(0, o, n).copy_(
          InDouble(network, occluded.narrow(0, o, n), layer).select(3, x).select(2, y) - before);
    }
    double of_full = 0, of_incremental = 0, scale = 0;
    for (size_t u = 0; u < units.size(); ++u) {
      const at::Tensor change =
          exact.select(1, units[u].unit).reshape({occluders.rows(), occluders.columns()});
      const auto difference = [&](const OcclusionResponse& response) {
        return (response.change.to(at::kDouble) - change).abs().max().item<double>();
      };
      of_full = std::max(of_full, difference(full[u]));
      of_incremental = std::max(of_incremental, difference(incremental[u]));
      scale = std::max(scale, std::abs(before[units[u].unit].item<double>()));
    }
    const double multiple = of_incremental == 0 ? 0 : of_incremental / of_full;
    worst_multiple = std::max(worst_multiple, multiple);
    worst_ratio = std::max(worst_ratio, seconds / full_seconds);
    total_full += full_seconds;
    total_incremental += seconds;
    rows.push_back({{"layer", network.layer(layer).name},
                    {"kind", network.layer(layer).kind->Name()},
                    {"activation", scale},
                    {"full_difference", of_full / scale},
                    {"incremental_difference", of_incremental / scale},
                    {"full_seconds", full_seconds},
                    {"incremental_seconds", seconds}});
  }
  return {{"occluders", count},
          {"worst_multiple", worst_multiple},
          {"worst_time_ratio", worst_ratio},
          {"full_seconds", total_full},
          {"incremental_seconds", total_incremental},
          {"layers", rows}};
}

nlohmann::json Check(const Path& file, const Path& expected_file, const Options& options) {
  const SafeTensors expected = ReadSafeTensors(expected_file);
  const at::Tensor input = expected.tensors.at("input");
  const Shape size{static_cast<int>(input.size(1)), static_cast<int>(input.size(2)),
                   static_cast<int>(input.size(3))};
  const bool is_onnx = file.extension() == ".onnx";
  const Network network = is_onnx ? ReadOnnx(file, size) : ReadTorchScript(file, size);
  nlohmann::json result = {{"network", file.filename().string()}};
  result.update(CompareLayers(network, expected, is_onnx, options.verbose));
  result["unread"] = network.unread().size();
  for (const UnreadPart& part : network.unread()) {
    if (options.verbose) std::cerr << "not read: " << part.from << ": " << part.why << '\n';
  }
  if (options.engine_layers > 0) result["engine"] = CompareEngines(network, input[0], options);
  return result;
}

int Run(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  SetThreads(2);
  int failed = 0;
  for (size_t i = 0; i < options.files.size(); i += 2) {
    nlohmann::json result;
    try {
      result = Check(options.files[i], options.files[i + 1], options);
    } catch (const std::exception& error) {
      result = {{"network", Path(options.files[i]).filename().string()}, {"error", error.what()}};
      ++failed;
    }
    std::cout << result.dump() << std::endl;
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  try {
    return netdissect::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
