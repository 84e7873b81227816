#include "base/explain.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "base/json.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

std::string Explained(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return Explain(error);
  }
  ADD_FAILURE() << "expected an exception, found none";
  return "";
}

const std::vector<std::pair<std::function<void()>, std::vector<std::string>>> kAccidents = {
    {[] {
       at::zeros({2, 3}).add(at::zeros({4}));
     },
     {"LibTorch: ", "size of tensor"}},
    {[] { cv::Mat(2, 2, CV_8U).reshape(3, 5); }, {"OpenCV: "}},
    {[] { return static_cast<void>(std::filesystem::file_size("/no/such/file")); },
     {"/no/such/file: No such file"}},
    {[] { throw std::bad_alloc(); }, {"out of memory"}},
    {[] { at::zeros({int64_t{1} << 50}); }, {"out of memory: 4503599627370496 bytes"}},
    {[] { cv::Mat(1 << 30, 1 << 30, CV_8U); }, {"out of memory: 1152921504606846976 bytes"}},
    {[] { std::string().reserve(std::string::npos); }, {"a size beyond all memory"}},
    {[] { EXPECT_TRUE(Json::parse("{").is_object()); }, {"JSON: ", "parse error"}},
    {[] { throw std::runtime_error("\n first\nsecond"); }, {"first"}}};

TEST(Explain, IsOneLineThatSaysWhoComplains) {
  for (const auto& [accident, words] : kAccidents) {
    const std::string text = Explained(accident);
    EXPECT_TRUE(HasAll(text, words));
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_EQ(text.find("frame #"), std::string::npos) << text;
  }
  EXPECT_EQ(Explained([] { throw Error("file: as\nit is"); }), "file: as\nit is");
}

TEST(RethrowAbout, NamesTheFileAndWhatWasExpected) {
  for (const auto& [accident, words] : kAccidents) {
    const std::string text = ErrorOf([&, &action = accident] {
      try {
        action();
      } catch (...) {
        RethrowAbout("net.onnx", "a network");
      }
    });
    EXPECT_TRUE(HasAll(text, words));
    EXPECT_TRUE(HasAll(text, {"net.onnx: expected a network, found: "}));
  }
  EXPECT_EQ(ErrorOf([] {
              try {
                throw Error("said already");
              } catch (...) {
                RethrowAbout("net.onnx", "a network");
              }
            }),
            "said already");
}

}  // namespace
}  // namespace netdissect
