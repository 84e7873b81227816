#pragma once
// What the results below a folder say, by kind, and the command that made each.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/result_tree.h"
#include "report/table.h"

namespace netdissect {

/// One result, read. Lists that grow with images are left out where a summary needs none of them.
struct ReadResult {
  ResultKind kind;
  Path file;
  Provenance provenance;
  Json json;

  const std::string& network() const { return provenance.network_name; }

  /// A file that the command wrote beside the result, or, where it was on several networks, beside
  /// the results' folders; nothing where there is none.
  std::optional<Path> Beside(const std::string& name) const;

  /// The command line that makes it again, from its effective options.
  std::string CommandLine() const;
};

class Results {
 public:
  /// Reads them all. What cannot be read, or is of another network than results before that name
  /// the same one, is left out with a warning.
  Results(const ResultTree& tree, Observer& observer);

  /// Of a kind, by path.
  std::vector<const ReadResult*> Of(ResultKind kind) const;
  std::vector<const ReadResult*> AllOf(ResultKind kind, const std::string& network) const;
  /// The network's first, or null.
  const ReadResult* Of(ResultKind kind, const std::string& network) const;

  const Path& folder() const { return folder_; }
  size_t size() const { return results_.size(); }
  /// Names of all networks, in the order in which they are first met.
  const std::vector<std::string>& networks() const { return networks_; }
  /// Puts results in folders of these names, and their networks, first, in this order.
  void PutFirst(const std::vector<std::string>& folders);
  /// Files that are left out, each with why.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  Path folder_;
  std::vector<ReadResult> results_;
  std::vector<std::string> networks_, left_out_;
};

/// A table that a command saved as CSV. Error where it has no rows.
Table ReadTable(const Path& csv);

/// A number at "a/b/c" of a result, or nothing where it is missing or null.
std::optional<double> NumberAt(const Json& json, const std::string& pointer);

}  // namespace netdissect
