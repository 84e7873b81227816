#include "netdissect/nn/pass.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <set>

#include "netdissect/data/decode.h"
#include "probe/small_model.h"

namespace netdissect {
namespace {

class Pass : public testing::Test {
 protected:
  Pass()
      : model_(SmallModel(3)),
        images_{RandomPictures(folder_, "a", 7, 1), RandomPictures(folder_, "b", 4, 2)},
        wanted_{model_.network.Find("prob"), model_.network.Find("conv1"),
                model_.network.Find("relu1")} {}

  at::Tensor Expected(int64_t image, int layer) const {
    const at::Tensor input = Preprocess(DecodeImage(images_[image].path), model_.input);
    return model_.network.Forward(input.unsqueeze(0), std::vector<int>{layer})[0][0];
  }

  ScratchFolder folder_;
  Model model_;
  ImageSets images_;
  std::vector<int> wanted_;
};

TEST_F(Pass, HandsOutEveryOutputOfEveryImageOnce) {
  for (const int batch : {1, 3, 64}) {
    std::vector<int> seen(wanted_.size(), 0);
    std::vector<int64_t> order, ended;
    PassVisitor visitor;
    visitor.begin = [&](const ImageBatch& loaded) {
      order.insert(order.end(), loaded.indices.begin(), loaded.indices.end());
      return true;
    };
    visitor.output = [&](const ImageBatch& loaded, size_t which, const at::Tensor& output) {
      ASSERT_EQ(output.size(0), static_cast<int64_t>(loaded.indices.size()));
      for (size_t n = 0; n < loaded.indices.size(); ++n) {
        ++seen[which];
        EXPECT_TRUE(at::allclose(output[static_cast<int64_t>(n)],
                                 Expected(loaded.indices[n], wanted_[which]), 1e-4, 1e-5));
      }
    };
    visitor.end = [&](const ImageBatch& loaded) {
      ended.insert(ended.end(), loaded.indices.begin(), loaded.indices.end());
    };
    PassOptions options(batch);
    const PassSummary summary = RunPass(model_, images_, wanted_, visitor, options);
    EXPECT_EQ(seen, (std::vector<int>{11, 11, 11}));
    EXPECT_EQ(order, AllOf(images_));
    EXPECT_EQ(ended, order);
    EXPECT_EQ(summary.images, 11);
  }
}

TEST_F(Pass, ShardsPartTheList) {
  for (const int64_t of : {1, 2, 3, 5, 11, 13}) {
    std::vector<int64_t> together;
    size_t least = 100, most = 0;
    for (int64_t part = 0; part < of; ++part) {
      std::vector<int64_t> own;
      PassVisitor visitor;
      visitor.begin = [&](const ImageBatch& loaded) {
        own.insert(own.end(), loaded.indices.begin(), loaded.indices.end());
        return true;
      };
      PassOptions options;
      options.shard = {part, of};
      RunPass(model_, images_, {}, visitor, options);
      least = std::min(least, own.size());
      most = std::max(most, own.size());
      together.insert(together.end(), own.begin(), own.end());
    }
    EXPECT_EQ(together, AllOf(images_)) << of << " parts";
    EXPECT_LE(most - least, 1u) << of << " parts";
  }
}

TEST_F(Pass, KeepsOfPicturesWhatIsAskedFor) {
  PassVisitor visitor;
  visitor.keep = [](const cv::Mat& picture) { return picture(cv::Rect(0, 0, 2, 1)).clone(); };
  int64_t pictures = 0;
  visitor.end = [&](const ImageBatch& loaded) {
    ASSERT_EQ(loaded.pictures.size(), loaded.indices.size());
    ASSERT_EQ(loaded.sizes.size(), loaded.indices.size());
    for (size_t n = 0; n < loaded.indices.size(); ++n) {
      const cv::Mat picture = DecodeImage(images_[loaded.indices[n]].path);
      EXPECT_EQ(loaded.sizes[n], picture.size());
      EXPECT_EQ(cv::norm(loaded.pictures[n], picture(cv::Rect(0, 0, 2, 1)), cv::NORM_INF), 0);
      ++pictures;
    }
  };
  RunPass(model_, images_, {}, visitor);
  EXPECT_EQ(pictures, 11);
}

TEST_F(Pass, WhatIsNotWantedGoesThroughNoNetwork) {
  int outputs = 0, ends = 0;
  PassVisitor visitor;
  visitor.begin = [](const ImageBatch& loaded) { return loaded.indices[0] != 4; };
  visitor.output = [&](const ImageBatch& loaded, size_t, const at::Tensor&) {
    EXPECT_NE(loaded.indices[0], 4);
    ++outputs;
  };
  visitor.end = [&](const ImageBatch&) { ++ends; };
  RunPass(model_, images_, {wanted_[0]}, visitor, PassOptions(4));
  EXPECT_EQ(outputs, 2);
  EXPECT_EQ(ends, 3);
}

TEST_F(Pass, StopsBetweenBatchesAndSaysHowFarItCame) {
  class Stopper : public Observer {
   public:
    void Progress(const std::string&, int64_t done, int64_t) override { done_ = done; }
    bool StopRequested() override { return done_ >= 6; }

   private:
    int64_t done_ = 0;
  } stopper;
  int64_t seen = 0;
  PassVisitor visitor;
  visitor.end = [&](const ImageBatch& loaded) {
    seen += static_cast<int64_t>(loaded.indices.size());
  };
  try {
    RunPass(model_, images_, {}, visitor, PassOptions(3), stopper);
    FAIL() << "expected it to stop";
  } catch (const Stopped& stopped) {
    EXPECT_TRUE(HasAll(stopped.what(), {"6 of 11 images"}));
  }
  EXPECT_EQ(seen, 6);
}

TEST_F(Pass, ThatReadsNothingIsAnError) {
  Dataset gone;
  gone.images = {{"/nowhere/a.png", "a.png", -1}, {"/nowhere/b.png", "b.png", -1}};
  EXPECT_TRUE(HasAll(ErrorOf([&] { RunPass(model_, {gone}, {}, {}); }),
                     {"none of the 2 images", "/nowhere/a.png"}));
  EXPECT_EQ(RunPass(model_, ImageSets(), {}, {}).images, 0);
}

TEST_F(Pass, OptionsAreChecked) {
  const auto error = [](auto change) {
    PassOptions options;
    change(options);
    return ErrorOf([&] { options.Validate("x"); });
  };
  EXPECT_TRUE(HasAll(error([](auto& o) { o.batch = 0; }), {"x:", "batch", "0"}));
  EXPECT_TRUE(HasAll(error([](auto& o) { o.threads = -1; }), {"x:", "thread", "-1"}));
  EXPECT_TRUE(HasAll(error([](auto& o) { o.shard = {2, 2}; }), {"x:", "2 of 2"}));
  EXPECT_TRUE(HasAll(error([](auto& o) { o.shard = {0, 0}; }), {"x:", "0 of 0"}));
}

// Of a chain only what the layer in hand needs is alive: each output is dropped once it was seen.
TEST_F(Pass, OutputsAreDroppedOnceTheyWereSeen) {
  std::vector<int> all;
  for (int i = 0; i < model_.network.size(); ++i) all.push_back(i);
  std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> storages;
  size_t most = 0;
  PassVisitor visitor;
  visitor.output = [&](const ImageBatch&, size_t, const at::Tensor& output) {
    storages.emplace_back(c10::weak_intrusive_ptr<c10::StorageImpl>(
        c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(
            output.storage().unsafeGetStorageImpl())));
    std::set<const void*> alive;  // what is rectified in place is one storage
    for (const auto& storage : storages) {
      if (const auto locked = storage.lock()) alive.insert(locked.get());
    }
    most = std::max(most, alive.size());
  };
  RunPass(model_, images_, all, visitor, PassOptions(11));
  ASSERT_EQ(storages.size(), all.size());
  EXPECT_LE(most, 3u);  // the batch, a layer's input and its output
}

}  // namespace
}  // namespace netdissect
