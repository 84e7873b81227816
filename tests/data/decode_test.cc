#include "netdissect/data/decode.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "base/scratch.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

std::string BigEndian(uint32_t value, int count) {
  std::string bytes;
  for (int i = count; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::string LittleEndian(uint32_t value, int count) {
  std::string bytes = BigEndian(value, count);
  return {bytes.rbegin(), bytes.rend()};
}

// The file with a segment of EXIF after its first marker: one entry, the orientation, and
// `thumbnail` behind it.
std::string WithExif(const std::string& jpeg, uint32_t orientation,
                     const std::string& thumbnail = "") {
  std::string tiff = "MM" + BigEndian(42, 2) + BigEndian(8, 4);
  tiff += BigEndian(1, 2);  // entries
  tiff += BigEndian(0x0112, 2) + BigEndian(3, 2) + BigEndian(1, 4) + BigEndian(orientation, 2) +
          BigEndian(0, 2);
  tiff += BigEndian(0, 4) + thumbnail;  // no further directory
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  return jpeg.substr(0, 2) + "\xff\xe1" + BigEndian(static_cast<uint32_t>(body.size() + 2), 2) +
         body + jpeg.substr(2);
}

// What a viewer has to do to a picture stored with the orientation, from the definition: the 0th
// row is the visual {top, top, bottom, bottom, left, right, right, left}, and so on.
cv::Mat Upright(const cv::Mat& stored, int orientation) {
  const int height = stored.rows, width = stored.cols;
  const bool sideways = orientation >= 5;
  cv::Mat upright(sideways ? width : height, sideways ? height : width, stored.type());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int last_y = height - 1 - y, last_x = width - 1 - x;
      const cv::Point to = orientation == 1   ? cv::Point(x, y)
                           : orientation == 2 ? cv::Point(last_x, y)
                           : orientation == 3 ? cv::Point(last_x, last_y)
                           : orientation == 4 ? cv::Point(x, last_y)
                           : orientation == 5 ? cv::Point(y, x)
                           : orientation == 6 ? cv::Point(last_y, x)
                           : orientation == 7 ? cv::Point(last_y, last_x)
                                              : cv::Point(y, last_x);
      upright.at<cv::Vec3b>(to) = stored.at<cv::Vec3b>(y, x);
    }
  }
  return upright;
}

class DecodeTest : public testing::Test {
 protected:
  cv::Mat Decode(const std::string& bytes, const DecodeOptions& options = {}) {
    return DecodeImage(scratch_.File("image", bytes), options);
  }
  // The bytes are refused with a message that names the file and has all of `parts`.
  testing::AssertionResult Refuses(const std::string& bytes, std::vector<std::string> parts = {},
                                   const DecodeOptions& options = {}) {
    const Path path = scratch_.File("image", bytes);
    parts.push_back(path.string());
    return HasAll(ErrorOf([&] { DecodeImage(path, options); }), parts);
  }
  ScratchFolder scratch_;
};

TEST_F(DecodeTest, LosslessFormatsComeBackAsTheyWere) {
  const cv::Mat image = Gradient(37, 53);
  for (const char* extension : {".png", ".bmp", ".ppm", ".tiff"}) {
    EXPECT_EQ(Difference(Decode(Encoded(image, extension)), image), 0) << extension;
  }
  EXPECT_EQ(Difference(Decode(Encoded(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, 101})), image), 0);
}

TEST_F(DecodeTest, JpegIsCloseInEveryKind) {
  cv::Mat image = Gradient(64, 96);
  cv::GaussianBlur(image, image, cv::Size(9, 9), 0);
  for (const int progressive : {0, 1}) {
    const std::string bytes = Encoded(image, ".jpg",
                                      {cv::IMWRITE_JPEG_QUALITY, 100, cv::IMWRITE_JPEG_PROGRESSIVE,
                                       progressive, cv::IMWRITE_JPEG_RST_INTERVAL, 2});
    const cv::Mat decoded = Decode(bytes);
    ASSERT_EQ(decoded.size(), image.size());
    EXPECT_LT(cv::norm(decoded, image, cv::NORM_L1) / static_cast<double>(3 * image.total()), 4);
    EXPECT_NO_THROW(Decode(bytes + "what a camera puts behind the end"));
  }
}

