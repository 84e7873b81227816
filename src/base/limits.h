#pragma once
// What files of others are held to: numbers far beyond what any honest file needs, so that a small
// hostile one takes neither all memory nor all time, and no product of two overflows. How large a
// picture may be is an option (netdissect/data/decode.h).

#include <cstddef>
#include <cstdint>

namespace netdissect {

// Bytes of a file that is read whole: a sparse one of any size takes no disk.
constexpr uintmax_t kLargestFile = uintmax_t{1} << 32;

// JSON: lists and objects inside each other, since values are copied and printed recursively, and
// keys of one object, which are looked up one by one.
constexpr int kDeepestJson = 200;
constexpr int64_t kMostJsonKeys = 20'000;
constexpr int kDeepestCocoJson = 16;
constexpr int kDeepestPrototxt = 64;

// Networks.
constexpr int kLongestSide = 1 << 14;    // pixels of an input, a kernel, a stride, a padding
constexpr int kLongestInputSide = 8192;  // pixels of an input in a descriptor
constexpr int kMostUnits = 1 << 24;      // of a layer: channels, classes, fc
constexpr int64_t kMostValues = (int64_t{1} << 31) - 1;       // of a layer's output
constexpr int64_t kMostConstants = int64_t{1} << 28;          // numbers of a constant in a graph
constexpr int64_t kLargestReceptiveField = int64_t{1} << 48;  // pixels
constexpr size_t kMostOnnxNodes = 1'000'000;                  // functions' among them
constexpr int kMostOnnxCalls = 64;                            // of functions inside each other
constexpr int kMostScriptCalls = 200;                         // of TorchScript inside each other
constexpr int64_t kMostScriptSteps = 5'000'000;
constexpr int64_t kMostScriptRounds = 100'000;  // of a loop

// Tensors.
constexpr uint64_t kLongestSafeTensorsHeader = 100'000'000;  // bytes; the format's own limit
constexpr size_t kMostSafeTensorsAxes = 16;
constexpr int kMostOnnxAxes = 8;
constexpr int64_t kMostNpyValues = int64_t{1} << 40;

// Pictures and annotations.
constexpr int64_t kMostAnnotatedPixels = 100'000'000;     // of an annotated image
constexpr int64_t kMostMaskPixels = int64_t{1} << 29;     // of all objects of an image
constexpr int64_t kMostResizedPixels = int64_t{1} << 28;  // of a picture between file and input
constexpr double kFarthestCorner = 1e9;                   // pixels from a picture's corner
constexpr uintmax_t kMostLabelMeBytes = 64 << 20;
constexpr uintmax_t kMostLabelMeJsonBytes = 512 << 20;  // with the picture in it

// Classes.
constexpr int kMostLabelMapClasses = 65535;  // two bytes
constexpr int kMostClasses = 1 << 20;        // of a set of images

}  // namespace netdissect
