#include "report/summary/picture_store.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "netdissect/base/error.h"
#include "report/page.h"

namespace netdissect {

cv::Mat ReadPicture(const Path& file) {
  const std::string bytes = ReadFile(file);
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat picture = bytes.empty() ? cv::Mat() : cv::imdecode(raw, cv::IMREAD_COLOR);
  if (picture.empty()) {
    Fail("{}: expected a picture, found {} bytes that are none", file.string(), bytes.size());
  }
  return picture;
}

std::string PictureStore::Photograph(const cv::Mat& picture, int widest) {
  constexpr int kQuality = 75;  // of 100
  cv::Mat fitted = picture;
  if (picture.cols > widest) {
    const double factor = static_cast<double>(widest) / picture.cols;
    cv::resize(picture, fitted, {}, factor, factor, cv::INTER_AREA);
  }
  std::vector<unsigned char> bytes;
  if (fitted.empty() ||
      !cv::imencode(".jpg", fitted, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality})) {
    Fail("a picture of {} x {} pixels cannot be encoded", picture.cols, picture.rows);
  }
  return Place({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "image/jpeg", ".jpg");
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
