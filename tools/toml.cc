#include "toml.h"

#include <cctype>
#include <iterator>
#include <set>
#include <string>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

bool IsKeyCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

void AppendUtf8(uint32_t code, std::string& text) {
  const auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

class Parser {
 public:
  explicit Parser(std::string text) : text_(std::move(text)) {}

  std::vector<CLI::ConfigItem> Parse() {
    for (SkipBlank(true); !AtEnd(); SkipBlank(true)) {
      if (Peek() == '[') {
        Section();
      } else {
        Entry();
      }
      SkipBlank(false);
      if (!AtEnd() && Peek() != '\n') Complain("the end of the line");
    }
    return std::move(items_);
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  [[noreturn]] void Complain(const std::string& expected) const {
    const std::string found =
        AtEnd() ? "the end of the file"
                : (Peek() == '\n' ? "the end of the line" : fmt::format("\"{}\"", Peek()));
    throw CLI::ConfigError(
        fmt::format("--config: line {}: expected {}, found {}", line_, expected, found),
        CLI::ExitCodes::ConfigError);
  }

  void Take(char c) {
    if (AtEnd() || Peek() != c) Complain(fmt::format("\"{}\"", c));
    Step();
  }

  void Step() {
    if (Peek() == '\n') ++line_;
    ++at_;
  }

  // Spaces and comments, and ends of lines where they mean nothing.
  void SkipBlank(bool lines) {
    while (!AtEnd()) {
      const char c = Peek();
      if (c == '#') {
        while (!AtEnd() && Peek() != '\n') Step();
      } else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
        Step();
      } else {
        return;
      }
    }
  }

  std::string Key() {
    if (Peek() == '"' || Peek() == '\'') return String();
    std::string key;
    for (; IsKeyCharacter(Peek()); Step()) key += Peek();
    if (key.empty()) Complain("a key");
    return key;
  }

  void Section() {
    Take('[');
    if (Peek() == '[') Complain("a section's name (arrays of tables have no use here)");
    section_.clear();
    for (;;) {
      SkipBlank(false);
      section_.push_back(Key());
      SkipBlank(false);
      if (Peek() != '.') break;
      Step();
    }
    Take(']');
  }

  void Entry() {
    CLI::ConfigItem item;
    item.parents = section_;
    item.name = Key();
    if (!seen_.insert(item.fullname()).second) {
      Complain(fmt::format("each key once, where {} is there again", item.fullname()));
    }
    SkipBlank(false);
    Take('=');
    SkipBlank(false);
    if (Peek() != '[') {
      item.inputs = {Value()};
    } else {
      item.inputs = Array();
    }
    // An empty array gives an option no value: the same as leaving it out.
    if (!item.inputs.empty()) items_.push_back(std::move(item));
  }

  std::vector<std::string> Array() {
    std::vector<std::string> values;
    Take('[');
    for (SkipBlank(true); Peek() != ']'; SkipBlank(true)) {
      values.push_back(Value());
      SkipBlank(true);
      if (Peek() != ']') Take(',');
    }
    Take(']');
    return values;
  }

  std::string Value() {
    if (Peek() == '"' || Peek() == '\'') return String();
    std::string word;
    for (; IsKeyCharacter(Peek()) || Peek() == '.' || Peek() == '+'; Step()) word += Peek();
    if (word == "true" || word == "false") return word;
    // 1_000 is a thousand.
    std::string digits;
    for (char c : word) {
      if (c != '_') digits += c;
    }
    double number = 0;
    if (digits.empty() || !CLI::detail::lexical_cast(digits, number)) {
      Complain("a string in quotes, a number, true, false or an array of them" +
               (word.empty() ? "" : " instead of " + word));
    }
    return digits;
  }

  std::string String() {
    const char quote = Peek();
    Step();
    std::string value;
    while (Peek() != quote) {
      if (AtEnd() || Peek() == '\n') Complain(fmt::format("{} at the end of the string", quote));
      if (quote == '"' && Peek() == '\\') {
        Step();
        Escape(value);
      } else {
        value += Peek();
        Step();
      }
    }
    Step();
    return value;
  }

  void Escape(std::string& value) {
    static const std::string kNames = "btnfr\"\\/", kMeanings = "\b\t\n\f\r\"\\/";
    const size_t index = kNames.find(Peek());
    if (!AtEnd() && index != std::string::npos) {
      value += kMeanings[index];
      Step();
    } else if (Peek() == 'u' || Peek() == 'U') {
      const int digits = Peek() == 'u' ? 4 : 8;
      Step();
      AppendUtf8(CodePoint(digits), value);
    } else {
      Complain("one of b t n f r \" \\ u U after \\");
    }
  }

  uint32_t CodePoint(int digits) {
    uint32_t code = 0;
    for (int i = 0; i < digits; ++i) {
      if (std::isxdigit(static_cast<unsigned char>(Peek())) == 0) {
        Complain(fmt::format("{} hexadecimal digits", digits));
      }
      code = code << 4 | static_cast<uint32_t>(std::stoi(std::string(1, Peek()), nullptr, 16));
      Step();
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) Complain("a Unicode character");
    return code;
  }

  std::string text_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<std::string> section_;
  std::set<std::string> seen_;
  std::vector<CLI::ConfigItem> items_;
};

}  // namespace

std::vector<CLI::ConfigItem> TomlReader::from_config(std::istream& input) const {
  return Parser({std::istreambuf_iterator<char>(input), {}}).Parse();
}

}  // namespace netdissect
