#include "world/synthetic_set.h"

#include <algorithm>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <optional>

#include "base/bulk_write.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/workers.h"
#include "netdissect/base/error.h"
#include "netdissect/base/version.h"
#include "world/rendered_log.h"

namespace netdissect {
namespace {

// A folder's or file's name of a label: "ferris wheel" becomes ferris_wheel.
std::string FolderOf(std::string label) {
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

std::string Encoded(const cv::Mat& image, const std::string& extension,
                    const std::vector<int>& parameters = {}) {
  std::vector<unsigned char> bytes;
  if (!cv::imencode(extension, image, bytes, parameters)) {
    Fail("a picture cannot be encoded as {}", extension);
  }
  return {bytes.begin(), bytes.end()};
}

std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// One of the two sets, with the names of its files.
class SetWriter {
 public:
  SetWriter(const Path& folder, bool scenes, const SyntheticSetOptions& options,
            const Json& rendering)
      : folder_(folder),
        scenes_(scenes),
        options_(options),
        rendering_(rendering.dump()),
        log_(folder / (scenes ? "scenes" : "objects") / "digests.txt") {
    const SyntheticWorld& world = TheSyntheticWorld();
    if (scenes) {
      for (const SyntheticCategory& category : world.categories) labels_.push_back(category.name);
    } else {
      for (const int index : world.object_labels) {
        labels_.push_back(FolderOf(world.classes[static_cast<size_t>(index)].name));
      }
    }
    result_.name = scenes ? "scenes" : "objects";
    result_.images = options.train + options.val;
    result_.classes.resize(world.classes.size());
  }

  SyntheticSetResult Write(Observer& observer) {
    int64_t done = 0;
    Workers(options_.threads).Run(result_.images, [&](int64_t i) {
      bool rendered = false;
      const std::vector<int> seen = WriteOne(i, rendered);
      const std::lock_guard<std::mutex> lock(mutex_);
      Count(seen);
      result_.rendered += rendered ? 1 : 0;
      observer.Progress(result_.name, ++done, result_.images);
    });
    ReportDamaged(observer);
    WriteLists();
    return result_;
  }

 private:
  // Of image `i`, the training ones first.
  std::string NameOf(int64_t i) const {
    const bool train = i < options_.train;
    const int64_t index = train ? i : i - options_.train;
    return fmt::format("{}/{}_{:06}", labels_[static_cast<size_t>(LabelOf(i))],
                       train ? "train" : "val", index);
  }

  int LabelOf(int64_t i) const {
    return SyntheticLabel(SetOf(i), i < options_.train ? i : i - options_.train);
  }

  SyntheticSet SetOf(int64_t i) const {
    if (i < options_.train) {
      return scenes_ ? SyntheticSet::kSceneTraining : SyntheticSet::kObjectTraining;
    }
    return scenes_ ? SyntheticSet::kSceneValidation : SyntheticSet::kObjectValidation;
  }

  // An image's three files.
  struct Files {
    std::string labels, xml, picture;  // bytes
  };

  // Class indices of the objects seen, one for each.
  std::vector<int> WriteOne(int64_t i, bool& rendered) {
    const std::string name = NameOf(i);
    const Path root = folder_ / result_.name;
    const Path labels = root / "labels" / (name + ".png");
    const Path xml = root / "annotations" / (name + ".xml");
    const Path picture = root / "images" / (name + ".jpg");
    const std::string digest = log_.Find(name);
    if (!digest.empty()) {
      if (const auto files = ReadFiles(labels, xml, picture); files && DigestOf(*files) == digest) {
        return NamedIn(files->xml, xml);
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      damaged_.push_back(name);
    }
    const SyntheticImage image =
        RenderSynthetic(SetOf(i), i < options_.train ? i : i - options_.train, options_.picture);
    Files files;
    files.labels = Encoded(image.classes, ".png");
    files.xml =
        LabelMeXml(image, labels_[static_cast<size_t>(image.label)], picture.filename().string());
    files.picture =
        Encoded(image.picture, ".jpg", {cv::IMWRITE_JPEG_QUALITY, options_.jpeg_quality});
    WriteFileUnflushed(labels, files.labels);
    WriteFileUnflushed(xml, files.xml);
    WriteFileUnflushed(picture, files.picture);
    log_.Add(name, DigestOf(files));
    rendered = true;
    return NamedIn(files.xml, xml);
  }

  // Nothing where one of them cannot be read.
  static std::optional<Files> ReadFiles(const Path& labels, const Path& xml, const Path& picture) {
    try {
      return Files{ReadFile(labels), ReadFile(xml), ReadFile(picture)};
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  // Of another rendering it is another, whatever the files.
  std::string DigestOf(const Files& files) const {
    return Digest().Add(rendering_).Add(files.labels).Add(files.xml).Add(files.picture).Hex();
  }

  // The classes of a LabelMe file as it is written here.
  static std::vector<int> NamedIn(const std::string& xml, const Path& file) {
    const std::string open = "<object><name>";
    std::vector<int> classes;
    for (size_t at = xml.find(open); at != std::string::npos; at = xml.find(open, at)) {
      at += open.size();
      const std::string name = xml.substr(at, xml.find('<', at) - at);
      const auto& all = TheSyntheticWorld().classes;
      const auto known = std::find_if(
          all.begin(), all.end(), [&](const SyntheticClass& each) { return each.name == name; });
      if (known == all.end()) {
        Fail("{}: expected a class of the synthetic world, found {}", file.string(), Excerpt(name));
      }
      classes.push_back(static_cast<int>(known - all.begin()));
    }
    return classes;
  }

  void ReportDamaged(Observer& observer) const {
    if (damaged_.empty()) return;
    observer.Warning(fmt::format(
        "{}: {} images were damaged or lost since they were rendered, such as {}: rendered again",
        (folder_ / result_.name).string(), damaged_.size(), damaged_.front()));
  }

  void Count(const std::vector<int>& seen) {
    std::vector<bool> has(result_.classes.size());
    for (const int index : seen) {
      SyntheticCount& count = result_.classes[static_cast<size_t>(index)];
      ++count.instances;
      if (!has[static_cast<size_t>(index)]) ++count.images;
      has[static_cast<size_t>(index)] = true;
    }
  }

  void WriteLists() const {
    const Path root = folder_ / result_.name;
    std::vector<std::string> names, images, train, val;
    Json groups = Json::object();
    for (const SyntheticClass& c : TheSyntheticWorld().classes) {
      names.push_back(c.name);
      groups[c.name] = c.is_surface ? "material" : "object";
    }
    for (int64_t i = 0; i < result_.images; ++i) {
      images.push_back(NameOf(i));
      (i < options_.train ? train : val)
          .push_back(fmt::format("images/{}.jpg {}", images.back(), LabelOf(i)));
    }
    FlushFileSystem(folder_);
    log_.Finish(images);
    WriteFile(root / "labels.txt", Lines(labels_));
    WriteFile(root / "names.txt", Lines(names));
    WriteJson(root / "groups.json", groups);
    if (!train.empty()) WriteFile(root / "train.txt", Lines(train));
    if (!val.empty()) WriteFile(root / "val.txt", Lines(val));
    // A set without validation images is still one: its list is the training list.
    Json descriptor = {{"name", options_.prefix + result_.name},
                       {"kind", scenes_ ? "scene" : "object"},
                       {"root", result_.name},
                       {"list", val.empty() ? "train.txt" : "val.txt"}};
    if (!train.empty()) descriptor["train"] = "train.txt";
    descriptor["labels"] = "labels.txt";
    descriptor["annotations"] = {{"format", "labelme"},
                                 {"root", "annotations"},
                                 {"strip", "images/"},
                                 {"groups", "groups.json"}};
    WriteJson(folder_ / (result_.name + "_labelme.json"), descriptor);
    descriptor["annotations"] = {{"format", "label-map"},
                                 {"root", "labels"},
                                 {"strip", "images/"},
                                 {"names", "names.txt"},
                                 {"groups", "groups.json"}};
    WriteJson(folder_ / (result_.name + ".json"), descriptor);
  }

  Path folder_;
  bool scenes_;
  const SyntheticSetOptions& options_;
  const std::string rendering_;
  RenderedLog log_;
  std::mutex mutex_;
  std::vector<std::string> damaged_;  // names
  std::vector<std::string> labels_;
  SyntheticSetResult result_;
};

// What makes two runs write the same files.
Json RenderingOf(const SyntheticSetOptions& options) {
  Json sets = Json::array();
  if (options.scenes) sets.push_back("scenes");
  if (options.objects) sets.push_back("objects");
  return {{"version", Version()},
          {"sets", sets},
          {"train", options.train},
          {"val", options.val},
          {"size", options.picture.size},
          {"seed", options.picture.seed},
          {"jpeg_quality", options.jpeg_quality}};
}

// Clears the way for a run, or says why not: only what this function wrote is ever removed.
void Prepare(const Path& folder, const Json& rendering, const SyntheticSetOptions& options) {
  if (options.own) return;
  const bool force = options.force;
  const Path marker = folder / "world.json";
  std::error_code error;
  if (!std::filesystem::exists(marker, error)) {
    for (const char* set : {"scenes", "objects"}) {
      if (!std::filesystem::exists(folder / set, error)) continue;
      Fail("{}: expected no such folder where no world.json says what it is, found one; {}",
           (folder / set).string(), options.advice);
    }
    return;
  }
  Json world;
  try {
    world = ReadJson(marker);
  } catch (const Error& bad) {
    Fail("{}; {}", bad.what(), options.advice);
  }
  const bool ours = world.is_object() && world.contains("rendering");
  if (!ours) {
    Fail("{}: expected what a run of synth wrote, found something else; {}", marker.string(),
         options.advice);
  }
  const bool same = world["rendering"] == rendering;
  if (same && !force) return;
  if (!force) {
    Fail("{}: expected a world rendered with {}, found one with {}; {}", marker.string(),
         rendering.dump(), world["rendering"].dump(), options.advice);
  }
  for (const std::string set : {"scenes", "objects"}) {
    for (const std::string& name : {set, set + ".json", set + "_labelme.json"}) {
      std::filesystem::remove_all(folder / name, error);
      if (error) Fail("{}: cannot be removed: {}", (folder / name).string(), error.message());
    }
  }
}

}  // namespace

void SyntheticSetOptions::Validate() const {
  picture.Validate();
  if (!scenes && !objects) Fail("sets: expected scenes, objects or both, found none");
  if (train < 0 || train > 999'999) Fail("train: expected 0 to 999999 images, found {}", train);
  if (val < 0 || val > 999'999) Fail("val: expected 0 to 999999 images, found {}", val);
  if (train + val == 0) Fail("train, val: expected an image at least, found none");
  if (jpeg_quality < 1 || jpeg_quality > 100) {
    Fail("jpeg_quality: expected 1 to 100, found {}", jpeg_quality);
  }
  if (threads < 1 || threads > 1024) Fail("threads: expected 1 to 1024, found {}", threads);
}

std::vector<SyntheticSetResult> WriteSyntheticSets(const Path& folder,
                                                   const SyntheticSetOptions& options,
                                                   Observer& observer) {
  options.Validate();
  RequireWritableFolder(folder);
  const Json rendering = RenderingOf(options);
  Prepare(folder, rendering, options);
  Json world = {{"rendering", rendering}};
  world.update(ToJson(TheSyntheticWorld()));
  WriteJson(folder / "world.json", world);
  std::vector<SyntheticSetResult> results;
  if (options.scenes)
    results.push_back(SetWriter(folder, true, options, rendering).Write(observer));
  if (options.objects)
    results.push_back(SetWriter(folder, false, options, rendering).Write(observer));
  for (const SyntheticSetResult& result : results) world["counts"][result.name] = ToJson(result);
  WriteJson(folder / "world.json", world);
  return results;
}

Json ToJson(const SyntheticSetResult& result) {
  Json classes = Json::object();
  for (size_t i = 0; i < result.classes.size(); ++i) {
    const SyntheticCount& count = result.classes[i];
    if (count.images == 0) continue;
    classes[TheSyntheticWorld().classes[i].name] = {{"images", count.images},
                                                    {"instances", count.instances}};
  }
  return {{"images", result.images}, {"classes", classes}};
}

Json ToJson(const SyntheticWorld& world) {
  Json classes = Json::array(), categories = Json::array(), labels = Json::array();
  for (size_t i = 0; i < world.classes.size(); ++i) {
    const SyntheticClass& c = world.classes[i];
    classes.push_back({{"value", i + 1},
                       {"name", c.name},
                       {"in_scenes", c.in_scenes},
                       {"animal", c.is_animal},
                       {"surface", c.is_surface},
                       {"object_label", c.has_picture}});
  }
  const auto name_of = [&](int index) { return world.classes[static_cast<size_t>(index)].name; };
  for (const SyntheticCategory& category : world.categories) {
    Json objects = Json::array();
    for (const SyntheticPresence& p : category.objects) {
      objects.push_back({{"class", name_of(p.class_index)},
                         {"informative", p.informative},
                         {"probability", p.probability},
                         {"instances", {p.least, p.most}}});
    }
    categories.push_back(
        {{"name", category.name}, {"indoors", category.indoors}, {"objects", objects}});
  }
  for (const int index : world.object_labels) labels.push_back(name_of(index));
  return {{"classes", classes}, {"categories", categories}, {"object_labels", labels}};
}

}  // namespace netdissect
