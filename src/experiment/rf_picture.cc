// rf --image FILE: one picture's map of discrepancies or gradients for a unit or a class score.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "base/clock.h"
#include "base/npy.h"
#include "experiment/rf.h"
#include "netdissect/data/decode.h"
#include "netdissect/study/classify.h"
#include "report/classify_report.h"
#include "report/field_report.h"
#include "report/figure.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

struct Target {
  std::string layer;
  UnitPosition position;  // where the unit is largest on this picture
};

Target FindTarget(const RfExperiment& options, const Model& model, const at::Tensor& input) {
  Target target;
  const Network& network = model.network;
  if (!options.target.empty()) {
    target.layer =
        options.layers.empty() ? network.layer(ScoreLayerOf(model)).name : options.layers.front();
    target.position.unit = FindClass(model, options.target);
  } else {
    target.layer = options.layers.front();
    target.position.unit = options.unit;
  }
  target.position.layer = network.Find(target.layer);
  const Shape& shape = network.layer(target.position.layer).shape;
  RequireUnit(fmt::format("--unit {}", target.position.unit), target.position.unit, target.layer,
              shape);
  const at::Tensor map =
      network.Forward(input.unsqueeze(0), {target.position.layer})[0][0][target.position.unit];
  const auto largest = static_cast<int>(map.to(at::kCPU).flatten().argmax().item<int64_t>());
  target.position.y = largest / shape.width;
  target.position.x = largest % shape.width;
  return target;
}

RfPictureRun ExplainPicture(const RfExperiment& options, const NetworkRun& run,
                            Observer& observer) {
  const Model& model = run.model;
  const RunFiles& files = run.folder.files();
  const at::Tensor pixels = Squash(DecodeImage(options.picture), model.input);
  const at::Tensor input = Normalize(pixels, model.input);
  const Target target = FindTarget(options, model, input);
  const OccluderSet occluders(model.input, OcclusionOf(options));
  NoteEngine(options, model, observer);
  const std::unique_ptr<OcclusionEngine> engine = MakeEngine(options, model.network, occluders);
  const auto start = Clock::now();
  const OcclusionResponse response = engine->Respond(input, {target.position}).front();
  const double seconds = SecondsSince(start);

  const at::Tensor discrepancy = DiscrepancyOf(response, options.field.discrepancy).contiguous();
  const at::Tensor map =
      PixelMap(discrepancy, occluders, model.input.height, model.input.width).contiguous();
  UnfinishedResult unfinished(files, FieldsBy(options.method),
                              ProvenanceOf(options, "rf", model, {}, observer));
  unfinished.Begin();
  // Of a gradient both would be the same.
  if (options.method == FieldMethod::kOcclusion) {
    WriteNpy(files.PictureDiscrepancy(), discrepancy.sizes().vec(), discrepancy.data_ptr<float>());
  }
  WriteNpy(files.PictureMap(".npy", options.method), map.sizes().vec(), map.data_ptr<float>());
  const ReceptiveField field =
      TheoreticalFields(model.network)[static_cast<size_t>(target.position.layer)];
  RfPictureRun done;
  done.result = unfinished.file();
  done.map = files.PictureMap(".png", options.method);
  done.what = options.target.empty()
                  ? fmt::format("{} unit {}", target.layer, target.position.unit)
                  : fmt::format("{} of {}", target.layer, ClassName(model, target.position.unit));
  done.position = target.position;
  done.value = response.original;
  done.largest = discrepancy.max().item<float>();
  WritePng(done.map, DrawDiscrepancy(PictureOf(pixels, model.input.order), map,
                                     fmt::format("{} at ({}, {}): {:.4g}", done.what,
                                                 target.position.y, target.position.x, done.value),
                                     field.y.At(target.position.y), field.x.At(target.position.x)));
  unfinished.Finish({{"method", MethodName(options.method)},
                     {"image", options.picture},
                     {"layer", target.layer},
                     {"unit", target.position.unit},
                     {"value", done.value},
                     {"y", target.position.y},
                     {"x", target.position.x},
                     {"discrepancy", MeasureText(options.method, options.field.discrepancy)},
                     {"largest", done.largest},
                     {"engine", EngineName(options, model.network)},
                     {"occluders", engine->work().occluders},
                     {"seconds", seconds}});
  SaveOptions(options, files);
  return done;
}

}  // namespace

RfPictureRun RunRfPicture(const RfExperiment& options, Observer& observer) {
  options.Validate();
  RfPictureRun done;
  ForEachNetwork(options, "rf", observer,
                 [&](const NetworkRun& run) { done = ExplainPicture(options, run, observer); });
  return done;
}

}  // namespace netdissect
