#pragma once
// What experiments have in common: the networks, layers and image sets that they are of, a run
// folder for each network, and what results say of where they come from. An experiment is a file of
// its own: options in, a run folder out.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/crew.h"
#include "netdissect/data/image_sets.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "report/provenance.h"
#include "report/run_folder.h"
#include "report/table.h"

namespace netdissect {

struct ExperimentOptions {
  std::vector<std::string> networks;  // descriptors
  std::vector<std::string> images;    // image sets: descriptors, lists, folders or images
  std::vector<std::string> layers;    // by name; what each experiment takes without any is its own
  std::string out;                    // folder of the results
  int64_t limit = 0;                  // first N images of each set; 0 = all
  PassOptions pass;
  std::string device = "auto";  // auto, cpu or cuda[:N]
  ForwardBy forward = ForwardBy::kRowKernels;
  bool tf32 = false;  // CUDA devices may round to TF32, which the process was told
  uint64_t seed = 0;
  bool force = false;                       // nothing of an earlier run is used
  std::shared_ptr<Crew> crew = MakeSolo();  // the processes that do it together

  Json asked = Json::object();  // effective options by name, as results say them
  std::string toml;             // the same as options.toml; none is saved where empty
};

/// A network of an experiment, loaded to the device, and its run folder, locked.
struct NetworkRun {
  std::string descriptor;
  const RunFolder& folder;
  const Model& model;
};

/// Calls `work` for each network. The folders of all are locked, `command` being who has them,
/// before the first is loaded. The observer is told what was not read of a network's file.
/// ShareDone after all where `work` has thrown it: what follows is for who completes the job.
void ForEachNetwork(const ExperimentOptions& options, const std::string& command,
                    Observer& observer, const std::function<void(const NetworkRun&)>& work);

/// A warning for each part of the network's file that was not read.
void ReportUnread(Observer& observer, const Model& model);

/// The network, at a device.
Model LoadOn(const std::string& device, ForwardBy forward, const std::string& descriptor);

/// Error where two sets bear one name.
ImageSets LoadImageSets(const ExperimentOptions& options);

/// Files given by name as an image set.
Dataset SetOfFiles(const std::vector<std::string>& files);

/// Header of a result of `command` on the network and the image sets; `annotated` where it depends
/// on their annotations.
Provenance ProvenanceOf(const ExperimentOptions& options, const std::string& command,
                        const Model& model, const ImageSets& images, Observer& observer,
                        bool annotated = false);

/// Writes options.toml.
void SaveOptions(const ExperimentOptions& options, const RunFiles& files);

/// {"netdissect": header} and after it the keys of `result`.
Json WithHeader(const Provenance& provenance, const Json& result);

/// Warns of what was skipped: the first few by name, the rest by number.
void ReportSkipped(Observer& observer, const std::vector<SkippedImage>& skipped);

/// The layers asked for, or the last that has positions.
std::vector<std::string> LayersOrLast(const ExperimentOptions& options, const Network& network);

/// The layer, whose units have positions in the image; else Error.
int FindSpatialLayer(const Network& network, const std::string& name);

/// A table as NAME.csv and NAME.tex.
void SaveTable(const RunFiles& files, const std::string& name, const Table& table);

}  // namespace netdissect
