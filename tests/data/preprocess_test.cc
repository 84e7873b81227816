#include "netdissect/data/preprocess.h"

#include <ATen/TensorIndexing.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <limits>
#include <opencv2/dnn.hpp>

#include "base/scratch.h"
#include "data/caffe.pb.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

at::Tensor FromBlob(const cv::Mat& blob) {
  return at::from_blob(blob.data, {blob.size[1], blob.size[2], blob.size[3]}, at::kFloat).clone();
}

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : -1;
}

InputFormat Format(int height, int width, ChannelOrder order = ChannelOrder::kBgr) {
  InputFormat format;
  format.height = height;
  format.width = width;
  format.order = order;
  return format;
}

TEST(Preprocess, EqualsOpencvsBlobFromImage) {
  for (const cv::Size size : {cv::Size(227, 227), cv::Size(500, 375), cv::Size(100, 333),
                              cv::Size(1, 1), cv::Size(2, 900), cv::Size(3001, 40)}) {
    const cv::Mat image = Gradient(size.height, size.width);
    for (const ChannelOrder order : {ChannelOrder::kBgr, ChannelOrder::kRgb}) {
      InputFormat format = Format(227, 224, order);
      format.mean = {103.53f, 116.28f, 123.675f};
      format.scale = {0.017f, 0.017f, 0.017f};
      // OpenCV swaps the mean with the channels: it is in the order of the blob.
      const cv::Mat blob = cv::dnn::blobFromImage(image, 0.017f, cv::Size(224, 227),
                                                  cv::Scalar(103.53f, 116.28f, 123.675f),
                                                  order == ChannelOrder::kRgb, false);
      EXPECT_LT(Distance(Preprocess(image, format), FromBlob(blob)), 1e-5) << size;
    }
  }
}

TEST(Preprocess, IsNormalizeOfSquash) {
  InputFormat format = Format(30, 41, ChannelOrder::kRgb);
  format.mean = {1, 20.5f, 300};
  format.scale = {1, 0.5f, 1.0f / 3};
  const cv::Mat image = Gradient(50, 50);
  EXPECT_EQ(Distance(Preprocess(image, format), Normalize(Squash(image, format), format)), 0);
  format.mean_image = at::rand({3, 30, 41}) * 255;
  EXPECT_EQ(Distance(Preprocess(image, format), Normalize(Squash(image, format), format)), 0);
  const at::Tensor values = Squash(image, format);
  const at::Tensor expected =
      (values - format.mean_image) * at::tensor({1.0f, 0.5f, 1.0f / 3}).view({3, 1, 1});
  EXPECT_EQ(Distance(Normalize(values, format), expected), 0);
}

TEST(Squash, LeavesAnImageThatFitsAsItIs) {
  const cv::Mat image = Gradient(9, 13);
  const at::Tensor bgr = Squash(image, Format(9, 13));
  const at::Tensor rgb = Squash(image, Format(9, 13, ChannelOrder::kRgb));
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 9; ++y) {
      for (int x = 0; x < 13; ++x) {
        const float value = image.at<cv::Vec3b>(y, x)[c];
        ASSERT_EQ(bgr.index({c, y, x}).item<float>(), value);
        ASSERT_EQ(rgb.index({2 - c, y, x}).item<float>(), value);
      }
    }
  }
}

TEST(Squash, ReadsAnImageThatIsPartOfAnother) {
  const cv::Mat image = Gradient(40, 60);
  const cv::Mat part = image(cv::Rect(7, 9, 20, 10));
  EXPECT_EQ(Distance(Squash(part, Format(10, 20)), Squash(part.clone(), Format(10, 20))), 0);
}

TEST(Normalize, TakesBatches) {
  InputFormat format = Format(5, 6);
  format.mean = {1, 2, 3};
  format.scale = {4, 5, 6};
  const at::Tensor batch = at::rand({2, 7, 3, 5, 6});
  EXPECT_EQ(Distance(Normalize(batch, format)[1][3], Normalize(batch[1][3], format)), 0);
  EXPECT_THROW(Normalize(at::rand({4, 5, 6}), format), Error);
  EXPECT_THROW(Normalize(at::rand({5, 6}), format), Error);
  // A mean per channel fits a crop too, a mean image does not.
  EXPECT_EQ(Distance(Normalize(batch[0][0].narrow(1, 1, 2), format),
                     Normalize(batch[0][0], format).narrow(1, 1, 2)),
            0);
  format.mean_image = at::zeros({3, 5, 6});
  EXPECT_THROW(Normalize(at::rand({3, 2, 6}), format), Error);
}

TEST(Preprocess, RefusesWhatMakesNoSense) {
  const cv::Mat image = Gradient(10, 10);
  for (const InputFormat& format : {Format(0, 5), Format(5, -1), Format(5, 1 << 20)}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { Preprocess(image, format); }), {"input size"}));
  }
  EXPECT_THROW(Preprocess(cv::Mat(), Format(5, 5)), Error);
  EXPECT_THROW(Preprocess(cv::Mat(5, 5, CV_8UC1), Format(5, 5)), Error);
  EXPECT_THROW(Preprocess(cv::Mat(5, 5, CV_32FC3), Format(5, 5)), Error);
  InputFormat format = Format(5, 6);
  format.mean_image = at::zeros({3, 6, 5});
  EXPECT_TRUE(HasAll(ErrorOf([&] { Preprocess(image, format); }), {"3 x 5 x 6", "3 x 6 x 5"}));
  format.mean_image = at::Tensor();
  format.scale[1] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Preprocess(image, format), Error);
}

