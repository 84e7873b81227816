#pragma once
// What the kernels of every instruction set look like from outside.

#include <cstddef>
#include <cstdint>
#include <limits>

namespace netdissect {

/// min(max(x, 0) + slope * min(x, 0), ceiling), done on the way.
struct Rectification {
  bool done = false;
  float slope = 0;
  float ceiling = std::numeric_limits<float>::infinity();
};

/// See RowProduct for the fields.
struct KernelCall {
  const float* const* rows;
  int64_t count;
  int runs;
  int length;
  ptrdiff_t offset;
  ptrdiff_t stride;
  Rectification rectification;
  ptrdiff_t depth = 0;  // of `dots`: floats from a column's weights to the next one's
  // Rows of the output, where there are any: sums are added to them, from column `column` on, not
  // written to `out`.
  float* const* outs = nullptr;
  ptrdiff_t column = 0;
};

/// Rows (count, depth) times the transpose of weights (units, depth), both as they are in a
/// network, plus the bias (units) where there is one.
struct DenseCall {
  const float* rows;
  int64_t count;
  const float* weights;
  int64_t depth;
  const float* bias;
  float* out;  // (count, units)
  int64_t units;
};

/// x / (k + alpha_over_size * sum of squares over `size` channels)^beta.
struct NormCall {
  int size;
  float alpha_over_size;
  float beta;
  float k;
};

/// Of kinds/pointwise.h, which says what they are.
enum class PointwiseFunction {
  kSigmoid,
  kHardSigmoid,
  kHardSwish,
  kSwish,
  kTanh,
  kElu,
  kSelu,
  kGelu,
  kGeluTanh,
  kSoftplus,
  kSoftsign,
  kClip,
  kAbs,
  kSqrt,
  kExp,
  kLog,
  kPower,
  kReciprocal,
  kErf,
  kRound
};

struct PointwiseCall {
  PointwiseFunction function;
  float a;
  float b;
};

/// (x - mean) / sqrt(variance + epsilon) * scale + shift over a row of `channels`; scale and shift,
/// where there are any, begin with the first channel that is wanted.
struct ChannelNormCall {
  int channels;
  float epsilon;
  const float* scale;
  const float* shift;
};

/// Bits of the absolute values of some numbers, those of each sign beside each other; room for all
/// in either list, and for 16 more. Zeros are counted, what is not a number is left out.
struct Magnitudes {
  uint32_t* positive;
  uint32_t* negative;
  int positives = 0, negatives = 0, zeros = 0;
};

/// What was found among values: how many are from a floor on, and how many are numbers at all.
struct Selection {
  int found = 0, numbers = 0;
};

/// Of a channel's map. Sums are those of every eighth number, added in turn.
struct MapSummary {
  float maximum = 0;
  double sum = 0;
};

/// Maps whose channels lie beside each other, position after position.
struct SweepCall {
  static constexpr int kMost = 16;
  const float* rows;  // of the first channel
  ptrdiff_t apart;    // floats from one position to the next
  int64_t positions;
  int channels;        // up to kMost
  const float* below;  // [kMost] of each channel what is less than this ...
  const float* from;   // [kMost] ... and not less than that is found
  float* values;       // of what is found: room for all
  int32_t* found;      // the channel of each, as much room
  MapSummary* maps;    // [kMost]
};

/// What becomes of a tile's 16 products of Winograd's F(2 x 2, 3 x 3).
struct WinogradOutput {
  const float* values;  // of the first point
  ptrdiff_t apart;      // floats from a point to the next
  const float* bias;
  int count;  // channels
  Rectification rectification;
  float* out[4];  // of the positions, row by row
};

struct RowKernels {
  const char* name;  // "avx512", "avx2" or "portable"
  int most_vectors;  // widest panel, in vectors of 16 columns
  /// One panel of `vectors` * 16 columns, of which `columns` are wanted, into `out`.
  void (*panel)(const KernelCall&, int vectors, const float* panel, const float* bias, float* out,
                int columns);
  /// A few columns, weights [column][k].
  void (*dots)(const KernelCall&, const float* weights, const float* bias, float* out, int columns);
  /// Units [first, past) of all rows.
  void (*dense)(const DenseCall&, int64_t first, int64_t past);
  /// Each channel weighed by itself: out[m][c] = bias[c] + sum over r < runs of rows[m * runs +
  /// r][offset + c] * weights[r][c], for c < length.
  void (*depthwise)(const KernelCall&, const float* weights, const float* bias, float* out);
  int64_t (*peak)(int64_t iterations, float* sink);

  // Rows of `count` channels. Inputs are found by pointers; `out` is contiguous.
  void (*maximum)(const float* const* rows, int taps, int count, float* out);
  void (*minimum)(const float* const* rows, int taps, int count, float* out);
  void (*product)(const float* const* rows, int taps, int count, float* out);
  /// factor * sum of coefficient * row; all coefficients 1 where there are none.
  void (*sum)(const float* const* rows, const float* coefficients, int taps, float factor,
              int count, float* out);
  void (*rectify)(const float* row, const Rectification& by, int count, float* out);
  void (*rectify_each)(const float* row, const float* slopes, int count, float* out);
  void (*affine)(const float* row, const float* scale, const float* shift, int count, float* out);
  void (*pointwise)(const float* row, const PointwiseCall& call, int count, float* out);
  void (*channel_norm)(const float* row, const ChannelNormCall& call, int first, int count,
                       float* out);
  /// Channels [first, first + count) of a row of `channels`; `squares` holds channels + size
  /// floats.
  void (*normalize)(const float* row, int channels, int first, int count, const NormCall& norm,
                    float* squares, float* out);

  // Of maps: the positions of a channel beside each other.
  MapSummary (*summarize)(const float* values, int64_t count);
  /// Values from `floor` on, into `out`, which has room for all.
  Selection (*select)(const float* values, int count, float floor, float* out);
  /// Summaries of several channels, and their values that are wanted; returns how many those are.
  int64_t (*sweep)(const SweepCall&);
  void (*split)(const float* values, int count, Magnitudes& found);

  // Of winograd.h.
  /// Rows of the 4 x 4 positions that a tile sees, of `count` channels, into 16 points.
  void (*winograd_input)(const float* const* rows, int count, float* out, ptrdiff_t apart);
  void (*winograd_output)(const WinogradOutput&);
};

const RowKernels& PortableKernels();
#if defined(__x86_64__)
const RowKernels& Avx2Kernels();
const RowKernels& Avx512Kernels();
#endif

}  // namespace netdissect
