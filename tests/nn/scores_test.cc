// Which layer holds the class scores.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "netdissect/nn/model.h"
#include "nn/alexnet.h"
#include "nn/caffe.h"
#include "nn/caffe_files.h"
#include "nn/expect_error.h"
#include "nn/graph_file.h"
#include "nn/kinds/global_pooling.h"
#include "nn/onnx_case.h"

namespace netdissect {
namespace {

std::string NameOfScores(const Network& network) {
  const std::optional<int> scores = network.scores();
  return scores ? network.layer(*scores).name : "none";
}

class OnnxScores : public OnnxTest {
 protected:
  // Pooled features, flat.
  void AddFeatures() {
    file_ = OnnxFile();
    file_.Node("GlobalAveragePool", {"data"}, "pooled");
    file_.Node("Flatten", {"pooled"}, "flat");
  }

  void AddHead(const std::string& output) {
    file_.Weight(output + "_weight", at::randn({5, 3}));
    OnnxFile::Set(file_.Node("Gemm", {"flat", output + "_weight"}, output), "transB", 1);
  }

  Network ReadWith(const std::vector<std::string>& outputs) {
    file_.model.mutable_graph()->clear_output();
    for (const std::string& name : outputs) {
      OnnxFile::AddTensorInfo(file_.model.mutable_graph()->add_output(), name, {1, 5});
    }
    return Read(file_);
  }

  OnnxFile file_;
};

TEST_F(OnnxScores, AreTheFirstOutputWhateverTheOrderOfNodes) {
  for (const bool aux_last : {false, true}) {
    AddFeatures();
    AddHead(aux_last ? "logits" : "aux");
    AddHead(aux_last ? "aux" : "logits");
    const Network network = ReadWith({"logits", "aux"});
    EXPECT_EQ(network.layers().back().name, aux_last ? "aux" : "logits");
    EXPECT_EQ(NameOfScores(network), "logits");
    EXPECT_EQ(network.outputs(), (std::vector<std::string>{"logits", "aux"}));
    EXPECT_EQ(NameOfScores(ReadWith({"aux", "logits"})), "aux");
  }
}

TEST_F(OnnxScores, AreNoBranchThatNothingUses) {
  AddFeatures();
  AddHead("logits");
  file_.Node("Relu", {"data"}, "unused");
  EXPECT_EQ(NameOfScores(ReadWith({"logits"})), "logits");
}

TEST_F(OnnxScores, AreNoMaps) {
  file_.Node("Relu", {"data"}, "map");
  const Network network = ReadWith({"map"});
  EXPECT_EQ(NameOfScores(network), "none");
  ExpectError([&] { ScoreLayer(network); },
              {"layer map", "class scores", "found 3 x 12 x 12", "\"output\""});
}

// An output is there to be asked for: what comes after is not folded into it.
TEST_F(OnnxScores, KeepTheirValuesUnderANormalisation) {
  const at::Tensor weight = at::randn({3, 3, 12, 12});
  file_.Weight("w", weight);
  for (const char* name : {"scale", "shift", "mean", "variance"}) {
    file_.Weight(name, at::rand({3}) + 0.5);
  }
  file_.Node("Conv", {"data", "w"}, "raw");
  file_.Node("BatchNormalization", {"raw", "scale", "shift", "mean", "variance"}, "normalised");
  EXPECT_FALSE(ReadWith({"normalised"}).Has("raw"));
  const Network network = ReadWith({"raw"});
  EXPECT_EQ(NameOfScores(network), "raw");
  EXPECT_NEAR(network.Forward(x_, {ScoreLayer(network)})[0][0][0].item<double>(),
              (x_ * weight[0]).sum().item<double>(), 1e-3);
}

// In Caffe what no layer takes is an output; the last layer's is what the network is for, though it
// be in place.
TEST(CaffeScores, AreTheLastLayersOutput) {
  const TemporaryFolder folder;
  CaffeFiles files;
  files.graph.add_input("data");
  for (const int dim : {1, 3, 4, 4}) files.graph.add_input_dim(dim);
  const auto add_product = [&](const std::string& name) {
    files.Add("InnerProduct", name, {"data"}, name)
        ->mutable_inner_product_param()
        ->set_num_output(5);
    files.AddBlob({5, 48}, false);
    files.AddBlob({5}, false);
  };
  add_product("aux");
  add_product("fc");
  files.Add("ReLU", "rectify", {"fc"}, "fc");
  files.Write(folder / "n.prototxt", folder / "n.caffemodel");
  const Network network = ReadCaffe(folder / "n.prototxt", folder / "n.caffemodel");
  EXPECT_EQ(network.outputs(), (std::vector<std::string>{"fc", "aux"}));
  EXPECT_EQ(NameOfScores(network), "rectify");
}

TEST(Scores, OfAnAlexNetAreProb) {
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  EXPECT_EQ(NameOfScores(network), "prob");
  EXPECT_EQ(network.layer(LogitLayer(network)).name, "fc8");
  EXPECT_EQ(NameOfScores(NetworkFrom(ToJson(network), WeightsOf(network), "file")), "prob");
}

TEST(Scores, AreNoneOfANetworkThatNobodyHasSpokenOf) {
  Network network({3, 4, 4});
  network.Add("pool", GlobalMaxPooling{}, {0});
  EXPECT_FALSE(network.scores());
  ExpectError([&] { ScoreLayer(network); }, {"class scores", "found none"});
  ExpectError([&] { network.SetOutputs({"pol"}); }, {"pol", "did you mean pool?"});
}

TEST(Scores, ThatComeFromNoSoftmaxAreWhatGoesIntoOne) {
  Network network({3, 4, 4});
  network.Add("pool", GlobalMaxPooling{}, {0});
  network.SetOutputs({"pool"});
  EXPECT_EQ(LogitLayer(network), 1);
}

// A random network's descriptor with one more key.
Path Described(const TemporaryFolder& folder, const std::string& key, const Json& value) {
  Json json = {{"format", "random"},
               {"architecture", "alexnet"},
               {"width", 0.05},
               {"classes", 5},
               {"input", {{"size", 227}}}};
  json[key] = value;
  const Path path = folder / "net.json";
  WriteJson(path, json);
  return path;
}

TEST(Scores, AreWhatTheDescriptorSays) {
  const TemporaryFolder folder;
  const Model model = LoadModel(Described(folder, "output", "fc8"));
  EXPECT_EQ(NameOfScores(model.network), "fc8");
  EXPECT_EQ(model.network.outputs(), (std::vector<std::string>{"fc8", "prob"}));
  ExpectError([&] { LoadModel(Described(folder, "output", "fc9")); },
              {"net.json", "output", "fc9", "did you mean fc"});
  ExpectError([&] { LoadModel(Described(folder, "output", "pool5")); },
              {"net.json", "output", "class scores", "pool5"});
}

}  // namespace
}  // namespace netdissect
