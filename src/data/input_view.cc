#include "netdissect/data/input_view.h"

#include <algorithm>
#include <cstdint>

#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// A panorama's shorter side may be made larger, and its longer one with it.

int64_t DividedUp(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

// Where `inner` of `outer` pixels in the middle begin: half of the rest, a half rounded to even as
// torchvision's centre crop does.
int CentreOf(int outer, int inner) {
  const int rest = outer - inner;
  return rest / 2 + (rest % 2 != 0 && rest / 2 % 2 != 0 ? 1 : 0);
}

// The axis of an input that is in the middle of the resized picture, or has it in its own middle.
ViewAxis Centred(int picture, int64_t resized, int input) {
  const int pixels = static_cast<int>(resized);
  const int start = pixels >= input ? CentreOf(pixels, input) : -((input - pixels) / 2);
  return {picture, pixels, start, input};
}

// Resized to the shorter side, the longer one rounded down, as torchvision does.
cv::Point_<int64_t> ByShorterSide(const cv::Size& picture, int64_t side) {
  const int64_t width = picture.width, height = picture.height;
  return width <= height ? cv::Point_<int64_t>(side, side * height / width)
                         : cv::Point_<int64_t>(side * width / height, side);
}

// The largest that lies within the input.
cv::Point_<int64_t> Within(const cv::Size& picture, int64_t width, int64_t height) {
  const auto scaled = [](int64_t size, int64_t to, int64_t from) {  // rounded
    return std::max<int64_t>(1, (2 * size * to + from) / (2 * from));
  };
  if (picture.height * width > picture.width * height) {
    return {scaled(picture.width, height, picture.height), height};
  }
  return {width, scaled(picture.height, width, picture.width)};
}

}  // namespace

cv::Range ViewAxis::Seen() const {
  // The first pixel whose centre is not left of input edge `edge`, counted from the resized
  // picture's: (2 i + 1) resized >= 2 picture edge.
  const auto first = [&](int64_t edge) {
    const int64_t pixel = DividedUp(2 * int64_t{picture} * edge - resized, 2 * int64_t{resized});
    return static_cast<int>(std::clamp<int64_t>(pixel, 0, picture));
  };
  const int begin = first(start), end = first(int64_t{start} + input);
  if (begin < end) return {begin, end};
  const int only = std::min(begin, picture - 1);  // the input lies within one pixel, enlarged
  return {only, only + 1};
}

cv::Range ViewAxis::Shown() const {
  return {std::max(0, -start), std::min(input, resized - start)};
}

cv::Rect InputView::Seen() const {
  const cv::Range down = y.Seen(), across = x.Seen();
  return {across.start, down.start, across.size(), down.size()};
}

cv::Rect InputView::Shown() const {
  const cv::Range down = y.Shown(), across = x.Shown();
  return {across.start, down.start, across.size(), down.size()};
}

InputView InputView::At(const cv::Size& size) const {
  if (size.width < 1 || size.height < 1) {
    Fail("expected a picture of at least 1 pixel a side, found {} x {}", size.width, size.height);
  }
  InputView view = *this;
  view.x.picture = size.width;
  view.y.picture = size.height;
  return view;
}

InputView ViewOf(const InputFormat& format, const cv::Size& picture) {
  if (picture.width < 1 || picture.height < 1) {
    Fail("expected a picture of at least 1 pixel a side, found {} x {}", picture.width,
         picture.height);
  }
  cv::Point_<int64_t> resized(format.width, format.height);
  switch (format.resize) {
    case ResizeMode::kSquash:
      if (format.side > 0) resized = {format.side, format.side};
      break;
    case ResizeMode::kCrop:
      resized = ByShorterSide(
          picture, format.side > 0 ? format.side : std::max(format.width, format.height));
      break;
    case ResizeMode::kLetterbox:
      resized = Within(picture, format.width, format.height);
      break;
  }
  if (resized.x > kMostResizedPixels / resized.y) {
    Fail("a picture of {} x {}: expected at most {} pixels once resized, found {} x {}",
         picture.width, picture.height, kMostResizedPixels, resized.x, resized.y);
  }
  return {Centred(picture.height, resized.y, format.height),
          Centred(picture.width, resized.x, format.width)};
}

InputView SquashedView(const cv::Size& input, const cv::Size& picture) {
  InputFormat format;
  format.width = input.width;
  format.height = input.height;
  return ViewOf(format, picture);
}

}  // namespace netdissect
