#include "report/summary/results.h"

#include <algorithm>
#include <map>

#include "base/csv.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Whether a key of such a result is read: no list that is as long as the image set and that a
// summary does not show.
bool IsShown(ResultKind kind, const std::string& key) {
  if (kind == ResultKind::kClassify) return key != "predictions";
  if (kind == ResultKind::kRecord) return key != "top_images" && key != "units";
  if (kind == ResultKind::kSegments) return key != "mask" && key != "boxes";
  if (kind == ResultKind::kProbe) return key != "per_class";
  return true;
}

std::string OptionText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::optional<Path> ReadResult::Beside(const std::string& name) const {
  for (const Path& folder : {file.parent_path(), file.parent_path().parent_path()}) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / name, ignored)) return folder / name;
  }
  return std::nullopt;
}

std::string ReadResult::CommandLine() const {
  std::string line = "netdissect";
  if (provenance.seed != 0) line += fmt::format(" --seed {}", provenance.seed);
  line += " " + provenance.command;
  std::string files;
  for (const auto& [name, value] : provenance.options.items()) {
    if (value.empty() || value == "" || value == false) continue;  // null is empty, too
    for (const Json& each : value.is_array() ? value : Json::array({value})) {
      if (name == "files") {
        files += " " + ShellWord(OptionText(each));
      } else if (each == true) {
        line += " --" + name;
      } else {
        line += " --" + name + " " + ShellWord(OptionText(each));
      }
    }
  }
  return line + files;
}

Results::Results(const ResultTree& tree, Observer& observer)
    : folder_(tree.folder), left_out_(tree.unreadable) {
  std::map<std::string, std::string> digests;  // of networks
  for (const FoundResult& found : tree.results) {
    try {
      const auto keep = [&](const std::string& key) { return IsShown(found.kind, key); };
      results_.push_back(
          {found.kind, found.file, found.header.provenance, ReadJsonWhere(found.file, keep)});
    } catch (const Error& error) {
      left_out_.emplace_back(error.what());
      continue;
    }
    const Provenance& of = results_.back().provenance;
    if (of.network_name.empty()) continue;
    if (std::find(networks_.begin(), networks_.end(), of.network_name) == networks_.end()) {
      networks_.push_back(of.network_name);
    }
    // A published table names its network alone.
    std::string& digest = digests.try_emplace(of.network_name, of.network_digest).first->second;
    if (digest.empty()) digest = of.network_digest;
    if (!of.network_digest.empty() && of.network_digest != digest) {
      left_out_.push_back(fmt::format(
          "{}: expected a result of the network {} with digest {}, as the results before, found {}",
          found.file.string(), of.network_name, digest, of.network_digest));
      results_.pop_back();
    }
  }
  for (const std::string& why : left_out_) observer.Warning("left out: " + why);
}

void Results::PutFirst(const std::vector<std::string>& folders) {
  const auto place = [&](const ReadResult& result) {
    size_t first = folders.size();
    for (const Path& part : result.file.parent_path()) {
      const auto found = std::find(folders.begin(), folders.end(), part.string());
      first = std::min(first, static_cast<size_t>(found - folders.begin()));
    }
    return first;
  };
  std::stable_sort(results_.begin(), results_.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  networks_.clear();
  for (const ReadResult& result : results_) {
    if (!result.network().empty() &&
        std::find(networks_.begin(), networks_.end(), result.network()) == networks_.end()) {
      networks_.push_back(result.network());
    }
  }
}

std::vector<const ReadResult*> Results::Of(ResultKind kind) const {
  std::vector<const ReadResult*> found;
  for (const ReadResult& result : results_) {
    if (result.kind == kind) found.push_back(&result);
  }
  return found;
}

std::vector<const ReadResult*> Results::AllOf(ResultKind kind, const std::string& network) const {
  std::vector<const ReadResult*> found;
  for (const ReadResult* result : Of(kind)) {
    if (result->network() == network) found.push_back(result);
  }
  return found;
}

const ReadResult* Results::Of(ResultKind kind, const std::string& network) const {
  const std::vector<const ReadResult*> all = AllOf(kind, network);
  return all.empty() ? nullptr : all.front();
}

Table ReadTable(const Path& csv) {
  Table table;
  ForEachCsvRow(csv, [&](const std::vector<std::string>& fields, int) {
    if (table.header.empty()) {
      table.header = fields;
    } else {
      table.rows.push_back(fields);
      table.rows.back().resize(table.header.size());
    }
  });
  if (table.rows.empty()) Fail("{}: expected a table, found no rows", csv.string());
  return table;
}

std::optional<double> NumberAt(const Json& json, const std::string& pointer) {
  const Json::json_pointer place("/" + pointer);
  if (!json.contains(place) || !json.at(place).is_number()) return std::nullopt;
  return json.at(place).get<double>();
}

}  // namespace netdissect
