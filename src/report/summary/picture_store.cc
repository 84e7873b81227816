#include "report/summary/picture_store.h"

#include <opencv2/imgproc.hpp>

#include "report/figure.h"
#include "report/page.h"

namespace netdissect {

std::string PictureStore::Photograph(const cv::Mat& picture, int widest) {
  constexpr int kQuality = 75;  // of 100
  cv::Mat fitted = picture;
  if (picture.cols > widest) {
    const double factor = static_cast<double>(widest) / picture.cols;
    cv::resize(picture, fitted, {}, factor, factor, cv::INTER_AREA);
  }
  return Place(EncodePicture(fitted, "JPEG", "a picture", kQuality), "image/jpeg", ".jpg");
}

std::string PictureStore::Drawing(const Path& svg) {
  return Place(ReadFile(svg), "image/svg+xml", ".svg");
}

std::string PictureStore::Place(std::string_view bytes, const std::string& type,
                                const std::string& extension) {
  bytes_ += static_cast<int64_t>(bytes.size());
  if (folder_.empty()) return DataUri(bytes, type);
  const std::string file = fmt::format("{:05}{}", ++count_, extension);
  WriteFile(folder_ / file, bytes);
  return name_ + "/" + file;
}

}  // namespace netdissect
