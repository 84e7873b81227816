#include "report/taxonomy_json.h"

#include "base/json_number.h"

namespace netdissect {

Json ToJson(const Taxonomy& taxonomy) {
  Json groups = Json::array();
  for (const SemanticGroup& group : taxonomy.groups) {
    Json item = {{"name", group.name}, {"level", group.level}, {"examples", group.examples}};
    if (group.code >= 0) item["code"] = group.code;
    groups.push_back(std::move(item));
  }
  return {{"name", taxonomy.name}, {"groups", std::move(groups)}};
}

Taxonomy TaxonomyFrom(const Json& json) {
  Taxonomy taxonomy;
  taxonomy.name = json.at("name").get<std::string>();
  for (const Json& item : json.at("groups")) {
    SemanticGroup group;
    group.name = item.at("name").get<std::string>();
    group.level = item.at("level").get<std::string>();
    group.examples = item.at("examples").get<std::vector<std::string>>();
    group.code = WholeNumber<int>(item.value("code", Json(-1)));
    taxonomy.groups.push_back(std::move(group));
  }
  return taxonomy;
}

}  // namespace netdissect
