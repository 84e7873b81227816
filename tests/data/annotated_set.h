#pragma once
// A data set in a test's folder whose annotations the test writes.

#include <string>

#include "base/scratch.h"
#include "netdissect/data/annotation.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// Images named `pictures/NAME.png` that need not exist; annotations are under `truth`.
inline Dataset AnnotatedSet(const ScratchFolder& scratch, const std::string& format,
                            const std::vector<std::string>& images) {
  Dataset set;
  set.name = "annotated";
  for (const std::string& name : images) {
    const std::string listed = "pictures/" + name + ".png";
    set.images.push_back({scratch.path() / listed, listed, -1});
  }
  std::filesystem::create_directories(scratch.path() / "truth");
  set.annotations = AnnotationSource{format, scratch.path() / "truth", "pictures/", {}, {}, {}};
  if (format == "coco") set.annotations->root /= "coco.json";
  if (format == "label-map") set.annotations->names = scratch.path() / "names.txt";
  return set;
}

/// The one annotation of a set of one image.
inline Annotation OnlyAnnotation(const Dataset& set) {
  const std::optional<Annotation> annotation = AnnotationReader(set).Read(0);
  if (!annotation) Fail("expected an annotation, found none");
  return *annotation;
}

/// Whether two objects have the same name, place and pixels.
inline bool SameObject(const AnnotatedObject& a, const AnnotatedObject& b) {
  return a.name == b.name && a.box == b.box && a.area == b.area &&
         cv::norm(a.mask, b.mask, cv::NORM_INF) == 0;
}

/// The object's mask on the whole image.
inline cv::Mat WholeMask(const Annotation& annotation, const AnnotatedObject& object) {
  cv::Mat mask(annotation.height, annotation.width, CV_8U, cv::Scalar(0));
  object.mask.copyTo(mask(object.box));
  return mask;
}

}  // namespace netdissect
