// What this program wrote, read back: it may have been changed since.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <sstream>

#include "base/npy.h"
#include "fuzz/target.h"
#include "netdissect/base/error.h"
#include "nn/alexnet.h"
#include "nn/random_network.h"
#include "nn/safetensors.h"
#include "probe/stored_engine.h"
#include "report/answer_file.h"
#include "report/answer_log.h"
#include "report/label_report.h"
#include "report/measured_field.h"
#include "report/record_report.h"
#include "report/result_numbers.h"
#include "report/run_folder.h"
#include "report/task_report.h"
#include "train/checkpoint.h"
#include "train/start.h"

namespace netdissect {
namespace {

using Seeds = std::vector<std::string>;

const char kHeader[] = R"({"netdissect": {"version": "1", "format": 1, "command": "c", "options":
  {"k": 2}, "seed": 0, "network": {"name": "n", "digest": "d"}, "images": [{"name": "s", "digest":
  "e", "count": 3}]}, )";

std::string Result(const std::string& members) { return kHeader + members + "}"; }

// As `report --against` reads it, beside its own reader.
void ReadNumbersOf(ResultKind kind, const Path& file) {
  FoundResult found;
  found.kind = kind;
  found.file = file;
  found.header = ReadHeader(file);
  ReadNumbers(found);
}

const AddTarget header({"result_header",
                        [](const std::string& bytes) { ReadHeader(FuzzFile("r.json", bytes)); },
                        [] { return Seeds{Result(R"("a": 1)")}; }});

const AddTarget record(
    {"record",
     [](const std::string& bytes) {
       const Path file = FuzzFile("record.json", bytes);
       Provenance provenance;
       provenance.network_digest = "d";
       provenance.images = {{"s", "e", 3, ""}};
       Dataset set;
       set.name = "s";
       set.images.resize(3);
       ReadMatchingRecord(file, provenance, std::vector<Dataset>{set}, {"p"}, 1, 1);
       ReadRecordedLayers(file, "d", {"p"});
       ReadNumbersOf(ResultKind::kRecord, file);
     },
     [] {
       return Seeds{Result(
           R"("recorded": 3, "skipped": [], "seconds": 1, "layers": {"p": {"shape": [1, 2, 2],
         "top_images": [{"image": "a", "set": "s", "index": 0, "sum": 3.5}], "set_share": {"s": 1},
         "units": [{"unit": 0, "quantile_0.995": 1.5, "top": [{"image": "a", "set": "s", "index": 0,
           "value": 2, "y": 1, "x": 0}], "far": [{"image": "b", "set": "s", "index": 1,
           "value": 0}]}]}})")};
     }});

const AddTarget labels(
    {"labels",
     [](const std::string& bytes) {
       const Path file = FuzzFile("annotation.json", bytes);
       ReadLabelFile(file);
       ReadNumbersOf(ResultKind::kLabels, file);
     },
     [] {
       return Seeds{
           Result(R"("layers": {"p": {"units": [{"unit": 0, "label": "lamp", "precision": 0.5,
         "group": "object", "iou": 0.1, "source": "ground truth", "threshold": 1,
         "best": [{"object": "lamp", "iou": 0.1}]}]}})")};
     }});

const AddTarget fields(
    {"fields",
     [](const std::string& bytes) {
       const Path file = FuzzFile("rf/rf.json", bytes);
       const MeasuredFields read(file.parent_path(), "d");
       read.SizeOf("p", 0);
       LayerGeometry geometry;
       geometry.field.y = geometry.field.x = AxisField{-3, 4, 1, false};
       read.FieldOf("p", geometry, 0);
     },
     [] {
       FuzzFile("rf/rf/p/unit_0000.npy", NpyHeader({8, 8}) + std::string(64 * sizeof(float), '\0'));
       return Seeds{Result(R"("layers": {"p": {"mean": 3, "threshold": 0.5, "map_origin": [0, 0],
         "maps": "rf/p", "units": [{"unit": 0, "size": 3}, {"unit": 1, "size": null}]}})")};
     }});

const char kAnswer[] =
    R"({"id": "1", "task": "t", "layer": "p", "unit": 3, "annotator": "a", "label": "l", "group":
 "g", "crossed": [1, 2], "skipped": null, "seconds": 2.5, "time": "now"})";

std::string OneLine(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text + "\n";
}

const AddTarget answers({"answers",
                         [](const std::string& bytes) {
                           const Path file = FuzzFile("answers.jsonl", bytes);
                           ReadAnswers(
                               file, [](const Answer&, const std::string&) {},
                               [](const std::string&) {});
                           ReadRefusals(file, [](const std::string&) {});
                         },
                         [] { return Seeds{OneLine(kAnswer) + OneLine(kAnswer)}; }});

const AddTarget task({"task",
                      [](const std::string& bytes) { ReadTask(FuzzFile("export.json", bytes)); },
                      [] {
                        AnnotationTask made;
                        made.network = "n";
                        made.network_digest = "d";
                        made.names = {"lamp"};
                        TaskUnit unit;
                        unit.layer = "p";
                        unit.sheet = "sheets/a.jpg";
                        unit.tiles.push_back({"a.png", "s", 1.5f, 0.5, false});
                        made.units.push_back(unit);
                        made.id = IdOf(made);
                        return Seeds{ToJson(made).dump()};
                      }});

// Of what is stored for an image; what is not there is nothing.
class NoEngine : public OcclusionEngine {
 public:
  explicit NoEngine(const OccluderSet& occluders) : occluders_(occluders) {}
  std::vector<OcclusionResponse> Respond(const at::Tensor&,
                                         const std::vector<UnitPosition>& units) override {
    return std::vector<OcclusionResponse>(
        units.size(), {1, at::zeros({occluders_.rows(), occluders_.columns()})});
  }

 private:
  const OccluderSet& occluders_;
};

InputFormat SmallInput() {
  InputFormat format;
  format.height = format.width = 32;
  return format;
}

void RespondFrom(const Path& file) {
  static const Network network = RandomNetwork(1, 32, 3);
  static const OccluderSet occluders(SmallInput(), {});
  MakeStoredEngine(std::make_unique<NoEngine>(occluders), network, occluders, file, "key")
      ->Respond(at::zeros({3, 32, 32}), {{1, 0, 0, 0}, {1, 3, 1, 2}});
}

const AddTarget responses(
    {"responses", [](const std::string& bytes) { RespondFrom(FuzzFile("responses", bytes)); },
     [] {
       const Path file = FuzzFile("seed_responses", "");
       RespondFrom(file);
       return Seeds{ReadFile(file)};
     }});

Trainee MakeTrainee() {
  AlexNetOptions small;
  small.width = 0.01;
  small.fc = 4;
  small.classes = 2;
  small.norm = false;
  return Trainee(StartOf(BuildAlexNet(small), {2, true, 2}), TraineeOptions());
}

const Json kSettings = {{"rate", 0.1}};

const AddTarget checkpoint(
    {"checkpoint",
     [](const std::string& bytes) {
       static Trainee trainee = MakeTrainee();
       ReadCheckpoint(FuzzFile("checkpoint.safetensors", bytes), kSettings, {10, 2, 3}, trainee);
     },
     [] {
       const Path file = FuzzFile("seed_checkpoint.safetensors", "");
       WriteCheckpoint(file, MakeTrainee(), kSettings, TrainState());
       return Seeds{ReadFile(file)};
     }});

}  // namespace
}  // namespace netdissect
