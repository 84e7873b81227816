#include "experiment/annotate_export.h"

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>
#include <random>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "report/answer_file.h"
#include "report/segment_report.h"
#include "report/task_page.h"
#include "report/task_report.h"
#include "study/dataset_names.h"

namespace netdissect {
namespace {

constexpr char kExport[] = "annotate export";

// A tile's image, and of a negative the positive whose share of pixels its mask gets.
struct TileSource {
  int64_t image = 0;
  float value = 0;
  bool negative = false;
  int donor = -1;  // place of that positive among the sources
};

// What stands at each place of a unit's sheet.
struct UnitSource {
  int unit = 0;
  std::vector<TileSource> tiles;
};

std::string NewSecret() {
  std::random_device device;
  Digest digest;
  for (int i = 0; i < 8; ++i) {
    const unsigned int word = device();
    digest.Add(&word, sizeof word);
  }
  return digest.Hex();
}

// What the folder holds. The same export again has the same secret, and so the same page.
struct EarlierTask {
  std::string secret;
  std::string id;  // "" where there is none
};

EarlierTask ReadEarlier(const Path& file) {
  if (!Exists(file)) return {NewSecret(), ""};
  const JsonObject json = JsonObject::Read(file);
  return {json.String("secret"), json.String("task")};
}

// Nobody who does not know the secret can tell these numbers from each other.
std::string Derived(const std::string& secret, const std::string& purpose, const std::string& layer,
                    int unit) {
  return Sha256Hex(fmt::format("{}:{}:{}:{}", secret, purpose, unit, layer)).substr(0, 32);
}

uint64_t SeedOf(const std::string& secret, const std::string& purpose, const std::string& layer,
                int unit) {
  return std::stoull(Derived(secret, purpose, layer, unit).substr(0, 16), nullptr, 16);
}

// Nothing where the unit does not respond to enough images.
std::optional<UnitSource> ChooseTiles(const TaskExperiment& options, const RecordedUnit& recorded,
                                      int unit, uint64_t seed) {
  const auto positives = static_cast<size_t>(options.shown - options.negatives);
  UnitSource source;
  source.unit = unit;
  std::vector<int64_t> shown;
  for (const UnitResponse& top : recorded.top) {
    if (source.tiles.size() == positives || !(top.value > 0)) break;
    source.tiles.push_back({top.image, top.value, false, -1});
    shown.push_back(top.image);
  }
  if (source.tiles.size() < positives) return std::nullopt;
  Random random(seed);
  for (const ImageValue& far : recorded.far) {
    if (source.tiles.size() == static_cast<size_t>(options.shown)) break;
    if (std::find(shown.begin(), shown.end(), far.image) != shown.end()) continue;
    const auto donor = static_cast<int>(random.Below(positives));
    source.tiles.push_back({far.image, far.value, true, donor});
  }
  if (source.tiles.size() < static_cast<size_t>(options.shown)) return std::nullopt;
  return source;
}

// Places on the page, a permutation of `count`.
std::vector<size_t> Shuffled(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = i;
  Shuffle(order, random);
  return order;
}

// The tiles of one unit, collected as its images are seen.
class SheetMaker {
 public:
  SheetMaker(const TaskExperiment& options, const InputFormat& input, const LayerGeometry& geometry,
             const UnitSource& source)
      : options_(options),
        input_(input),
        geometry_(geometry),
        source_(source),
        size_(options.layout.size, options.layout.size),
        pictures_(source.tiles.size()),
        views_(source.tiles.size()),
        masks_(source.tiles.size()),
        maps_(source.tiles.size()) {}

  void See(size_t place, const at::Tensor& map, const cv::Mat& picture) {
    const bool smaller = picture.rows < size_.height || picture.cols < size_.width;
    cv::resize(picture, pictures_[place], size_, 0, 0, smaller ? cv::INTER_LINEAR : cv::INTER_AREA);
    views_[place] = ViewOf(input_, picture.size()).At(size_);
    if (source_.tiles[place].negative) {
      maps_[place] = map.clone();
    } else {
      const double level = options_.threshold * map.max().item<double>();
      masks_[place] = MaskByUpsampling(geometry_, map, level, views_[place]);
    }
  }

  // A negative's mask has a positive's area. Where the unit says the same everywhere on it, it is
  // that positive's mask, mirrored.
  void MaskNegatives() {
    for (size_t place = 0; place < masks_.size(); ++place) {
      const TileSource& tile = source_.tiles[place];
      if (!tile.negative) continue;
      const cv::Mat& donor = masks_[static_cast<size_t>(tile.donor)];
      masks_[place] = MaskOfArea(geometry_, maps_[place], AreaOf(donor), views_[place]);
      if (masks_[place].empty()) cv::flip(donor, masks_[place], 1);
    }
  }

  cv::Mat Tile(size_t place) const { return DrawSegment(pictures_[place], masks_[place]); }
  double Area(size_t place) const { return AreaOf(masks_[place]); }

