#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/polynomial_regression.hpp"

namespace driftwood::fp {

namespace {

/// A direction in which the replicas' correlation matrix has less variance counts as having this much.
constexpr double least_variance = 1e-10;

Eigen::Map<const Eigen::VectorXd> row_of(std::span<const double> rows, long r, int width) {
  return {rows.data() + r * width, width};
}

}  // namespace

Eigen::VectorXd Standardisation::scaled(std::span<const double> w) const {
  return inverse * (Eigen::Map<const Eigen::VectorXd>(w.data(), centre.size()) - centre);
}

std::vector<double> moment_sums(const RegressionData& replicas) {
  const int d = replicas.dimension;
  std::vector<double> sums(1 + d + packed_size(d), 0.0);
  for (long r = 0; r < replicas.size(); ++r) {
    const double* w = &replicas.w[r * d];
    sums[0] += 1;
    for (int i = 0; i < d; ++i) {
      sums[1 + i] += w[i];
      for (int j = i; j < d; ++j) sums[1 + d + packed_index(d, i, j)] += w[i] * w[j];
    }
  }
  return sums;
}

Standardisation standardise(std::span<const double> sums, std::span<const double> fallback_scale) {
  const auto d = static_cast<int>(fallback_scale.size());
  const double n = sums[0];
  Standardisation result;
  result.centre = Eigen::Map<const Eigen::VectorXd>(&sums[1], d) / n;
  const Eigen::MatrixXd square = unpack_symmetric(d, sums.subspan(1 + d)) / n;
  const Eigen::MatrixXd covariance = square - result.centre * result.centre.transpose();
  Eigen::VectorXd unit(d);
  for (int i = 0; i < d; ++i)  // round-off is no spread
    unit[i] = covariance(i, i) > 1e-14 * square(i, i) ? std::sqrt(covariance(i, i)) : fallback_scale[i];
  const Eigen::MatrixXd correlation = unit.cwiseInverse().asDiagonal() * covariance * unit.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(correlation);
  Eigen::VectorXd width = solver.eigenvalues().cwiseMax(least_variance).cwiseSqrt();
  for (int i = 0; i < d; ++i)
    if (solver.eigenvalues().maxCoeff() <= least_variance) width[i] = 1;  // one point: the unit is all there is
  result.scale = unit.asDiagonal() * solver.eigenvectors() * width.asDiagonal();
  result.inverse =
      width.cwiseInverse().asDiagonal() * solver.eigenvectors().transpose() * unit.cwiseInverse().asDiagonal();
  return result;
}

PolynomialSums::PolynomialSums(const Standardisation& standardisation, int degree)
    : standardisation_(standardisation),
      basis_(static_cast<int>(standardisation.centre.size()), degree),
      n_columns_(basis_.dimension() + packed_size(basis_.dimension())),
      numbers_(n_groups * part_size(), 0.0) {}

std::size_t PolynomialSums::part_size() const {
  const auto m = static_cast<std::size_t>(basis_.size());
  return 1 + n_columns_ * (1 + m) + m * m;
}

void PolynomialSums::add(std::span<const long> numbers, const RegressionData& replicas) {
  const int d = basis_.dimension();
  const int m = basis_.size();
  Eigen::VectorXd values(n_columns_);
  for (long r = 0; r < replicas.size(); ++r) {
    double* sum = numbers_.data() + (numbers[r] % n_groups) * part_size();
    const Eigen::VectorXd terms = basis_.values(standardisation_.scaled(replicas.w.subspan(r * d, d)));
    values << row_of(replicas.drift, r, d), row_of(replicas.diffusion, r, packed_size(d));
    *sum += 1;
    Eigen::Map<Eigen::VectorXd>(sum + 1, n_columns_) += values.cwiseAbs2();
    Eigen::Map<Eigen::MatrixXd>(sum + 1 + n_columns_, m, n_columns_).noalias() += terms * values.transpose();
    Eigen::Map<Eigen::MatrixXd>(sum + 1 + static_cast<std::ptrdiff_t>(n_columns_) * (1 + m), m, m).noalias() +=
        terms * terms.transpose();
  }
}

}  // namespace driftwood::fp
