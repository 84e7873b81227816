#include "data/image_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <functional>
#include <limits>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// "pictures/a b.jpg 12": the path and what stands after its last gap.
struct Fields {
  std::string_view path, last;
};

Fields Split(std::string_view line) {
  const size_t gap = line.find_last_of(" \t");
  if (gap == std::string_view::npos) return {line, {}};
  const size_t end = line.find_last_not_of(" \t", gap);
  return {line.substr(0, end + 1), line.substr(gap + 1)};
}

bool IsInteger(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

class ListReader {
 public:
  ListReader(const Path& list, Path root, size_t labels)
      : list_(list), root_(std::move(root)), labels_(labels) {}

  ImageEntry Entry(std::string_view line, int number) const {
    if (line.find('\0') != std::string_view::npos) {
      Fail("{}:{}: expected a list of images, found a file that is no text", list_.string(),
           number);
    }
    ImageEntry entry;
    const Fields fields = Split(line);
    if (IsInteger(fields.last)) {
      entry.name = std::string(fields.path);
      entry.label = Label(fields.last, line, number);
    } else if (fields.last.empty() || HasImageExtension(line)) {
      entry.name = std::string(line);
    } else {
      Fail("{}:{}: expected `path label` with an integer label, found \"{}\" in \"{}\"",
           list_.string(), number, fields.last, line);
    }
    entry.path = root_ / entry.name;
    return entry;
  }

 private:
  int Label(std::string_view text, std::string_view line, int number) const {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool known = labels_ > 0;
    const auto most =
        known ? static_cast<int64_t>(labels_) - 1 : int64_t{std::numeric_limits<int>::max()};
    if (error != std::errc() || value < -1 || value > most) {
      Fail("{}:{}: expected a label from 0 to {}, or -1 for none, found {} in \"{}\"",
           list_.string(), number, most, text, line);
    }
    return value;
  }

  const Path& list_;
  Path root_;
  size_t labels_;
};

// In small letters, without the dot; "" where there is none.
std::string ExtensionOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.find('/', dot) != std::string_view::npos) return "";
  std::string extension(name.substr(dot + 1));
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool IsHidden(const Path& path) { return path.filename().native()[0] == '.'; }

// All files below a folder that are not hidden.
void ForEachFile(const Path& folder, const std::function<void(const Path&)>& use) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (IsHidden(at->path())) {
      at.disable_recursion_pending();
    } else if (!at->is_directory(gone)) {
      use(at->path());
    }
  }
  if (error) Fail("{}: its images cannot be listed: {}", folder.string(), error.message());
}

}  // namespace

bool HasImageExtension(std::string_view name) {
  constexpr std::array<std::string_view, 16> kExtensions = {
      "jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "webp",
      "tif", "tiff", "ppm", "pgm",  "pbm", "pnm", "gif", "jp2"};
  const std::string extension = ExtensionOf(name);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

std::vector<ImageEntry> ReadImageList(const Path& list, const Path& root, size_t labels) {
  const ListReader reader(list, root, labels);
  std::vector<ImageEntry> entries;
  ForEachLine(list, [&](std::string_view line, int number) {
    entries.push_back(reader.Entry(line, number));
  });
  if (entries.empty()) Fail("{}: expected a list of images, found no line", list.string());
  return entries;
}

std::vector<ImageEntry> ListFolder(const Path& folder) {
  std::vector<ImageEntry> entries;
  ForEachFile(folder, [&](const Path& file) {
    if (!HasImageExtension(file.native())) return;
    entries.push_back({file, file.lexically_relative(folder).generic_string(), -1});
  });
  if (entries.empty()) Fail("{}: expected a folder of images, found none in it", folder.string());
  std::sort(entries.begin(), entries.end(),
            [](const ImageEntry& a, const ImageEntry& b) { return a.name < b.name; });
  return entries;
}

FileCounts CountFilesIn(const Path& folder, const std::function<bool(const Path&)>& wanted) {
  FileCounts counts;
  ForEachFile(folder, [&](const Path& file) {
    if (wanted(file)) ++counts[ExtensionOf(file.filename().native())];
  });
  return counts;
}

FileCounts OtherFilesIn(const Path& folder) {
  return CountFilesIn(folder, [](const Path& file) { return !HasImageExtension(file.native()); });
}

std::string TextOf(const FileCounts& counts) {
  std::vector<std::string> kinds;
  int64_t all = 0;
  for (const auto& [extension, files] : counts) {
    kinds.push_back(
        fmt::format("{} {}", files, extension.empty() ? "without extension" : "." + extension));
    all += files;
  }
  return all == 0 ? "" : fmt::format("{} ({})", all, Join(kinds));
}

}  // namespace netdissect
