#pragma once
// Which file this thread is decoding: libpng, libjpeg and libtiff say on the error stream what they
// think of a file, not of which. A program that catches it (tools/decoder_remarks.h) can say so.

#include "netdissect/base/file.h"

namespace netdissect {

/// As long as it lives; `file` has to live as long.
class Decoding {
 public:
  explicit Decoding(const Path& file);
  ~Decoding();
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  /// Of this thread; null where nothing is being decoded.
  static const Path* Now();

 private:
  const Path* before_;
};

}  // namespace netdissect
