#include "experiment/truth_masks.h"

namespace netdissect {

TruthMasks::TruthMasks(const ImageSets& images) : images_(images) {
  for (const Dataset& set : images.sets()) readers_.emplace_back(set);
}

cv::Mat TruthMasks::MaskOf(int64_t image, const std::string& object) const {
  const AnnotationReader& reader = readers_[static_cast<size_t>(images_.SetOf(image))];
  const auto annotation = reader.Read(static_cast<size_t>(images_.IndexInSet(image)));
  if (!annotation) return {};
  const cv::Mat visible = VisibleObjects(*annotation, annotation->height, annotation->width);
  cv::Mat mask = cv::Mat::zeros(visible.size(), CV_8U);
  for (size_t i = 0; i < annotation->objects.size(); ++i) {
    if (annotation->objects[i].name == object) mask |= visible == static_cast<int>(i);
  }
  return cv::countNonZero(mask) > 0 ? mask : cv::Mat();
}

}  // namespace netdissect
