#include "report/provenance.h"

#include <algorithm>

#include "base/json_number.h"
#include "netdissect/base/version.h"
#include "netdissect/data/annotation.h"
#include "nn/input_object.h"

namespace netdissect {
namespace {

Json NetworkJson(const Provenance& provenance) {
  Json network = {{"name", provenance.network_name}, {"digest", provenance.network_digest}};
  if (!provenance.network_input.is_null()) network["input"] = provenance.network_input;
  return network;
}

Json ImagesJson(const Provenance& provenance) {
  Json images = Json::array();
  for (const Provenance::Images& set : provenance.images) {
    images.push_back({{"name", set.name}, {"digest", set.digest}, {"count", set.count}});
    if (!set.annotations.empty()) images.back()["annotations"] = set.annotations;
  }
  return images;
}

}  // namespace

void Provenance::Add(const Model& model) {
  network_name = model.name;
  network_digest = model.digest;
  network_input = ToJson(model.input);
}

void Provenance::Add(const Dataset& set, Observer& observer) {
  images.push_back(
      {set.name, DigestOf(set, observer), static_cast<int64_t>(set.images.size()), ""});
}

void Provenance::AddAnnotated(const Dataset& set, Observer& observer) {
  Add(set, observer);
  images.back().annotations = DigestOfAnnotations(set, observer);
}

Json ToJson(const Provenance& provenance) {
  return {{"version", Version()},
          {"format", kResultFormat},
          {"command", provenance.command},
          {"options", provenance.options},
          {"seed", provenance.seed},
          {"network", NetworkJson(provenance)},
          {"images", ImagesJson(provenance)}};
}

Provenance ProvenanceFrom(const Json& json) {
  Provenance provenance;
  provenance.command = json.value("command", "");
  provenance.options = json.value("options", Json::object());
  provenance.seed = json.value("seed", uint64_t{0});
  const Json network = json.value("network", Json::object());
  provenance.network_name = network.value("name", "");
  provenance.network_digest = network.value("digest", "");
  provenance.network_input = network.value("input", Json());
  for (const Json& set : json.value("images", Json::array())) {
    provenance.images.push_back(
        {set.at("name").get<std::string>(), set.at("digest").get<std::string>(),
         WholeNumber<int64_t>(set.at("count")), set.value("annotations", "")});
  }
  return provenance;
}

bool SameInputs(const Provenance& stored, const Provenance& provenance) {
  const auto same_set = [](const Provenance::Images& a, const Provenance::Images& b) {
    const bool annotated = !a.annotations.empty() && !b.annotations.empty();
    return a.name == b.name && a.digest == b.digest && a.count == b.count &&
           (!annotated || a.annotations == b.annotations);
  };
  return stored.network_digest == provenance.network_digest &&
         std::equal(stored.images.begin(), stored.images.end(), provenance.images.begin(),
                    provenance.images.end(), same_set);
}

bool SameInputs(const Json& stored, const Provenance& provenance) {
  if (!stored.is_object() || !stored.contains("network") || !stored.contains("images"))
    return false;
  try {
    return SameInputs(ProvenanceFrom(stored), provenance);
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

Json ToJson(const std::vector<SkippedImage>& skipped) {
  Json list = Json::array();
  for (const SkippedImage& image : skipped) {
    list.push_back({{"image", image.image}, {"reason", image.reason}});
  }
  return list;
}

}  // namespace netdissect
