#include "probe/stored_engine.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/scratch.h"
#include "netdissect/base/error.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

// Answers by a rule, and counts what it was asked.
class RuleEngine : public OcclusionEngine {
 public:
  RuleEngine(const OccluderSet& occluders, int& asked) : occluders_(occluders), asked_(asked) {}

  static OcclusionResponse Rule(const OccluderSet& occluders, const at::Tensor& image,
                                const UnitPosition& unit) {
    OcclusionResponse response{image.sum().item<float>() + static_cast<float>(unit.unit),
                               at::zeros({occluders.rows(), occluders.columns()}, at::kFloat)};
    // Unit 0 sees nothing; others a box that their position and number give.
    for (int row = unit.y; row < std::min(unit.y + unit.unit, occluders.rows()); ++row) {
      for (int column = unit.x; column < std::min(unit.x + 2, occluders.columns()); ++column) {
        response.change[row][column] = -0.1f * static_cast<float>(1 + row * 7 + column);
      }
    }
    return response;
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    std::vector<OcclusionResponse> responses;
    for (const UnitPosition& unit : units) {
      ++asked_;
      ++work_.pairs;
      work_.occluders += 10;
      responses.push_back(Rule(occluders_, image, unit));
    }
    return responses;
  }

 private:
  const OccluderSet& occluders_;
  int& asked_;
};

class StoredEngineTest : public testing::Test {
 protected:
  std::unique_ptr<OcclusionEngine> Open(const std::string& key = "k") {
    return MakeStoredEngine(std::make_unique<RuleEngine>(occluders_, asked_), network_, occluders_,
                            file_, key);
  }

  static InputFormat Format() {
    InputFormat format;
    format.height = format.width = 32;
    return format;
  }

  void ExpectRight(const std::vector<OcclusionResponse>& found, const at::Tensor& image) const {
    ASSERT_EQ(found.size(), units_.size());
    for (size_t i = 0; i < found.size(); ++i) {
      const OcclusionResponse expected = RuleEngine::Rule(occluders_, image, units_[i]);
      EXPECT_EQ(found[i].original, expected.original);
      EXPECT_TRUE(at::equal(found[i].change, expected.change)) << i;
    }
  }

  const ScratchFolder folder_;
  const Path file_ = folder_.path() / "rf/responses";
  const Network network_ = RandomNetwork(1, 32, 3);
  const OccluderSet occluders_{Format(), {}};
  const std::vector<UnitPosition> units_ = {
      {1, 0, 0, 0}, {1, 3, 0, 0}, {1, 5, 6, 6}, {2, 5, 6, 6}, {1, 2, 1, 3}};
  const at::Tensor first_ = at::full({3, 32, 32}, 0.25f), second_ = at::full({3, 32, 32}, 0.5f);
  int asked_ = 0;
};

TEST_F(StoredEngineTest, WhatIsStoredIsNotComputedAgain) {
  ExpectRight(Open()->Respond(first_, units_), first_);
  EXPECT_EQ(asked_, 5);
  const auto engine = Open();
  ExpectRight(engine->Respond(first_, units_), first_);
  EXPECT_EQ(asked_, 5);
  EXPECT_EQ(engine->work().pairs, 5);
  EXPECT_EQ(engine->work().stored, 5);
  EXPECT_EQ(engine->work().occluders, 0);
  ExpectRight(engine->Respond(second_, units_), second_);
  EXPECT_EQ(asked_, 10);
  ExpectRight(engine->Respond(second_, units_), second_);
  ExpectRight(engine->Respond(first_, units_), first_);
  EXPECT_EQ(asked_, 10);
  EXPECT_EQ(engine->work().pairs, 20);
  EXPECT_EQ(engine->work().occluders, 50);
}

TEST_F(StoredEngineTest, OnlyMissingUnitsAreComputed) {
  Open()->Respond(first_, {units_[1], units_[3]});
  asked_ = 0;
  ExpectRight(Open()->Respond(first_, units_), first_);
  EXPECT_EQ(asked_, 3);
}

TEST_F(StoredEngineTest, ARecordThatWasCutOffIsComputedAgain) {
  Open()->Respond(first_, units_);
  const std::string whole = ReadFile(file_);
  // Cut anywhere within the last two records, or spoilt there.
  Open()->Respond(second_, {units_[1]});
  const std::string longer = ReadFile(file_);
  ASSERT_GT(longer.size(), whole.size());
  for (size_t size = whole.size(); size < longer.size(); size += 3) {
    WriteFile(file_, longer.substr(0, size));
    asked_ = 0;
    auto engine = Open();
    ExpectRight(engine->Respond(first_, units_), first_);
    EXPECT_EQ(asked_, 0);
    EXPECT_EQ(engine->Respond(second_, {units_[1]}).front().original,
              RuleEngine::Rule(occluders_, second_, units_[1]).original);
    EXPECT_EQ(asked_, 1);
    engine.reset();
    EXPECT_EQ(ReadFile(file_), longer);
  }
  std::string spoilt = longer;
  spoilt[whole.size() + 60] ^= 1;
  WriteFile(file_, spoilt);
  asked_ = 0;
  Open()->Respond(second_, {units_[1]});
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(ReadFile(file_), longer);
}

