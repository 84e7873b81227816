#include "netdissect/nn/pass.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <numeric>
#include <set>

#include "base/bytes.h"
#include "netdissect/data/decode.h"
#include "probe/divided_pass.h"
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

// A visitor that gathers which images it saw, and what one layer says of them.
struct Gathered {
  std::vector<int64_t> images;
  std::vector<float> values;
};

Computation<Gathered> GatherWith(const Model& model, const ImageSets& images, int layer) {
  return [&model, &images, layer](const PassOptions& options, Observer& observer) {
    Gathered gathered;
    PassVisitor visitor;
    visitor.output = [&](const ImageBatch& batch, size_t, const at::Tensor& output) {
      gathered.images.insert(gathered.images.end(), batch.indices.begin(), batch.indices.end());
      for (int64_t n = 0; n < output.size(0); ++n) {
        gathered.values.push_back(output[n].sum().item<float>());
      }
    };
    visitor.save = [&](ByteWriter& out) {
      out.Put(gathered.images);
      out.Put(gathered.values);
    };
    visitor.add = [&](ByteReader& in) {
      const auto more = in.Get<std::vector<int64_t>>();
      gathered.images.insert(gathered.images.end(), more.begin(), more.end());
      const auto values = in.Get<std::vector<float>>();
      gathered.values.insert(gathered.values.end(), values.begin(), values.end());
    };
    const PassSummary summary = RunPass(model, images, {layer}, visitor, options, observer);
    EXPECT_EQ(summary.images, static_cast<int64_t>(gathered.images.size()));
    return gathered;
  };
}

// By image: parts come in any order.
std::map<int64_t, float> ByImage(const Gathered& gathered) {
  std::map<int64_t, float> values;
  for (size_t i = 0; i < gathered.images.size(); ++i) {
    EXPECT_TRUE(values.emplace(gathered.images[i], gathered.values[i]).second)
        << "image " << gathered.images[i] << " came twice";
  }
  return values;
}

TEST_F(Pass, PartsAndPiecesMakeTheWhole) {
  const auto compute = GatherWith(model_, images_, wanted_[0]);
  const PassOptions options(4);
  const auto whole = ByImage(compute(options, Silent()));
  ASSERT_EQ(whole.size(), 11u);
  for (const int of : {1, 2, 3, 5, 11, 13}) {
    EXPECT_EQ(ByImage(InParts(options, of, compute)), whole) << of << " parts";
  }
  for (const int batches : {1, 2}) {
    EXPECT_EQ(ByImage(InPieces(options, batches, compute)), whole) << batches << " batches";
  }
}

class KeptFiles : public Pass {
 protected:
  std::map<int64_t, float> Finish(PartFiles& files) {
    PassOptions options(2);
    options.parts = &files;
    return ByImage(GatherWith(model_, images_, wanted_[0])(options, Silent()));
  }

  // A pass that is stopped after six images.
  void Begin(PartFiles& files) {
    PassOptions options(2);
    options.parts = &files;
    StopAfter stopper(3);
    EXPECT_THROW(GatherWith(model_, images_, wanted_[0])(options, stopper), Stopped);
  }

  struct Listener : Observer {
    std::string said;
    void Warning(const std::string& message) override { said += message + "\n"; }
    void Note(const std::string& message) override { said += message + "\n"; }
  } listener_;
  ScratchFolder kept_;
};

TEST_F(KeptFiles, AreGoneOnFromAndSaid) {
  PartFiles files(kept_.path(), "job", "", "key", listener_);
  Begin(files);
  const ImageSets few = {RandomPictures(folder_, "c", 3, 5)};
  PassOptions options(2);
  options.parts = &files;
  int64_t passed = 0;
  PassVisitor visitor;
  visitor.begin = [&](const ImageBatch& batch) {
    passed += static_cast<int64_t>(batch.indices.size());
    return true;
  };
  visitor.save = [](ByteWriter&) {};
  visitor.add = [](ByteReader& in) {
    in.Get<std::vector<int64_t>>();
    in.Get<std::vector<float>>();
  };
  RunPass(model_, images_, {}, visitor, options, listener_);
  EXPECT_EQ(passed, 5);  // of eleven six were done
  EXPECT_TRUE(HasAll(listener_.said, {"6 of 11 images were done before"}));
}