 private:
  static double AreaOf(const cv::Mat& mask) {
    return static_cast<double>(cv::countNonZero(mask)) / static_cast<double>(mask.total());
  }

  const TaskExperiment& options_;
  const InputFormat& input_;
  const LayerGeometry& geometry_;
  const UnitSource& source_;
  const cv::Size size_;
  std::vector<cv::Mat> pictures_;
  std::vector<InputView> views_;  // of the tiles
  std::vector<cv::Mat> masks_;
  std::vector<at::Tensor> maps_;  // of negatives
};

// Adds a layer's units to the task and writes their sheets. As many units at once as memory allows:
// each group reads its images once.
class LayerTask {
 public:
  LayerTask(const TaskExperiment& options, const NetworkRun& run, const RecordResult& record,
            const RecordedLayer& layer, const std::string& secret, const Path& page)
      : options_(options),
        run_(run),
        record_(record),
        layer_(layer),
        secret_(secret),
        page_(page),
        index_(FindSpatialLayer(run.model.network, layer.name)),
        geometry_(GeometryOf(run.model.network, index_)) {}

  /// Returns how many units were left out.
  int64_t AddTo(AnnotationTask& task, Observer& observer) {
    std::vector<UnitSource> sources;
    int64_t silent = 0;
    for (const int unit : ChooseUnits(options_.choice, layer_, options_.seed)) {
      auto source = ChooseTiles(options_, layer_.units[static_cast<size_t>(unit)], unit,
                                SeedOf(secret_, "tiles", layer_.name, unit));
      source ? sources.push_back(std::move(*source)) : void(++silent);
    }
    const int64_t tile = int64_t{4} * options_.layout.size * options_.layout.size;
    const auto group =
        static_cast<size_t>(std::max<int64_t>(1, options_.memory / (tile * options_.shown)));
    for (size_t begin = 0; begin < sources.size(); begin += group) {
      const auto first = sources.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto count = static_cast<std::ptrdiff_t>(std::min(group, sources.size() - begin));
      AddGroup({first, first + count}, task, observer);
    }
    return silent;
  }

 private:
  void AddGroup(const std::vector<UnitSource>& sources, AnnotationTask& task, Observer& observer) {
    std::vector<UnitOnImages> wanted;
    std::vector<SheetMaker> makers;
    for (const UnitSource& source : sources) {
      UnitOnImages unit{index_, source.unit, {}};
      for (const TileSource& tile : source.tiles) unit.images.push_back(tile.image);
      wanted.push_back(std::move(unit));
      makers.emplace_back(options_, run_.model.input, geometry_, source);
    }
    VisitUnitMaps(
        run_.model, record_.images, wanted,
        [&](size_t u, size_t place, const at::Tensor& map, const cv::Mat& picture) {
          makers[u].See(place, map, picture);
        },
        options_.pass, observer);
    for (size_t u = 0; u < sources.size(); ++u) AddUnit(sources[u], makers[u], task);
  }

  void AddUnit(const UnitSource& source, SheetMaker& maker, AnnotationTask& task) {
    maker.MaskNegatives();
    TaskUnit unit;
    unit.layer = layer_.name;
    unit.unit = source.unit;
    unit.sheet = fmt::format("sheets/{:04}.jpg", task.units.size() + 1);
    unit.salt = Derived(secret_, "salt", layer_.name, source.unit);
    std::vector<cv::Mat> tiles;
    const uint64_t order = SeedOf(secret_, "order", layer_.name, source.unit);
    for (const size_t place : Shuffled(source.tiles.size(), order)) {
      const TileSource& tile = source.tiles[place];
      const int set = record_.images.SetOf(tile.image);
      tiles.push_back(maker.Tile(place));
      unit.tiles.push_back({record_.images[tile.image].name,
                            record_.images.sets()[static_cast<size_t>(set)].name, tile.value,
                            maker.Area(place), tile.negative});
    }
    WriteTaskSheet(page_ / unit.sheet, tiles, options_.layout);
    task.units.push_back(std::move(unit));
  }

