// Loads the network of a descriptor and prints the version and the size of a unit's theoretical
// receptive field: `consumer DESCRIPTOR LAYER`. Reading a descriptor draws in all importers, and
// so all that the library itself is linked with.

#include <iostream>

#include "netdissect/base/version.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/nn/model.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const netdissect::Model model = netdissect::LoadModel(argv[1]);
  const int layer = model.network.Find(argv[2]);
  const auto fields = netdissect::TheoreticalFields(model.network);
  std::cout << netdissect::Version() << " " << fields[static_cast<size_t>(layer)].y.size() << "\n";
  return 0;
}
