#include "netdissect/study/classify.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "data/label_match.h"
#include "netdissect/base/error.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/softmax.h"

namespace netdissect {

std::vector<RankedClass> RankClasses(const float* scores, int units, int top) {
  if (std::any_of(scores, scores + units, [](float score) { return std::isnan(score); })) {
    Fail("expected class scores that are numbers, found nan");
  }
  std::vector<int> order(static_cast<size_t>(units));
  std::iota(order.begin(), order.end(), 0);
  const auto count = std::min(top, units);
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](int a, int b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  std::vector<RankedClass> ranked;
  for (int i = 0; i < count; ++i) {
    const int index = order[static_cast<size_t>(i)];
    ranked.push_back({index, scores[index]});
  }
  return ranked;
}

void ClassifyOptions::Validate() const {
  if (top < 1) Fail("classify: expected a top of at least 1, found {}", top);
  pass.Validate("classify");
}

ClassifyResult Classify(const Model& model, const Dataset& set, const ClassifyOptions& options,
                        Observer& observer) {
  options.Validate();
  const int layer = options.layer.empty() ? ScoreLayerOf(model) : model.network.Find(options.layer);
  const Shape& shape = model.network.layer(layer).shape;
  if (shape.height != 1 || shape.width != 1) {
    Fail("{}: expected a layer of class scores, found {} of {}", model.name,
         model.network.layer(layer).name, ToString(shape));
  }
  const std::vector<int> targets = TargetsOf(set, model.classes, shape.units, observer);
  ClassifyResult result;
  int64_t right = 0, among_five = 0;
  const auto rank = [&](int64_t image, const float* row) {
    Prediction prediction;
    prediction.image = image;
    const ImageEntry& entry = set.images[static_cast<size_t>(image)];
    try {
      prediction.ranked = RankClasses(row, shape.units, std::max(options.top, 5));
    } catch (const Error& error) {
      Fail("{}: {}: layer {}: {}", model.name, entry.name, model.network.layer(layer).name,
           error.what());
    }
    const int label = entry.label;
    if (label >= 0 && static_cast<size_t>(label) < targets.size()) {
      prediction.target = targets[static_cast<size_t>(label)];
    }
    if (prediction.target >= 0) {
      ++result.counted;
      for (size_t i = 0; i < std::min<size_t>(5, prediction.ranked.size()); ++i) {
        if (prediction.ranked[i].index != prediction.target) continue;
        ++among_five;
        right += i == 0 ? 1 : 0;
      }
    } else if (label >= 0) {
      ++result.left_out;
    }
    prediction.ranked.resize(std::min(prediction.ranked.size(), static_cast<size_t>(options.top)));
    result.predictions.push_back(std::move(prediction));
  };
  PassVisitor visitor;
  visitor.output = [&](const ImageBatch& batch, size_t, const at::Tensor& output) {
    const at::Tensor scores = output.flatten(1).to(at::kCPU, at::kFloat).contiguous();
    for (size_t n = 0; n < batch.indices.size(); ++n) {
      rank(batch.indices[n], scores.data_ptr<float>() + static_cast<int64_t>(n) * shape.units);
    }
  };
  result.skipped = RunPass(model, {set}, {layer}, visitor, options.pass, observer).skipped;
  const auto fraction = [&](int64_t count) {
    return result.counted == 0 ? std::numeric_limits<double>::quiet_NaN()
                               : static_cast<double>(count) / static_cast<double>(result.counted);
  };
  result.top1 = fraction(right);
  result.top5 = fraction(among_five);
  return result;
}

int ScoreLayerOf(const Model& model) {
  try {
    return ScoreLayer(model.network);
  } catch (const Error& error) {
    Fail("{}: {}", model.name, error.what());
  }
}

bool ScoresAreProbabilities(const Network& network) {
  std::optional<int> layer = network.scores();
  while (layer) {
    const Layer& scores = network.layer(*layer);
    if (const auto* softmax = scores.kind.As<Softmax>()) return !softmax->log;
    // What changes no value, or only its place.
    if (!scores.kind.Is<Flatten>() && !scores.kind.Is<Dropout>()) return false;
    layer = scores.inputs.front();
  }
  return false;
}

int FindClass(const Model& model, const std::string& text) {
  const int units = model.network.layer(ScoreLayerOf(model)).shape.units;
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
    const int64_t index = ParseInteger(text, "class");
    if (index >= units) Fail("class {}: expected 0 to {}", text, units - 1);
    return static_cast<int>(index);
  }
  if (model.classes.empty()) {
    Fail("class \"{}\": network {} has no class names (\"labels\" in its descriptor)", text,
         model.name);
  }
  const LabelMatch match = MatchLabels({text}, model.classes);
  if (match.class_of.front() >= 0) return match.class_of.front();
  if (!match.ambiguous.empty()) {
    Fail("class \"{}\": network {} has several classes of that name; expected its number", text,
         model.name);
  }
  const std::string closest = Closest(text, model.classes);
  Fail("class \"{}\": network {} has no such class{}", text, model.name,
       closest.empty() ? "" : "; did you mean \"" + closest + "\"?");
}

}  // namespace netdissect
