#include "netdissect/study/classify.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/scratch.h"
#include "data/pictures.h"
#include "netdissect/data/preprocess.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/softmax.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

constexpr int kClasses = 8;

// On a flat grey picture of value g, class c scores -(g - 30 c)^2 / 1000: the nearest of 0, 30, ...
// 210 comes first, and g halfway between two is a tie.
Model GreyModel() {
  Network network({3, 4, 4});
  InnerProduct product;
  product.units = kClasses;
  product.weight = at::zeros({kClasses, 48});
  product.bias = at::zeros({kClasses});
  for (int c = 0; c < kClasses; ++c) {
    product.weight[c][0] = 60.0 * c;  // -(g^2 - 60 c g + 900 c^2), less g^2 common to all
    product.bias[c] = -900.0 * c * c;
  }
  network.Add("scores", product, {0});
  network.SetOutputs({"scores"});
  InputFormat format;
  format.height = format.width = 4;
  Model model{"grey", network, format, {}, network.ComputeDigest()};
  return model;
}

class Classified : public testing::Test {
 protected:
  // A picture of one grey with a label.
  void Add(int grey, int label) {
    const std::string name = std::to_string(set_.images.size()) + ".png";
    const cv::Mat image(4, 4, CV_8UC3, cv::Scalar::all(grey));
    set_.images.push_back({folder_.File(name, Encoded(image, ".png")), name, label});
  }

  ScratchFolder folder_;
  Model model_ = GreyModel();
  Dataset set_;
};

std::vector<int> ClassesOf(const Prediction& prediction) {
  std::vector<int> classes;
  for (const RankedClass& c : prediction.ranked) classes.push_back(c.index);
  return classes;
}

TEST_F(Classified, RanksByScoreAndTiesByClass) {
  Add(91, -1);
  Add(75, -1);  // halfway between 2 and 3
  Add(0, -1);
  const ClassifyResult result = Classify(model_, set_);
  ASSERT_EQ(result.predictions.size(), 3u);
  EXPECT_EQ(ClassesOf(result.predictions[0]), (std::vector<int>{3, 4, 2, 5, 1}));
  EXPECT_EQ(ClassesOf(result.predictions[1]), (std::vector<int>{2, 3, 1, 4, 0}));
  EXPECT_EQ(ClassesOf(result.predictions[2]), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(result.predictions[1].ranked[0].score, result.predictions[1].ranked[1].score);
  EXPECT_FLOAT_EQ(result.predictions[0].ranked[0].score, 180.f * 91 - 8100);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(result.predictions[i].image, static_cast<int64_t>(i));
}

TEST_F(Classified, ReportsAsManyAsAskedAndCountsFiveAnyway) {
  Add(91, 5);  // fourth: 3, 4, 2, 5, 1
  Add(91, 3);
  Add(91, 0);  // seventh
  ClassifyOptions options;
  for (const auto& [top, expected] : {std::pair{1, 1}, {2, 2}, {5, 5}, {8, 8}, {100, 8}}) {
    options.top = top;
    const ClassifyResult result = Classify(model_, set_, options);
    for (const Prediction& p : result.predictions) {
      EXPECT_EQ(static_cast<int>(p.ranked.size()), expected);
    }
    EXPECT_DOUBLE_EQ(result.top1, 1.0 / 3);
    EXPECT_DOUBLE_EQ(result.top5, 2.0 / 3);
  }
  options.top = 0;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_, options); }), {"top", "found 0"}));
}

TEST_F(Classified, WithoutNamesALabelIsAClass) {
  Add(60, 2);   // right
  Add(60, 3);   // second
  Add(60, -1);  // no label: neither counted nor left out
  Add(60, 17);  // no such class
  const ClassifyResult result = Classify(model_, set_);
  EXPECT_EQ(result.counted, 2);
  EXPECT_EQ(result.left_out, 1);
  EXPECT_DOUBLE_EQ(result.top1, 0.5);
  EXPECT_DOUBLE_EQ(result.top5, 1);
  EXPECT_EQ(result.predictions[1].target, 3);
  EXPECT_EQ(result.predictions[2].target, -1);
  EXPECT_EQ(result.predictions[3].target, -1);
}

