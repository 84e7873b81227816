#include "base/random.h"
#include "netdissect/base/error.h"
#include "world/layout.h"

namespace netdissect {
namespace {

constexpr int kAttempts = 6;
// A scene whose informative objects are seen in less than this of the picture is drawn anew.
constexpr double kLeastInformative = 0.035;

bool IsScene(SyntheticSet set) {
  return set == SyntheticSet::kSceneTraining || set == SyntheticSet::kSceneValidation;
}

double InformativeShare(const SyntheticImage& image, const SyntheticCategory& category) {
  int64_t seen = 0;
  for (const SyntheticObject& object : image.objects) {
    for (const SyntheticPresence& presence : category.objects) {
      if (presence.informative && presence.class_index == object.class_index)
        seen += object.visible;
    }
  }
  return static_cast<double>(seen) / static_cast<double>(image.classes.total());
}

}  // namespace

void SyntheticOptions::Validate() const {
  if (size < 64 || size > 512) Fail("size: expected 64 to 512 pixels, found {}", size);
}

int SyntheticLabel(SyntheticSet set, int64_t index) {
  if (index < 0) Fail("index: expected 0 or more, found {}", index);
  const SyntheticWorld& world = TheSyntheticWorld();
  const size_t labels = IsScene(set) ? world.categories.size() : world.object_labels.size();
  return static_cast<int>(index % static_cast<int64_t>(labels));
}

SyntheticImage RenderSynthetic(SyntheticSet set, int64_t index, const SyntheticOptions& options) {
  options.Validate();
  const SyntheticWorld& world = TheSyntheticWorld();
  const int label = SyntheticLabel(set, index);
  SyntheticImage image;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Dice dice(Random(options.seed, static_cast<int>(set), index, attempt));
    if (!IsScene(set)) {
      const int object = world.object_labels[static_cast<size_t>(label)];
      image = PaintAlone(world.classes[static_cast<size_t>(object)].name, options.size, dice);
      break;
    }
    const SyntheticCategory& category = world.categories[static_cast<size_t>(label)];
    image = category.indoors ? PaintRoom(category, options.size, dice)
                             : PaintOutdoors(category, options.size, dice);
    if (InformativeShare(image, category) >= kLeastInformative) break;
  }
  image.label = label;
  return image;
}

}  // namespace netdissect
