#include "base/npy_rows.h"

#include <gtest/gtest.h>

#include "base/npy.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(NpyRowsTest, WhatIsAddedIsAnArrayAndReadInAnyOrder) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "rows.npy";
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  NpyRowWriter writer(file, 2);
  const std::string none = writer.DigestOfRows();
  writer.Add(values.data(), 3);
  writer.Add(values.data() + 6, 1);
  EXPECT_FALSE(Exists(file));
  writer.Commit();
  const NpyArray array = ReadNpy(file);
  EXPECT_EQ(array.shape, (std::vector<int64_t>{4, 2}));
  EXPECT_EQ(array.values, values);
  NpyRowReader reader(file);
  std::vector<float> some(4);
  reader.Read(2, 2, some.data());
  EXPECT_EQ(some, (std::vector<float>{5, 6, 7, 8}));
  reader.Read(0, 2, some.data());
  EXPECT_EQ(some, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(reader.DigestOfRows(), writer.DigestOfRows());
  EXPECT_NE(reader.DigestOfRows(), none);
  EXPECT_TRUE(HasAll(ErrorOf([&] { reader.Read(3, 2, some.data()); }), {"rows.npy", "among 4"}));
}

TEST(NpyRowsTest, NothingIsLeftWithoutCommit) {
  const ScratchFolder scratch;
  { NpyRowWriter(scratch.path() / "rows.npy", 2); }
  EXPECT_EQ(scratch.CountFiles(), 0u);
}

// As after a kill: what was added behind the last flush is not believed.
TEST(NpyRowsTest, AnotherWriterGoesOn) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "rows.npy";
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  std::string digest;
  {
    NpyRowWriter first(file, 2);
    first.Add(values.data(), 2);
    EXPECT_EQ(first.Flush(), 2);
    digest = first.DigestOfRows();
    first.Add(values.data(), 1);
  }
  NpyRowWriter second(file, 2);
  second.Continue(2, digest);
  second.Add(values.data() + 4, 2);
  second.Commit();
  EXPECT_EQ(ReadNpy(file).values, values);
  EXPECT_EQ(NpyRowReader(file).DigestOfRows(), second.DigestOfRows());
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

TEST(NpyRowsTest, AnotherWriterDoesNotGoOnBehindDamagedRows) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "rows.npy", part = file.string() + ".part";
  const std::vector<float> values = {1, 2, 3, 4};
  std::string digest;
  {
    NpyRowWriter writer(file, 2);
    writer.Add(values.data(), 2);
    writer.Flush();
    digest = writer.DigestOfRows();
  }
  const std::string bytes = ReadFile(part);
  const auto refusal = [&] {
    NpyRowWriter writer(file, 2);
    try {
      writer.Continue(2, digest);
    } catch (const DamagedRows& damage) {
      return std::string(damage.what());
    }
    return std::string("none");
  };
  EXPECT_EQ(refusal(), "none");
  std::string flipped = bytes;
  flipped[bytes.size() - 6] ^= 1;
  for (const std::string& damaged : {flipped, bytes.substr(0, bytes.size() - 1), std::string()}) {
    WriteFile(part, damaged);
    EXPECT_TRUE(HasAll(refusal(), {"rows.npy.part", "2 rows", digest})) << damaged.size();
  }
  std::filesystem::remove(part);
  EXPECT_TRUE(HasAll(refusal(), {"rows.npy.part", "2 rows", digest}));
}

TEST(NpyRowsTest, DamageIsNoticed) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "rows.npy";
  const std::vector<float> values(12);
  WriteNpy(file, {4, 3}, values.data());
  const std::string bytes = ReadFile(file);
  const auto refusal = [&](const std::string& changed) {
    WriteFile(file, changed);
    return ErrorOf([&] { NpyRowReader reader(file); });
  };
  EXPECT_TRUE(HasAll(refusal(bytes.substr(0, bytes.size() - 1)), {"rows.npy", "bytes"}));
  EXPECT_TRUE(HasAll(refusal(bytes + "x"), {"rows.npy", "bytes"}));
  EXPECT_TRUE(HasAll(refusal("x" + bytes), {"rows.npy", "NumPy"}));
  EXPECT_TRUE(HasAll(refusal(""), {"rows.npy", "NumPy"}));
  WriteNpy(file, {12}, values.data());
  EXPECT_TRUE(HasAll(ErrorOf([&] { NpyRowReader reader(file); }), {"rows and columns"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { NpyRowReader reader(scratch.path() / "none"); }), {"none"}));
}

}  // namespace
}  // namespace netdissect
