#include "base/csv.h"

#include <algorithm>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

class CsvParser {
 public:
  explicit CsvParser(const Path& file) : file_(file), text_(ReadFile(file)) {
    const std::string mark = "\xef\xbb\xbf";
    if (text_.compare(0, mark.size(), mark) == 0) at_ = mark.size();
  }

  // False where there is no further row.
  bool Next(std::vector<std::string>& fields, int& line) {
    while (AtLineEnd() && at_ < text_.size()) SkipLineEnd();
    if (at_ == text_.size()) return false;
    line = line_;
    fields.clear();
    for (;;) {
      fields.push_back(text_[at_] == '"' ? Quoted() : Plain());
      if (at_ == text_.size()) return true;
      if (AtLineEnd()) {
        SkipLineEnd();
        return true;
      }
      ++at_;  // the comma
      if (at_ == text_.size()) {
        fields.emplace_back();
        return true;
      }
    }
  }

 private:
  bool AtLineEnd() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_.compare(at_, 2, "\r\n") == 0;
  }

  void SkipLineEnd() {
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
  }

  std::string Plain() {
    const size_t begin = at_;
    while (!AtLineEnd() && text_[at_] != ',') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::string Quoted() {
    const int begin = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      line_ += text_[at_] == '\n' ? 1 : 0;
      if (text_[at_] == '"') {
        if (text_.compare(at_, 2, "\"\"") != 0) break;
        ++at_;
      }
      field += text_[at_];
    }
    if (at_ == text_.size()) {
      Fail("{}:{}: expected a quoted field to end, found the file's end", file_.string(), begin);
    }
    ++at_;  // the quote
    if (!AtLineEnd() && text_[at_] != ',') {
      Fail("{}:{}: expected a comma or the line's end after a quoted field, found '{}'",
           file_.string(), line_, text_[at_]);
    }
    return field;
  }

  const Path& file_;
  const std::string text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

void ForEachCsvRow(
    const Path& file,
    const std::function<void(const std::vector<std::string>& fields, int line)>& row) {
  CsvParser parser(file);
  std::vector<std::string> fields;
  int line = 0;
  while (parser.Next(fields, line)) row(fields, line);
}

}  // namespace netdissect