// Whatever bit it is: those before and behind it are as good as ever.
TEST_F(StoredEngineTest, ADamagedRecordIsSaidAndIsTheOnlyOneComputedAgain) {
  class Listener : public Observer {
   public:
    void Warning(const std::string& message) override { warnings += message + "\n"; }
    std::string warnings;
  };
  std::vector<size_t> ends;  // of the records
  for (size_t i = 0; i < units_.size(); ++i) {
    Open()->Respond(first_, {units_[i]});
    ends.push_back(ReadFile(file_).size());
  }
  const std::string whole = ReadFile(file_);
  for (size_t at = whole.find('\n') + 1; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    WriteFile(file_, damaged);
    asked_ = 0;
    Listener listener;
    const auto engine = MakeStoredEngine(std::make_unique<RuleEngine>(occluders_, asked_), network_,
                                         occluders_, file_, "k", {}, listener);
    ExpectRight(engine->Respond(first_, units_), first_);
    EXPECT_EQ(asked_, 1) << at;
    // Of the last one it may look as if it had been cut off.
    if (at < ends[ends.size() - 2]) {
      EXPECT_TRUE(HasAll(listener.warnings, {file_.string(), "damaged"})) << at;
    }
  }
  WriteFile(file_, whole);
  Listener listener;
  MakeStoredEngine(std::make_unique<RuleEngine>(occluders_, asked_), network_, occluders_, file_,
                   "k", {}, listener);
  EXPECT_EQ(listener.warnings, "");
}

TEST_F(StoredEngineTest, ManySmallResponsesAreWrittenTogether) {
  std::vector<at::Tensor> images;
  for (int i = 0; i < 20; ++i) images.push_back(at::full({3, 32, 32}, 0.01 * (i + 1)));
  auto engine = Open();
  const auto start = Clock::now();
  for (const at::Tensor& image : images) engine->Respond(image, {units_[1]});
  const uintmax_t size = std::filesystem::file_size(file_);
  if (SecondsSince(start) > 1) GTEST_SKIP() << "too slow a machine to tell";
  for (const at::Tensor& image : images) {  // readable at once
    EXPECT_EQ(engine->Respond(image, {units_[1]}).front().original,
              RuleEngine::Rule(occluders_, image, units_[1]).original);
  }
  EXPECT_EQ(asked_, 20);
  engine.reset();
  const uintmax_t whole = std::filesystem::file_size(file_);
  EXPECT_LT(size, whole / 2);
  asked_ = 0;
  engine = Open();
  for (const at::Tensor& image : images) engine->Respond(image, {units_[1]});
  EXPECT_EQ(asked_, 0);
}

// Two processes on one file, as the lock of the run folder prevents it where there are locks.
TEST_F(StoredEngineTest, AFileThatAnotherWritesIsNeverBelieved) {
  const auto one = Open();
  const auto two = Open();
  for (int i = 0; i < 12; ++i) {
    const at::Tensor image = at::full({3, 32, 32}, 0.1f * static_cast<float>(i / 2));
    ExpectRight((i % 2 == 0 ? one : two)->Respond(image, units_), image);
    ExpectRight((i % 3 == 0 ? one : two)->Respond(first_, units_), first_);
  }
  for (const auto& engine : {one.get(), two.get()}) {
    ExpectRight(engine->Respond(first_, units_), first_);
    ExpectRight(engine->Respond(at::full({3, 32, 32}, 0.1f), units_), at::full({3, 32, 32}, 0.1f));
  }
}

TEST_F(StoredEngineTest, AFileSpoiltMeanwhileIsComputedAgain) {
  Open()->Respond(first_, units_);
  const std::string whole = ReadFile(file_);
  for (const int byte : {0x00, 0x7f, 0xff}) {
    WriteFile(file_, whole);
    const auto engine = Open();
    {
      // In place, so that the engine's own stream sees it: sizes become huge or negative.
      std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(static_cast<std::streamoff>(whole.find('\n')) + 1);
      for (size_t i = whole.find('\n') + 1; i < whole.size(); ++i) {
        file.put(static_cast<char>(byte));
      }
    }
    asked_ = 0;
    ExpectRight(engine->Respond(first_, units_), first_);
    EXPECT_EQ(asked_, 5);
    ExpectRight(engine->Respond(first_, units_), first_);
    EXPECT_EQ(asked_, 5);
  }
  // Cut off under the engine's hands.
  WriteFile(file_, whole);
  const auto engine = Open();
  std::filesystem::resize_file(file_, whole.size() / 2);
  ExpectRight(engine->Respond(first_, units_), first_);
}

TEST_F(StoredEngineTest, AnotherKeyNetworkOrGridBeginsAnew) {
  const auto ask = [&](std::unique_ptr<OcclusionEngine> engine) {
    asked_ = 0;
    engine->Respond(first_, units_);
    return asked_;
  };
  EXPECT_EQ(ask(Open()), 5);
  EXPECT_EQ(ask(Open("other")), 5);
  const Network other = RandomNetwork(2, 32, 3);
  const auto make = [&](const Network& network, const OccluderSet& occluders) {
    return MakeStoredEngine(std::make_unique<RuleEngine>(occluders, asked_), network, occluders,
                            file_, "other");
  };
  EXPECT_EQ(ask(make(network_, occluders_)), 0);
  EXPECT_EQ(ask(make(other, occluders_)), 5);
  OcclusionOptions seeded;
  seeded.seed = 1;
  const OccluderSet noise(Format(), seeded);
  EXPECT_EQ(ask(make(other, noise)), 5);
  WriteFile(file_, "something else");
  EXPECT_EQ(ask(Open()), 5);
  EXPECT_EQ(ask(Open()), 0);
}

TEST_F(StoredEngineTest, AFolderThatCannotBeWrittenIsNamed) {
  WriteFile(folder_.path() / "rf", "a file");
  EXPECT_TRUE(HasAll(ErrorOf([&] { Open(); }), {(folder_.path() / "rf").string()}));
}

}  // namespace
}  // namespace netdissect
