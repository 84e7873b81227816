#include "probe/executor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cmath>

#include "netdissect/base/clock.h"
#include "netdissect/base/error.h"
#include "probe/row_kernels.h"

namespace netdissect {
namespace {

// With fewer channels than this, taps are too short for a pointer each.
constexpr int kFewChannels = 16;

template <typename Visit>
void ForEachPosition(const std::vector<Span>& spans, const Visit& visit) {
  for (const Span& span : spans) {
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
      for (int x = span.rect.x.start; x <= span.rect.x.end; ++x) visit(span.item, y, x);
    }
  }
}

int64_t CountRows(const std::vector<Span>& spans) {
  int64_t rows = 0;
  for (const Span& span : spans) rows += span.rect.area();
  return rows;
}

class StepExecutor {
 public:
  StepExecutor(const Network& network, const Program& program, const Step& step,
               const std::vector<RowSource>& sources, const std::vector<Span>& spans, float* out,
               Scratch& scratch)
      : layer_(network.layer(step.layer)),
        step_(step),
        need_(program.channels[static_cast<size_t>(step.layer)]),
        source_(sources.front()),
        sources_(sources),
        spans_(spans),
        out_(out),
        scratch_(scratch) {}

  void operator()(const Convolution& c) {
    const Window window = *WindowOf(c);
    const bool tiled = source_.channels < kFewChannels && c.groups == 1 && window.x.dilation == 1;
    RowProduct product;
    product.count = CountRows(spans_);
    if (product.count == 0) return;
    if (tiled) {
      product.runs = window.y.kernel;
      product.length = window.x.kernel * source_.channels;
      PointIntoTiles(window);
    } else {
      product.runs = window.y.kernel * window.x.kernel;
      product.length = source_.channels / c.groups;
      PointAtTaps(window);
    }
    product.rows = scratch_.pointers.data();
    product.stride = layer_.shape.units;
    product.rectify = step_.rectify;
    product.slope = step_.slope;
    const auto start = Clock::now();
    for (const ConvolutionPart& part : step_.parts) {
      product.offset = static_cast<ptrdiff_t>(part.group) * (source_.channels / c.groups);
      product.out = out_ + part.first;
      Multiply(product, *part.weights);
      scratch_.macs += product.count * part.weights->depth * part.weights->columns;
    }
    scratch_.product_seconds += SecondsSince(start);
  }

  void operator()(const Pooling& p) {
    const Window window = *WindowOf(p);
    const auto inside = [](const AxisWindow& w, int o, int size) {
      return Intersect(Interval{w.first(o), w.last(o)}, Interval{0, size - 1});
    };
    const auto cells = [&](const AxisWindow& w, int o, int size) {
      const Interval range = {w.first(o), w.last(o)};
      return p.count_padding ? Intersect(range, Interval{-w.before, size + w.after - 1}).size()
                             : Intersect(range, Interval{0, size - 1}).size();
    };
    std::vector<const float*>& taps = scratch_.pointers;
    float* out = out_ + need_.first;
    ForEachPosition(spans_, [&](int item, int y, int x) {
      const Interval rows = inside(window.y, y, source_.height);
      const Interval columns = inside(window.x, x, source_.width);
      taps.clear();
      // With dilation the first tap inside is the first of the window's own grid.
      const auto aligned = [](const AxisWindow& w, int o, int start) {
        const int past = (start - w.first(o)) % w.dilation;
        return past == 0 ? start : start + w.dilation - past;
      };
      for (int iy = aligned(window.y, y, rows.start); iy <= rows.end; iy += window.y.dilation) {
        for (int ix = aligned(window.x, x, columns.start); ix <= columns.end;
             ix += window.x.dilation) {
          taps.push_back(source_.Row(item, iy, ix) + need_.first);
        }
      }
      if (p.method == Pooling::Method::kMax) {
        Kernels().maximum(taps.data(), static_cast<int>(taps.size()), need_.count, out);
      } else {
        const int count = cells(window.y, y, source_.height) * cells(window.x, x, source_.width);
        Kernels().sum(taps.data(), nullptr, static_cast<int>(taps.size()),
                      1.0f / static_cast<float>(std::max(count, 1)), need_.count, out);
      }
      out += layer_.shape.units;
    });
  }

  void operator()(const LocalResponseNorm& n) {
    const NormCall call = {n.size, n.alpha / static_cast<float>(n.size), n.beta, n.k};
    scratch_.row.resize(static_cast<size_t>(source_.channels + n.size));
    EachRow([&](const float* row, float* out) {
      Kernels().normalize(row, source_.channels, need_.first, need_.count, call,
                          scratch_.row.data(), out);
    });
  }

  void operator()(const Relu& r) {
    const float* slopes = r.slopes.defined() ? r.slopes.data_ptr<float>() + need_.first : nullptr;
    EachRow([&](const float* row, float* out) {
      if (slopes != nullptr) {
        Kernels().rectify_each(row + need_.first, slopes, need_.count, out);
      } else {
        Kernels().rectify(row + need_.first, r.slope, need_.count, out);
      }
    });
  }

  void operator()(const Affine& a) {
    const float* scale = a.scale.data_ptr<float>() + need_.first;
    const float* shift = a.shift.data_ptr<float>() + need_.first;
    EachRow([&](const float* row, float* out) {
      Kernels().affine(row + need_.first, scale, shift, need_.count, out);
    });
  }

