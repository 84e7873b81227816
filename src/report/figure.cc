#include "report/figure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/bulk_write.h"
#include "base/tensor.h"
#include "netdissect/base/error.h"
#include "report/lettering.h"
#include "report/palette.h"

namespace netdissect {
namespace {

cv::Mat Stack(const std::vector<cv::Mat>& images, int gap, bool down) {
  int along = 0, across = 1;
  for (const cv::Mat& image : images) {
    along += (along == 0 ? 0 : gap) + (down ? image.rows : image.cols);
    across = std::max(across, down ? image.cols : image.rows);
  }
  along = std::max(along, 1);
  cv::Mat sheet(down ? along : across, down ? across : along, CV_8UC3, PaperColor());
  int at = 0;
  for (const cv::Mat& image : images) {
    image.copyTo(sheet(cv::Rect(down ? 0 : at, down ? at : 0, image.cols, image.rows)));
    at += (down ? image.rows : image.cols) + gap;
  }
  return sheet;
}

}  // namespace

cv::Mat HeatMap(const at::Tensor& map) {
  const cv::Mat values = MatFromTensor(map);
  double largest = 0;
  cv::minMaxLoc(values, nullptr, &largest);
  cv::Mat grey, colored;
  values.convertTo(grey, CV_8U, largest > 0 ? 255.0 / largest : 0.0);
  cv::applyColorMap(grey, colored, cv::COLORMAP_INFERNO);
  return colored;
}

cv::Mat PictureOf(const at::Tensor& values, ChannelOrder order) {
  cv::Mat picture;
  MatFromTensor(values).convertTo(picture, CV_8U);
  if (order == ChannelOrder::kRgb) cv::cvtColor(picture, picture, cv::COLOR_RGB2BGR);
  if (order == ChannelOrder::kGray) cv::cvtColor(picture, picture, cv::COLOR_GRAY2BGR);
  return picture;
}

cv::Mat PictureOfInput(const at::Tensor& input, const InputFormat& format) {
  const auto by_channel = [&](const std::array<float, 3>& numbers) {
    return at::tensor({numbers[0], numbers[1], numbers[2]})
        .narrow(0, 0, format.channels())
        .view({-1, 1, 1});
  };
  const at::Tensor scale = by_channel(format.scale);
  const at::Tensor mean = format.mean_image.defined() ? format.mean_image : by_channel(format.mean);
  return PictureOf((input.to(at::kCPU) / scale + mean).round().clamp(0, 255), format.order);
}

cv::Mat Enlarge(const cv::Mat& image, int factor) {
  cv::Mat large;
  cv::resize(image, large, {}, factor, factor, cv::INTER_NEAREST);
  return large;
}

cv::Mat Row(const std::vector<cv::Mat>& images, int gap) { return Stack(images, gap, false); }
cv::Mat Column(const std::vector<cv::Mat>& images, int gap) { return Stack(images, gap, true); }

cv::Mat Captioned(const cv::Mat& image, const std::string& text, double size) {
  constexpr double kWidest = 1000;
  TextStyle style;
  style.size = size;
  const std::string caption = Shortened(text, std::max<double>(kWidest, image.cols), style);
  const int width = static_cast<int>(std::ceil(TextWidth(caption, style))) + 2;
  cv::Mat line(LineHeight(style) + 3, std::max(width, image.cols), CV_8UC3, PaperColor());
  WriteText(line, caption, {0, static_cast<double>(Ascent(style))}, style);
  return Column({line, image}, 0);
}

cv::Mat Framed(const cv::Mat& image, int margin) {
  cv::Mat framed;
  cv::copyMakeBorder(image, framed, margin, margin, margin, margin, cv::BORDER_CONSTANT,
                     PaperColor());
  return framed;
}

void DrawContour(cv::Mat& image, const at::Tensor& map, double level, int factor,
                 const cv::Scalar& color) {
  const cv::Mat mask = Enlarge(MatFromTensor(map) > level, factor);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(mask, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
  cv::drawContours(image, contours, -1, color, 1, cv::LINE_8);
}

std::string EncodePicture(const cv::Mat& picture, const std::string& format,
                          const std::string& what, int quality) {
  std::vector<int> parameters;
  if (format == "JPEG") parameters = {cv::IMWRITE_JPEG_QUALITY, quality};
  std::vector<unsigned char> bytes;
  if (picture.empty() || !cv::imencode("." + format, picture, bytes, parameters)) {
    Fail("{}: {} x {} pixels cannot be encoded as {}", what, picture.cols, picture.rows, format);
  }
  return {bytes.begin(), bytes.end()};
}

void WritePng(const Path& path, const cv::Mat& image) {
  WriteFileUnflushed(path, EncodePicture(image, "PNG", path.string()));
}

void WriteJpeg(const Path& path, const cv::Mat& image) {
  WriteFileUnflushed(path, EncodePicture(image, "JPEG", path.string()));
}

}  // namespace netdissect
