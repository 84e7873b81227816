#include "experiment/study_file.h"

#include <algorithm>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Reads what is named in a study.
class StudyReader {
 public:
  StudyReader(const JsonObject& file, const BundledNames& bundled)
      : file_(file), bundled_(bundled) {}

  Study Read() {
    Study study;
    study.name = file_.String("name", file_.file().stem().string());
    study.title = file_.String("title", study.name);
    study.about = file_.String("about", "");
    layers_ = Names(file_, "layers");
    study.limit = file_.Integer("limit", 0);
    if (study.limit < 0) {
      file_.Complain("limit",
                     fmt::format("expected 0 (all) or a number of images, found {}", study.limit));
    }
    study.images = ImageSets();
    if (file_.Has("annotated")) study.annotated = Source(file_, "annotated", bundled_.images);
    for (const JsonObject& network : file_.Objects("networks", "network")) {
      study.networks.push_back(ReadNetwork(network));
      RequireOtherName(network, study.networks);
    }
    if (study.networks.empty()) file_.Complain("networks", "expected a network, found none");
    if (file_.Has("labels")) study.labels = ReadLabels(study.networks);
    if (file_.Has("experiments")) study.experiments = ReadExperiments();
    file_.RequireKnownKeys();
    return study;
  }

 private:
  static std::vector<std::string> Names(const JsonObject& object, const std::string& key) {
    return object.Has(key) ? object.Strings(key) : std::vector<std::string>();
  }

  // A bundled thing's name, or a file that is there.
  static std::string Source(const JsonObject& object, const std::string& key,
                            const std::vector<std::string>& bundled) {
    const std::string named = object.String(key);
    if (Contains(bundled, named)) return named;
    return object.ExistingPath(key).string();
  }

  std::string SetNamed(const JsonObject& object, const std::string& key,
                       const std::string& named) const {
    if (Contains(bundled_.images, named)) return named;
    const Path path = (file_.file().parent_path() / named).lexically_normal();
    if (!Exists(path)) {
      object.Complain(key, fmt::format("expected an existing file or folder, or one of {}, found "
                                       "none at {}{}",
                                       Join(bundled_.images), path.string(), object.About()));
    }
    return path.string();
  }

  std::vector<std::string> ImageSets() const {
    std::vector<std::string> sets;
    for (const std::string& named : file_.Strings("images")) {
      sets.push_back(SetNamed(file_, "images", named));
    }
    if (sets.empty()) file_.Complain("images", "expected an image set, found none");
    return sets;
  }

  StudyNetwork ReadNetwork(const JsonObject& object) const {
    StudyNetwork network;
    const bool trained = object.Has("train");
    if (trained == object.Has("network")) {
      object.Complain(
          trained ? "train" : "network",
          fmt::format("expected \"network\" or \"train\", found {}", trained ? "both" : "neither"));
    }
    if (trained) {
      network.name = object.String("name");
      network.train = ReadTraining(object);
    } else {
      network.descriptor = Source(object, "network", bundled_.networks);
      network.name = object.String("name", Path(network.descriptor).stem().string());
    }
    network.layers = object.Has("layers") ? Names(object, "layers") : layers_;
    if (network.layers.empty()) {
      object.Complain("layers", "expected layers, here or for the whole study, found none");
    }
    if (object.Has("classifies")) {
      network.classifies.emplace();
      for (const std::string& named : object.Strings("classifies")) {
        network.classifies->push_back(SetNamed(object, "classifies", named));
      }
    }
    object.RequireKnownKeys();
    return network;
  }

  // Paths among the options are relative to the study, as all are.
  Json ReadTraining(const JsonObject& object) const {
    Json options = object.Value("train");
    if (!options.is_object()) {
      object.Complain("train", "expected the options of `train`, found " + Shown(options));
    }
    if (!options.contains("images")) {
      object.Complain("train.images", "expected the images to train on, found nothing");
    }
    ResolvePaths(options);
    RequireOptions(object, "train", options, {"out", "name", "resume", "force", "json"});
    return options;
  }

  void ResolvePaths(Json& options) const {
    for (const char* key : {"images", "val", "network", "aliases", "taxonomy", "test"}) {
      if (!options.contains(key) || !options[key].is_string()) continue;
      const std::string named = options[key];
      const Path path = (file_.file().parent_path() / named).lexically_normal();
      if (Contains(bundled_.images, named) || Contains(bundled_.networks, named)) continue;
      if (Exists(path)) options[key] = path.string();
    }
  }