  void operator()(const Concatenation&) {
    float* out = out_;
    ForEachPosition(spans_, [&](int item, int y, int x) {
      int channel = 0;
      for (const RowSource& source : sources_) {
        // The part of this input's channels that lies in the hull of what is wanted.
        const int first = std::max(need_.first, channel);
        const int last = std::min(need_.first + need_.count, channel + source.channels);
        if (first < last) {
          const float* row = source.Row(item, y, x);
          std::copy(row + (first - channel), row + (last - channel), out + first);
        }
        channel += source.channels;
      }
      out += layer_.shape.units;
    });
  }

  void operator()(const Sum& s) {
    float* out = out_ + need_.first;
    std::vector<const float*> rows(sources_.size());
    ForEachPosition(spans_, [&](int item, int y, int x) {
      for (size_t k = 0; k < sources_.size(); ++k) {
        rows[k] = sources_[k].Row(item, y, x) + need_.first;
      }
      Kernels().sum(rows.data(), s.coefficients.empty() ? nullptr : s.coefficients.data(),
                    static_cast<int>(rows.size()), 1.0f, need_.count, out);
      out += layer_.shape.units;
    });
  }

  void operator()(const Softmax&) {
    EachRow([&](const float* row, float* out) {
      const float largest = *std::max_element(row, row + source_.channels);
      double total = 0;
      for (int c = 0; c < source_.channels; ++c) total += std::exp(row[c] - largest);
      for (int c = 0; c < need_.count; ++c) {
        out[c] = static_cast<float>(std::exp(row[need_.first + c] - largest) / total);
      }
    });
  }

  void operator()(const Dropout&) {
    EachRow([&](const float* row, float* out) {
      std::copy(row + need_.first, row + need_.first + need_.count, out);
    });
  }

  template <typename Other>
  void operator()(const Other&) {
    Fail("layer {}: a layer that sees all positions has no windows", layer_.name);
  }

 private:
  // `compute(row, out)` for layers that look at one position of one input.
  template <typename Compute>
  void EachRow(const Compute& compute) {
    float* out = out_ + need_.first;
    ForEachPosition(spans_, [&](int item, int y, int x) {
      compute(source_.Row(item, y, x), out);
      out += layer_.shape.units;
    });
  }

  // A pointer for each position and tap.
  void PointAtTaps(const Window& window) {
    std::vector<const float*>& pointers = scratch_.pointers;
    pointers.clear();
    if (scratch_.zeros.size() < static_cast<size_t>(source_.channels)) {
      scratch_.zeros.assign(static_cast<size_t>(source_.channels), 0.0f);
    }
    const float* zeros = scratch_.zeros.data();
    ForEachPosition(spans_, [&](int item, int y, int x) {
      for (int ky = 0; ky < window.y.kernel; ++ky) {
        const int iy = window.y.first(y) + ky * window.y.dilation;
        for (int kx = 0; kx < window.x.kernel; ++kx) {
          const int ix = window.x.first(x) + kx * window.x.dilation;
          const bool inside = iy >= 0 && iy < source_.height && ix >= 0 && ix < source_.width;
          pointers.push_back(inside ? source_.Row(item, iy, ix) : zeros);
        }
      }
    });
  }

  // Copies what a span reads, padding included, into a tile, in which a row of a window is
  // contiguous; a pointer for each position and row of its window.
  void PointIntoTiles(const Window& window) {
    const auto channels = static_cast<size_t>(source_.channels);
    const auto reach = [](const AxisWindow& w, const Interval& o) -> Interval {
      return {w.first(o.start), w.last(o.end)};
    };
    size_t total = 0;
    for (const Span& span : spans_) {
      if (span.rect.empty()) continue;
      total += channels * static_cast<size_t>(reach(window.y, span.rect.y).size()) *
               static_cast<size_t>(reach(window.x, span.rect.x).size());
    }
    scratch_.tiles.resize(total);
    scratch_.pointers.clear();
    float* tile = scratch_.tiles.data();
    for (const Span& span : spans_) {
      if (span.rect.empty()) continue;
      const Interval rows = reach(window.y, span.rect.y), columns = reach(window.x, span.rect.x);
      const float* begin = tile;
      for (int iy = rows.start; iy <= rows.end; ++iy) {
        for (int ix = columns.start; ix <= columns.end; ++ix, tile += channels) {
          if (iy >= 0 && iy < source_.height && ix >= 0 && ix < source_.width) {
            std::copy_n(source_.Row(span.item, iy, ix), channels, tile);
          } else {
            std::fill_n(tile, channels, 0.0f);
          }
        }
      }
      const ptrdiff_t pitch = columns.size() * source_.channels;
      for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
        for (int x = span.rect.x.start; x <= span.rect.x.end; ++x) {
          const float* corner = begin + (window.y.first(y) - rows.start) * pitch +
                                ptrdiff_t{window.x.first(x) - columns.start} * source_.channels;
          for (int ky = 0; ky < window.y.kernel; ++ky) {
            scratch_.pointers.push_back(corner + ptrdiff_t{ky} * window.y.dilation * pitch);
          }
        }
      }
    }
  }

  const Layer& layer_;
  const Step& step_;
  const ChannelNeed& need_;
  const RowSource& source_;
  const std::vector<RowSource>& sources_;
  const std::vector<Span>& spans_;
  float* out_;
  Scratch& scratch_;
};

}  // namespace

void Execute(const Network& network, const Program& program, const Step& step,
             const std::vector<RowSource>& sources, const std::vector<Span>& spans, float* out,
             Scratch& scratch) {
  std::visit(StepExecutor(network, program, step, sources, spans, out, scratch),
             network.layer(step.layer).kind);
}

}  // namespace netdissect
