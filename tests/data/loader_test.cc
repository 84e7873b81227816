#include "netdissect/data/loader.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/scratch.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

constexpr int kImages = 23;

// Images of different sizes and content; `bad` of them are no images.
class LoaderTest : public testing::Test {
 protected:
  LoaderTest() {
    format_.height = 19;
    format_.width = 17;
    format_.order = ChannelOrder::kRgb;
    format_.mean = {100, 110, 120};
    format_.scale = {0.5f, 1, 2};
  }
  void Write(const std::vector<int64_t>& bad = {}) {
    for (int64_t i = 0; i < kImages; ++i) WriteOne(i, bad);
  }
  void WriteOne(int64_t i, const std::vector<int64_t>& bad = {}) {
    const bool broken = std::find(bad.begin(), bad.end(), i) != bad.end();
    const int shift = static_cast<int>(i);
    scratch_.File(NameOf(i), broken ? "no image"
                                    : Encoded(Gradient(10 + shift, 40 - shift, 9 * shift), ".png"));
  }
  void List(int64_t count = kImages) {
    for (int64_t i = 0; i < count; ++i)
      images_.push_back({scratch_.path() / NameOf(i), NameOf(i), -1});
  }
  ImageSets Sets() const {
    Dataset set;
    set.images = images_;
    return {set};
  }
  static std::string NameOf(int64_t i) { return std::to_string(i) + ".png"; }

  static LoaderOptions Options(int batch, int threads, int ahead = 3) {
    LoaderOptions options;
    options.batch = batch;
    options.threads = threads;
    options.batches_ahead = ahead;
    return options;
  }

  // Drains the loader; checks that batches are full, in order and of the images they name.
  std::vector<int64_t> Drain(ImageLoader& loader, int batch) {
    std::vector<int64_t> indices;
    bool last = false;
    while (const std::optional<ImageBatch> next = loader.Next()) {
      EXPECT_FALSE(last) << "a batch after one that was not full";
      last = next->indices.size() < static_cast<size_t>(batch);
      EXPECT_EQ(next->input.sizes(), at::IntArrayRef({static_cast<int64_t>(next->indices.size()), 3,
                                                      format_.height, format_.width}));
      for (size_t i = 0; i < next->indices.size(); ++i) {
        indices.push_back(next->indices[i]);
        const ImageEntry& entry = images_.at(static_cast<size_t>(next->indices[i]));
        EXPECT_TRUE(next->input[static_cast<int64_t>(i)].equal(
            Preprocess(DecodeImage(entry.path), format_)))
            << entry.name;
      }
    }
    EXPECT_FALSE(loader.Next().has_value()) << "the end is the end";
    return indices;
  }

  ScratchFolder scratch_;
  std::vector<ImageEntry> images_;
  InputFormat format_;
};

TEST_F(LoaderTest, OrderAndContentDependOnNeitherThreadsNorBatches) {
  const std::vector<int64_t> bad{0, 7, 8, 9, 22};
  Write(bad);
  List();
  std::vector<int64_t> good;
  for (int64_t i = 0; i < kImages; ++i) {
    if (std::find(bad.begin(), bad.end(), i) == bad.end()) good.push_back(i);
  }
  for (const int threads : {1, 2, 5, 40}) {
    for (const int batch : {1, 2, 5, 18, 19, 64}) {
      for (const int ahead : {1, 3}) {
        ImageLoader loader(Sets(), AllOf(Sets()), format_, Options(batch, threads, ahead));
        EXPECT_EQ(Drain(loader, batch), good) << threads << " threads, batches of " << batch;
        ASSERT_EQ(loader.skipped().size(), bad.size());
        for (size_t i = 0; i < bad.size(); ++i) {
          EXPECT_EQ(loader.skipped()[i].image, NameOf(bad[i]));
          EXPECT_TRUE(HasAll(loader.skipped()[i].reason, {NameOf(bad[i]), "another kind of file"}));
        }
      }
    }
  }
}

TEST_F(LoaderTest, SubtractsTheMeanImage) {
  Write();
  List();
  format_.mean_image = at::rand({3, 19, 17}) * 255;
  ImageLoader loader(Sets(), AllOf(Sets()), format_, Options(4, 2));
  EXPECT_EQ(Drain(loader, 4).size(), size_t{kImages});
}

// What lies beyond the batches kept ahead is written only when the workers have had time to run
// into it: had they read it, it would have been missing.
TEST_F(LoaderTest, ReadsNoFurtherThanTheBatchesAhead) {
  for (int64_t i = 0; i < 6; ++i) WriteOne(i);
  List();
  ImageLoader loader(Sets(), AllOf(Sets()), format_, Options(3, 5, 2));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  for (int64_t i = 6; i < 9; ++i) WriteOne(i);
  EXPECT_EQ(loader.Next()->indices, (std::vector<int64_t>{0, 1, 2}));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  for (int64_t i = 9; i < kImages; ++i) WriteOne(i);
  EXPECT_EQ(Drain(loader, 3).size(), size_t{kImages} - 3);
  EXPECT_TRUE(loader.skipped().empty());
}

