#include <array>

#include "netdissect/base/error.h"
#include "report/run_folder.h"

namespace netdissect {
namespace {

struct KindNames {
  ResultKind kind;
  const char* file;
  const char* command;
};

constexpr std::array<KindNames, 19> kKinds = {{
    {ResultKind::kInfo, "info.json", "info"},
    {ResultKind::kClassify, "classify.json", "classify"},
    {ResultKind::kRecord, "record.json", "record"},
    {ResultKind::kFields, "rf.json", "rf"},
    {ResultKind::kGradientFields, "rf_gradient.json", "rf --method gradient"},
    {ResultKind::kSegments, "segment.json", "segment"},
    {ResultKind::kLabels, "annotation.json", "annotate"},
    {ResultKind::kSimplify, "simplify.json", "simplify"},
    {ResultKind::kQuality, "evaluate.json", "evaluate"},
    {ResultKind::kLocalize, "localize.json", "localize"},
    {ResultKind::kSynth, "synth.json", "synth"},
    {ResultKind::kTraining, "train.json", "train"},
    {ResultKind::kTask, "export.json", "annotate export"},
    {ResultKind::kSemantics, "semantics.json", "semantics"},
    {ResultKind::kEmergence, "emergence.json", "emergence"},
    {ResultKind::kProbe, "probe.json", "probe"},
    {ResultKind::kFeatures, "features/features.json", "probe"},
    {ResultKind::kReproduce, "reproduce.json", "reproduce"},
    {ResultKind::kAgainst, "against.json", "report"},
}};

const KindNames& NamesOf(ResultKind kind) {
  const KindNames& names = kKinds[static_cast<size_t>(kind)];
  if (names.kind != kind) Fail("results: expected kind {}, found another", static_cast<int>(kind));
  return names;
}

std::vector<std::string> NamesOfLayers(const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) names.push_back(layer.name);
  return names;
}

std::string UnitName(int unit) { return fmt::format("unit_{:04}", unit); }

template <typename Item, typename NameOfItem>
std::vector<Path> FolderForEach(const Path& out, const std::vector<Item>& items,
                                const NameOfItem& name_of) {
  if (items.size() == 1) return {out};
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(name_of(item));
  const UniqueNames files(std::move(names));
  std::vector<Path> folders;
  for (size_t i = 0; i < files.size(); ++i) folders.push_back(out / files[i]);
  return folders;
}

}  // namespace

ResultKind FieldsBy(FieldMethod method) {
  return method == FieldMethod::kGradient ? ResultKind::kGradientFields : ResultKind::kFields;
}

std::string FileNameOf(ResultKind kind) { return NamesOf(kind).file; }

std::string CommandOf(ResultKind kind) { return NamesOf(kind).command; }

// Of the names beside the layers' own: "responses" in rf/, "best_units" in labels/.
LayerFiles::LayerFiles(Path folder, const Network& network)
    : folder_(std::move(folder)),
      names_(NamesOfLayers(network), {{""}, {"responses", "best_units"}}) {}

std::string LayerFiles::FieldFolder(const std::string& layer, FieldMethod method) const {
  return NameByMethod("rf", method) + "/" + names_.Of(layer);
}

Path LayerFiles::Field(const std::string& layer, int unit, const std::string& extension,
                       FieldMethod method) const {
  return folder_ / FieldFolder(layer, method) / (UnitName(unit) + extension);
}

Path LayerFiles::Explanation(const std::string& layer, int unit, FieldMethod method) const {
  return folder_ / fmt::format("{}_{}_{}.png", NameByMethod("explain", method), names_.Of(layer),
                               UnitName(unit));
}

Path LayerFiles::Pipeline(const std::string& layer, int unit, FieldMethod method) const {
  return Field(layer, unit, kPipelineEnding, method);
}

std::string LayerFiles::Relative(const Path& file) const {
  return file.lexically_relative(folder_).generic_string();
}

Path LayerFiles::SegmentSheet(const std::string& layer, int number) const {
  return folder_ / "segment" / names_.Of(layer) / fmt::format("sheet_{:03}.png", number);
}

Path LayerFiles::LabelPlot(const std::string& layer, const std::string& extension) const {
  return folder_ / "labels" / (names_.Of(layer) + extension);
}

Path LayerFiles::Features(const std::string& layer) const {
  return folder_ / "features" / (names_.Of(layer) + ".npy");
}

Path LayerFiles::Confusion(const std::string& layer, const std::string& extension) const {
  return folder_ / "confusion" / (names_.Of(layer) + extension);
}

Path FieldFileIn(const Path& run_folder, const std::string& field_folder, const std::string& layer,
                 int unit, const std::string& ending) {
  const std::string folder = field_folder.empty() ? "rf/" + FileNameOf(layer) : field_folder;
  // A result from elsewhere must not lead out of its folder.
  const size_t end = folder.find('/');
  const std::string above = folder.substr(0, end);
  const std::string name = end == std::string::npos ? "" : folder.substr(end + 1);
  if ((above != "rf" && above != "rf_gradient") || FileNameOf(name) != name) {
    Fail("{}: layer {}: expected its maps in rf/NAME or rf_gradient/NAME, found \"{}\"",
         run_folder.string(), layer, folder);
  }
  return run_folder / folder / (UnitName(unit) + ending);
}

Path FieldMapIn(const Path& run_folder, const std::string& field_folder, const std::string& layer,
                int unit) {
  return FieldFileIn(run_folder, field_folder, layer, unit, ".npy");
}

ImageFiles LocalizedPictures(const Path& run_folder, const Dataset& set) {
  std::vector<std::string> names;
  for (const ImageEntry& image : set.images) names.push_back(image.name);
  return {run_folder / "localize", UniqueNames(std::move(names))};
}

ImageFiles MinimalImages(const Path& run_folder, const Dataset& set) {
  std::vector<std::string> names;
  for (const ImageEntry& image : set.images) {
    names.push_back(Path(image.name).replace_extension("").string());
  }
  return {run_folder / "images", UniqueNames(std::move(names), {{"", "_curve"}, {}})};
}

ImageFiles SegmentedPictures(const Path& run_folder, const std::vector<std::string>& pictures) {
  std::vector<std::string> names;
  for (const std::string& picture : pictures) names.push_back(Path(picture).stem().string());
  return {run_folder / "segment", UniqueNames(std::move(names))};
}

std::vector<Path> NetworkFolders(const Path& out, const std::vector<std::string>& descriptors) {
  return FolderForEach(out, descriptors, [](const std::string& descriptor) {
    return Path(descriptor).stem().string();
  });
}

std::vector<Path> NamedFolders(const Path& out, const std::vector<std::string>& names) {
  return FolderForEach(out, names, [](const std::string& name) { return name; });
}

std::vector<Path> SetFolders(const Path& out, const std::vector<Dataset>& sets) {
  return FolderForEach(out, sets, [](const Dataset& set) { return set.name; });
}

}  // namespace netdissect