TEST_F(DecodeTest, GreyBecomesThreeEqualChannels) {
  cv::Mat grey, expected;
  cv::extractChannel(Gradient(20, 30), grey, 2);
  cv::merge(std::vector<cv::Mat>{grey, grey, grey}, expected);
  EXPECT_EQ(Difference(Decode(Encoded(grey, ".png")), expected), 0);
  EXPECT_EQ(Difference(Decode(Encoded(grey, ".pgm")), expected), 0);
  const cv::Mat jpeg = Decode(Encoded(grey, ".jpg"));
  ASSERT_EQ(jpeg.type(), CV_8UC3);
  cv::Mat channels[3];
  cv::split(jpeg, channels);
  EXPECT_EQ(Difference(channels[0], channels[1]), 0);
  EXPECT_EQ(Difference(channels[0], channels[2]), 0);
}

TEST_F(DecodeTest, AlphaIsDroppedAndColourKept) {
  const cv::Mat image = Gradient(20, 30);
  cv::Mat alpha(image.size(), CV_8UC1), with_alpha;
  for (int x = 0; x < alpha.cols; ++x) alpha.col(x).setTo(8 * x);
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  channels.push_back(alpha);
  cv::merge(channels, with_alpha);
  EXPECT_EQ(Difference(Decode(Encoded(with_alpha, ".png")), image), 0);
}

TEST_F(DecodeTest, SixteenBitsBecomeTheirHighEight) {
  const cv::Mat image = Gradient(20, 30);
  cv::Mat deep;
  image.convertTo(deep, CV_16U, 257);  // 255 becomes 65535
  EXPECT_LE(Difference(Decode(Encoded(deep, ".png")), image), 1);
  EXPECT_LE(Difference(Decode(Encoded(deep, ".tiff")), image), 1);
}

TEST_F(DecodeTest, PaletteBecomesItsColours) {
  // A BMP of 2 x 2 pixels of 8 bits with a palette of 4 colours (B, G, R, 0), rows from below.
  const std::string palette("\x0a\x14\x1e\0\x28\x32\x3c\0\x46\x50\x5a\0\x64\x6e\x78\0", 16);
  const std::string pixels("\2\3\0\0\0\1\0\0", 8);
  std::string header = LittleEndian(40, 4) + LittleEndian(2, 4) + LittleEndian(2, 4) +
                       LittleEndian(1, 2) + LittleEndian(8, 2) + LittleEndian(0, 4) +
                       LittleEndian(8, 4) + LittleEndian(0, 8 / 2) + LittleEndian(0, 4) +
                       LittleEndian(4, 4) + LittleEndian(0, 4);
  const std::string bmp = "BM" + LittleEndian(54 + 16 + 8, 4) + LittleEndian(0, 4) +
                          LittleEndian(54 + 16, 4) + header + palette + pixels;
  const cv::Mat expected = (cv::Mat_<cv::Vec3b>(2, 2) << cv::Vec3b(10, 20, 30),
                            cv::Vec3b(40, 50, 60), cv::Vec3b(70, 80, 90), cv::Vec3b(100, 110, 120));
  EXPECT_EQ(Difference(Decode(bmp), expected), 0);
}

TEST_F(DecodeTest, PalettePngBecomesItsColours) {
  // The same four colours, 2 bits a pixel, the first of them transparent.
  const std::string hex =
      "89504e470d0a1a0a0000000d49484452000000020000000202030000000fd8e5b70000000c504c54"
      "451e140a3c32285a5046786e64ea4807f20000000274524e5300ff5b9122b50000000c4944415478"
      "da631060d8000000e400c119553bfb0000000049454e44ae426082";
  std::string png;
  for (size_t i = 0; i < hex.size(); i += 2) {
    png += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  const cv::Mat expected = (cv::Mat_<cv::Vec3b>(2, 2) << cv::Vec3b(10, 20, 30),
                            cv::Vec3b(40, 50, 60), cv::Vec3b(70, 80, 90), cv::Vec3b(100, 110, 120));
  EXPECT_EQ(Difference(Decode(png), expected), 0);
}

TEST_F(DecodeTest, AppliesEveryOrientation) {
  // Blocks of one colour each survive JPEG, and no two orientations look alike.
  cv::Mat stored(32, 48, CV_8UC3);
  for (int y = 0; y < stored.rows; ++y) {
    for (int x = 0; x < stored.cols; ++x) {
      stored.at<cv::Vec3b>(y, x) = cv::Vec3b(y < 16 ? 20 : 220,
                                             x < 16   ? 30
                                             : x < 32 ? 130
                                                      : 230,
                                             90);
    }
  }
  const std::string jpeg = Encoded(stored, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 100});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const cv::Mat decoded = Decode(WithExif(jpeg, static_cast<uint32_t>(orientation)));
    const cv::Mat expected = Upright(stored, orientation);
    ASSERT_EQ(decoded.size(), expected.size()) << orientation;
    // Chroma is subsampled, which smears the edges of the blocks alone.
    EXPECT_LT(cv::norm(decoded, expected, cv::NORM_L1) / static_cast<double>(3 * stored.total()), 3)
        << orientation;
  }
}

