#include "bundled.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "netdissect/base/error.h"
#include "netdissect/base/file.h"
#include "world/synthetic_set.h"

namespace netdissect {
namespace {

// Pictures of each bundled set, enough for 25 that a unit responds to.
constexpr int kPictures = 480;

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Beside the program where it is installed, else in the sources that it was built from.
Path Configs() {
  std::error_code error;
  const Path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const Path installed = program.parent_path().parent_path() / NETDISSECT_INSTALLED_CONFIGS;
  if (!error && std::filesystem::exists(installed / "demo", error)) return installed;
  return NETDISSECT_SOURCE_CONFIGS;
}

Path CacheFolder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? Path() : Path(value);
  };
  if (const Path cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) {
    return cache / "netdissect";
  }
  if (const Path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "netdissect";
  return std::filesystem::temp_directory_path() / "netdissect";
}

// Another version of the program may draw another world.
Path RenderedFolder(const std::string& set) {
  return CacheFolder() / "world-" NETDISSECT_VERSION / set;
}

}  // namespace

std::vector<std::string> BundledNetworks() { return {"scene_net", "object_net"}; }

std::vector<std::string> BundledSets() { return {"world_scenes", "world_objects"}; }

std::string NetworkFile(const std::string& name) {
  std::error_code error;
  if (!Has(BundledNetworks(), name) || std::filesystem::exists(name, error)) return name;
  return (Configs() / "demo" / (name + ".json")).string();
}

Path TaxonomyFile(const std::string& name) {
  const bool is_file = name.find_first_of("./") != std::string::npos;
  return is_file ? Path(name) : Configs() / "taxonomies" / (name + ".json");
}

Path StudyFile(const std::string& name) {
  std::error_code error;
  if (name != "demo" || std::filesystem::is_regular_file(name, error)) return name;
  return Configs() / "demo" / "study.json";
}

std::string RenderedSetFile(const std::string& name) {
  std::error_code error;
  if (!Has(BundledSets(), name) || std::filesystem::exists(name, error)) return name;
  // The descriptor is written when the pictures are there.
  const Path file =
      RenderedFolder(name) / (name == "world_scenes" ? "scenes.json" : "objects.json");
  return Exists(file) ? file.string() : "";
}

Dataset UnrenderedSet(const std::string& name) {
  const bool scenes = name == "world_scenes";
  Dataset set;
  set.name = name;
  set.kind = scenes ? DatasetKind::kScene : DatasetKind::kObject;
  // The bundled networks were trained to tell its labels.
  set.labels =
      ReadLabels(Configs() / "demo" / (scenes ? "scene_net_labels.txt" : "object_net_labels.txt"));
  for (int i = 0; i < kPictures; ++i) {
    set.images.push_back({"", "", i % static_cast<int>(set.labels.size())});
  }
  return set;
}

std::string ImageSetFile(const std::string& name, int threads, Console& console) {
  std::error_code error;
  if (!Has(BundledSets(), name) || std::filesystem::exists(name, error)) return name;
  SyntheticSetOptions options;
  options.prefix = "world_";
  options.train = 0;
  options.val = kPictures;
  options.threads = threads;
  options.scenes = name == "world_scenes";
  options.objects = !options.scenes;
  options.own = true;
  const Path folder = RenderedFolder(name);
  const std::vector<SyntheticSetResult> results = WriteSyntheticSets(folder, options, console);
  console.EndLine();
  for (const SyntheticSetResult& result : results) {
    if (result.rendered > 0) {
      spdlog::info("{}: {} pictures of the synthetic world rendered", folder.string(),
                   result.rendered);
    }
  }
  return (folder / (results.front().name + ".json")).string();
}

}  // namespace netdissect
