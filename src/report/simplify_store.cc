#include "report/simplify_store.h"

#include "base/json.h"
#include "report/figure.h"
#include "report/simplify_figure.h"
#include "report/simplify_report.h"

namespace netdissect {
namespace {

// What is drawn of an image: where one of them is missing, it is drawn anew.
constexpr const char* kPictures[] = {".png", "_curve.png", "_curve.svg", ".html"};

}  // namespace

SimplifyFolder::SimplifyFolder(const RunFiles& run, const Model& model, const Dataset& set,
                               int64_t pictures, bool reuse)
    : files_(MinimalImages(run.folder(), set)),
      model_(model),
      set_(set),
      pictures_(pictures),
      reuse_(reuse) {}

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
      for (const char* ending : kPictures) {
        if (!Exists(FileOf(image, ending))) return std::nullopt;
      }
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
    WriteDrawing(FileOf(image.image, "_curve"), DrawProbabilities(image, model_));
    WriteFile(
        FileOf(image.image, ".html"),
        SimplifyPage(image, *detail, model_, set_.images[static_cast<size_t>(image.image)].name));
  }
  WriteJson(FileOf(image.image, ".json"), {{"key", key}, {"result", ToJson(image, model_, set_)}});
}

}  // namespace netdissect
