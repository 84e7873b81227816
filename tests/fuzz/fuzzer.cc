// libFuzzer's side: NETDISSECT_FUZZ names the target. With NETDISSECT_FUZZ_SEEDS=FOLDER the seeds
// of all targets are written to FOLDER/TARGET, and nothing else is done.

#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "fuzz/target.h"
#include "netdissect/base/system.h"

namespace netdissect {
namespace {

const FuzzTarget* chosen = nullptr;

void WriteSeeds(const Path& folder) {
  for (const FuzzTarget& target : FuzzTargets()) {
    const std::vector<std::string> seeds = target.seeds();
    for (size_t i = 0; i < seeds.size(); ++i) {
      WriteFile(folder / target.name / std::to_string(i), seeds[i]);
    }
    std::cout << target.name << "\n";
  }
}

}  // namespace
}  // namespace netdissect

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using netdissect::chosen;
  if (const char* folder = std::getenv("NETDISSECT_FUZZ_SEEDS")) {
    netdissect::WriteSeeds(folder);
    std::exit(0);
  }
  const char* name = std::getenv("NETDISSECT_FUZZ");
  for (const netdissect::FuzzTarget& target : netdissect::FuzzTargets()) {
    if (name != nullptr && target.name == name) chosen = &target;
  }
  if (chosen == nullptr) {
    std::cerr << "NETDISSECT_FUZZ: expected a target's name\n";
    std::exit(2);
  }
  netdissect::SetThreads(1);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  netdissect::ReadInput(*netdissect::chosen,
                        std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
