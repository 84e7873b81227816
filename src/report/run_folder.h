#pragma once
// A run folder: the results of one command on one network. Here are the names of all its files, the
// header that tells what a result is of, and the lock that keeps two processes from writing into
// one folder.
//
//   FOLDER/record.json, rf.json, ...              results, each with a header (report/provenance.h)
//   FOLDER/options.toml                           runs the same again
//   FOLDER/rf/LAYER/unit_0007.png, .npy           averaged fields; rf/responses: what they are of
//   FOLDER/rf/LAYER/unit_0007_pipeline.jpg        how one comes about
//   FOLDER/rf_gradient.json, rf_gradient/...      the same by gradient (report/field_method.h)
//   FOLDER/segment/LAYER/sheet_001.png            segment/NAME.png: of given pictures
//   FOLDER/features/LAYER.npy, features.json      what `probe` learns from; confusion/LAYER.*
//   FOLDER/labels/LAYER.png, evaluate/*.png, localize/NAME.png, images/NAME.*
//   FOLDER/page/index.html, answers.jsonl         what annotators see, and what they answered
//   FOLDER/report.html, FOLDER/report/            of all that is in the folder
//   FOLDER/NETWORK/..., FOLDER/SET/...            where there are several networks or image sets
//
// LAYER, NAME, NETWORK and SET are file names that do not collide (base/unique_names.h).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_names.h"
#include "netdissect/base/file.h"
#include "netdissect/data/dataset.h"
#include "report/field_method.h"
#include "report/provenance.h"

namespace netdissect {

enum class ResultKind {
  kInfo,
  kClassify,
  kRecord,
  kFields,
  kGradientFields,
  kSegments,
  kLabels,
  kSimplify,
  kQuality,
  kLocalize,
  kSynth,
  kTraining,
  kTask,
  kSemantics,
  kEmergence,
  kProbe,
  kFeatures,
  kReproduce,
  kAgainst
};

/// kFields or kGradientFields.
ResultKind FieldsBy(FieldMethod method);

/// "record.json"
std::string FileNameOf(ResultKind kind);

/// The command that writes it: "record", "annotate auto".
std::string CommandOf(ResultKind kind);

/// The names in a run folder that depend on no layer or image. Touches no file.
class RunFiles {
 public:
  explicit RunFiles(Path folder) : folder_(std::move(folder)) {}

  const Path& folder() const { return folder_; }
  Path Result(ResultKind kind) const { return folder_ / FileNameOf(kind); }
  Path Options() const { return folder_ / "options.toml"; }

  /// Tables: NAME.csv and NAME.tex.
  Path Table(const std::string& name, const std::string& extension) const {
    return folder_ / (name + extension);
  }
  Path FieldTable(const std::string& extension) const { return Table("table2", extension); }
  Path Sensitivity(const std::string& extension, FieldMethod method) const {
    return Table(NameByMethod("sensitivity", method), extension);
  }
  Path Predictions() const { return Table("predictions", ".csv"); }
  Path LabelTable() const { return Table("labels", ".csv"); }
  Path QualityTable() const { return Table("quality", ".csv"); }
  Path KeptObjects(const std::string& extension) const { return Table("kept_objects", extension); }
  Path CurveTable() const { return Table("curve", ".csv"); }
  Path SecondLook() const { return Table("second_look", ".csv"); }

  /// Plots. WriteDrawing (report/drawing.h) takes the name with an empty extension.
  Path Curve(const std::string& extension) const { return folder_ / ("curve" + extension); }
  Path PrecisionRecall(const std::string& extension) const {
    return folder_ / "evaluate" / ("precision_recall" + extension);
  }
  Path ApHistogram(const std::string& extension) const {
    return folder_ / "evaluate" / ("ap_histogram" + extension);
  }

  Path Preference() const { return folder_ / "figure1.png"; }
  Path SemanticPrecision(const std::string& extension) const {
    return folder_ / ("figure7" + extension);
  }
  Path SemanticGroups(const std::string& extension) const {
    return folder_ / ("figure8" + extension);
  }
  Path SemanticLevelsPlot(const std::string& extension) const {
    return folder_ / ("figure8_levels" + extension);
  }

  Path EmergenceSeries(const std::string& extension) const {
    return folder_ / ("figure9" + extension);
  }
  Path EmergenceScatter(const std::string& extension) const {
    return folder_ / ("figure9_correlations" + extension);
  }
  Path EmergenceSheet() const { return folder_ / "figure9a.png"; }
  /// Accuracy of linear classifiers, layer by layer.
  Path ProbeAccuracy(const std::string& extension) const {
    return folder_ / ("accuracy" + extension);
  }
  Path ProbeCosts(const std::string& extension) const { return folder_ / ("costs" + extension); }

  Path BestUnits() const { return folder_ / "labels" / "best_units.png"; }
  Path Examples() const { return folder_ / "evaluate" / "examples.png"; }
  Path TaskPage() const { return folder_ / "page"; }  // for annotators; all else is kept from them
  Path Answers() const { return folder_ / "answers.jsonl"; }
  Path Refusals() const { return folder_ / "refused.jsonl"; }
  Path Responses(FieldMethod method) const {
    return folder_ / NameByMethod("rf", method) / "responses";
  }
  Path SegmentedSheet() const { return folder_ / "sheet.png"; }
  /// Of all that is in the folder and below; its pictures, where they are beside it.
  Path Report() const { return folder_ / "report.html"; }
  Path ReportPictures() const { return folder_ / "report"; }
  Path SceneSheet() const { return folder_ / "contact_sheet.png"; }
  Path ObjectSheet() const { return folder_ / "contact_sheet_objects.png"; }