TEST_F(DecodeTest, TruncatedFilesAreRefusedWhereverTheyAreCut) {
  const cv::Mat image = Gradient(120, 160);
  const std::string thumbnail = Encoded(Gradient(16, 16), ".jpg");
  const std::vector<std::string> files{Encoded(image, ".jpg"),
                                       Encoded(image, ".jpg", {cv::IMWRITE_JPEG_PROGRESSIVE, 1}),
                                       Encoded(image, ".jpg", {cv::IMWRITE_JPEG_RST_INTERVAL, 3}),
                                       WithExif(Encoded(image, ".jpg"), 1, thumbnail),
                                       Encoded(image, ".png"),
                                       Encoded(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, 80})};
  for (size_t i = 0; i < files.size(); ++i) {
    ASSERT_NO_THROW(Decode(files[i])) << i;
    for (size_t tenths = 1; tenths < 100; ++tenths) {
      const size_t size = files[i].size() * tenths / 100;
      ASSERT_TRUE(Refuses(files[i].substr(0, size), {size > 16 ? "truncated" : ""}))
          << "file " << i << " cut to " << size << " of " << files[i].size();
    }
    EXPECT_TRUE(Refuses(files[i].substr(0, files[i].size() - 1))) << i;
    EXPECT_TRUE(Refuses(files[i].substr(0, files[i].size() - 2))) << i;
  }
}

TEST_F(DecodeTest, ATailOfZerosIsNoPicture) {  // a download that was given its space beforehand
  std::string bytes = Encoded(Gradient(120, 160), ".jpg");
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), bytes.end(), '\0');
  EXPECT_TRUE(Refuses(bytes, {"truncated"}));
}

TEST_F(DecodeTest, UncompressedFormatsAreRefusedWhenCut) {
  const cv::Mat image = Gradient(40, 50);
  for (const char* extension : {".bmp", ".ppm", ".tiff"}) {
    const std::string bytes = Encoded(image, extension);
    EXPECT_TRUE(Refuses(bytes.substr(0, bytes.size() / 2))) << extension;
  }
}

TEST_F(DecodeTest, WhatIsNoImageIsRefused) {
  EXPECT_TRUE(Refuses("", {"empty"}));
  EXPECT_TRUE(Refuses("a text, not an image\n", {"another kind of file"}));
  EXPECT_TRUE(Refuses(std::string(1000, '\0')));
  EXPECT_TRUE(Refuses("BM"));
  EXPECT_TRUE(Refuses("P6 10"));
  EXPECT_TRUE(Refuses("\xff\xd8\xff"));
  EXPECT_TRUE(Refuses("\xff\xd8\xff\xd9"));
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { DecodeImage(scratch_.path()); }), {scratch_.path().string(), "folder"}));
  const Path missing = scratch_.path() / "missing.jpg";
  EXPECT_TRUE(HasAll(ErrorOf([&] { DecodeImage(missing); }), {missing.string(), "no such file"}));
}

