#include "study/trust_region.h"

#include <algorithm>
#include <cmath>

namespace netdissect {
namespace {

// liblinear's: a step is taken that brings kEnough of what the model promises; the radius shrinks
// or grows by these factors where it brings less than kLittle, or more than kMuch.
constexpr double kEnough = 1e-4, kLittle = 0.25, kMuch = 0.75;
constexpr double kShrinkMost = 0.25, kShrink = 0.5, kGrow = 4;
constexpr double kResidual = 0.1;  // of the gradient, at which conjugate gradients end

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void AddScaled(double factor, const std::vector<double>& from, std::vector<double>& to) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

}  // namespace

TrustRegionNewton::TrustRegionNewton(std::vector<double> start, double norm_at_zero,
                                     const TrustRegionOptions& options)
    : options_(options),
      point_(std::move(start)),
      trial_(point_),
      step_(point_.size()),
      norm_at_zero_(norm_at_zero) {}

double TrustRegionNewton::relative_gradient() const {
  return norm_at_zero_ > 0 ? norm_ / norm_at_zero_ : 0;
}

bool TrustRegionNewton::GiveValue(double value, const std::vector<double>& gradient) {
  bool accepted = true;
  if (!begun_) {
    begun_ = true;
    radius_ = std::sqrt(Dot(gradient, gradient));
    if (norm_at_zero_ == 0) norm_at_zero_ = radius_;
  } else {
    // Half the step times what is left of the gradient is what conjugate gradients promise.
    const double slope = Dot(gradient_, step_);
    const double promised = -0.5 * (slope - Dot(step_, residual_));
    double gain = value_ - value;
    // Values no longer tell two points apart that are close: their slopes do, to which the mean of
    // both is exact where the function is quadratic.
    if (std::abs(gain) < 1e-8 * std::abs(value_)) gain = -0.5 * (slope + Dot(gradient, step_));
    Resize(gain / promised, slope, gain);
    accepted = gain > kEnough * promised;
  }
  if (accepted) {
    point_ = trial_;
    gradient_ = gradient;
    value_ = value;
    norm_ = std::sqrt(Dot(gradient_, gradient_));
    converged_ = norm_ <= options_.tolerance * norm_at_zero_;
  }
  if (converged_ || tried_ == options_.iterations) {
    wants_ = Wants::kNothing;
  } else {
    BeginStep();
  }
  return accepted;
}

void TrustRegionNewton::Resize(double ratio, double slope, double gain) {
  const double length = std::sqrt(Dot(step_, step_));
  if (tried_ == 1) radius_ = std::min(radius_, length);
  // The least point of the parabola through both values with the slope at the first.
  const double excess = -gain - slope;
  const double best = excess <= 0 ? kGrow : std::max(kShrinkMost, -0.5 * slope / excess);
  if (ratio < kEnough) {
    radius_ = std::min(best * length, kShrink * radius_);
  } else if (ratio < kLittle) {
    radius_ = std::max(kShrinkMost * radius_, std::min(best * length, kShrink * radius_));
  } else if (ratio < kMuch) {
    radius_ = std::max(kShrinkMost * radius_, std::min(best * length, kGrow * radius_));
  } else {
    radius_ = std::max(radius_, std::min(best * length, kGrow * radius_));
  }
}

void TrustRegionNewton::BeginStep() {
  ++tried_;
  std::fill(step_.begin(), step_.end(), 0.0);
  residual_ = gradient_;
  for (double& value : residual_) value = -value;
  direction_ = residual_;
  residual_square_ = Dot(residual_, residual_);
  wants_ = Wants::kProduct;
}

void TrustRegionNewton::GiveProduct(const std::vector<double>& product) {
  const double length = residual_square_ / Dot(direction_, product);
  AddScaled(length, direction_, step_);
  if (Dot(step_, step_) > radius_ * radius_) {
    AddScaled(-length, direction_, step_);
    ToTheBoundary(product);
    EndStep();
    return;
  }
  AddScaled(-length, product, residual_);
  const double square = Dot(residual_, residual_);
  if (std::sqrt(square) <= kResidual * norm_) {
    EndStep();
    return;
  }
  const double share = square / residual_square_;
  residual_square_ = square;
  for (size_t i = 0; i < direction_.size(); ++i) {
    direction_[i] = residual_[i] + share * direction_[i];
  }
}

// As far along the direction as the radius allows: the root of a quadratic, without cancellation.
void TrustRegionNewton::ToTheBoundary(const std::vector<double>& product) {
  const double along = Dot(step_, direction_), square = Dot(direction_, direction_);
  const double room = radius_ * radius_ - Dot(step_, step_);
  const double root = std::sqrt(along * along + square * room);
  const double length = along >= 0 ? room / (along + root) : (root - along) / square;
  AddScaled(length, direction_, step_);
  AddScaled(-length, product, residual_);
}

void TrustRegionNewton::EndStep() {
  trial_ = point_;
  AddScaled(1, step_, trial_);
  wants_ = Wants::kValue;
}

}  // namespace netdissect