  /// Of one picture (`rf --image`).
  Path PictureDiscrepancy() const { return folder_ / "discrepancy.npy"; }
  Path PictureMap(const std::string& extension, FieldMethod method) const {
    return folder_ / (NameByMethod("map", method) + extension);
  }

 private:
  Path folder_;
};

/// The files of a network's layers. Names depend on the network alone, not on the layers asked for.
class LayerFiles {
 public:
  LayerFiles(Path folder, const Network& network);

  Path Field(const std::string& layer, int unit, const std::string& extension,
             FieldMethod method = FieldMethod::kOcclusion) const;
  Path Explanation(const std::string& layer, int unit,
                   FieldMethod method = FieldMethod::kOcclusion) const;
  /// How the unit's field comes about, small.
  Path Pipeline(const std::string& layer, int unit,
                FieldMethod method = FieldMethod::kOcclusion) const;
  Path SegmentSheet(const std::string& layer, int number) const;  // from 1
  Path LabelPlot(const std::string& layer, const std::string& extension) const;
  Path Features(const std::string& layer) const;
  Path Confusion(const std::string& layer, const std::string& extension) const;

  /// One of these files as it is said in a result: from the run folder, with "/".
  std::string Relative(const Path& file) const;
  /// "rf/LAYER", the folder of Field, as rf.json says it.
  std::string FieldFolder(const std::string& layer,
                          FieldMethod method = FieldMethod::kOcclusion) const;

 private:
  Path folder_;
  UniqueNames names_;
};

/// How names of pipelines end, behind the unit's.
constexpr char kPipelineEnding[] = "_pipeline.jpg";

/// A unit's file in the folder that rf.json names; of a file that names none, the folder is named
/// after the layer. Error where it would lead out of the run's folder.
Path FieldFileIn(const Path& run_folder, const std::string& field_folder, const std::string& layer,
                 int unit, const std::string& ending);

/// The averaged map likewise.
Path FieldMapIn(const Path& run_folder, const std::string& field_folder, const std::string& layer,
                int unit);

/// The files of a list of images.
class ImageFiles {
 public:
  /// folder / NAME + `ending`.
  Path File(int64_t image, const std::string& ending) const {
    return folder_ / (names_[static_cast<size_t>(image)] + ending);
  }

 private:
  friend ImageFiles LocalizedPictures(const Path&, const Dataset&);
  friend ImageFiles MinimalImages(const Path&, const Dataset&);
  friend ImageFiles SegmentedPictures(const Path&, const std::vector<std::string>&);
  ImageFiles(Path folder, UniqueNames names)
      : folder_(std::move(folder)), names_(std::move(names)) {}

  Path folder_;
  UniqueNames names_;
};

/// localize/NAME.png
ImageFiles LocalizedPictures(const Path& run_folder, const Dataset& set);
/// images/NAME.json, .html, .png, _curve.png and .svg; NAME without the image's extension.
ImageFiles MinimalImages(const Path& run_folder, const Dataset& set);
/// segment/NAME.png
ImageFiles SegmentedPictures(const Path& run_folder, const std::vector<std::string>& pictures);

/// Where the results of each network go: `out` itself for one, else a folder for each, named after
/// its descriptor.
std::vector<Path> NetworkFolders(const Path& out, const std::vector<std::string>& descriptors);

/// The same for what is known by its name alone.
std::vector<Path> NamedFolders(const Path& out, const std::vector<std::string>& names);

/// The same for image sets.
std::vector<Path> SetFolders(const Path& out, const std::vector<Dataset>& sets);

/// What a result says of itself.
struct ResultHeader {
  int format = 0;
  std::string version;  // of the program
  Provenance provenance;
};

/// Reads no further than the header. Error where the file is missing, no result, or of a later
/// format than this program's.
ResultHeader ReadHeader(const Path& file);

/// The result of an earlier command on the network that was loaded from `descriptor`. `place` is
/// the file itself (.json), or a folder: its subfolder named after the descriptor, it itself, and
/// other subfolders, of which the first counts whose result is of the network; where none is, the
/// first result, so that reading it says what it is of. Nothing where there is no result.
std::optional<Path> FindResult(const Path& place, ResultKind kind, const std::string& descriptor,
                               const std::string& network_digest);

/// The same; where there is none an Error that names the command that writes it.
Path RequireResult(const Path& place, ResultKind kind, const std::string& descriptor,
                   const std::string& network_digest);

/// Of which a folder is, where several processes work in it (base/crew.h).
struct FolderHolder {
  std::string mark;    // of a process that does a part of the job; "": of the one that has it
  bool guest = false;  // another process has the folder for it
};

/// A run folder while a command writes into it.
class RunFolder {
 public:
  /// Creates the folder and locks it as long as this lives, and removes what runs that were killed
  /// have left of files that they had not finished; `command` is for the message that a second
  /// process gets. Parts of a job, of different marks, share a folder that nobody else has. Error
  /// where the folder cannot be written, or is in use.
  RunFolder(const Path& folder, const std::string& command, const FolderHolder& holder = {});
  ~RunFolder();
  RunFolder(RunFolder&&) noexcept;
  RunFolder& operator=(RunFolder&&) noexcept;

  const Path& path() const { return files_.folder(); }
  const RunFiles& files() const { return files_; }

 private:
  RunFiles files_;
  struct Lock;
  std::unique_ptr<Lock> lock_;
};

}  // namespace netdissect
