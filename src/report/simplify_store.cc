#include "netdissect/report/simplify_store.h"

#include <spdlog/fmt/fmt.h>

#include <set>

#include "netdissect/base/digest.h"
#include "netdissect/base/json.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/simplify_figure.h"
#include "netdissect/report/simplify_report.h"

namespace netdissect {
namespace {

// The listed name without its extension as one file name, shortened where a file system would
// refuse it.
std::string NameOf(const ImageEntry& entry) {
  constexpr size_t kLongest = 150;
  std::string name = FileNameOf(Path(entry.name).replace_extension("").string());
  if (name.size() > kLongest) {
    name = Digest().Add(name).Hex() + "_" + name.substr(name.size() - kLongest);
  }
  return name;
}

}  // namespace

SimplifyFolder::SimplifyFolder(const Path& folder, const Model& model, const Dataset& set,
                               int64_t pictures, bool reuse)
    : folder_(folder), model_(model), set_(set), pictures_(pictures), reuse_(reuse) {
  std::set<std::string> taken;
  for (const ImageEntry& entry : set.images) {
    const std::string plain = NameOf(entry);
    std::string name = plain;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = fmt::format("{}-{}", plain, number);
    }
    names_.push_back(name);
  }
}

Path SimplifyFolder::FileOf(int64_t image, const std::string& ending) const {
  return folder_ / (names_[static_cast<size_t>(image)] + ending);
}

std::optional<SimplifiedImage> SimplifyFolder::Find(int64_t image, const std::string& key) {
  const Path file = FileOf(image, ".json");
  if (!reuse_ || !std::filesystem::exists(file)) return std::nullopt;
  try {
    const Json stored = ReadJson(file);
    if (stored.at("key") != key) return std::nullopt;
    SimplifiedImage found = SimplifiedImageFrom(stored.at("result"), image);
    if (found.correct() && drawn_ < pictures_) {
      if (!std::filesystem::exists(FileOf(image, ".html"))) return std::nullopt;
      ++drawn_;
    }
    return found;
  } catch (const std::exception&) {
    return std::nullopt;  // of another version, or spoilt: computed anew
  }
}

void SimplifyFolder::Save(const SimplifiedImage& image, const std::string& key,
                          const SimplifyDetail* detail) {
  if (detail != nullptr && drawn_ < pictures_) {
    ++drawn_;
    WritePng(FileOf(image.image, ".png"), DrawStrip(image, *detail, model_));
    WritePng(FileOf(image.image, "_curve.png"), DrawProbabilities(image, model_));
    WriteFile(
        FileOf(image.image, ".html"),
        SliderPage(image, *detail, model_, set_.images[static_cast<size_t>(image.image)].name));
  }
  WriteJson(FileOf(image.image, ".json"), {{"key", key}, {"result", ToJson(image, model_, set_)}});
}

}  // namespace netdissect