TEST_F(KeptFiles, ThatAreDamagedOrOfAnotherJobAreNotBelieved) {
  PartFiles fresh(kept_.path(), "fresh", "", "key", listener_);
  const auto whole = Finish(fresh);
  PartFiles files(kept_.path(), "job", "", "key", listener_);
  Begin(files);
  const Path file = kept_.path() / "job.part";
  const std::string good = ReadFile(file);
  for (const size_t at : {size_t{40}, size_t{70}, good.size() / 2, good.size() - 1}) {
    std::string bad = good;
    bad[at] ^= 4;
    WriteFile(file, bad);
    listener_.said.clear();
    EXPECT_EQ(Finish(files), whole) << "byte " << at;
    EXPECT_TRUE(HasAll(listener_.said, {"job.part"})) << "byte " << at;
  }
  WriteFile(file, good.substr(0, good.size() - 9));
  EXPECT_EQ(Finish(files), whole);
  WriteFile(file, good);
  PartFiles other(kept_.path(), "job", "", "another key", listener_);
  listener_.said.clear();
  EXPECT_EQ(Finish(other), whole);
  EXPECT_TRUE(HasAll(listener_.said, {"job.part", "other inputs or options"}));
}

// A process may have been killed between keeping what it took up and removing where that was from.
TEST_F(KeptFiles, ThatHoldTheSameCountOnce) {
  PartFiles part(kept_.path(), "job", "2-of-7", "key", listener_);
  Begin(part);
  std::filesystem::copy_file(kept_.path() / "job.2-of-7.part", kept_.path() / "job.part");
  PartFiles files(kept_.path(), "job", "", "key", listener_);
  EXPECT_EQ(Finish(files).size(), 11u);
  files.Remove();
  EXPECT_TRUE(std::filesystem::is_empty(kept_.path()));
}

// What a batch has left behind in an accumulator is not kept where the batch did not come to its
// end.
TEST_F(KeptFiles, AreOfWholeBatches) {
  PartFiles files(kept_.path(), "job", "", "key", listener_);
  PassOptions options(2);
  options.parts = &files;
  options.keep_every = 0;
  PassVisitor visitor;
  int64_t outputs = 0;
  visitor.output = [&](const ImageBatch& batch, size_t, const at::Tensor&) {
    if (++outputs == 6) throw Error("broken");
    (void)batch;
  };
  int64_t kept = 0;
  visitor.save = [&](ByteWriter& out) {
    kept = outputs;
    out.Put(outputs);
  };
  visitor.add = [](ByteReader&) {};
  EXPECT_THROW(RunPass(model_, images_, {wanted_[0], wanted_[1]}, visitor, options), Error);
  EXPECT_GT(kept, 0);
  EXPECT_EQ(kept % 2, 0) << "two outputs of each batch";
}

TEST_F(KeptFiles, AreWrittenAsOftenAsIsAsked) {
  PartFiles files(kept_.path(), "job", "", "key", listener_);
  const auto times = [&](double seconds) {
    int saved = 0;
    PassVisitor visitor;
    visitor.save = [&](ByteWriter&) { ++saved; };
    visitor.add = [](ByteReader&) {};
    PassOptions options(2);
    options.parts = &files;
    options.keep_every = seconds;
    RunPass(model_, images_, {}, visitor, options);
    files.Remove();
    return saved;
  };
  EXPECT_EQ(times(1e6), 0);
  EXPECT_GT(times(0), 0);
}

TEST_F(Pass, AMergerSaysWhatIsMissing) {
  const ScratchFolder folder;
  const auto run = [&](Crew& crew) {
    PartFiles files(folder.path(), "job", crew.mark(), "key", Silent());
    PassOptions options(2);
    options.crew = &crew;
    options.parts = &files;
    GatherWith(model_, images_, wanted_[0])(options, Silent());
  };
  EXPECT_THROW(run(*MakeShard(0, 3)), ShareDone);
  EXPECT_THROW(run(*MakeShard(2, 3)), ShareDone);
  EXPECT_TRUE(HasAll(ErrorOf([&] { run(*MakeMerger()); }), {"4 of them", "4 to 7", "--shard"}));
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