TEST_F(Classified, LabelsMeanClassesByName) {
  model_.classes = {"abbey", "Art Gallery", "bar", "bedroom", "beach", "bridge", "cave", "church"};
  set_.labels = {"bedroom", "art_gallery", "nowhere"};
  Add(90, 0);  // bedroom is class 3
  Add(30, 1);  // Art Gallery is class 1
  Add(90, 1);
  Add(60, 2);  // left out, though class 2 exists
  const ClassifyResult result = Classify(model_, set_);
  EXPECT_EQ(result.predictions[0].target, 3);
  EXPECT_EQ(result.predictions[1].target, 1);
  EXPECT_EQ(result.predictions[3].target, -1);
  EXPECT_EQ(result.counted, 3);
  EXPECT_EQ(result.left_out, 1);
  EXPECT_DOUBLE_EQ(result.top1, 2.0 / 3);
}

TEST_F(Classified, ALabelMapOverridesNames) {
  model_.classes = {"a", "b", "c", "d", "e", "f", "g", "h"};
  set_.labels = {"a", "b", "c"};
  set_.label_map = folder_.File("map.txt", "0 5\n1 -1\n2 2\n");
  Add(150, 0);
  Add(30, 1);
  Add(60, 2);
  ClassifyResult result = Classify(model_, set_);
  EXPECT_EQ(result.counted, 2);
  EXPECT_EQ(result.left_out, 1);
  EXPECT_DOUBLE_EQ(result.top1, 1);
  // Nor does it need the set's names.
  set_.labels.clear();
  result = Classify(model_, set_);
  EXPECT_EQ(result.counted, 2);
  EXPECT_EQ(result.left_out, 1);
  EXPECT_DOUBLE_EQ(result.top1, 1);
  set_.label_map = folder_.File("wrong.txt", "0 8\n");
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_); }), {"wrong.txt:1", "found 8"}));
}

TEST_F(Classified, WithoutLabelsThereIsNoAccuracy) {
  Add(60, -1);
  const ClassifyResult result = Classify(model_, set_);
  EXPECT_EQ(result.counted, 0);
  EXPECT_EQ(result.left_out, 0);
  EXPECT_TRUE(std::isnan(result.top1));
  EXPECT_TRUE(std::isnan(result.top5));
}

TEST_F(Classified, LeavesOutUnreadableImages) {
  Add(60, 2);
  set_.images.push_back({folder_.File("broken.png", "no image"), "broken.png", 2});
  Add(90, 3);
  ClassifyOptions options;
  options.pass.batch = 2;
  const ClassifyResult result = Classify(model_, set_, options);
  ASSERT_EQ(result.predictions.size(), 2u);
  EXPECT_EQ(result.predictions[1].image, 2);
  EXPECT_EQ(result.counted, 2);
  EXPECT_DOUBLE_EQ(result.top1, 1);
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].image, "broken.png");
  options.pass.strict = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_, options); }), {"broken.png"}));
}

TEST_F(Classified, DoesNotDependOnTheBatch) {
  for (int i = 0; i < 23; ++i) Add(11 * i, i % 9);
  ClassifyOptions options;
  options.pass.batch = 1;
  const ClassifyResult expected = Classify(model_, set_, options);
  for (int batch : {4, 23, 50}) {
    options.pass.batch = batch;
    const ClassifyResult result = Classify(model_, set_, options);
    EXPECT_EQ(result.top1, expected.top1);
    EXPECT_EQ(result.top5, expected.top5);
    ASSERT_EQ(result.predictions.size(), expected.predictions.size());
    for (size_t i = 0; i < expected.predictions.size(); ++i) {
      EXPECT_EQ(ClassesOf(result.predictions[i]), ClassesOf(expected.predictions[i]));
    }
  }
}

