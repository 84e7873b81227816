#include "experiment/kept_pass.h"

#include "netdissect/base/version.h"
#include "nn/device.h"

namespace netdissect {
namespace {

// Grows where what a visitor saves changes.
constexpr int kFormat = 3;

std::string JobKey(const ExperimentOptions& options, const Provenance& provenance,
                   const Json& key) {
  Json images = Json::array();
  for (const Provenance::Images& set : provenance.images) {
    images.push_back({set.name, set.digest, set.annotations});
  }
  const bool cpu = ParseDevice(options.device).is_cpu();
  return Json{{"format", kFormat},
              {"version", Version()},
              {"network", provenance.network_digest},
              {"images", images},
              {"cpu", cpu},
              {"tf32", !cpu && options.tf32},
              {"rows", options.forward == ForwardBy::kRowKernels},
              {"batch", options.pass.batch},  // by which rounding differs
              {"strict", options.pass.strict},
              {"key", key}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

KeptPass::KeptPass(const ExperimentOptions& options, const Path& folder, const std::string& name,
                   const Provenance& provenance, const Json& key, Observer& observer)
    : pass_(options.pass),
      crew_(*options.crew),
      files_(folder, name, crew_.mark(), JobKey(options, provenance, key), observer) {
  if (options.force) files_.Forget();
}

PassOptions KeptPass::options() {
  pass_.crew = &crew_;
  pass_.parts = &files_;
  return pass_;
}

}  // namespace netdissect