class MeanImageTest : public testing::Test {
 protected:
  Path Write(const caffe::BlobProto& blob) {
    return scratch_.File("mean.binaryproto", blob.SerializeAsString());
  }
  // Values 0, 1, 2, ... in Caffe's order: channel (B, G, R), row, column.
  static caffe::BlobProto Blob(const std::vector<int64_t>& shape, int count, bool doubles = false) {
    caffe::BlobProto blob;
    for (int64_t size : shape) blob.mutable_shape()->add_dim(size);
    for (int i = 0; i < count; ++i)
      doubles ? blob.add_double_data(i) : blob.add_data(static_cast<float>(i));
    return blob;
  }
  ScratchFolder scratch_;
};

TEST_F(MeanImageTest, ReadsOldAndNewShapesOfFloatsAndDoubles) {
  caffe::BlobProto old = Blob({}, 24);
  old.set_num(1);
  old.set_channels(3);
  old.set_height(2);
  old.set_width(4);
  const at::Tensor expected = at::arange(24, at::kFloat).view({3, 2, 4});
  for (const caffe::BlobProto& blob :
       {old, Blob({1, 3, 2, 4}, 24), Blob({3, 2, 4}, 24), Blob({3, 2, 4}, 24, true)}) {
    const Path path = Write(blob);
    EXPECT_EQ(Distance(ReadMeanImage(path, 2, 4, ChannelOrder::kBgr), expected), 0);
    EXPECT_EQ(Distance(ReadMeanImage(path, 2, 4, ChannelOrder::kRgb), expected.flip({0})), 0);
  }
}

TEST_F(MeanImageTest, IsResizedBilinearly) {
  // Bilinear interpolation keeps a constant, and a ramp away from its ends.
  caffe::BlobProto blob = Blob({3, 8, 8}, 0);
  for (int i = 0; i < 3 * 64; ++i) blob.add_data(i < 64 ? 7.0f : static_cast<float>(i % 8));
  const at::Tensor mean = ReadMeanImage(Write(blob), 16, 16, ChannelOrder::kBgr);
  ASSERT_EQ(mean.sizes(), at::IntArrayRef({3, 16, 16}));
  EXPECT_LT((mean[0] - 7).abs().max().item<double>(), 1e-5);
  for (int x = 1; x < 15; ++x) {  // pixel centres: 8 pixels stretched to 16
    EXPECT_NEAR(mean.index({2, 5, x}).item<double>(), (x + 0.5) / 2 - 0.5, 1e-5);
  }
}

TEST_F(MeanImageTest, MalformedFilesAreErrorsWithBothNumbers) {
  const auto error = [&](const caffe::BlobProto& blob) {
    const Path path = Write(blob);
    return ErrorOf([&] { ReadMeanImage(path, 2, 4, ChannelOrder::kBgr); });
  };
  EXPECT_TRUE(HasAll(error(Blob({3, 2, 4}, 23)), {"mean.binaryproto", "24", "found 23"}));
  EXPECT_TRUE(HasAll(error(Blob({3, 2, 4}, 0)), {"24", "found 0"}));
  EXPECT_TRUE(HasAll(error(Blob({1, 2, 4}, 8)), {"1 x 3", "found 1 x 1 x 2 x 4"}));
  EXPECT_TRUE(HasAll(error(Blob({2, 3, 2, 4}, 48)), {"found 2 x 3"}));
  EXPECT_TRUE(HasAll(error(Blob({}, 24)), {"found 0 x 0 x 0 x 0"}));
  EXPECT_TRUE(HasAll(error(Blob({3, -2, -4}, 24)), {"-2 x -4"}));
  EXPECT_TRUE(HasAll(error(Blob({3, int64_t{1} << 40, int64_t{1} << 40}, 24)), {"found"}));
  EXPECT_TRUE(HasAll(error(Blob(std::vector<int64_t>(1000, 1), 1)), {"found 1 x 1"}));
  caffe::BlobProto nan = Blob({3, 2, 4}, 24);
  nan.set_data(5, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(HasAll(error(nan), {"finite", "5"}));
  const std::string whole = Blob({3, 2, 4}, 24).SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Path path = scratch_.File("mean.binaryproto", whole.substr(0, size));
    EXPECT_TRUE(
        HasAll(ErrorOf([&] { ReadMeanImage(path, 2, 4, ChannelOrder::kBgr); }), {path.string()}));
  }
  const Path text = scratch_.File("mean.binaryproto", "mean: 104 117 123\n");
  EXPECT_THROW(ReadMeanImage(text, 2, 4, ChannelOrder::kBgr), Error);
  EXPECT_THROW(ReadMeanImage(scratch_.path() / "no", 2, 4, ChannelOrder::kBgr), Error);
  EXPECT_THROW(ReadMeanImage(Write(Blob({3, 2, 4}, 24)), 0, 4, ChannelOrder::kBgr), Error);
}

}  // namespace
}  // namespace netdissect