// As OpenCV's decoders would take them: some end the program, others ask for all memory.
TEST_F(DecodeTest, OtherKindsAreRefusedByName) {
  const std::string size = "65500 65500 ";
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {std::string(128, '\0') + "DICM" + std::string(100, '\0'), "DICOM"},
      {"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 65500 +X 65500\n", "HDR"},
      {"#?RGBE\nFORMAT=32-bit_rle_rgbe\n\n-Y 65500 +X 65500\n", "HDR"},
      {"PF\n" + size + "\n-1.0\n", "PFM"},
      {"P7\nWIDTH 65500\nHEIGHT 65500\nDEPTH 3\nMAXVAL 255\nENDHDR\n", "PAM"},
      {"\x59\xa6\x6a\x95" + BigEndian(65500, 4) + BigEndian(65500, 4) + BigEndian(24, 4) +
           BigEndian(0, 4) + BigEndian(1, 4) + BigEndian(0, 4) + BigEndian(0, 4),
       "Sun raster"},
      {std::string("II+\0", 4) + LittleEndian(8, 4), "BigTIFF"},
      {"v/1\x01", "OpenEXR"},
      {std::string("\0\0\0\x1c", 4) + "ftypavif", "AVIF"},
      {std::string("\0\0\0\x1c", 4) + "ftypheic", "HEIF"},
      {std::string(140, 'x') + "DTED", "another kind of file"},
      {"P6", "another kind of file"},
      {std::string("P6\0", 3) + "2 2 255 ", "another kind of file"}};
  for (const auto& [bytes, name] : kinds) {
    EXPECT_TRUE(Refuses(bytes, {"expected an image (JPEG, PNG", "found", name})) << name;
  }
}

// Marks of other kinds further on in the file: it is decoded as what we took it for, or not at all.
TEST_F(DecodeTest, FilesOfTwoKindsAreOfTheFirst) {
  const cv::Mat image = Gradient(64, 80);
  const auto mark = [](std::string bytes, size_t at, const std::string& word) {
    if (bytes.size() < at + word.size()) bytes.resize(at + word.size(), '\0');
    return bytes.replace(at, word.size(), word);
  };
  for (const char* extension : {".bmp", ".ppm"}) {  // within the pixels
    EXPECT_EQ(Decode(mark(Encoded(image, extension), 128, "DICM")).size(), image.size());
  }
  testing::internal::CaptureStderr();  // codecs complain there
  for (const char* extension : {".jpg", ".png", ".tiff", ".webp", ".jp2"}) {
    for (const auto& [at, word] : {std::pair<size_t, const char*>(128, "DICM"), {140, "DTED"}}) {
      try {
        EXPECT_EQ(Decode(mark(Encoded(image, extension), at, word)).size(), image.size());
      } catch (const Error&) {
      }
    }
  }
  testing::internal::GetCapturedStderr();
  const std::string gif = mark("GIF89a", 128, "DICM");
  EXPECT_TRUE(Refuses(gif, {"DICOM"}));
}

TEST_F(DecodeTest, Jpeg2000IsReadWithinTheBound) {
  const cv::Mat image = Gradient(64, 80);
  const std::string good = Encoded(image, ".jp2");
  EXPECT_LT(cv::norm(Decode(good), image, cv::NORM_L1) / static_cast<double>(3 * image.total()), 4);
  const size_t start = good.find("\xff\x4f\xff\x51");
  ASSERT_NE(start, std::string::npos);
  for (const std::string& file : {good, good.substr(start)}) {  // in its boxes and without
    EXPECT_EQ(Decode(file).size(), image.size());
    EXPECT_TRUE(Refuses(file.substr(0, file.size() / 2), {"truncated JPEG 2000"}));
    std::string huge = file;
    huge.replace(huge.find("\xff\x4f\xff\x51") + 8, 8, BigEndian(8000, 4) + BigEndian(8000, 4));
    EXPECT_TRUE(Refuses(huge, {"JPEG 2000 of 8000 x 8000", "at most 25000000 pixels"}));
    std::string channels = file;
    channels.replace(channels.find("\xff\x4f\xff\x51") + 40, 2, BigEndian(5, 2));
    EXPECT_TRUE(Refuses(channels, {"expected an image"}));
  }
  // Another codestream behind the first may be the one that is decoded.
  std::string second = good.substr(start, 42);
  second.replace(8, 8, BigEndian(90000, 4) + BigEndian(90000, 4));
  EXPECT_TRUE(Refuses(good + second, {"90000 x 90000"}));
}

