#pragma once
// Small things with text: lists of units, sizes of memory, suggestions for misspelt names.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netdissect {

/// "3,17,40-43" as {3, 17, 40, 41, 42, 43}, sorted, each once.
std::vector<int> ParseUnits(const std::string& text);

/// "2GiB", "512MiB", "1.5GB" or plain bytes.
int64_t ParseBytes(const std::string& text);
std::string FormatBytes(int64_t bytes);

/// "4.2 s", "3:07", "2:15:00"
std::string FormatDuration(double seconds);

/// "a, b, c"
std::string Join(const std::vector<std::string>& words, const std::string& separator = ", ");

/// The word as a shell takes it, in quotes where it needs them.
std::string ShellWord(const std::string& word);

/// Without the white space around it.
std::string_view Trim(std::string_view text);

/// The beginning of a text from outside, for an error message: at most 60 bytes.
std::string Excerpt(std::string_view text);

/// An integer that is the whole of `text`; `what` names it in the error.
int64_t ParseInteger(std::string_view text, const std::string& what);

/// The word of `words` closest to `name` by edit distance, or "" where none is close.
std::string Closest(const std::string& name, const std::vector<std::string>& words);

/// Where the first byte is that belongs to no well-formed UTF-8 (Unicode 15, table 3-7); npos where
/// all do.
size_t FindNoUtf8(std::string_view text);

}  // namespace netdissect