TEST_F(LoaderTest, StrictStopsAtTheFirstUnreadableImage) {
  Write({7, 3});
  List();
  for (const int threads : {1, 2, 5}) {
    LoaderOptions options = Options(2, threads);
    options.strict = true;
    ImageLoader loader(Sets(), AllOf(Sets()), format_, options);
    EXPECT_EQ(loader.Next()->indices, (std::vector<int64_t>{0, 1}));
    for (int again = 0; again < 3; ++again) {
      EXPECT_TRUE(HasAll(ErrorOf([&] { loader.Next(); }), {"3.png"}));
    }
  }
}

TEST_F(LoaderTest, NothingComesOfUnreadableImagesOrNone) {
  ImageLoader none(Sets(), AllOf(Sets()), format_, Options(2, 2));
  EXPECT_FALSE(none.Next().has_value());
  List();  // not written
  ImageLoader loader(Sets(), AllOf(Sets()), format_, Options(2, 2));
  EXPECT_FALSE(loader.Next().has_value());
  EXPECT_EQ(loader.skipped().size(), size_t{kImages});
}

TEST_F(LoaderTest, ALimitOfPixelsAppliesToEveryImage) {
  Write();
  List();
  LoaderOptions options = Options(4, 2);
  options.decode.max_pixels = 420;  // (10 + i) x (40 - i): all images from the first on but one
  ImageLoader loader(Sets(), AllOf(Sets()), format_, options);
  EXPECT_EQ(Drain(loader, 4), (std::vector<int64_t>{0}));
  EXPECT_EQ(loader.skipped().size(), size_t{kImages} - 1);
}

TEST_F(LoaderTest, RefusesOptionsThatMakeNoSense) {
  List();
  const auto refuses = [&](const LoaderOptions& options, const std::string& name) {
    return HasAll(ErrorOf([&] { ImageLoader(Sets(), AllOf(Sets()), format_, options); }), {name});
  };
  EXPECT_TRUE(refuses(Options(0, 1), "batch"));
  EXPECT_TRUE(refuses(Options(1, 0), "threads"));
  EXPECT_TRUE(refuses(Options(1, 1, -1), "batches_ahead"));
  EXPECT_TRUE(refuses(Options(1, 1 << 30), "threads"));
  LoaderOptions options;
  options.decode.max_pixels = -1;
  EXPECT_TRUE(refuses(options, "max_pixels"));
  format_.mean_image = at::zeros({1});
  EXPECT_TRUE(refuses(LoaderOptions(), "mean image"));
}

TEST_F(LoaderTest, CanBeLeftAtAnyMoment) {
  Write({2});
  List();
  for (int round = 0; round < 60; ++round) {
    ImageLoader loader(Sets(), AllOf(Sets()), format_,
                       Options(1 + round % 4, 1 + round % 5, 1 + round % 3));
    for (int i = 0; i < round % 9; ++i) loader.Next();
  }
}

TEST_F(LoaderTest, LeavingDoesNotReadTheRest) {
  WriteOne(0);
  for (int i = 0; i < 200'000; ++i) images_.push_back({scratch_.path() / NameOf(0), "", -1});
  std::atomic<int64_t> read{0};
  LoaderOptions options = Options(200'000, 2);
  options.keep = [&](const cv::Mat&) {
    ++read;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // all would take minutes
    return cv::Mat();
  };
  {
    ImageLoader loader(Sets(), AllOf(Sets()), format_, options);
    while (read == 0) std::this_thread::yield();
  }
  EXPECT_LT(read, 200'000);
}

// However large the pictures, only so many bytes of them wait, and all come out in order.
TEST_F(LoaderTest, KeptPicturesAreBoundedByTheirBytes) {
  Write({3});
  List();
  constexpr int64_t kPicture = 100'000;
  std::atomic<int64_t> made{0};
  for (const int threads : {1, 3}) {
    LoaderOptions options = Options(4, threads);
    options.keep_bytes = 3 * kPicture;
    options.keep = [&](const cv::Mat&) {
      ++made;
      return cv::Mat(1, kPicture, CV_8U, cv::Scalar(7));
    };
    made = 0;
    ImageLoader loader(Sets(), AllOf(Sets()), format_, options);
    std::vector<int64_t> indices;
    int64_t taken = 0;
    while (const auto batch = loader.Next()) {
      ASSERT_EQ(batch->pictures.size(), batch->indices.size());
      EXPECT_LE(batch->pictures.size(), 2u);
      indices.insert(indices.end(), batch->indices.begin(), batch->indices.end());
      taken += static_cast<int64_t>(batch->pictures.size());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      EXPECT_LE(made - taken, 2 + threads);
    }
    EXPECT_EQ(indices.size(), static_cast<size_t>(kImages - 1));
    EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
    EXPECT_EQ(loader.done(), kImages);
  }
}

}  // namespace
}  // namespace netdissect
