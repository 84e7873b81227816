#pragma once
// Trust-region Newton method with conjugate gradients for a strongly convex function of many
// variables whose gradient is piecewise linear (Lin, Weng and Keerthi, "Trust Region Newton Method
// for Large-Scale Logistic Regression", JMLR 2008; liblinear's).
//
// It is turned inside out: it says what it wants to know next, the value and gradient at a point or
// the Hessian times a direction, and is told. So that many functions whose values come from one and
// the same pass over data can be minimised side by side, each at its own pace.

#include <cstdint>
#include <vector>

namespace netdissect {

struct TrustRegionOptions {
  double tolerance = 1e-4;  // ends where the gradient is that much of what it is at 0
  int iterations = 1000;    // Newton steps tried at most
};

class TrustRegionNewton {
 public:
  enum class Wants { kValue, kProduct, kNothing };

  /// `norm_at_zero` is that of the gradient at 0; 0 = `start` is there.
  TrustRegionNewton(std::vector<double> start, double norm_at_zero,
                    const TrustRegionOptions& options);

  Wants wants() const { return wants_; }
  /// Where the value and gradient are wanted, or the direction that the Hessian is to be multiplied
  /// by: the Hessian at the last point that was accepted.
  const std::vector<double>& at() const { return wants_ == Wants::kProduct ? direction_ : trial_; }

  /// What was wanted. GiveValue says whether the point was accepted.
  bool GiveValue(double value, const std::vector<double>& gradient);
  void GiveProduct(const std::vector<double>& product);

  /// The best point.
  const std::vector<double>& point() const { return point_; }
  double value() const { return value_; }
  /// Norm of the gradient there, as a share of that at 0.
  double relative_gradient() const;
  double norm_at_zero() const { return norm_at_zero_; }
  bool converged() const { return converged_; }

 private:
  void BeginStep();
  void EndStep();
  void ToTheBoundary(const std::vector<double>& product);
  void Resize(double ratio, double slope, double gain);

  TrustRegionOptions options_;
  Wants wants_ = Wants::kValue;
  std::vector<double> point_, gradient_, trial_;  // trial_ = point_ + step_
  std::vector<double> step_, residual_, direction_;
  double value_ = 0, norm_ = 0, norm_at_zero_ = 0;
  double radius_ = 0;
  double residual_square_ = 0;
  int tried_ = 0;
  bool begun_ = false, converged_ = false;
};

}  // namespace netdissect
