#include "report/simplify_store.h"

#include "base/file_digests.h"
#include "base/seal.h"
#include "netdissect/base/error.h"
#include "report/figure.h"
#include "report/simplify_figure.h"
#include "report/simplify_report.h"

namespace netdissect {
namespace {

// What is drawn of an image.
constexpr const char* kPictures[] = {".png", "_curve.png", "_curve.svg", ".html"};

}  // namespace

SimplifyFolder::SimplifyFolder(const RunFiles& run, const Model& model, const Dataset& set,
                               int64_t pictures, bool reuse, std::function<void()> before_saving,
                               Observer& observer)
    : files_(MinimalImages(run.folder(), set)),
      model_(model),
      set_(set),
      pictures_(pictures),
      reuse_(reuse),
      before_saving_(std::move(before_saving)),
      observer_(observer) {}

Path SimplifyFolder::FileOf(int64_t image, const std::string& ending) const {
  return files_.File(image, ending);
}

std::optional<SimplifiedImage> SimplifyFolder::Find(int64_t image, const std::string& key) {
  const Path file = FileOf(image, ".json");
  if (!reuse_ || !Exists(file)) return std::nullopt;
  try {
    const Json stored = ReadJson(file);
    if (stored.at("key") != key) return std::nullopt;
    SimplifiedImage found = SimplifiedImageFrom(stored.at("result"), image);
    if (found.correct() && drawn_ < pictures_) {
      const Json& files = stored.at("files");
      if (files.empty()) return std::nullopt;  // it was not drawn then
      if (const auto changed = FindChangedFile(file.parent_path(), files)) Fail("{}", *changed);
      ++drawn_;
    }
    return found;
  } catch (const std::exception& error) {
    const std::string what = error.what();
    const bool named = what.find(file.parent_path().string()) != std::string::npos;
    observer_.Warning(fmt::format("{}{}: computed again", named ? "" : file.string() + ": ", what));
    return std::nullopt;
  }
}

void SimplifyFolder::Save(const SimplifiedImage& image, const std::string& key,
                          const SimplifyDetail* detail) {
  before_saving_();
  std::vector<std::string> drawn;
  if (detail != nullptr && drawn_ < pictures_) {
    ++drawn_;
    WritePng(FileOf(image.image, ".png"), DrawStrip(image, *detail, model_));
    WriteDrawing(FileOf(image.image, "_curve"), DrawProbabilities(image, model_));
    WriteFile(
        FileOf(image.image, ".html"),
        SimplifyPage(image, *detail, model_, set_.images[static_cast<size_t>(image.image)].name));
    for (const char* ending : kPictures) {
      drawn.push_back(FileOf(image.image, ending).filename().string());
    }
  }
  const Path file = FileOf(image.image, ".json");
  WriteJson(file, {{kHeaderKey, {{"command", "simplify"}}},
                   {"key", key},
                   {"files", FileDigests(file.parent_path(), drawn)},
                   {"result", ToJson(image, model_, set_)}});
}

}  // namespace netdissect
