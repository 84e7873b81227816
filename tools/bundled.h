#pragma once
// What comes with the program: two networks trained on the synthetic world, and its pictures, which
// are rendered into the user's cache folder when they are first asked for. They go by names that
// stand where a descriptor's path would.

#include <string>
#include <vector>

#include "console.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// Names of the bundled networks; the first is the default of --network.
std::vector<std::string> BundledNetworks();

/// Names of the bundled image sets; the first is the default of --images.
std::vector<std::string> BundledSets();

/// The descriptor of a network: `name` itself unless it names a bundled one and is no file.
std::string NetworkFile(const std::string& name);

/// The file of a taxonomy that comes with the program (paper, published), or `name` itself, a file.
Path TaxonomyFile(const std::string& name);

/// The file of a study that comes with the program (demo), or `name` itself, a file.
Path StudyFile(const std::string& name);

/// The same for an image set; renders a bundled one where it is not there yet. The cache folder is
/// $XDG_CACHE_HOME/netdissect, ~/.cache/netdissect, or one among the temporary files.
std::string ImageSetFile(const std::string& name, int threads, Console& console);

/// The same, but a bundled set that has not been rendered yet is left so: "".
std::string RenderedSetFile(const std::string& name);

/// A bundled set as it will be: its name, kind, labels and number of pictures, which are not there.
Dataset UnrenderedSet(const std::string& name);

}  // namespace netdissect
