#pragma once
// How receptive fields are measured. Results of both ways stand beside each other in a run folder:
// files of gradients have names of their own.

#include <string>

namespace netdissect {

enum class FieldMethod {
  kOcclusion,  // probe/occlusion.h
  kGradient    // probe/gradient.h
};

/// "occlusion", "gradient"
inline std::string MethodName(FieldMethod method) {
  return method == FieldMethod::kGradient ? "gradient" : "occlusion";
}

inline FieldMethod OtherMethod(FieldMethod method) {
  return method == FieldMethod::kGradient ? FieldMethod::kOcclusion : FieldMethod::kGradient;
}

/// "rf" or "rf_gradient", of a file or folder that would be "rf" by occlusion.
inline std::string NameByMethod(const std::string& name, FieldMethod method) {
  return method == FieldMethod::kGradient ? name + "_gradient" : name;
}

}  // namespace netdissect