  // `kept` are options that are not the study's to say.
  static void RequireOptions(const JsonObject& object, const std::string& key, const Json& options,
                             const std::vector<std::string>& kept) {
    for (const auto& [name, value] : options.items()) {
      const std::string full = key + "." + name;
      if (Contains(kept, name)) {
        object.Complain(full, "expected no such option: the study itself says it");
      }
      const Json list = value.is_array() ? value : Json::array({value});
      const bool simple = std::all_of(list.begin(), list.end(), [](const Json& item) {
        return item.is_string() || item.is_number() || item.is_boolean();
      });
      if (simple) continue;
      object.Complain(full, "expected a number, a string, true, false or a list of them, found " +
                                Shown(value));
    }
  }

  static void RequireOtherName(const JsonObject& object,
                               const std::vector<StudyNetwork>& networks) {
    const std::string& name = networks.back().name;
    if (name.empty() || name[0] == '.' || FileNameOf(name) != name) {
      object.Complain("name", fmt::format("expected a name that a folder can bear, found \"{}\"",
                                          Excerpt(name)));
    }
    for (size_t i = 0; i + 1 < networks.size(); ++i) {
      if (networks[i].name != name) continue;
      object.Complain("name", fmt::format("expected another name for each network, found \"{}\" "
                                          "twice",
                                          name));
    }
  }

  std::vector<StudyLabels> ReadLabels(const std::vector<StudyNetwork>& networks) const {
    std::vector<std::string> names;
    for (const StudyNetwork& network : networks) names.push_back(network.name);
    std::vector<StudyLabels> all;
    for (const JsonObject& object : file_.Objects("labels")) {
      StudyLabels labels;
      labels.network = object.OneOf("network", names);
      labels.published = object.ExistingPath("published").string();
      object.RequireKnownKeys();
      for (const StudyLabels& other : all) {
        if (other.network != labels.network) continue;
        object.Complain("network",
                        "expected one table for each network, found another for " + labels.network);
      }
      all.push_back(std::move(labels));
    }
    return all;
  }

  std::map<std::string, std::vector<StudyVariant>> ReadExperiments() const {
    const JsonObject object = file_.Object("experiments");
    std::map<std::string, std::vector<StudyVariant>> experiments;
    for (const std::string& command : StudyExperiments()) {
      if (!object.Has(command)) continue;
      experiments[command] = ReadVariants(object, command, object.Value(command));
    }
    return experiments;
  }

  std::vector<StudyVariant> ReadVariants(const JsonObject& object, const std::string& command,
                                         const Json& value) const {
    if (value == Json(false)) return {};
    if (value == Json(true)) return {StudyVariant()};
    const Json list = value.is_array() ? value : Json::array({value});
    std::vector<StudyVariant> variants;
    std::vector<std::string> names;
    for (const Json& options : list) {
      if (!options.is_object()) {
        object.Complain(
            command, "expected options, true, false or a list of options, found " + Shown(options));
      }
      StudyVariant variant;
      variant.options = options;
      if (options.contains("variant")) {
        if (!options["variant"].is_string()) {
          object.Complain(command + ".variant",
                          "expected a name, found " + Shown(options["variant"]));
        }
        variant.name = options["variant"];
        variant.options.erase("variant");
      }
      const bool named = variant.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
                         std::string::npos;
      if (!named || Contains(names, variant.name) || (list.size() > 1 && variant.name.empty())) {
        object.Complain(command, fmt::format("expected of several runs each with another "
                                             "\"variant\" of a-z, 0-9, _ and -, found \"{}\"",
                                             Excerpt(variant.name)));
      }
      names.push_back(variant.name);
      ResolvePaths(variant.options);
      RequireOptions(object, command, variant.options,
                     {"out", "network", "images", "record", "labels", "fields", "force", "json",
                      "published", "task", "with", "dry-run"});
      variants.push_back(std::move(variant));
    }
    return variants;
  }

  const JsonObject& file_;
  const BundledNames& bundled_;
  std::vector<std::string> layers_;
};

}  // namespace

const std::vector<std::string>& StudyExperiments() {
  static const std::vector<std::string> kCommands = {
      "info",    "classify", "record",   "rf",       "annotate auto", "annotate import",
      "segment", "evaluate", "localize", "simplify", "semantics",     "emergence",
      "probe"};
  return kCommands;
}

Study ReadStudy(const Path& file, const BundledNames& bundled) {
  return StudyReader(JsonObject::Read(file), bundled).Read();
}

}  // namespace netdissect
