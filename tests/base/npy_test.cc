#include "base/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "base/scratch.h"

namespace netdissect {
namespace {

// The format's specification, byte by byte.
std::string Reference(const std::string& dictionary, const std::vector<float>& values) {
  std::string bytes = "\x93NUMPY";
  bytes += '\x01';
  bytes += '\0';
  std::string header = dictionary;
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  std::string data(values.size() * 4, '\0');
  std::memcpy(data.data(), values.data(), data.size());
  return bytes + data;
}

TEST(Npy, RoundTripsEveryShape) {
  const ScratchFolder scratch;
  for (const std::vector<int64_t>& shape :
       std::vector<std::vector<int64_t>>{{}, {0}, {5}, {3, 4}, {2, 0, 7}, {2, 3, 4, 5}}) {
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    std::vector<float> values(static_cast<size_t>(count));
    std::iota(values.begin(), values.end(), -1.25f);
    WriteNpy(scratch.path() / "x.npy", shape, values.data());
    const NpyArray array = ReadNpy(scratch.path() / "x.npy");
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(array.values, values);
  }
}

TEST(Npy, WritesTheSpecifiedBytes) {
  const ScratchFolder scratch;
  const std::vector<float> values{1, -2, 0.5f, 3, 4, 5};
  WriteNpy(scratch.path() / "x.npy", {2, 3}, values.data());
  const std::string bytes = ReadFile(scratch.path() / "x.npy");
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  const size_t length =
      static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  EXPECT_EQ((10 + length) % 64, 0u) << "values are to be aligned";
  EXPECT_EQ(bytes[10 + length - 1], '\n');
  EXPECT_TRUE(HasAll(bytes.substr(10, length), {"'descr': '<f4'", "'fortran_order': False"}));
  ASSERT_EQ(bytes.size(), 10 + length + 24);
  EXPECT_EQ(std::memcmp(bytes.data() + 10 + length, values.data(), 24), 0);
}

TEST(Npy, ReadsWhatNumpyWrites) {
  const ScratchFolder scratch;
  const Path path = scratch.File(
      "x.npy", Reference("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", {7, 8}));
  EXPECT_EQ(ReadNpy(path).shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(ReadNpy(path).values, (std::vector<float>{7, 8}));
}

TEST(Npy, HostileFilesAreErrorsThatNameTheFile) {
  const ScratchFolder scratch;
  const auto with_shape = [](const std::string& shape) {
    return Reference("{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }",
                     {1, 2});
  };
  std::vector<std::string> files{
      "",
      "\x93NUMPY",
      "text, long enough to have a header",
      with_shape("3,"),
      with_shape("-2,"),
      with_shape("x,"),
      with_shape("4294967296, 4294967296"),
      with_shape("9999999999999"),
      Reference("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", {1, 2}),
      Reference("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", {1, 2})};
  const std::string whole = with_shape("2,");
  for (size_t size = 0; size < whole.size(); size += 3) files.push_back(whole.substr(0, size));
  for (const std::string& bytes : files) {
    const Path path = scratch.File("x.npy", bytes);
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadNpy(path); }), {path.string()}));
  }
}

}  // namespace
}  // namespace netdissect
