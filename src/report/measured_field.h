#pragma once
// Receptive fields that `rf` measured, read back from its folder: rf.json and the averaged maps
// beside it.

#include <map>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/probe/segmentation.h"

namespace netdissect {

class MeasuredFields {
 public:
  /// Reads rf.json in `folder`. Error where it is missing, malformed, or of a network with another
  /// digest. The images may be others: a field belongs to the network.
  MeasuredFields(const Path& folder, const std::string& network_digest);

  const Path& file() const { return file_; }

  /// Whether this unit was measured, and is not silent.
  bool Measured(const std::string& layer, int unit) const;

  /// Side of the unit's field, pixels of the network's input; the mean of its layer where the unit
  /// was not measured. Error where no unit of the layer was.
  double SizeOf(const std::string& layer, int unit) const;

  /// Where the unit's averaged map is above its threshold; a square of SizeOf where the unit was
  /// not measured.
  EmpiricalField FieldOf(const std::string& layer, const LayerGeometry& geometry, int unit) const;

 private:
  struct Layer {
    double mean = 0;                 // pixels; NaN where all units are silent
    double threshold = 0;            // of a map's largest
    int origin_y = 0, origin_x = 0;  // first pixel of the maps from the theoretical field's
    std::map<int, double> sizes;
    std::map<int, std::string> digests;  // of their maps' files
    std::string maps;  // their folder within the run's; "" where the file does not say
  };
  const Layer& Find(const std::string& layer) const;

  Path folder_, file_;
  std::map<std::string, Layer> layers_;
};

}  // namespace netdissect
