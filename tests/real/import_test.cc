// The four real networks: every layer's activations on real images against OpenCV's dnn module.

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>

#include "nn/caffe.h"
#include "nn/compare.h"
#include "nn/onnx/onnx.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

constexpr int kImages = 16;
constexpr double kLargestError = 1e-4;  // of max|a - b| / max|b|, for each layer

struct ImportCase {
  const char* name;    // of the files in models/
  const char* images;  // folder with a list.txt
  int size;            // pixels
  cv::Scalar mean;     // B, G, R
  double scale;
};

void PrintTo(const ImportCase& test, std::ostream* stream) { *stream << test.name; }

class RealNetwork : public RealData<testing::TestWithParam<ImportCase>> {
 protected:
  // Independent of data/preprocess.h.
  cv::Mat ImageBlob() const {
    std::ifstream list(folder_ / GetParam().images / "list.txt");
    std::vector<std::string> paths;
    for (std::string line; std::getline(list, line);)
      paths.push_back(line.substr(0, line.find(' ')));
    std::vector<cv::Mat> images;
    for (size_t i = 0; i < kImages; ++i) {
      const Path path = folder_ / GetParam().images / paths.at(i * (paths.size() / kImages));
      images.push_back(cv::imread(path.string()));
      EXPECT_FALSE(images.back().empty()) << path;
    }
    return cv::dnn::blobFromImages(images, GetParam().scale, {GetParam().size, GetParam().size},
                                   GetParam().mean, false, false);
  }
};

// cv::dnn decorates the names of ONNX nodes: onnx_node!conv1.
std::string NameInOpenCv(const std::vector<cv::String>& names, const std::string& name) {
  for (const cv::String& candidate : names) {
    if (candidate == name || (candidate.size() > name.size() &&
                              candidate.substr(candidate.size() - name.size() - 1) == "!" + name)) {
      return candidate;
    }
  }
  return "";
}

TEST_P(RealNetwork, AgreesWithOpenCvInEveryLayer) {
  const Path models = folder_ / "models";
  const std::string name = GetParam().name;
  const bool is_onnx = std::filesystem::exists(models / (name + ".onnx"));
  const std::string prototxt = (models / (name + ".prototxt")).string();
  const std::string caffemodel = (models / (name + ".caffemodel")).string();
  const std::string onnx = (models / (name + ".onnx")).string();
  const Network network = is_onnx ? ReadOnnx(onnx) : ReadCaffe(prototxt, caffemodel);
  cv::dnn::Net reference =
      is_onnx ? cv::dnn::readNetFromONNX(onnx) : cv::dnn::readNetFromCaffe(prototxt, caffemodel);
  reference.enableFusion(false);  // so that every layer has its own output
  const std::vector<cv::String> names = reference.getLayerNames();

  const cv::Mat blob = ImageBlob();
  const at::Tensor input = TensorFromBlob(blob);
  std::vector<std::string> wanted;
  std::vector<int> indices;
  for (int i = 1; i < network.size(); ++i) {
    wanted.push_back(NameInOpenCv(names, network.layer(i).name));
    ASSERT_NE(wanted.back(), "") << network.layer(i).name;
    indices.push_back(i);
  }
  const std::vector<at::Tensor> outputs = network.Forward(input, indices);
  double largest = 0;
  std::string where;
  for (size_t i = 0; i < outputs.size(); ++i) {
    // One by one: what cv::dnn computes in place is overwritten by a longer pass.
    reference.setInput(blob);
    const at::Tensor expected = TensorFromBlob(reference.forward(wanted[i]));
    const double error = RelativeError(outputs[i], expected);
    EXPECT_LE(error, kLargestError) << wanted[i];
    if (error >= largest) {
      largest = error;
      where = wanted[i];
    }
  }
  EXPECT_GE(outputs.size(), 10u);
  std::cout << name << ": largest relative error " << largest << " (" << where << ") over "
            << outputs.size() << " layers and " << kImages << " images\n";
}

const cv::Scalar kMean(104, 117, 123);

INSTANTIATE_TEST_SUITE_P(
    Models, RealNetwork,
    testing::Values(
        ImportCase{"alexnet_imagenet_conv", "imagenet", 227, {103.53, 116.28, 123.675}, 1},
        ImportCase{"alexnet_places100", "places", 227, kMean, 1},
        ImportCase{"squeezenet11_imagenet", "imagenet", 227, kMean, 1},
        ImportCase{"squeezenet11_places365", "places", 224, {105.4, 113.0, 116.3}, 1.0 / 255}),
    [](const testing::TestParamInfo<ImportCase>& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace netdissect
