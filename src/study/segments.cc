#include "netdissect/study/segments.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <map>
#include <set>

#include "netdissect/base/error.h"
#include "study/regions.h"

namespace netdissect {
namespace {

constexpr char kRemainder[] = "remainder";

at::Tensor MaskOf(const cv::Mat& map, int value) {
  at::Tensor mask = at::empty({map.rows, map.cols}, at::kFloat);
  auto pixels = mask.accessor<float, 2>();
  for (int y = 0; y < map.rows; ++y) {
    for (int x = 0; x < map.cols; ++x) pixels[y][x] = map.at<int>(y, x) == value ? 1.f : 0.f;
  }
  return mask;
}

Segmentation Finished(std::vector<Segment> segments, const std::vector<at::Tensor>& masks) {
  const at::Tensor stacked = at::stack(masks);
  Segmentation result{std::move(segments), stacked / stacked.sum(0)};
  const at::Tensor fractions = result.masks.mean({1, 2}, false, at::kDouble);
  for (size_t s = 0; s < result.segments.size(); ++s) {
    result.segments[s].fraction = fractions[static_cast<int64_t>(s)].item<double>();
  }
  return result;
}

}  // namespace

void AutomaticOptions::Validate() const {
  if (most_regions < 1) Fail("segments: expected at least 1 region, found {}", most_regions);
  if (!(smallest >= 0 && smallest < 1)) {
    Fail("segments: expected a smallest region of 0 to 1 of the image, found {}", smallest);
  }
  if (!(sigma > 0)) Fail("segments: expected a smoothing of more than 0 pixels, found {}", sigma);
  if (most_edges < 0 || shortest_edge < 1) {
    Fail("segments: expected at least 0 edges of at least 1 pixel, found {} of {}", most_edges,
         shortest_edge);
  }
  if (!(canny_low >= 0 && canny_low <= canny_high)) {
    Fail("segments: expected thresholds of edges of at least 0, the lower first, found {} and {}",
         canny_low, canny_high);
  }
  if (dilation < 1 || dilation % 2 == 0) {
    Fail("segments: expected a dilation of an odd number of pixels, found {}", dilation);
  }
}

Segmentation AutomaticSegments(const cv::Mat& bgr, const AutomaticOptions& options) {
  options.Validate();
  if (bgr.empty() || bgr.type() != CV_8UC3) {
    Fail("segments: expected an image of 3 channels of 8 bits, found {} x {} of {}", bgr.cols,
         bgr.rows, cv::typeToString(bgr.type()));
  }
  std::vector<Segment> segments;
  std::vector<at::Tensor> masks;
  int count = 0;
  const cv::Mat regions = FindRegions(bgr, options, &count);
  for (int region = 0; region < count; ++region) {
    masks.push_back(MaskOf(regions, region));
    segments.push_back({fmt::format("region {}", region + 1), "", 0});
  }
  int number = 0;
  for (const cv::Mat& edge : FindEdges(bgr, options)) {
    masks.push_back(MaskOf(edge, 1));
    segments.push_back({fmt::format("edge {}", ++number), "", 0});
  }
  return Finished(std::move(segments), masks);
}

Segmentation AnnotatedSegments(const Annotation& annotation, int height, int width,
                               const AnnotatedOptions& options) {
  const cv::Size picture(annotation.width, annotation.height);
  return AnnotatedSegments(annotation, SquashedView(cv::Size(width, height), picture), options);
}

Segmentation AnnotatedSegments(const Annotation& annotation, const InputView& view,
                               const AnnotatedOptions& options) {
  constexpr int kNothing = -1;
  cv::Mat seen = VisibleObjects(annotation, view);
  if (options.by_class) {  // every object becomes the first of its name
    std::map<std::string, int> first_of;
    for (int y = 0; y < seen.rows; ++y) {
      for (int x = 0; x < seen.cols; ++x) {
        int& object = seen.at<int>(y, x);
        if (object == kNothing) continue;
        object = first_of.emplace(annotation.objects[static_cast<size_t>(object)].name, object)
                     .first->second;
      }
    }
  }
  std::vector<Segment> segments;
  std::vector<at::Tensor> masks;
  std::set<std::string> taken = {kRemainder};
  for (int object = 0; object < static_cast<int>(annotation.objects.size()); ++object) {
    at::Tensor mask = MaskOf(seen, object);
    if (mask.sum().item<float>() == 0) continue;
    const std::string& name = annotation.objects[static_cast<size_t>(object)].name;
    std::string own = name;
    for (int number = 2; !taken.insert(own).second; ++number) {
      own = fmt::format("{} {}", name, number);
    }
    segments.push_back({own, name, 0});
    masks.push_back(std::move(mask));
  }
  const at::Tensor rest = MaskOf(seen, kNothing);
  if (rest.sum().item<float>() > 0) {
    segments.push_back({kRemainder, "", 0});
    masks.push_back(rest);
  }
  return Finished(std::move(segments), masks);
}

}  // namespace netdissect
