#include "base/unique_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// The end of a long name says more than its beginning: folders come first.
std::string ShortNameOf(const std::string& name) {
  constexpr size_t kLongest = 150;  // bytes; file systems allow 255, and endings follow
  const std::string whole = FileNameOf(name);
  if (whole.size() <= kLongest) return whole;
  size_t begin = whole.size() - kLongest;
  while (begin < whole.size() && (whole[begin] & 0xc0) == 0x80) ++begin;  // within a character
  return Digest().Add(whole).Hex() + "_" + whole.substr(begin);
}

class Taken {
 public:
  explicit Taken(const NamingOptions& options)
      : endings_(options.endings), names_(options.reserved.begin(), options.reserved.end()) {}

  // Takes the name with all its endings, or none of them.
  bool Take(const std::string& name) {
    for (const std::string& ending : endings_) {
      if (names_.count(name + ending) != 0) return false;
    }
    for (const std::string& ending : endings_) names_.insert(name + ending);
    return true;
  }

 private:
  const std::vector<std::string>& endings_;
  std::set<std::string> names_;
};

}  // namespace

UniqueNames::UniqueNames(std::vector<std::string> names, const NamingOptions& options)
    : names_(std::move(names)), files_(names_.size()) {
  Taken taken(options);
  std::vector<std::string> plain;
  for (const std::string& name : names_) plain.push_back(ShortNameOf(name));
  for (size_t i = 0; i < names_.size(); ++i) {
    if (plain[i] == names_[i] && taken.Take(plain[i])) files_[i] = plain[i];
  }
  for (size_t i = 0; i < names_.size(); ++i) {
    if (files_[i].empty() && taken.Take(plain[i])) files_[i] = plain[i];
  }
  std::map<std::string, int> last_number;  // so that a name that all bear takes no square of time
  for (size_t i = 0; i < names_.size(); ++i) {
    if (!files_[i].empty()) continue;
    int& number = last_number.emplace(plain[i], 1).first->second;
    do {
      files_[i] = fmt::format("{}-{}", plain[i], ++number);
    } while (!taken.Take(files_[i]));
  }
}

const std::string& UniqueNames::Of(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) {
    Fail("file names: expected one of {}, found {}", Join(names_), name);
  }
  return files_[static_cast<size_t>(found - names_.begin())];
}

}  // namespace netdissect
