#include "report/page.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/base64.h"
#include "netdissect/base/error.h"
#include "report/figure.h"
#include "report/web_files.h"

namespace netdissect {
namespace {

std::optional<std::string_view> FindWebFile(const std::string& name) {
  const auto [begin, end] = AllWebFiles();
  const WebFile* file =
      std::find_if(begin, end, [&](const WebFile& each) { return each.name == name; });
  return file == end ? std::nullopt : std::optional(file->text);
}

// As text within an element.
std::string ForHtml(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

// The template with each {{name}} replaced. What is put in is not searched again.
std::string Filled(const std::string& frame, const std::map<std::string, std::string>& parts) {
  std::string text;
  for (size_t at = 0;;) {
    const size_t open = frame.find("{{", at), close = frame.find("}}", open);
    text.append(frame, at, open - at);
    if (open == std::string::npos || close == std::string::npos) return text;
    text += parts.at(frame.substr(open + 2, close - open - 2));
    at = close + 2;
  }
}

std::string PictureUri(const cv::Mat& picture, const std::string& format, const std::string& type) {
  return DataUri(EncodePicture(picture, format, type), type);
}

}  // namespace

std::string ForScript(const Json& json) {
  std::string safe;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string WebFileText(const std::string& name) {
  const auto text = FindWebFile(name);
  if (!text) Fail("pages: expected the program to hold {}, found no such file", name);
  return std::string(*text);
}

std::string MakePage(const std::string& name, const std::string& title, const Json& data,
                     bool pictures_beside) {
  const auto own = [&](const char* ending) {
    return std::string(FindWebFile(name + ending).value_or(""));
  };
  // Its script's parts, in which nothing happens yet.
  std::string parts;
  const auto [begin, end] = AllWebFiles();
  for (const WebFile* file = begin; file != end; ++file) {
    const std::string file_name(file->name);
    if (file_name.rfind(name + "_", 0) == 0 && file_name.rfind(".js") == file_name.size() - 3) {
      parts += file->text;
    }
  }
  return Filled(WebFileText("page.html"),
                {{"title", ForHtml(title)},
                 {"pictures", pictures_beside ? "data: 'self' file:" : "data:"},
                 {"style", WebFileText("page.css") + own(".css")},
                 {"body", WebFileText(name + ".html")},
                 {"data", ForScript(data)},
                 {"script", WebFileText("page.js") + parts + own(".js")}});
}

std::string DataUri(std::string_view bytes, const std::string& type) {
  return "data:" + type + ";base64," + Base64(bytes);
}

std::string PngUri(const cv::Mat& picture) { return PictureUri(picture, "PNG", "image/png"); }

std::string JpegUri(const cv::Mat& picture) { return PictureUri(picture, "JPEG", "image/jpeg"); }

}  // namespace netdissect