// A size that is elsewhere in the file, and tiles larger than the image.
TEST_F(DecodeTest, SizesOfTiffAreUnderstoodOrRefused) {
  const auto tiff = [](const std::vector<std::array<uint32_t, 3>>& entries) {
    std::string bytes = std::string("II*\0", 4) + LittleEndian(8, 4) +
                        LittleEndian(static_cast<uint32_t>(entries.size()), 2);
    for (const auto& [tag, type, value] : entries) {
      bytes += LittleEndian(tag, 2) + LittleEndian(type, 2) + LittleEndian(1, 4) +
               LittleEndian(value, 4);
    }
    return bytes + LittleEndian(0, 4);
  };
  EXPECT_TRUE(Refuses(tiff({{256, 16, 8}, {257, 4, 4}}), {"expected an image"}));
  EXPECT_TRUE(Refuses(tiff({{256, 4, 8}, {257, 4, 4}, {322, 4, 65520}, {323, 4, 65520}}),
                      {"at most 100000000 pixels"}));
  EXPECT_TRUE(Refuses(tiff({{258, 3, 8}}), {"a TIFF of 0 x 0"}));
}

TEST_F(DecodeTest, HugeHeadersAreRefusedUndecoded) {
  std::string jpeg = Encoded(Gradient(16, 16), ".jpg");
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, BigEndian(65500, 2) + BigEndian(65500, 2));
  std::string png = Encoded(Gradient(16, 16), ".png");
  png.replace(16, 8, BigEndian(65500, 4) + BigEndian(65500, 4));
  std::string bmp = Encoded(Gradient(16, 16), ".bmp");
  bmp.replace(18, 8, LittleEndian(65500, 4) + LittleEndian(~65500u + 1, 4));
  const std::string ppm = "P6 65500 # of\n 65500 255\n";
  std::string webp = std::string("RIFF") + LittleEndian(22, 4) + "WEBPVP8X" + LittleEndian(10, 4) +
                     LittleEndian(0, 4) + LittleEndian(16383 * 4, 3) + LittleEndian(16383 * 4, 3);
  const auto entry = [](uint32_t tag, uint32_t value) {
    return LittleEndian(tag, 2) + LittleEndian(4, 2) + LittleEndian(1, 4) + LittleEndian(value, 4);
  };
  const std::string tiff = std::string("II*\0", 4) + LittleEndian(8, 4) + LittleEndian(2, 2) +
                           entry(256, ~0u) + entry(257, ~0u) + LittleEndian(0, 4);
  for (const std::string& bytes : {jpeg, png, bmp, ppm, webp, tiff}) {
    EXPECT_TRUE(Refuses(bytes, {"at most 100000000 pixels"}));
  }
}

TEST_F(DecodeTest, TheLimitOfPixelsIsExact) {
  DecodeOptions options;
  options.max_pixels = 200;
  for (const char* extension : {".jpg", ".png", ".bmp", ".ppm", ".tiff", ".webp"}) {
    const cv::Mat fits = Gradient(10, 20), larger = Gradient(10, 21);
    EXPECT_NO_THROW(Decode(Encoded(fits, extension), options)) << extension;
    EXPECT_TRUE(Refuses(Encoded(larger, extension), {"200", "21"}, options)) << extension;
  }
  options.max_pixels = 0;
  EXPECT_TRUE(HasAll(ErrorOf([&] { DecodeImage("x", options); }), {"max_pixels"}));
}

// Every file that differs in a few bytes from a good one ends in a picture or an Error.
TEST_F(DecodeTest, DamagedFilesNeverCrash) {
  DecodeOptions options;
  options.max_pixels = 1'000'000;
  uint32_t state = 1;
  const auto next = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  testing::internal::CaptureStderr();  // the codecs complain there
  for (const char* extension : {".jpg", ".png", ".bmp", ".ppm", ".tiff", ".webp"}) {
    const std::string good = Encoded(Gradient(24, 24), extension);
    for (int i = 0; i < 150; ++i) {
      std::string bad = good;
      for (uint32_t edits = 1 + next() % 4; edits > 0; --edits) {
        const size_t range = i % 2 == 0 ? std::min<size_t>(good.size(), 64) : good.size();
        bad[next() % range] = static_cast<char>(next());
      }
      try {
        EXPECT_EQ(Decode(bad, options).type(), CV_8UC3);
      } catch (const Error&) {
      }
    }
  }
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace netdissect
