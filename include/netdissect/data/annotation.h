#pragma once
// Annotated objects of an image, whatever they were written as: LabelMe XML or labelme JSON
// (polygons), label-map PNG (a class at every pixel) or COCO JSON (polygons and run-length encoded
// masks).
//
// Masks are amodal where the format's are: objects may overlap, and the list's order says which is
// in front. Names are normalised (case, plurals, aliases), so that one object has one name.

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/input_view.h"

namespace netdissect NETDISSECT_PUBLIC {

struct AnnotatedObject {
  std::string name;  // normalised
  cv::Rect box;      // pixels of the annotated image, inside it; never empty
  cv::Mat mask;      // (box.height, box.width) 8-bit, 0 or 255; its box is tight
  int64_t area = 0;  // pixels of the mask
};

/// Annotated objects that cannot be used: without outline, or referring to what is not there.
struct LeftOutObjects {
  int64_t count = 0;
  std::vector<std::string>
      examples;  // the first of them: file, object, what was expected and found

  void Add(const std::string& what);
  void Add(const LeftOutObjects& others);
  /// Warns of them, if there are any.
  void Report(Observer& observer) const;
  /// Error where there are any.
  void Refuse() const;
};

struct Annotation {
  int height = 0, width = 0;             // of the annotated image, pixels
  std::vector<AnnotatedObject> objects;  // farthest first: largest area first, nearest last
  LeftOutObjects left_out = {};
};

/// The object seen at every pixel: (height, width) int32 index into `objects`, -1 where there is
/// none; nearest on top. At another size than the annotation's each pixel takes what is at its
/// centre.
cv::Mat VisibleObjects(const Annotation& annotation, int height, int width);

/// The same at every pixel of a network's input that shows the annotated picture by this view (of
/// any size of it): -1 on bars too.
cv::Mat VisibleObjects(const Annotation& annotation, const InputView& view);

/// How many of the objects that are seen somewhere on a picture (`visible`, of all of it) are seen
/// nowhere in the network's input.
int64_t CountOutOfView(const cv::Mat& visible, const InputView& view);

/// The annotations of one image set.
class AnnotationReader {
 public:
  /// Error where the set names no annotations, or where their one file (COCO) or class names cannot
  /// be read.
  explicit AnnotationReader(const Dataset& dataset);
  ~AnnotationReader();

  /// The annotation of `dataset.images[index]`; nothing where it has none. Error, naming the file,
  /// what was expected and what was found, where it is malformed. May be called from any thread.
  std::optional<Annotation> Read(size_t index) const;

  /// Objects of no image.
  const LeftOutObjects& strays() const;

  /// Where that is looked for, for a message: "FILE", or "NAME in FILE" (COCO).
  std::string Place(size_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Of a set of which `unannotated` images have no annotation: warns of the files in its folder of
/// annotations that belong to none of its images, such as those of another format or name.
void ReportUnread(const Dataset& set, int64_t unannotated, Observer& observer);

/// Digest of what the set's annotations are read from, all bytes of it, so that results that depend
/// on it can tell; "" where the set has none. A missing file has its own mark.
std::string DigestOfAnnotations(const Dataset& dataset, Observer& observer = Silent());

}  // namespace netdissect
