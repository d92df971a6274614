#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// A normal density with any covariance.
struct Gaussian {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;  ///< symmetric positive definite

  int dimension() const { return static_cast<int>(mean.size()); }
};

/// A Gaussian's density, factorised once for many points.
class GaussianValue {
 public:
  explicit GaussianValue(const Gaussian& gaussian);
  double at(const Eigen::VectorXd& w) const;

 private:
  Eigen::VectorXd mean_;
  Eigen::LLT<Eigen::MatrixXd> factor_;
  double log_norm_ = 0;
};

/// The value at w of a Gaussian's density.
double density_at(const Gaussian& gaussian, std::span<const double> w);

/// What a solve starts from: a weighted sum of normal densities.
struct InitialDensity {
  struct Component {
    double weight = 1;  ///< > 0; the weights add up to 1
    Gaussian gaussian;
  };
  std::vector<Component> components;

  InitialDensity() = default;
  InitialDensity(const NormalDensity& normal);  // NOLINT: the common case reads well without a name
  /// Independent coordinates.
  InitialDensity(const std::vector<double>& mean, const std::vector<double>& std)
      : InitialDensity(NormalDensity{mean, std}) {}
  InitialDensity(Gaussian gaussian);  // NOLINT

  int dimension() const { return components.empty() ? 0 : components.front().gaussian.dimension(); }
  Eigen::VectorXd mean() const;
  Eigen::MatrixXd covariance() const;
  /// The density's value at w.
  double at(std::span<const double> w) const;
};

/// The masses of `initial` in the cells of the grid in `frame`; their sum is 1. Averages: exact by the error function
/// where frame and covariances are diagonal, by Gauss quadrature elsewhere (3 points an axis, 2 for d = 4; more where a
/// cell is wider than a standard deviation). What lies outside the box is spread over it in proportion. Throws
/// ConfigError if (nearly) all lies outside.
std::vector<double> discretised_masses(const InitialDensity& initial, const Grid& grid, const Frame& frame,
                                       CellValue value = CellValue::average);
/// The same as a density.
Density discretise(const InitialDensity& initial, const Grid& grid, const Frame& frame, double time,
                   CellValue value = CellValue::average);

}  // namespace driftwood::fp
