#include "base/explain.h"

#include <c10/util/Exception.h>

#include <new>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <regex>
#include <stdexcept>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::string FirstLine(std::string text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "an error without a message";
  text.erase(0, begin);
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

// What the libraries say of memory that they did not get, with the bytes that they asked for; ""
// where the text is about something else.
std::string OutOfMemory(const std::string& text) {
  static const std::regex kBytes("allocate\\D*([0-9]+) bytes");
  std::smatch match;
  if (!std::regex_search(text, match, kBytes)) return "";
  return fmt::format("out of memory: {} bytes were asked for", match.str(1));
}

}  // namespace

std::string Explain(const std::exception& error) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return error.what();
  if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) {
    const std::string text = FirstLine(torch->what_without_backtrace());
    const std::string memory = OutOfMemory(text);
    return memory.empty() ? "LibTorch: " + text : memory;
  }
  if (const auto* opencv = dynamic_cast<const cv::Exception*>(&error)) {
    if (opencv->code == cv::Error::StsNoMem) {
      const std::string memory = OutOfMemory(opencv->err);
      return memory.empty() ? "out of memory" : memory;
    }
    return fmt::format("OpenCV: {} ({})", FirstLine(opencv->err), FirstLine(opencv->func));
  }
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
    return fmt::format("{}{}{}: {}", file->path1().string(), file->path2().empty() ? "" : " and ",
                       file->path2().string(), file->code().message());
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "out of memory";
  if (dynamic_cast<const std::length_error*>(&error) != nullptr) {
    return fmt::format("a size beyond all memory ({})", FirstLine(error.what()));
  }
  if (dynamic_cast<const nlohmann::json::exception*>(&error) != nullptr) {
    return "JSON: " + FirstLine(error.what());
  }
  return FirstLine(error.what());
}

void RethrowAbout(const Path& file, const std::string& expected) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    Fail("{}: expected {}, found: {}", file.string(), expected, Explain(error));
  }
}

}  // namespace netdissect
