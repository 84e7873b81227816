#include "netdissect/report/provenance.h"

#include "netdissect/base/version.h"

namespace netdissect {
namespace {

Json NetworkJson(const Provenance& provenance) {
  return {{"name", provenance.network_name}, {"digest", provenance.network_digest}};
}

Json ImagesJson(const Provenance& provenance) {
  Json images = Json::array();
  for (const Provenance::Images& set : provenance.images) {
    images.push_back({{"name", set.name}, {"digest", set.digest}, {"count", set.count}});
  }
  return images;
}

}  // namespace

void Provenance::Add(const Model& model) {
  network_name = model.name;
  network_digest = model.digest;
}

void Provenance::Add(const Dataset& set) {
  images.push_back({set.name, DigestOf(set), static_cast<int64_t>(set.images.size())});
}

Json ToJson(const Provenance& provenance) {
  return {{"version", Version()},
          {"command", provenance.command},
          {"options", provenance.options},
          {"seed", provenance.seed},
          {"network", NetworkJson(provenance)},
          {"images", ImagesJson(provenance)}};
}

bool SameInputs(const Json& stored, const Provenance& provenance) {
  if (!stored.is_object() || !stored.contains("network") || !stored.contains("images"))
    return false;
  const Json& network = stored["network"];
  if (!network.is_object() || !network.contains("digest") ||
      network["digest"] != provenance.network_digest) {
    return false;
  }
  return stored["images"] == ImagesJson(provenance);
}

Json ToJson(const std::vector<SkippedImage>& skipped) {
  Json list = Json::array();
  for (const SkippedImage& image : skipped) {
    list.push_back({{"image", image.image}, {"reason", image.reason}});
  }
  return list;
}

}  // namespace netdissect
