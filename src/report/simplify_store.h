#pragma once
// Finished minimal images in a run folder, a few files for each in images/: NAME.json, from which
// an interrupted run goes on, and for the first of them NAME.png (the strip), NAME_curve.png and
// .svg, and NAME.html. The JSON is written last and sealed (base/seal.h), and has the digests of
// the others, so that what was cut off or damaged is not taken for done.

#include <functional>

#include "netdissect/study/simplify.h"
#include "report/run_folder.h"

namespace netdissect {

class SimplifyFolder : public SimplifyStore {
 public:
  /// Draws the first `pictures` images that are classified correctly. Without `reuse` nothing is
  /// found. `model`, `set` and the observer must outlive the store; the observer is warned of what
  /// was stored, and is damaged or lost.
  SimplifyFolder(
      const RunFiles& run, const Model& model, const Dataset& set, int64_t pictures, bool reuse,
      std::function<void()> before_saving = [] {}, Observer& observer = Silent());

  std::optional<SimplifiedImage> Find(int64_t image, const std::string& key) override;
  void Save(const SimplifiedImage& image, const std::string& key,
            const SimplifyDetail* detail) override;

  /// images/NAME + `ending`; no two images of the set bear one name.
  Path FileOf(int64_t image, const std::string& ending) const;

 private:
  const ImageFiles files_;
  const Model& model_;
  const Dataset& set_;
  const int64_t pictures_;
  const bool reuse_;
  const std::function<void()> before_saving_;
  Observer& observer_;
  int64_t drawn_ = 0;
};

}  // namespace netdissect
