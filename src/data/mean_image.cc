// Caffe's mean images: a BlobProto with one image of 3 channels, blue first.
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "base/limits.h"
#include "base/tensor.h"
#include "data/caffe.pb.h"
#include "netdissect/base/error.h"
#include "netdissect/data/input_view.h"
#include "netdissect/data/preprocess.h"

namespace netdissect {
namespace {

struct Shape {
  int64_t channels = 0, height = 0, width = 0;
};

Shape ShapeOf(const caffe::BlobProto& blob, const Path& path) {
  std::vector<int64_t> sizes{blob.num(), blob.channels(), blob.height(), blob.width()};
  if (blob.has_shape()) sizes.assign(blob.shape().dim().begin(), blob.shape().dim().end());
  if (sizes.size() == 3) sizes.insert(sizes.begin(), 1);
  bool sane = sizes.size() == 4 && sizes[0] == 1 && sizes[1] == 3;
  for (size_t i = 2; sane && i < 4; ++i) sane = sizes[i] >= 1 && sizes[i] <= kLongestSide;
  if (!sane) {
    sizes.resize(std::min<size_t>(sizes.size(), 8));  // enough of a hostile one to see
    Fail("{}: expected a mean image of shape 1 x 3 x height x width, found {}", path.string(),
         sizes.empty() ? "no shape" : fmt::format("{}", fmt::join(sizes, " x ")));
  }
  return {sizes[1], sizes[2], sizes[3]};
}

}  // namespace

at::Tensor ReadMeanImage(const Path& path, const InputFormat& format) {
  const int height = format.height, width = format.width;
  if (height < 1 || width < 1 || height > kLongestSide || width > kLongestSide) {
    Fail("{}: expected a mean image for 1 to {} pixels a side, asked for {} x {}", path.string(),
         kLongestSide, height, width);
  }
  const std::string bytes = ReadFile(path);
  caffe::BlobProto blob;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !blob.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    Fail(
        "{}: expected a mean image in Caffe's binaryproto format, found another or a truncated "
        "file",
        path.string());
  }
  const Shape shape = ShapeOf(blob, path);
  const int64_t expected = shape.channels * shape.height * shape.width;
  const int64_t found = blob.data_size() > 0 ? blob.data_size() : blob.double_data_size();
  if (found != expected) {
    Fail("{}: expected {} values for a mean image of {} x {} x {}, found {}", path.string(),
         expected, shape.channels, shape.height, shape.width, found);
  }
  at::Tensor mean = at::empty({shape.channels, shape.height, shape.width}, at::kFloat);
  float* values = mean.data_ptr<float>();
  for (int i = 0; i < static_cast<int>(expected); ++i) {
    values[i] = blob.data_size() > 0 ? blob.data(i) : static_cast<float>(blob.double_data(i));
    if (!std::isfinite(values[i])) {
      Fail("{}: expected finite values, found {} at index {}", path.string(), values[i], i);
    }
  }
  const InputView view =
      ViewOf(format, cv::Size(static_cast<int>(shape.width), static_cast<int>(shape.height)));
  const bool cut = format.side > 0 && shape.height == format.side && shape.width == format.side &&
                   view.y.start >= 0 && view.x.start >= 0;
  if (cut) {
    mean = mean.narrow(1, view.y.start, height).narrow(2, view.x.start, width).contiguous();
  } else if (shape.height != height || shape.width != width) {
    cv::Mat resized;
    cv::resize(MatFromTensor(mean), resized, cv::Size(width, height), 0, 0, cv::INTER_LINEAR);
    mean = TensorFromMat(resized);
  }
  if (format.order == ChannelOrder::kGray) {
    return (0.114 * mean[0] + 0.587 * mean[1] + 0.299 * mean[2]).unsqueeze(0);
  }
  return format.order == ChannelOrder::kRgb ? mean.flip({0}).contiguous() : mean;
}

at::Tensor ReadMeanImage(const Path& path, int height, int width, ChannelOrder order) {
  InputFormat format;
  format.height = height;
  format.width = width;
  format.order = order;
  return ReadMeanImage(path, format);
}

}  // namespace netdissect
