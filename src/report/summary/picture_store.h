#pragma once
// Pictures of a page: within it, so that it is a single file, or in a folder beside it.

#include <opencv2/core.hpp>
#include <string>

#include "netdissect/base/file.h"

namespace netdissect {

class PictureStore {
 public:
  /// Pictures within the page.
  PictureStore() = default;
  /// Pictures as files of `folder`, which the page calls `name`.
  PictureStore(Path folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)) {}

  /// Where the page finds it: a photograph (8-bit BGR) as JPEG, no wider than `widest` pixels.
  std::string Photograph(const cv::Mat& picture, int widest);

  /// A drawing of lines as it is in a file.
  std::string Drawing(const Path& svg);

  /// Bytes of all pictures.
  int64_t bytes() const { return bytes_; }

 private:
  std::string Place(std::string_view bytes, const std::string& type, const std::string& extension);

  Path folder_;
  std::string name_;
  int64_t count_ = 0, bytes_ = 0;
};

}  // namespace netdissect
