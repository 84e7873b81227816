// rf --image FILE: one picture's discrepancy map for a unit or a class score.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <iostream>

#include "netdissect/base/clock.h"
#include "netdissect/base/error.h"
#include "netdissect/base/npy.h"
#include "netdissect/data/decode.h"
#include "netdissect/report/classify_report.h"
#include "netdissect/report/field_report.h"
#include "netdissect/report/figure.h"
#include "netdissect/study/classify.h"
#include "rf.h"

namespace netdissect {
namespace {

struct Target {
  std::string layer;
  UnitPosition position;  // where the unit is largest on this picture
};

Target FindTarget(const RfOptions& options, const Model& model, const at::Tensor& input) {
  Target target;
  const Network& network = model.network;
  if (!options.target.empty()) {
    target.layer =
        options.input.layers.empty() ? network.layers().back().name : options.input.layers.front();
    target.position.unit = FindClass(model, options.target);
  } else {
    target.layer = options.input.layers.front();
    target.position.unit = options.unit;
  }
  target.position.layer = network.Find(target.layer);
  const Shape& shape = network.layer(target.position.layer).shape;
  if (target.position.unit >= shape.units) {
    Fail("--unit {}: layer {} has units 0 to {}", target.position.unit, target.layer,
         shape.units - 1);
  }
  const at::Tensor map =
      network.Forward(input.unsqueeze(0), {target.position.layer})[0][0][target.position.unit];
  const auto largest = static_cast<int>(map.to(at::kCPU).flatten().argmax().item<int64_t>());
  target.position.y = largest / shape.width;
  target.position.x = largest % shape.width;
  return target;
}

}  // namespace

void RunRfPicture(const RfOptions& options, const CLI::App& command, Context& context) {
  const Path folder = options.input.out;
  RequireWritableFolder(folder);
  const Model model = LoadOn(context, options.input.networks.front(), context.console);
  const at::Tensor pixels = Squash(DecodeImage(options.picture), model.input);
  const at::Tensor input = Normalize(pixels, model.input);
  const Target target = FindTarget(options, model, input);
  const OccluderSet occluders(model.input, options.occlusion);
  const std::unique_ptr<OcclusionEngine> engine = MakeEngine(options, model.network, occluders);
  const auto start = Clock::now();
  const OcclusionResponse response = engine->Respond(input, {target.position}).front();
  const double seconds = SecondsSince(start);

  const at::Tensor discrepancy = DiscrepancyOf(response, options.field.discrepancy).contiguous();
  const at::Tensor map =
      PixelMap(discrepancy, occluders, model.input.height, model.input.width).contiguous();
  WriteNpy(folder / "discrepancy.npy", discrepancy.sizes().vec(), discrepancy.data_ptr<float>());
  WriteNpy(folder / "map.npy", map.sizes().vec(), map.data_ptr<float>());
  const ReceptiveField field =
      TheoreticalFields(model.network)[static_cast<size_t>(target.position.layer)];
  const std::string what =
      options.target.empty()
          ? fmt::format("{} unit {}", target.layer, target.position.unit)
          : fmt::format("{} of {}", target.layer, ClassName(model, target.position.unit));
  WritePng(folder / "map.png",
           DrawDiscrepancy(PictureOf(pixels, model.input.order), map,
                           fmt::format("{} at ({}, {}): {:.4g}", what, target.position.y,
                                       target.position.x, response.original),
                           field.y.At(target.position.y), field.x.At(target.position.x)));
  Provenance provenance = ProvenanceOf(command, context);
  provenance.Add(model);
  const Json json =
      WithHeader(provenance, {{"image", options.picture},
                              {"layer", target.layer},
                              {"unit", target.position.unit},
                              {"value", response.original},
                              {"y", target.position.y},
                              {"x", target.position.x},
                              {"discrepancy", options.field.discrepancy == Discrepancy::kDrop
                                                  ? "max(0, original - occluded)"
                                                  : "|occluded - original|"},
                              {"largest", discrepancy.max().item<float>()},
                              {"engine", options.engine},
                              {"occluders", engine->work().occluders},
                              {"seconds", seconds}});
  WriteJson(folder / "rf.json", json);
  SaveOptions(folder, command);
  if (options.json) {
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << fmt::format(
        "{} at ({}, {}): value {:.5g}, largest discrepancy {:.5g}; map in {}\n", what,
        target.position.y, target.position.x, response.original, discrepancy.max().item<float>(),
        (folder / "map.png").string());
  }
}

}  // namespace netdissect