TEST_F(Classified, ByTheLayerThatIsAskedFor) {
  Add(60, 2);
  Affine inverted;
  inverted.scale = at::full({kClasses}, -1.0);
  inverted.shift = at::zeros({kClasses});
  model_.network.Add("inverted", inverted, {1});
  EXPECT_DOUBLE_EQ(Classify(model_, set_).top1, 1);  // the last layer is not what is asked for
  model_.network.SetOutputs({"inverted"});
  EXPECT_DOUBLE_EQ(Classify(model_, set_).top1, 0);
  ClassifyOptions options;
  options.layer = "scores";
  EXPECT_DOUBLE_EQ(Classify(model_, set_, options).top1, 1);
  options.layer = "data";
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_, options); }),
                     {"grey", "class scores", "data", "3 x 4 x 4"}));
  options.layer = "skores";
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_, options); }), {"skores", "scores"}));
}

TEST_F(Classified, SaysWhereThereAreNoClassScores) {
  Add(60, 2);
  model_.network.SetOutputs({});
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_); }),
                     {"grey", "class scores", "found none", "\"output\""}));
  model_.network.SetOutputs({"data"});
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_); }),
                     {"grey", "layer data", "class scores", "3 x 4 x 4", "\"output\""}));
}

TEST_F(Classified, RefusesScoresThatAreNotNumbers) {
  Add(60, 2);
  Affine broken;
  broken.scale = at::full({kClasses}, std::numeric_limits<float>::quiet_NaN());
  broken.shift = at::zeros({kClasses});
  model_.network.Add("broken", broken, {1});
  model_.network.SetOutputs({"broken"});
  EXPECT_TRUE(HasAll(ErrorOf([&] { Classify(model_, set_); }), {"grey", "0.png", "broken", "nan"}));
}

TEST(FindClass, ByIndexOrName) {
  Model model = GreyModel();
  EXPECT_EQ(FindClass(model, "7"), 7);
  EXPECT_TRUE(HasAll(ErrorOf([&] { FindClass(model, "8"); }), {"8", "0 to 7"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { FindClass(model, "99999999999999999999"); }), {"class"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { FindClass(model, "bar"); }), {"bar", "grey", "no class names"}));
  model.classes = {"abbey", "art gallery", "bar", "bedroom", "beach", "bridge", "cave", "church"};
  EXPECT_EQ(FindClass(model, "Art_Gallery"), 1);
  EXPECT_EQ(FindClass(model, "3"), 3);
  EXPECT_TRUE(HasAll(ErrorOf([&] { FindClass(model, "bedrom"); }), {"bedrom", "bedroom"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { FindClass(model, ""); }), {"no such class"}));
}

TEST(ScoresAreProbabilities, OnlyBehindASoftmax) {
  Network network = GreyModel().network;
  EXPECT_FALSE(ScoresAreProbabilities(network));
  const int softmax = network.Add("prob", Softmax(), {network.Find("scores")});
  network.SetOutputs({"prob"});
  EXPECT_TRUE(ScoresAreProbabilities(network));
  const int flat = network.Add("flat", Flatten(), {softmax});
  network.SetOutputs({"flat"});
  EXPECT_TRUE(ScoresAreProbabilities(network));
  network.Add("logarithms", Softmax(true), {network.Find("scores")});
  network.SetOutputs({"logarithms"});
  EXPECT_FALSE(ScoresAreProbabilities(network));
  Affine twice;
  twice.scale = at::full({kClasses}, 2);
  twice.shift = at::zeros({kClasses});
  network.Add("twice", twice, {flat});
  network.SetOutputs({"twice"});
  EXPECT_FALSE(ScoresAreProbabilities(network));
}

}  // namespace
}  // namespace netdissect
