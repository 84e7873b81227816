#include "nn/safetensors.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <ctime>

#include "base/slowness.h"
#include "nn/expect_error.h"
#include "nn/temporary_folder.h"

namespace netdissect {
namespace {

std::string FileOf(const std::string& header, size_t data_bytes) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>((uint64_t{header.size()} >> (8 * i)) & 0xff);
  }
  bytes += header;
  for (size_t i = 0; i < data_bytes; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class SafeTensorsTest : public testing::Test {
 protected:
  SafeTensors Read(const std::string& bytes) {
    WriteQuickly(folder_ / "t.safetensors", bytes);
    return ReadSafeTensors(folder_ / "t.safetensors");
  }
  const TemporaryFolder folder_;
};

TEST_F(SafeTensorsTest, WhatIsWrittenReadsBack) {
  at::manual_seed(1);
  SafeTensors written;
  written.tensors["single"] = at::randn({3, 4, 5});
  written.tensors["half"] = at::randn({7}).to(at::kHalf);
  written.tensors["brain"] = at::randn({2, 3}).to(at::kBFloat16);
  written.tensors["double"] = at::randn({2, 3}).to(at::kDouble).t();
  written.tensors["scalar"] = at::full({}, 2.5);
  written.tensors["empty"] = at::empty({0, 3});
  written.metadata = {{"format", "pt"}, {"x\"y", "\xc3\xa4"}};
  const Path path = folder_ / "deep/t.safetensors";
  WriteSafeTensors(path, written);
  const SafeTensors read = ReadSafeTensors(path);
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    EXPECT_EQ(read.tensors.at(name).scalar_type(), at::kFloat);
    EXPECT_TRUE(read.tensors.at(name).equal(tensor.to(at::kFloat))) << name;
  }
}

TEST_F(SafeTensorsTest, ReadsTheFormatAsPublished) {
  // 1.0 and -2.0 as little-endian float32, by hand.
  const std::string header = R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   )";
  std::string bytes = FileOf(header, 0);
  bytes += std::string("\0\0\x80\x3f\0\0\0\xc0", 8);
  EXPECT_TRUE(Read(bytes).tensors.at("b").equal(at::tensor({1.f, -2.f})));
  EXPECT_TRUE(Read(FileOf("{}", 0)).tensors.empty());
}

TEST_F(SafeTensorsTest, RefusesHostileFiles) {
  const auto refuse = [&](const std::string& header, size_t bytes, std::vector<std::string> words) {
    SCOPED_TRACE(header);
    words.push_back("t.safetensors");
    ExpectError([&] { Read(FileOf(header, bytes)); }, words);
  };
  const auto entry = [](const std::string& dtype, const std::string& shape,
                        const std::string& offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}}";
  };
  ExpectError([&] { Read(""); }, {"t.safetensors", "8 bytes"});
  ExpectError([&] { Read("\xff\xff\xff\xff\xff\xff\xff\xff{}"); },
              {"t.safetensors", "18446744073709551615"});
  ExpectError([&] { Read(FileOf("{}", 0).substr(0, 9)); }, {"t.safetensors", "length of 2"});
  refuse("[]", 0, {"object"});
  refuse("{", 0, {"JSON"});
  refuse(std::string(50000, '['), 0, {"nested"});
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "{\"a\":";
  refuse(deep, 0, {"nested"});
  refuse(R"({"a":3})", 0, {"\"a\"", "dtype"});
  refuse(R"({"a":{"dtype":"F32","shape":[1]}})", 4, {"\"a\"", "data_offsets"});
  refuse(entry("I64", "[1]", "[0,8]"), 8, {"\"a\"", "I64"});
  refuse(entry("F32", "[2]", "[0,4]"), 4, {"\"a\"", "expected 8 bytes", "found 4"});
  refuse(entry("F32", "[1]", "[0,8]"), 8, {"\"a\"", "found 8"});
  refuse(entry("F32", "[1]", "[4,8]"), 8, {"\"a\"", "begin at 0", "found 4"});
  refuse(entry("F32", "[1]", "[2,6]"), 6, {"\"a\"", "found 2"});
  refuse(entry("F32", "[1]", "[0,4]"), 3, {"\"a\"", "3 bytes"});
  refuse(entry("F32", "[1]", "[0,4]"), 5, {"4 bytes", "found 5"});
  refuse(entry("F32", "[1]", "[4,0]"), 4, {"\"a\"", "4 to 0"});
  refuse(entry("F32", "[1]", "[-4,0]"), 4, {"\"a\"", "-4"});
  refuse(entry("F32", "[-1]", "[0,4]"), 4, {"\"a\"", "-1"});
  refuse(entry("F32", "[1.5]", "[0,4]"), 4, {"\"a\"", "1.5"});
  refuse(entry("F32", "[4294967296,4294967296]", "[0,0]"), 0, {"\"a\"", "2^64"});
  refuse(entry("F32", "[9223372036854775808,2,0]", "[0,0]"), 0, {"\"a\"", "2^64"});
  refuse(entry("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, {"\"a\"", "17"});
  refuse(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      4, {"begin at 4", "found 0"});
  refuse(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      8, {"\"a\"", "twice"});
  refuse(R"({"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,2]}})", 2,
         {"\"dtype\"", "twice"});
  refuse(R"({"__metadata__":{"a":1}})", 0, {"__metadata__", "string"});
  refuse(R"({"__metadata__":3})", 0, {"__metadata__"});
}

// In time that is not the square of their number: that would be minutes.
TEST_F(SafeTensorsTest, AHeaderMayHaveVeryManyTensors) {
  constexpr int kTensors = 100'000;
  std::string header = "{";
  for (int i = 0; i < kTensors; ++i) {
    header += fmt::format(R"({}"t{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                          i == 0 ? "" : ",", i);
  }
  const std::clock_t start = std::clock();
  EXPECT_EQ(Read(FileOf(header + "}", 0)).tensors.size(), size_t{kTensors});
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 10 * kSlowness)
      << "seconds";
}

TEST_F(SafeTensorsTest, RefusesToWriteOtherTypes) {
  const auto write = [&](const char* name, const at::Tensor& tensor) {
    SafeTensors tensors;
    tensors.tensors[name] = tensor;
    WriteSafeTensors(folder_ / "out", tensors);
  };
  ExpectError([&] { write("ints", at::ones({2}, at::kLong)); }, {"\"ints\"", "float32", "Long"});
  ExpectError([&] { write("none", at::Tensor()); }, {"\"none\"", "nothing"});
  ExpectError([&] { write("__metadata__", at::ones({2})); }, {"__metadata__"});
  ExpectError([&] { write("\xff", at::ones({2})); }, {"UTF-8"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
}

TEST_F(SafeTensorsTest, MutatedFilesEndInErrorsOnly) {
  SafeTensors tensors;
  tensors.tensors["one"] = at::ones({3, 5});
  tensors.tensors["two"] = at::ones({4}).to(at::kHalf);
  tensors.metadata["format"] = "pt";
  WriteSafeTensors(folder_ / "v", tensors);
  const int refused = CountRefusedMutations(ReadFile(folder_ / "v"), 4000,
                                            [&](const std::string& mutated) { Read(mutated); });
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace netdissect
