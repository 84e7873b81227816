#include "netdissect/study/simplify.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <opencv2/core/version.hpp>
#include <opencv2/imgproc.hpp>

#include "base/clock.h"
#include "base/digest.h"
#include "base/tensor.h"
#include "data/label_match.h"
#include "netdissect/base/error.h"
#include "netdissect/study/classify.h"
#include "netdissect/study/poisson.h"
#include "study/truth_stream.h"

namespace netdissect {
namespace {

cv::Mat BytesOf(const at::Tensor& values, ChannelOrder order) {
  cv::Mat bytes;
  MatFromTensor(values).convertTo(bytes, CV_8U);
  if (order == ChannelOrder::kRgb) cv::cvtColor(bytes, bytes, cv::COLOR_RGB2BGR);
  if (order == ChannelOrder::kGray) cv::cvtColor(bytes, bytes, cv::COLOR_GRAY2BGR);
  return bytes;
}

class Run {
 public:
  Run(const Model& model, const Dataset& set, const SimplifyOptions& options, SimplifyStore& store,
      const SimplifySink& sink, Observer& observer)
      : model_(model),
        set_(set),
        options_(options),
        store_(store),
        sink_(sink),
        observer_(observer),
        scores_(LogitLayer(model.network)),
        solver_(model.input.height, model.input.width) {
    if (Annotated()) annotations_ = std::make_unique<AnnotationReader>(set);
    FindTargets();
  }

  SimplifySummary operator()() {
    InputFormat raw = model_.input;  // the pixels themselves
    raw.mean = {0, 0, 0};
    raw.scale = {1, 1, 1};
    raw.mean_image = at::Tensor();
    PassVisitor visitor;  // which asks the network itself, for what it has not found in the store
    visitor.begin = [&](const ImageBatch& batch) {
      for (size_t n = 0; n < batch.indices.size(); ++n) {
        Visit(batch.indices[n], batch.input[static_cast<int64_t>(n)],
              ViewOf(model_.input, batch.sizes[n]));
      }
      return true;
    };
    visitor.together = 1;  // and nothing is gathered: what is done is in the store
    const PassSummary pass =
        RunPass(model_.network, raw, {set_}, listed_, {}, visitor, options_.pass, observer_);
    result_.skipped.insert(result_.skipped.end(), pass.skipped.begin(), pass.skipped.end());
    result_.seconds = pass.seconds;
    ReportOutOfView(observer_, result_.out_of_view, model_);
    ReportUnread(set_, result_.without_annotation, observer_);
    return std::move(result_);
  }

 private:
  bool Annotated() const { return options_.segments == SimplifyOptions::Segments::kAnnotated; }
  bool Labelled() const { return options_.target == SimplifyOptions::Target::kLabel; }

  void FindTargets() {
    const std::vector<int> classes =
        TargetsOf(set_, model_.classes, model_.network.layer(scores_).shape.units, observer_);
    for (size_t i = 0; i < set_.images.size(); ++i) {
      const int label = set_.images[i].label;
      const bool known = label >= 0 && static_cast<size_t>(label) < classes.size();
      const int target = known ? classes[static_cast<size_t>(label)] : -1;
      if (Labelled() && target < 0) {
        ++result_.without_class;
        continue;
      }
      listed_.push_back(static_cast<int64_t>(i));
      targets_.push_back(target);
    }
    if (listed_.empty()) {
      Fail(
          "image set {}: expected images whose label is one of the classes of {}, found none; "
          "without labels, keep what the network takes an image for (target predicted)",
          set_.name, model_.name);
    }
  }

  // All that decides what comes out.
  std::string KeyOf(const at::Tensor& values, int target,
                    const std::optional<Annotation>& annotation, const InputView& view) const {
    Digest digest;
    digest.Add("minimal image 1").Add(model_.digest);
    digest.Add(values.data_ptr(), static_cast<size_t>(values.nbytes()));
    digest.Add(Labelled() ? std::to_string(target) : "predicted");
    if (annotation) {
      digest.Add(options_.annotated.by_class ? "classes" : "instances");
      for (const AnnotatedObject& object : annotation->objects) digest.Add(object.name);
      const cv::Mat seen = VisibleObjects(*annotation, view);
      digest.Add(seen.data, seen.total() * seen.elemSize());
    } else {
      const AutomaticOptions& o = options_.automatic;
      digest.Add(fmt::format("{} {} {} {} {} {} {} {} {} {}", static_cast<int>(o.regions),
                             o.most_regions, o.smallest, o.sigma, o.most_edges, o.shortest_edge,
                             o.canny_low, o.canny_high, o.dilation, CV_VERSION));
    }
    return digest.Hex();
  }

