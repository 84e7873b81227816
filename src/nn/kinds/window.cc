#include "nn/kinds/window.h"

namespace netdissect {

int AxisWindow::OutputSize(int size) const {
  const int room = size + before + after - extent();
  if (room < 0 && !ceil) return 0;
  int output = room / stride + 1;
  if (ceil) {
    output = (room + stride - 1) / stride + 1;
    // Caffe: the last window has to begin inside the image or the padding before it.
    if ((output - 1) * stride >= size + before) --output;
  }
  return output;
}

Window MakeWindow(const Extent& kernel, const Extent& stride, const Extent& dilation,
                  const Padding& padding, bool ceil) {
  return {{kernel.y, stride.y, dilation.y, padding.top, padding.bottom, ceil},
          {kernel.x, stride.x, dilation.x, padding.left, padding.right, ceil}};
}

Reach Reach::Everything() {
  Reach reach;
  reach.y.everything = reach.x.everything = true;
  reach.y.step = reach.x.step = 0;
  return reach;
}

Reach Reach::Within(const Window& window) {
  const auto along = [](const AxisWindow& w) {
    AxisReach axis;
    axis.step = w.stride;
    axis.low = -w.before;
    axis.high = axis.low + w.extent() - 1;
    return axis;
  };
  return {along(window.y), along(window.x)};
}

Reach Reach::Steps(const Extent& start, const Extent& step) {
  Reach reach;
  reach.y.low = reach.y.high = start.y;
  reach.x.low = reach.x.high = start.x;
  reach.y.step = step.y;
  reach.x.step = step.x;
  return reach;
}

}  // namespace netdissect
