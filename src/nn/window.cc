#include "netdissect/nn/window.h"

namespace netdissect {
namespace {

Window Make(const Extent& kernel, const Extent& stride, const Extent& dilation,
            const Padding& padding, bool ceil) {
  return {{kernel.y, stride.y, dilation.y, padding.top, padding.bottom, ceil},
          {kernel.x, stride.x, dilation.x, padding.left, padding.right, ceil}};
}

}  // namespace

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

std::optional<Window> WindowOf(const LayerKind& kind) {
  if (const auto* c = std::get_if<Convolution>(&kind)) {
    return Make(c->kernel, c->stride, c->dilation, c->padding, false);
  }
  if (const auto* p = std::get_if<Pooling>(&kind)) {
    return Make(p->kernel, p->stride, p->dilation, p->padding, p->ceil);
  }
  return std::nullopt;
}

bool IsGlobal(const LayerKind& kind) {
  return std::holds_alternative<InnerProduct>(kind) || std::holds_alternative<Flatten>(kind) ||
         std::holds_alternative<GlobalAveragePooling>(kind) ||
         std::holds_alternative<GlobalMaxPooling>(kind);
}

}  // namespace netdissect
