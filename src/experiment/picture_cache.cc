#include "experiment/picture_cache.h"

#include "netdissect/data/decode.h"

namespace netdissect {

cv::Mat PictureCache::operator()(int64_t index) {
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->first == index) {
      kept_.splice(kept_.begin(), kept_, it);
      return kept_.front().second;
    }
  }
  const cv::Mat picture = DecodeImage(images_[index].path);
  kept_.emplace_front(index, picture);
  bytes_ += picture.total() * picture.elemSize();
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    bytes_ -= kept_.back().second.total() * kept_.back().second.elemSize();
    kept_.pop_back();
  }
  return picture;
}

}  // namespace netdissect