  // An image takes seconds: progress and the request to stop are not left to the pass.
  void Visit(int64_t index, const at::Tensor& values, const InputView& view) {
    const auto place = std::lower_bound(listed_.begin(), listed_.end(), index) - listed_.begin();
    const auto total = static_cast<int64_t>(listed_.size());
    CheckStop(observer_, "images", place, total);
    AddOne(index, targets_[static_cast<size_t>(place)], values, view);
    observer_.Progress("images", place + 1, total);
  }

  void AddOne(int64_t index, int target, const at::Tensor& values, const InputView& view) {
    SimplifiedImage image;
    image.image = index;
    image.target = target;
    std::optional<Annotation> annotation;
    if (Annotated()) {
      annotation = ReadAnnotation(static_cast<size_t>(image.image));
      if (!annotation) return;
      result_.out_of_view +=
          CountOutOfView(VisibleObjects(*annotation, annotation->height, annotation->width), view);
    }
    const std::string key = KeyOf(values, image.target, annotation, view);
    if (const auto found = store_.Find(image.image, key)) {
      ++result_.reused;
      return Count(*found);
    }
    const at::Tensor input = Normalize(values, model_.input).unsqueeze(0);
    image.predicted = Judge(model_.network.Forward(input, {scores_})[0], 0).front().first;
    if (!Labelled()) image.target = image.predicted;
    if (image.correct()) {
      const SimplifyDetail detail = SimplifyOne(image, values, annotation, view);
      store_.Save(image, key, &detail);
    } else {
      store_.Save(image, key, nullptr);
    }
    Count(image);
  }

  // Nothing where the image has none, or one that cannot be read.
  std::optional<Annotation> ReadAnnotation(size_t image) {
    try {
      std::optional<Annotation> annotation = annotations_->Read(image);
      if (!annotation) ++result_.without_annotation;
      return annotation;
    } catch (const Error& error) {
      if (options_.pass.strict) throw;
      result_.skipped.push_back({set_.images[image].name, error.what()});
      return std::nullopt;
    }
  }

  SimplifyDetail SimplifyOne(SimplifiedImage& image, const at::Tensor& values,
                             const std::optional<Annotation>& annotation, const InputView& view) {
    const auto start = Clock::now();
    SimplifyDetail detail;
    detail.values = values;
    detail.segmentation =
        annotation ? AnnotatedSegments(*annotation, view, options_.annotated)
                   : AutomaticSegments(BytesOf(values, model_.input.order), options_.automatic);
    detail.bases = solver_.Bases(values, detail.segmentation.masks);
    image.segments = detail.segmentation.segments;
    image.minimal = FindMinimalImage(model_, values, detail.bases, image.target, options_.minimal);
    image.seconds = SecondsSince(start);
    return detail;
  }

  void Count(const SimplifiedImage& image) {
    if (image.correct()) {
      ++result_.images;
      sink_(image);
    } else {
      ++result_.wrong;
    }
  }

  const Model& model_;
  const Dataset& set_;
  const SimplifyOptions& options_;
  SimplifyStore& store_;
  const SimplifySink& sink_;
  Observer& observer_;
  const int scores_;  // layer
  const PoissonSolver solver_;
  std::unique_ptr<AnnotationReader> annotations_;
  std::vector<int64_t> listed_;  // images that have a class to keep
  std::vector<int> targets_;     // of them; -1 where it is what the network says
  SimplifySummary result_;
};

}  // namespace

double SimplifiedImage::kept_fraction() const {
  double kept = 0;
  for (int segment : minimal.kept) kept += segments[static_cast<size_t>(segment)].fraction;
  return kept;
}

std::optional<SimplifiedImage> SimplifyStore::Find(int64_t /*image*/, const std::string& /*key*/) {
  return std::nullopt;
}

void SimplifyStore::Save(const SimplifiedImage& /*image*/, const std::string& /*key*/,
                         const SimplifyDetail* /*detail*/) {}

SimplifySummary Simplify(const Model& model, const Dataset& set, const SimplifyOptions& options,
                         SimplifyStore& store, const SimplifySink& sink, Observer& observer) {
  options.automatic.Validate();
  options.minimal.Validate();
  return Run(model, set, options, store, sink, observer)();
}

}  // namespace netdissect
