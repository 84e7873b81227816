#pragma once
// Finished minimal images in a run folder, a few files for each in images/: NAME.json, from which
// an interrupted run goes on, and for the first of them NAME.png (the strip), NAME_curve.png and
// .svg, and NAME.html. The JSON is written last, so that where it is the others are.

#include "netdissect/study/simplify.h"
#include "report/run_folder.h"

namespace netdissect {

class SimplifyFolder : public SimplifyStore {
 public:
  /// Draws the first `pictures` images that are classified correctly. Without `reuse` nothing is
  /// found. `model` and `set` must outlive the store.
  SimplifyFolder(const RunFiles& run, const Model& model, const Dataset& set, int64_t pictures,
                 bool reuse);

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
  int64_t drawn_ = 0;
};

}  // namespace netdissect
