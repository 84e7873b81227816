#pragma once
// What each format of annotations has to do, and the formats.

#include <memory>
#include <optional>
#include <string>

#include "netdissect/data/annotation.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

class AnnotationFormat {
 public:
  virtual ~AnnotationFormat() = default;
  /// The annotation of an image; nothing where it has none. Called from any thread.
  virtual std::optional<Annotation> Read(const ImageEntry& image) const = 0;
  /// Objects that belong to no image.
  virtual const LeftOutObjects& strays() const {
    static const LeftOutObjects none;
    return none;
  }
  /// Where that is looked for: "FILE", or "NAME in FILE".
  virtual std::string Place(const ImageEntry& image) const = 0;
};

std::unique_ptr<AnnotationFormat> LabelMeFormat(const AnnotationSource& source);
std::unique_ptr<AnnotationFormat> LabelMapFormat(const AnnotationSource& source);
std::unique_ptr<AnnotationFormat> CocoFormat(const AnnotationSource& source);

/// An image's listed path without the prefix.
std::string ListedName(const AnnotationSource& source, const ImageEntry& image);

/// The file of an image's annotation: that name with another extension.
Path AnnotationFile(const AnnotationSource& source, const ImageEntry& image,
                    const std::string& extension);

/// Of labelme: the .xml, or where there is none, a .json beside where it would be.
Path LabelMeFileOf(const AnnotationSource& source, const ImageEntry& image);

}  // namespace netdissect
