#include "data/antialias.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace netdissect {
namespace {

constexpr int kWeightBits = 22;  // of 32: 8 are the pixels', 2 are room for weights beyond 0 and 1

double Triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

double Cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// The pixels along an axis that make up one, and their weights.
struct FilterTap {
  int first = 0;
  std::vector<int> weights;
};

std::vector<FilterTap> FilterTaps(int from, int to, const cv::Range& part,
                                  Interpolation interpolation) {
  const bool cubic = interpolation == Interpolation::kBicubic;
  const double scale = static_cast<double>(from) / to;
  const double widened = std::max(scale, 1.0);
  const double reach = (cubic ? 2.0 : 1.0) * widened;
  const double inverse = 1.0 / widened;
  std::vector<FilterTap> taps;
  for (int i = part.start; i < part.end; ++i) {
    const double centre = (i + 0.5) * scale;
    FilterTap tap;
    tap.first = std::max(0, static_cast<int>(centre - reach + 0.5));
    const int end = std::min(from, static_cast<int>(centre + reach + 0.5));
    std::vector<double> shares;
    double sum = 0;
    for (int j = tap.first; j < end; ++j) {
      const double x = (j - centre + 0.5) * inverse;
      shares.push_back(cubic ? Cubic(x) : Triangle(x));
      sum += shares.back();
    }
    for (const double share : shares) {
      const double weight = share / sum * (1 << kWeightBits);
      tap.weights.push_back(static_cast<int>(weight + (weight < 0 ? -0.5 : 0.5)));
    }
    taps.push_back(std::move(tap));
  }
  return taps;
}

uchar Rounded(int sum) { return static_cast<uchar>(std::clamp(sum >> kWeightBits, 0, 255)); }

constexpr int kHalf = 1 << (kWeightBits - 1);

// Rows of `from`, each made of `taps.size()` pixels.
cv::Mat MadeNarrow(const cv::Mat& from, const std::vector<FilterTap>& taps) {
  cv::Mat to(from.rows, static_cast<int>(taps.size()), CV_8UC3);
  for (int y = 0; y < from.rows; ++y) {
    const uchar* row = from.ptr<uchar>(y);
    uchar* out = to.ptr<uchar>(y);
    for (const FilterTap& tap : taps) {
      int b = kHalf, g = kHalf, r = kHalf;
      const uchar* pixel = row + ptrdiff_t{3} * tap.first;
      for (const int weight : tap.weights) {
        b += weight * pixel[0];
        g += weight * pixel[1];
        r += weight * pixel[2];
        pixel += 3;
      }
      out[0] = Rounded(b);
      out[1] = Rounded(g);
      out[2] = Rounded(r);
      out += 3;
    }
  }
  return to;
}

// Its rows made to `taps.size()`; row 0 of `from` is the picture's row `first`.
cv::Mat MadeLow(const cv::Mat& from, int first, const std::vector<FilterTap>& taps) {
  cv::Mat to(static_cast<int>(taps.size()), from.cols, CV_8UC3);
  const int values = 3 * from.cols;
  std::vector<int> sums(static_cast<size_t>(values));
  for (int y = 0; y < to.rows; ++y) {
    const FilterTap& tap = taps[static_cast<size_t>(y)];
    std::fill(sums.begin(), sums.end(), kHalf);
    for (size_t j = 0; j < tap.weights.size(); ++j) {
      const uchar* row = from.ptr<uchar>(tap.first - first + static_cast<int>(j));
      const int weight = tap.weights[j];
      for (int i = 0; i < values; ++i) sums[static_cast<size_t>(i)] += weight * row[i];
    }
    uchar* out = to.ptr<uchar>(y);
    for (int i = 0; i < values; ++i) out[i] = Rounded(sums[static_cast<size_t>(i)]);
  }
  return to;
}

}  // namespace

cv::Mat ResizeAntialiased(const cv::Mat& bgr, const cv::Size& size, const cv::Rect& part,
                          Interpolation interpolation) {
  const cv::Range down(part.y, part.y + part.height), across(part.x, part.x + part.width);
  // An axis that keeps its size is left alone.
  cv::Mat made = bgr;
  int first = down.start;
  std::vector<FilterTap> rows;
  if (size.height == bgr.rows) {
    made = bgr.rowRange(down);
  } else {
    rows = FilterTaps(bgr.rows, size.height, down, interpolation);
    first = bgr.rows;
    int end = 0;
    for (const FilterTap& tap : rows) {
      first = std::min(first, tap.first);
      end = std::max(end, tap.first + static_cast<int>(tap.weights.size()));
    }
    made = bgr.rowRange(first, end);
  }
  if (size.width == bgr.cols) {
    made = made.colRange(across);
  } else {
    made = MadeNarrow(made, FilterTaps(bgr.cols, size.width, across, interpolation));
  }
  return rows.empty() ? made : MadeLow(made, first, rows);
}

}  // namespace netdissect
