#include "netdissect/data/preprocess.h"

#include <ATen/TensorIndexing.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
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

// At its own scale a crop is a part of the picture, pixel by pixel.
TEST(Squash, ACropsPixelsAreThePictures) {
  const cv::Mat image = Gradient(40, 70);
  for (const Interpolation interpolation : {Interpolation::kNearest, Interpolation::kBilinear,
                                            Interpolation::kBicubic, Interpolation::kArea}) {
    InputFormat format = Format(24, 30);
    format.resize = ResizeMode::kCrop;
    format.side = 40;
    format.interpolation = interpolation;
    const at::Tensor part = Squash(image(cv::Rect(20, 8, 30, 24)).clone(), Format(24, 30));
    EXPECT_EQ(Distance(Squash(image, format), part), 0);
    format.antialias =
        interpolation == Interpolation::kBilinear || interpolation == Interpolation::kBicubic;
    EXPECT_EQ(Distance(Squash(image, format), part), 0);
  }
}

// Enlarged or reduced, with or without antialiasing, a crop is the same part of the same resized
// picture as if it were squashed to that size.
TEST(Squash, ACropIsAPartOfTheResizedPicture) {
  const cv::Mat image = Gradient(90, 160);
  for (const int side : {45, 120}) {
    for (const bool antialias : {false, true}) {
      InputFormat whole = Format(side, side * 160 / 90), crop = Format(32, 40);
      whole.antialias = crop.antialias = antialias;
      crop.resize = ResizeMode::kCrop;
      crop.side = side;
      const int64_t left = (whole.width - 40) / 2, top = side == 45 ? 6 : 44;
      const at::Tensor expected = Squash(image, whole).narrow(1, top, 32).narrow(2, left, 40);
      EXPECT_EQ(Distance(Squash(image, crop), expected), 0) << side;
    }
  }
}

TEST(Squash, LettersLieBetweenBarsOfTheColour) {
  const cv::Mat image = Gradient(20, 40);
  InputFormat format = Format(30, 40, ChannelOrder::kRgb);
  format.resize = ResizeMode::kLetterbox;
  format.fill = {1, 2, 114};
  const at::Tensor values = Squash(image, format);
  EXPECT_EQ(Distance(values.narrow(1, 5, 20), Squash(image, Format(20, 40, ChannelOrder::kRgb))),
            0);
  for (int64_t row : {0, 4, 25, 29}) {
    for (int64_t c = 0; c < 3; ++c) {
      EXPECT_EQ(
          Distance(values[c][row], at::full({40}, float(format.fill[static_cast<size_t>(c)]))), 0);
    }
  }
  // In the input they are what the colour is, less the mean.
  format.mean = {1, 2, 14};
  format.scale = {2, 2, 0.5f};
  EXPECT_EQ(Preprocess(image, format)[2][0][7].item<float>(), 50);
  EXPECT_EQ(Preprocess(image, format)[1][0][7].item<float>(), 0);
}

// 8 x 8 squares of one colour: without antialiasing pixels in between are overlooked.
TEST(Squash, InterpolationsAreWhatTheyAreCalled) {
  cv::Mat image(64, 64, CV_8UC3, cv::Scalar::all(0));
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x)
      image.at<cv::Vec3b>(8 * y + 4, 8 * x + 4) = cv::Vec3b(255, 255, 255);
  }
  InputFormat format = Format(8, 8);
  const auto middle = [&](Interpolation interpolation, bool antialias) {
    format.interpolation = interpolation;
    format.antialias = antialias;
    return Squash(image, format)[0][4][4].item<float>();
  };
  EXPECT_EQ(middle(Interpolation::kNearest, false), 255);
  EXPECT_EQ(middle(Interpolation::kBilinear, false), 64);  // one of the 2 x 2 pixels
  EXPECT_EQ(middle(Interpolation::kArea, false), 4);       // one of 64
  EXPECT_NEAR(middle(Interpolation::kBilinear, true), 4, 1);
  EXPECT_NEAR(middle(Interpolation::kBicubic, true), 5, 2);
}

// What PIL 9.4 takes of 16 and 7 pixels: of 28 the centres of some lie between two pixels.
TEST(Squash, NearestIsPils) {
  const auto sources = [](int from, int to) {
    cv::Mat image(1, from, CV_8UC3);
    for (int x = 0; x < from; ++x)
      image.at<cv::Vec3b>(0, x) = cv::Vec3b::all(static_cast<uchar>(x));
    InputFormat format = Format(1, to);
    format.interpolation = Interpolation::kNearest;
    const at::Tensor row = Squash(image, format)[0][0];
    return std::vector<int>(row.data_ptr<float>(), row.data_ptr<float>() + to);
  };
  EXPECT_EQ(sources(16, 28), (std::vector<int>{0, 0, 1, 1,  2,  3,  3,  4,  4,  5,  5,  6,  7, 7, 8,
                                               8, 9, 9, 10, 11, 11, 12, 12, 13, 13, 14, 15, 15}));
  EXPECT_EQ(sources(7, 3), (std::vector<int>{1, 3, 5}));
}

TEST(Squash, GrayIsOneChannel) {
  InputFormat format = Format(9, 13, ChannelOrder::kGray);
  cv::Mat image(9, 13, CV_8UC3, cv::Scalar(10, 100, 200));  // 1.14 + 58.7 + 59.8
  const at::Tensor values = Squash(image, format);
  EXPECT_EQ(values.sizes(), at::IntArrayRef({1, 9, 13}));
  EXPECT_EQ(Distance(values, at::full({1, 9, 13}, 120.0f)), 0);
  format.mean = {20, 0, 0};
  format.scale = {0.5f, 1, 1};
  EXPECT_EQ(Distance(Preprocess(image, format), at::full({1, 9, 13}, 50.0f)), 0);
  EXPECT_THROW(Normalize(at::zeros({3, 9, 13}), format), Error);
}

TEST(Preprocess, OptionsThatContradictEachOtherAreRefused) {
  const cv::Mat image = Gradient(5, 5);
  InputFormat format = Format(5, 5);
  format.interpolation = Interpolation::kArea;
  format.antialias = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Preprocess(image, format); }), {"antialias", "found area"}));
  format = Format(5, 5);
  format.resize = ResizeMode::kLetterbox;
  format.side = 7;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Preprocess(image, format); }), {"side", "letterbox", "7"}));
  format.side = -1;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Preprocess(image, format); }), {"side", "-1"}));
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

// As Caffe does with a mean of the size that its pictures were squashed to.
TEST_F(MeanImageTest, OfTheSideItsCentreIsTaken) {
  caffe::BlobProto blob = Blob({3, 8, 8}, 0);
  for (int i = 0; i < 3 * 64; ++i) blob.add_data(static_cast<float>(i));
  InputFormat format = Format(4, 4);
  format.side = 8;
  const at::Tensor mean = ReadMeanImage(Write(blob), format);
  const at::Tensor all = at::arange(3 * 64, at::kFloat).view({3, 8, 8});
  EXPECT_EQ(Distance(mean, all.narrow(1, 2, 4).narrow(2, 2, 4)), 0);
  format.order = ChannelOrder::kGray;
  EXPECT_LT(std::abs(ReadMeanImage(Write(blob), format)[0][0][0].item<double>() -
                     (18 + 0.587 * 64 + 0.299 * 128)),
            1e-3);
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
