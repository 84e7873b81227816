#include "study/svm_classifier.h"

namespace netdissect {
namespace {

// Adds the transpose of what PutColumn does to `weights`.
void AddColumn(const Panels& panels, int64_t column, const Standardiser& standardiser,
               std::vector<double>& weights) {
  const int64_t features = standardiser.features();
  const double sum = panels.at(features, column);
  for (int64_t f = 0; f < features; ++f) {
    const auto i = static_cast<size_t>(f);
    weights[i] += standardiser.scale[i] * (panels.at(f, column) - standardiser.mean[i] * sum);
  }
  weights[static_cast<size_t>(features)] += sum;
}

std::vector<double> StartOf(const LinearModel* near, int label, int64_t size) {
  if (near == nullptr) return std::vector<double>(static_cast<size_t>(size));
  return {near->of(label), near->of(label) + size};
}

// At 0 the loss alone has a gradient, and grows with the cost.
double NormAtZero(const LinearModel* near, int label, double cost) {
  if (near == nullptr) return 0;
  return near->norms_at_zero[static_cast<size_t>(label)] * cost / near->cost;
}

}  // namespace

void PutColumn(const double* weights, const Standardiser& standardiser, int64_t column,
               Panels& panels) {
  const int64_t features = standardiser.features();
  double shift = weights[features];
  for (int64_t f = 0; f < features; ++f) {
    const auto i = static_cast<size_t>(f);
    const double weight = weights[i] * standardiser.scale[i];
    panels.at(f, column) = weight;
    shift -= weight * standardiser.mean[i];
  }
  panels.at(features, column) = shift;
}

SvmClassifier::SvmClassifier(const SvmFit& fit, int label, const Standardiser& standardiser,
                             const LinearModel* near, int64_t rows, const SvmOptions& options)
    : fit_(fit),
      label_(label),
      standardiser_(&standardiser),
      newton_(StartOf(near, label, standardiser.features() + 1), NormAtZero(near, label, fit.cost),
              {options.tolerance, options.iterations}),
      active_(static_cast<size_t>((rows + 63) / 64)),
      trial_active_(active_.size()) {}

void SvmClassifier::Ask(int64_t column, Panels& columns) {
  loss_ = 0;
  PutColumn(newton_.at().data(), *standardiser_, column, columns);
}

double SvmClassifier::Weigh(int64_t row, int label, int fold, double score) {
  if (fold == fit_.left_out) return 0;
  const auto word = static_cast<size_t>(row / 64);
  const uint64_t bit = uint64_t{1} << (row % 64);
  if (newton_.wants() == TrustRegionNewton::Wants::kProduct) {
    return (active_[word] & bit) != 0 ? 2 * fit_.cost * score : 0;
  }
  const double y = label == label_ ? 1 : -1, lacking = 1 - y * score;
  if (!(lacking > 0)) {
    trial_active_[word] &= ~bit;
    return 0;
  }
  trial_active_[word] |= bit;
  loss_ += lacking * lacking;
  return -2 * fit_.cost * y * lacking;
}

void SvmClassifier::Tell(const Panels& sums, int64_t column) {
  std::vector<double> answer = newton_.at();  // the regulariser's gradient
  if (newton_.wants() == TrustRegionNewton::Wants::kProduct) {
    AddColumn(sums, column, *standardiser_, answer);
    newton_.GiveProduct(answer);
    return;
  }
  double square = 0;
  for (double weight : answer) square += weight * weight;
  AddColumn(sums, column, *standardiser_, answer);
  if (newton_.GiveValue(square / 2 + fit_.cost * loss_, answer)) active_.swap(trial_active_);
}

}  // namespace netdissect