  const TaskExperiment& options_;
  const NetworkRun& run_;
  const RecordResult& record_;
  const RecordedLayer& layer_;
  const std::string secret_;
  const Path page_;  // folder
  const int index_;
  const LayerGeometry geometry_;
};

// Labels of earlier answers, most used first, then the names that the image sets have.
std::vector<std::string> Suggestions(const TaskExperiment& options, const ImageSets& images,
                                     Observer& observer) {
  std::map<std::string, int64_t> uses;
  if (!options.answers.empty()) {
    ReadAnswers(
        options.answers,
        [&](const Answer& answer, const std::string&) {
          if (answer.skipped.empty()) ++uses[std::string(Trim(answer.label))];
        },
        [&](const std::string& error) { observer.Warning(error + "; not suggested"); });
  }
  std::vector<std::string> names = ByCount(uses);
  int64_t unreadable = 0;
  for (std::string& name : NamesIn(images, unreadable, observer)) {
    if (uses.count(name) == 0) names.push_back(std::move(name));
  }
  if (unreadable > 0) {
    observer.Warning(
        fmt::format("{} annotations cannot be read: their names are not suggested", unreadable));
  }
  return names;
}

int64_t BytesIn(const Path& folder) {
  int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
  }
  return bytes;
}

// Answers to what the folder holds now would be answers to nothing.
void RequireNoAnswers(const RunFiles& files, const EarlierTask& earlier,
                      const AnnotationTask& task) {
  if (!Exists(files.Answers()) || earlier.id.empty() || earlier.id == task.id) return;
  Fail(
      "{}: expected no answers, or answers to this task, found those to another; give another "
      "--out, or --force to leave them without their task",
      files.Answers().string());
}

// A page in the making, beside the one that people may be at work on, which stays as it is where
// this ends early.
class NewPage {
 public:
  explicit NewPage(Path page) : page_(std::move(page)), folder_(page_) {
    folder_ += ".new";
    std::filesystem::remove_all(folder_);  // of a run that was killed
  }
  ~NewPage() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  NewPage(const NewPage&) = delete;
  NewPage& operator=(const NewPage&) = delete;

  const Path& folder() const { return folder_; }

  /// Puts it in place of the other.
  void Commit() {
    std::filesystem::remove_all(page_);
    std::filesystem::rename(folder_, page_);
  }

 private:
  const Path page_;
  Path folder_;
};

TaskRun ExportNetwork(const TaskExperiment& options, const NetworkRun& run, const ImageSets& images,
                      const Taxonomy& taxonomy, const std::vector<std::string>& names,
                      Observer& observer) {
  const RunFiles& files = run.folder.files();
  RecordingOptions recording = options.recording;
  recording.k = options.shown - options.negatives;
  // More than are shown: some may be among the unit's top images in a small set.
  recording.far = std::max(RecordOptions().far, options.negatives);
  const RecordResult record = FindOrMakeRecord(options, recording, run, images,
                                               LayersOrLast(options, run.model.network), observer);
  AnnotationTask task;
  task.network = run.model.name;
  task.network_digest = run.model.digest;
  task.taxonomy = taxonomy;
  task.names = names;
  task.layout = options.layout;
  const Path result = files.Result(ResultKind::kTask);
  const EarlierTask earlier = ReadEarlier(result);
  NewPage page(files.TaskPage());
  TaskRun done{run.model.name, result, files.TaskPage() / "index.html"};
  for (const RecordedLayer& layer : record.layers) {
    LayerTask maker(options, run, record, layer, earlier.secret, page.folder());
    const int64_t silent = maker.AddTo(task, observer);
    done.silent += silent;
    if (silent > 0) {
      observer.Warning(fmt::format(
          "{}: {} units left out: they respond to fewer than {} images, or not enough images are "
          "far from firing for {} negatives",
          layer.name, silent, options.shown - options.negatives, options.negatives));
    }
  }
  if (task.units.empty()) {
    Fail("annotate export: expected units that respond to at least {} images, found none",
         options.shown - options.negatives);
  }
  task.id = IdOf(task);
  if (!options.force) RequireNoAnswers(files, earlier, task);
  WriteTaskPage(page.folder(), task);
  page.Commit();
  WriteHits(files.Table("hits", ".csv"), files.Table("hit_template", ".html"), task,
            options.page_url);
  Json body = ToJson(task);
  body["secret"] = earlier.secret;
  WriteJson(result, WithHeader(ProvenanceOf(options, kExport, run.model, images, observer), body));
  SaveOptions(options, files);
  done.units = static_cast<int64_t>(task.units.size());
  done.bytes = BytesIn(files.TaskPage());
  observer.Note(fmt::format("{}: {} units, {}, peak memory {}", done.page.string(), done.units,
                            FormatBytes(done.bytes), FormatBytes(PeakMemory())));
  return done;
}

}  // namespace

void TaskExperiment::Validate() const {
  if (negatives < 0 || shown - negatives < 1) {
    Fail("annotate export: expected at least 0 negatives and fewer than images, found {} of {}",
         negatives, shown);
  }
  if (layout.columns < 1 || layout.size < 16 || layout.size > 1024) {
    Fail("annotate export: expected tiles of 16 to 1024 pixels, found {}", layout.size);
  }
  SegmentOptions{SegmentMethod::kUpsampling, threshold}.Validate();
}

std::vector<TaskRun> RunAnnotateExport(const TaskExperiment& options, Observer& observer) {
  options.Validate();
  const Taxonomy taxonomy = ReadTaxonomy(options.taxonomy);
  const ImageSets images = LoadImageSets(options);
  const std::vector<std::string> names = Suggestions(options, images, observer);
  std::vector<TaskRun> runs;
  ForEachNetwork(options, kExport, observer, [&](const NetworkRun& run) {
    runs.push_back(ExportNetwork(options, run, images, taxonomy, names, observer));
  });
  return runs;
}

}  // namespace netdissect
